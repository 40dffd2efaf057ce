"""Rehearsals through their doors: pages, operations, the worker, and what is on record."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from gezhi.base import clock, slices
from gezhi.base.actor import system
from gezhi.base.refusal import SignInNeeded
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.cases.tests.test_machine import CaseMachine
from gezhi.deadlines import jobs, reads
from gezhi.deadlines.actions import rehearsing as actions
from gezhi.deadlines.errors import PeriodWrong
from gezhi.deadlines.models import Deadline, Difference, Rehearsal
from gezhi.deadlines.pages import running
from gezhi.deadlines.rules import rehearsing as rules
from gezhi.deadlines.rules.replaying import REPLAYED
from gezhi.people import actions as people
from gezhi.people.models import Post
from gezhi.record import reads as record
from gezhi.rulebook import actions as rulebook_actions
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, SETTING_UP, TUESDAY, County, build_county, report_leak

ROOT = "/desk/admin/rulebook/rehearsals/"
Login = Callable[[str], Client]
_DAY = timedelta(days=1)


def files_with(*changes: tuple[str, str, str]) -> dict[str, str]:
    """The files in force, changed."""
    files = rulebook.default_files()
    for name, old, new in changes:
        assert old in files[name], old
        files[name] = files[name].replace(old, new)
    return files


# The leak is urgent: to be signed in 15 minutes, and its category goes to the water department.
QUICKER = ("deadlines.toml", 'within = "15 minutes"', 'within = "1 minute"')


def worked_case(county: County) -> Case:
    """Accepted after 2, sent after 4 and signed after 9 minutes; finished in two hours."""
    with clock.standing_at(TUESDAY):
        case = report_leak().case
    for minutes, step in (
        (2, lambda: cases.accept(
            case.id, category=case.proposed_category, actor=county.actor("cun"))),
        (4, lambda: cases.assign(
            case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))),
        (9, lambda: cases.sign(case.id, actor=county.actor("shui"))),
        (120, lambda: cases.finish(
            case.id, outcome="cannot", reason=next(iter(_reasons())),
            answer="管道属于小区物业，已经告知。", actor=county.actor("shui"))),
    ):  # fmt: skip
        with clock.standing_at(TUESDAY + timedelta(minutes=minutes)):
            step()
    return case


def _reasons() -> Any:
    return rulebook.current(COUNTY).reasons("cannot")


def begin(county: County, *changes: tuple[str, str, str], who: str = "guan") -> Rehearsal:
    day = timezone.localtime(TUESDAY).date()
    return actions.start_rehearsal(
        files_with(*changes),
        since=day,
        until=day + _DAY,
        key=uuid4().hex,
        county=COUNTY,
        actor=county.actor(who),
    )


def through(found: Rehearsal) -> Rehearsal:
    """As the worker would do it."""
    jobs.run_rehearsal(str(found.id))
    found.refresh_from_db()
    return found


def waiting_jobs() -> list[str]:
    found = ProcrastinateJob.objects.filter(
        task_name="gezhi.deadlines.jobs.run_rehearsal", status="todo"
    )
    return [job.args["id"] for job in found]


def form_of(answer: Any) -> dict[str, str]:
    """What the form of a page would send."""
    form = answer.context["form"]
    return {name: str(form[name].value()) for name in form.fields}


# --- the identity ------------------------------------------------------------------------------


def assert_unchanged_by_its_own_book() -> int:
    """Every promise on record is what a rehearsal of the book in force makes of it."""
    book = rulebook.read_files(rulebook.version(SETTING_UP, 1, county=COUNTY).files)
    found = list(Case.objects.order_by("opened_at", "id"))
    compared = 0
    for case, findings in reads.rehearse(found, book, county=COUNTY, now=clock.now()):
        kinds = [one.value for one in REPLAYED]
        there = Deadline.objects.filter(case=case, kind__in=kinds, dropped_at__isnull=True)
        told = [one for one in findings if one.topic == "due"]
        assert len(told) == there.count(), case
        for one in told:
            assert one.verdict in ("same", "still"), one
            assert one.minutes == 0
        assert {one.verdict for one in findings if one.topic != "due"} <= {"same"}
        compared += len(told)
    return compared


class Rehearsed(CaseMachine):
    """After any walk of two cases, the book in force changes nothing."""

    compared = 0

    def teardown(self) -> None:
        try:
            with clock.standing_at(self.now):
                type(self).compared += assert_unchanged_by_its_own_book()
        finally:
            super().teardown()


def test_rehearsing_the_book_in_force_changes_nothing_whatever_was_done(db: None) -> None:
    Rehearsed.county = build_county()
    Rehearsed.compared = 0
    walks = settings(
        max_examples=8,
        stateful_step_count=40,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(Rehearsed, settings=walks)
    assert Rehearsed.compared > 24, "the walks made hardly a promise"


# --- the worker --------------------------------------------------------------------------------


def test_a_shorter_span_makes_late_what_was_in_time(county: County) -> None:
    case = worked_case(county)
    found = through(begin(county, QUICKER))
    assert (found.state, found.done, found.total) == ("done", 1, 1)
    late = Difference.objects.get(topic="due", verdict="late", kind="sign")
    assert (late.case_id, late.number, late.unit) == (case.id, case.number, "dept-water")
    assert (late.minutes, late.category) == (-14, case.proposed_category)
    assert found.sums["kind"]["sign"] == {"n": 1, "late": 1, "late_after": 1, "sooner": 1}
    promise = Deadline.objects.get(case=case, kind="sign")
    assert (late.due_before, promise.met_at is not None) == (promise.due, True)


def test_the_cases_themselves_are_not_touched(county: County) -> None:
    case = worked_case(county)
    lines, facts = case_reads.history_of(case).count(), _facts(case)
    before = list(Deadline.objects.order_by("id").values())
    through(begin(county, QUICKER))
    assert list(Deadline.objects.order_by("id").values()) == before
    assert (case_reads.history_of(case).count(), _facts(case)) == (lines, facts)


def _facts(case: Case) -> int:
    return record.facts_about(f"case:{case.id}", county=COUNTY).count()


def test_nothing_that_people_wrote_is_in_the_result(county: County) -> None:
    worked_case(county)
    found = through(begin(county, QUICKER))
    kept = json.dumps([*Difference.objects.values(), found.sums], default=str, ensure_ascii=False)
    for words in ("自来水", "李秀兰", "13812345678", "柳树村", "物业"):
        assert words not in kept


def test_only_cases_in_the_administrators_areas_are_replayed(county: County) -> None:
    worked_case(county)
    with clock.standing_at(TUESDAY):
        report_leak(at="990101102201001")
    assert through(begin(county)).done == 2
    people.give_post(
        account=county.accounts["bie"].id,
        unit=county.unit("centre-990101102"),
        role="administrator",
        actor=SETTING_UP,
    )
    county._actors.clear()
    found = through(begin(county, who="bie"))
    assert (found.areas, found.total, found.done) == (["990101102"], 1, 1)
    theirs = reads.rehearsals(county.actor("bie"), county=COUNTY)
    assert list(theirs) == [found], "the whole county's is not for them"
    assert reads.rehearsals(county.actor("guan"), county=COUNTY).count() == 2


def test_who_may_no_longer_manage_the_rulebook_gets_nothing_more(county: County) -> None:
    worked_case(county)
    found = begin(county)
    Post.objects.filter(account=county.accounts["guan"]).delete()
    assert (through(found).state, found.done) == ("stopped", 0)


def test_a_killed_worker_leaves_no_case_twice_and_none_out(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(3):
        worked_case(county)
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    found = begin(county, QUICKER)
    assert actions.rehearse_next(found.id)

    def killed(*_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(slices, "new_pace", killed)  # after the findings were written
        with pytest.raises(KeyboardInterrupt):
            actions.rehearse_next(found.id)
    found.refresh_from_db()
    assert (found.done, found.sums["all"][""]["n"]) == (1, 1)
    assert actions.sweep() == 0
    Rehearsal.objects.update(touched_at=clock.now() - 2 * rules.SILENCE)
    assert actions.sweep() == 1
    assert waiting_jobs() == [str(found.id)]
    found = through(found)
    assert (found.state, found.done, found.sums["all"][""]["n"]) == ("done", 3, 3)
    late = Difference.objects.filter(verdict="late", kind="sign")
    assert late.count() == late.values("case").distinct().count() == 3


def test_what_nobody_foresaw_ends_it_and_is_said(
    county: County, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_case(county)
    found = begin(county)

    def broken(*_values: object, **_named: object) -> None:
        raise ArithmeticError("no")

    monkeypatch.setattr(reads, "rehearse", broken)
    assert through(found).state == "failed"
    assert "系统出了差错" in login("guan").get(f"{ROOT}{found.id}/").text


def test_old_ones_are_swept_and_young_ones_stay(county: County) -> None:
    worked_case(county)
    old, young = through(begin(county, QUICKER)), begin(county)
    Rehearsal.objects.filter(id=old.id).update(asked_at=clock.now() - rules.KEPT_FOR - _DAY)
    jobs.sweep_rehearsals(0)
    assert list(Rehearsal.objects.all()) == [young]
    assert not Difference.objects.filter(rehearsal=old.id).exists()


def test_two_at_once_do_not_harm_each_other(committed: County) -> None:
    """Both stand between reading their row and writing it at the same time."""
    worked_case(committed)
    one, other = begin(committed, QUICKER), begin(committed)
    meet, rehearse = threading.Barrier(2, timeout=60), reads.rehearse

    def both_there(*values: Any, **named: Any) -> Any:
        meet.wait()
        return rehearse(*values, **named)

    def work(found: Rehearsal) -> None:
        try:
            jobs.run_rehearsal(str(found.id))
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(2) as pool:
        patched.setattr(reads, "rehearse", both_there)
        list(pool.map(work, [one, other]))
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.state == other.state == "done"
    assert one.sums["kind"]["sign"]["late"] == 1
    assert "late" not in other.sums["kind"]["sign"]
    assert not Difference.objects.filter(rehearsal=other, verdict="late").exists()


def test_a_period_that_ends_before_it_begins_is_refused(county: County) -> None:
    day = timezone.localtime(TUESDAY).date()
    with pytest.raises(PeriodWrong):
        actions.start_rehearsal(
            files_with(), since=day, until=day, key="k", county=COUNTY, actor=county.actor("guan")
        )


# --- the pages ---------------------------------------------------------------------------------


@pytest.fixture
def guan(login: Login) -> Client:
    return login("guan")


def asked(client: Client, files: dict[str, str]) -> dict[str, str]:
    """From the page that shows the differences to the form that asks for the days."""
    page = client.post(f"{ROOT}new/", {"texts": json.dumps(files)})
    assert page.status_code == 200, page.content.decode()
    day = timezone.localtime(TUESDAY).date().isoformat()
    return {**form_of(page), "texts": json.dumps(files), "since": day, "last": day}


def test_a_draft_is_rehearsed_from_the_check_to_the_cases_behind_a_number(
    county: County, guan: Client, login: Login
) -> None:
    case = worked_case(county)
    files = files_with(QUICKER)
    check = guan.post(
        "/desk/admin/rulebook/check/",
        {"upload": [_file("deadlines.toml", files["deadlines.toml"])]},
    )
    assert f'formaction="{ROOT}new/"' in check.text
    sent = asked(guan, json.loads(check.context["form"]["texts"].value()))
    begun = guan.post(f"{ROOT}start/", sent)
    assert begun.status_code == 302
    page = guan.get(begun["Location"])
    assert "已完成" in page.text
    assert "hx-get" not in page.text.partition('id="rehearsing"')[2].partition(">")[0]
    table = next(one for one in page.context["tables"] if one.key == "kind")
    row = next(row for row in table.rows if row.names == ("签收",))
    late = row.numbers[table.columns.index("变为超时")]
    assert (row.n, late.count) == (1, 1)
    behind = guan.get(late.href)
    assert [one.number for one in behind.context["rows"]] == [case.number]
    assert "水务局" in behind.text
    assert "提前 14 分钟" in behind.text
    assert f"/desk/cases/{case.number}/" not in behind.text, "an administrator opens no case"
    english = guan.get(late.href, headers={"accept-language": "en"}).text
    assert "Became late" in english
    assert "14 minutes sooner" in english
    listed = guan.get(ROOT).text
    assert begun["Location"] in listed
    assert guan.get("/desk/admin/rulebook/").text.count(ROOT) == 1


def _file(name: str, text: str) -> Any:
    return SimpleUploadedFile(name, text.encode())


def test_every_number_opens_to_as_many_findings(county: County, guan: Client) -> None:
    for _each in range(2):
        worked_case(county)
    _a_heap_of_rubbish(county)
    files = files_with(QUICKER, ROUTED)
    begun = guan.post(f"{ROOT}start/", asked(guan, files))
    page = guan.get(begun["Location"])
    keys = {table.key for table in page.context["tables"]}
    assert {"kind", "category", "unit", "route"} <= keys
    opened = 0
    for table in page.context["tables"]:
        for number in (number for row in table.rows for number in row.numbers if number.count):
            assert len(guan.get(number.href).context["rows"]) == number.count, number
            opened += 1
    for _name, number, _of in page.context["cards"]:
        assert len(guan.get(number.href).context["rows"]) == number.count
    assert opened > 8


ROUTED = (
    "routing.toml",
    'to = ["grid", "{station}", "{body}"]\nwhy = "网格员能',
    'to = ["{station}", "grid", "{body}"]\nwhy = "网格员能',
)


def _a_heap_of_rubbish(county: County) -> None:
    """The grid's own people may settle it; there is a station in the town."""
    with clock.standing_at(TUESDAY):
        case = report_leak().case
        cases.accept(case.id, category="env.garbage.exposed", actor=county.actor("cun"))


def test_a_long_one_can_be_left_found_again_and_stopped(
    county: County, guan: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(3):
        worked_case(county)
    monkeypatch.setattr(running, "AT_ONCE", 0.0)
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    sent = asked(guan, files_with(QUICKER))
    address = guan.post(f"{ROOT}start/", sent)["Location"]
    assert guan.post(f"{ROOT}start/", sent)["Location"] == address, "pressed twice, it is one"
    found = Rehearsal.objects.get()
    assert waiting_jobs() == [str(found.id)]
    page = guan.get(address).text
    assert "可以离开这一页" in page
    assert "0 / 3" in page
    assert f'hx-get="{address}progress/"' in page
    assert "正在预演" in guan.get(ROOT).text
    actions.rehearse_next(found.id)
    part = guan.get(f"{address}progress/")
    assert "1 / 3" in part.text
    assert "大约还要" in part.text
    assert "HX-Refresh" not in part.headers
    assert guan.post(f"{address}stop/").status_code == 302
    jobs.run_rehearsal(str(found.id))
    over = guan.get(f"{address}progress/")
    assert over["HX-Refresh"] == "true"
    assert "走过 1 件，还有 2 件没有走" in over.text
    assert "变为超时" in guan.get(address).text, "what was found stays"
    gone = guan.post(f"{address}drop/", follow=True)
    assert "预演结果已删除" in gone.text
    assert guan.get(address).status_code == 404
    jobs.run_rehearsal(str(found.id))


def test_broken_files_are_refused_with_file_line_and_reason(county: County, guan: Client) -> None:
    files = files_with(("deadlines.toml", 'within = "1 hour"', 'within = "soon"'))
    line = files["deadlines.toml"].splitlines().index('within = "soon"') + 1
    for address in (f"{ROOT}new/", f"{ROOT}start/"):
        sent = {"texts": json.dumps(files), "once": "k", "since": "2026-11-01",
                "last": "2026-11-20"}  # fmt: skip
        answer = guan.post(address, sent)
        assert answer.status_code == 422
        assert [(one.file, one.line) for one in answer.context["problems"]][0] == (
            "deadlines.toml", line,
        )  # fmt: skip
    assert not Rehearsal.objects.exists()
    for damaged in ("", "{", "[]", '{"a": 1}', '{"deadlines.toml": "\\ud800"}'):
        back = guan.post(f"{ROOT}new/", {"texts": damaged}, follow=True)
        assert "内容已损坏" in back.text


def test_days_that_cannot_be_are_refused_beside_their_field(county: County, guan: Client) -> None:
    sent = asked(guan, files_with(QUICKER))
    for wrong in ({"since": "2026-11-20", "last": "2026-11-01"}, {"last": ""}, {"since": "soon"}):
        answer = guan.post(f"{ROOT}start/", {**sent, **wrong})
        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert answer.context["form"]["texts"].value() == sent["texts"], "nothing typed is lost"
    assert not Rehearsal.objects.exists()


def test_the_list_is_paged_filtered_and_exported(
    county: County, guan: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [worked_case(county).number for _each in range(3)]
    found = through(begin(county, QUICKER))
    monkeypatch.setattr("gezhi.deadlines.pages.lists._PAGE", 2)
    address = f"{ROOT}{found.id}/differences/?topic=due&show=late&kind=sign"
    first = guan.get(address)
    second = guan.get(f"{address}&cursor={first.context['next']}")
    seen = [row.number for page in (first, second) for row in page.context["rows"]]
    assert seen == numbers
    one = guan.get(f"{address}&number={numbers[1]}&unit=dept-water")
    assert [row.number for row in one.context["rows"]] == [numbers[1]]
    assert "没有符合条件的" in guan.get(f"{address}&category=no.such").text
    assert guan.get(f"{ROOT}{found.id}/differences/?topic=moon&show=x&kind=y").status_code == 200
    export = guan.get(f"{ROOT}{found.id}/export.xlsx?topic=due&show=late&kind=sign")
    rows = _sheets(export)["时限"]
    assert [row[0] for row in rows] == ["工单编号", *numbers]
    assert rows[1][1:3] == ["变为超时", "签收"]
    sums = _sheets(guan.get(f"{ROOT}{found.id}/export.xlsx"))
    assert {"按环节", "按事项类别", "按承担单位"} <= set(sums)
    heads, *told = sums["按环节"]
    sign = dict(zip(heads, next(row for row in told if row[0] == "签收"), strict=True))
    assert (sign["对照数"], sign["变为超时"]) == (3, 3)


def _sheets(answer: Any) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_list_costs_the_same_for_one_finding_and_for_many(
    county: County, guan: Client, django_assert_max_num_queries: Any
) -> None:
    for _each in range(4):
        worked_case(county)
    found = through(begin(county, QUICKER))
    guan.get(f"{ROOT}{found.id}/differences/")
    with django_assert_max_num_queries(9):
        guan.get(f"{ROOT}{found.id}/differences/?topic=due&show=late")


def test_who_does_not_manage_the_rulebook_sees_none_of_it(county: County, login: Login) -> None:
    worked_case(county)
    found = through(begin(county, QUICKER))
    zhen = login("zhen")
    for address in ("", f"{found.id}/", f"{found.id}/progress/", f"{found.id}/differences/",
                    f"{found.id}/export.xlsx"):  # fmt: skip
        assert zhen.get(f"{ROOT}{address}").status_code == 403, address
    for address in ("new/", "start/", f"{found.id}/stop/", f"{found.id}/drop/"):
        assert zhen.post(f"{ROOT}{address}", {}).status_code == 403, address
    assert Rehearsal.objects.count() == 1


def test_a_case_is_linked_for_whoever_may_open_it(county: County, login: Login) -> None:
    case = worked_case(county)
    people.give_post(
        account=county.accounts["xian"].id,
        unit=county.unit("centre-990101"),
        role="administrator",
        actor=SETTING_UP,
    )
    county._actors.clear()
    found = through(begin(county, QUICKER, who="xian"))
    page = login("xian").get(f"{ROOT}{found.id}/differences/").text
    assert f"/desk/cases/{case.number}/" in page


# --- the operations ----------------------------------------------------------------------------


def test_a_program_begins_reads_stops_and_removes_one(
    county: County, key: Callable[[str], str]
) -> None:
    case = worked_case(county)
    client = Client(headers={"authorization": f"Bearer {key('guan')}"})
    other = Client(headers={"authorization": f"Bearer {key('zhen')}"})
    root = "/api/v1/rulebook/rehearsals"
    body = {
        "files": {"deadlines.toml": files_with(QUICKER)["deadlines.toml"]},
        "since": "2026-11-17",
        "until": "2026-11-18",
    }
    assert other.post(root, json.dumps(body), content_type="application/json").status_code == 403
    begun = client.post(root, json.dumps(body), content_type="application/json")
    assert begun.status_code == 202, begun.content
    id = begun.json()["id"]
    assert waiting_jobs() == [id]
    jobs.run_rehearsal(id)
    told = client.get(f"{root}/{id}").json()
    assert (told["state"], told["done"], told["seconds_left"]) == ("done", 1, None)
    assert told["sums"]["kind"]["sign"]["late"] == 1
    items = client.get(f"{root}/{id}/differences?topic=due&show=late&kind=sign").json()["items"]
    assert [(one["number"], one["minutes"]) for one in items] == [(case.number, -14)]
    assert client.get(f"{root}/{id}/differences?show=moon").status_code == 422
    assert [one["id"] for one in client.get(root).json()["items"]] == [id]
    assert other.get(f"{root}/{id}").status_code == 403
    assert client.post(f"{root}/{id}/stop").json()["state"] == "done"
    wrong = {**body, "until": "2026-11-17"}
    refused = client.post(root, json.dumps(wrong), content_type="application/json")
    assert refused.json()["code"] == "rehearsal_period_wrong"
    broken = {**body, "files": {"deadlines.toml": "x = "}}
    refused = client.post(root, json.dumps(broken), content_type="application/json")
    assert refused.json()["code"] == "rulebook_broken"
    assert client.delete(f"{root}/{id}").status_code == 200
    assert client.get(f"{root}/{id}").status_code == 404


def test_only_somebody_signed_in_begins_one(county: County) -> None:
    day = timezone.localtime(TUESDAY).date()
    with pytest.raises(SignInNeeded):
        actions.start_rehearsal(
            files_with(), since=day, until=day + _DAY, key="k", county=COUNTY, actor=system("x")
        )


def test_a_book_applied_meanwhile_changes_no_case_of_before(county: County) -> None:
    """Cases keep the book they were opened under; each is compared with its own."""
    worked_case(county)
    files = files_with(QUICKER)
    rulebook_actions.apply_book(files, county=COUNTY, actor=county.actor("guan"))
    found = through(begin(county, QUICKER))
    assert found.against == 2
    assert found.sums["kind"]["sign"]["late"] == 1
