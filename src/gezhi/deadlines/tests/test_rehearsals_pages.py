"""Rehearsals through their pages."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.deadlines import jobs
from gezhi.deadlines.actions import rehearsing as actions
from gezhi.deadlines.models import Rehearsal
from gezhi.deadlines.pages import running
from gezhi.deadlines.tests.rehearsing import (
    QUICKER,
    ROOT,
    Login,
    begin,
    files_with,
    form_of,
    through,
    waiting_jobs,
    worked_case,
)
from gezhi.people.models import Post
from tests.cast import SINCE, TUESDAY, County, report_leak


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


def test_the_whole_is_exported_in_english_too(county: County, guan: Client) -> None:
    """Tables have titles with colons, and sheets may have none in their names."""
    worked_case(county)
    _a_heap_of_rubbish(county)
    begun = guan.post(f"{ROOT}start/", asked(guan, files_with(QUICKER, ROUTED)))
    english = {"accept-language": "en"}
    sums = _sheets(guan.get(f"{begun['Location']}export.xlsx", headers=english))
    assert {"By step", "By category", "By unit", "First unit"} <= set(sums)
    assert sums["First unit"][0][:2] == ["Before", "After"]
    for topic in ("due", "route", "proposal", "shut"):
        one = guan.get(f"{begun['Location']}export.xlsx?topic={topic}", headers=english)
        assert len(_sheets(one)) == 1


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
    # Given before the three administrators were kept apart from those who see cases.
    Post.objects.create(
        account=county.accounts["xian"],
        unit_id=county.unit("centre-990101"),
        role="administrator",
        path="990101",
        valid_from=SINCE,
    )
    county._actors.clear()
    found = through(begin(county, QUICKER, who="xian"))
    page = login("xian").get(f"{ROOT}{found.id}/differences/").text
    assert f"/desk/cases/{case.number}/" in page
