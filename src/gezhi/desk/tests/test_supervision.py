"""The page of what will be late today: by level, by holder, with what nobody heard of."""

import io
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeGuard
from uuid import uuid4

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from gezhi.base import clock
from gezhi.base.fact import Fact, reactions_to
from gezhi.cases import actions as cases
from gezhi.cases import facts
from gezhi.cases.models import Case
from gezhi.deadlines import facts as promises
from gezhi.deadlines import jobs, reactions
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.tests.test_visits import told
from gezhi.people.models import Post
from tests.cast import COUNTY, TUESDAY, VILLAGE, County, plain_reason

Login = Callable[[str], Client]
MINUTE = timedelta(minutes=1)


def look(client: Client, query: str = "") -> str:
    answer = client.get(f"/desk/supervision/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def watch() -> None:
    while jobs.watch(COUNTY):
        pass


@pytest.fixture
def forgotten(county: County) -> Case:
    """Reported on Tuesday at nine, to be accepted within ten minutes."""
    with clock.standing_at(TUESDAY):
        return told().case


def test_what_is_late_and_what_will_be_stand_with_whose_they_are(
    county: County, forgotten: Case, login: Login
) -> None:
    with clock.standing_at(TUESDAY + 5 * MINUTE):
        page = look(login("du"))
        assert "已经超时 0 项，今天还有 1 项到期。" in page
        assert "受理 还剩 5 分钟" in page
    with clock.standing_at(TUESDAY + 25 * MINUTE):
        watch()
        page = look(login("du"))
        assert "已经超时 1 项" in page
        assert "受理 超时 15 分钟" in page
        village = county.unit(f"centre-{VILLAGE}")
        assert forgotten.number in look(login("du"), f"?level=village&holder={village}")
        (listed,) = re.findall(
            r'<ol class="gz-rows".*?</ol>', look(login("du"), "?level=town"), re.S
        )
        assert forgotten.number not in listed


def test_how_far_it_has_climbed_is_shown(county: County, forgotten: Case, login: Login) -> None:
    with clock.standing_at(TUESDAY + 25 * MINUTE):
        watch()
        assert "已升级到" in look(login("du"))


def test_what_nobody_heard_of_is_an_alarm(county: County, forgotten: Case, login: Login) -> None:
    staff = Post.objects.filter(unit=county.unit(f"centre-{VILLAGE}"))
    staff.update(valid_to=TUESDAY.date() - timedelta(days=1))
    with clock.standing_at(TUESDAY + 11 * MINUTE):
        watch()
        page = look(login("du"))
    assert "该提醒的人都不在岗" in page
    assert "受理" in page


def test_an_alarm_counts_cases_and_says_when_there_are_more(
    county: County, forgotten: Case, login: Login
) -> None:
    staff = Post.objects.filter(unit__kind="centre").exclude(account=county.accounts["du"])
    staff.update(valid_to=TUESDAY.date() - timedelta(days=1))
    du = login("du")
    for minutes in (11, 21):
        with clock.standing_at(TUESDAY + minutes * MINUTE):
            watch()
    unheard = Raised.objects.filter(told=0, unit__isnull=False, case=forgotten)
    assert unheard.count() > 1
    step = unheard.latest("at")
    other = Deadline.objects.get(case=forgotten, kind="finish")
    Raised.objects.create(
        county=COUNTY, case=forgotten, deadline=other, step="break", due=other.due, at=step.at,
        audience="head", unit=step.unit,
    )  # fmt: skip
    with clock.standing_at(TUESDAY + 21 * MINUTE):
        page = look(du)
        assert "<strong>1 件无人在岗" in page
        (block,) = re.findall(r'<div role="alert"><details.*?</details>', page, re.DOTALL)
        assert block.count(forgotten.number) == 2, "a link and its words"
        assert "受理" in block
        assert "办结" in block
        for case in [told().case for _ in range(100)]:
            promise = Deadline.objects.get(case=case, kind="accept")
            Raised.objects.create(
                county=COUNTY, case=case, deadline=promise, step="break", due=promise.due,
                at=step.at, audience="head", unit=step.unit,
            )  # fmt: skip
        assert "<strong>100+ 件无人在岗" in look(du)


def test_one_press_asks_all_that_are_ticked(county: County, forgotten: Case, login: Login) -> None:
    with clock.standing_at(TUESDAY + 25 * MINUTE):
        asked = login("du").post("/desk/bulk/supervise/", {"number": [forgotten.number]})
        assert asked.status_code == 200
        assert forgotten.number in asked.content.decode()


def test_a_case_that_is_taken_leaves_the_page(
    county: County, forgotten: Case, login: Login
) -> None:
    with clock.standing_at(TUESDAY + 25 * MINUTE):
        cases.accept(forgotten.id, category=forgotten.proposed_category, actor=county.actor("cun"))
        page = look(login("du"))
    assert "受理 超时" not in page
    assert "转办 还剩" in page


@pytest.mark.parametrize("who", ["cun", "wang", "shui", "fang"])
def test_it_is_for_those_who_may_supervise(county: County, login: Login, who: str) -> None:
    assert login(who).get("/desk/supervision/").status_code == 403


def test_a_town_sees_its_own_villages_only(county: County, forgotten: Case, login: Login) -> None:
    with clock.standing_at(TUESDAY + 25 * MINUTE):
        assert forgotten.number in look(login("zhendu"))


@pytest.mark.parametrize("query", ["?level=moon", "?holder=nobody", "?level=&holder="])
def test_a_bad_address_is_no_accident(county: County, login: Login, query: str) -> None:
    look(login("du"), query)


def test_a_list_costs_the_same_for_one_case_and_for_ten(
    county: County, login: Login, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with clock.standing_at(TUESDAY):
        for _ in range(10):
            told()
    client = login("du")
    with clock.standing_at(TUESDAY + 25 * MINUTE):
        look(client)
        with django_assert_max_num_queries(12):  # type: ignore[attr-defined]  # a context
            look(client)


# --- numbers, filters, the file, what changes under one's eyes ------------------------------------


@pytest.fixture
def two(county: County) -> tuple[Case, Case]:
    """One that the village has not accepted in time, one that is due this evening."""
    with clock.standing_at(TUESDAY):
        first, second = told().case, told().case
        cun = county.actor("cun")
        cases.accept(second.id, category=second.proposed_category, size="small", actor=cun)
        cases.assign(second.id, unit=county.unit("dept-water"), actor=cun)
        cases.sign(second.id, actor=county.actor("shui"))
    due = TUESDAY + timedelta(hours=8)
    Deadline.objects.filter(case=second, kind="finish").update(due=due, base_due=due)
    return first, second


LOOK = TUESDAY + 25 * MINUTE


def listed(page: str) -> list[str]:
    """The numbers of the cases in the list, in its order."""
    return re.findall(r'<li class="gz-row" data-row="([^"]+)"', page)


def test_every_number_opens_to_what_is_behind_it(
    county: County, two: tuple[Case, Case], login: Login
) -> None:
    first, second = two
    du = login("du")
    with clock.standing_at(LOOK):
        page = look(du)
        numbers = re.findall(r'<a class="gz-watch-\w+" href="(\?[^"]*)"[^>]*>(?:<b>)?(\d+)', page)
        assert len(numbers) >= 6
        for query, number in numbers:
            behind = look(du, query.replace("&amp;", "&"))
            assert len(re.findall('class="gz-bar', behind)) == int(number), query
        assert listed(look(du, "?show=late")) == [first.number]
        assert listed(look(du, "?show=soon")) == [second.number]
        assert listed(look(du, "?level=county")) == [second.number]
        assert listed(look(du, f"?holder={county.unit('dept-water')}&show=late")) == []


def test_the_file_holds_what_the_list_shows(two: tuple[Case, Case], login: Login) -> None:
    du = login("du")
    dues = [datetime(2026, 11, 17, 9, 10), datetime(2026, 11, 17, 17, 0)]  # noqa: DTZ001 - as sheets have them
    with clock.standing_at(LOOK):
        for query in ("", "?show=late", "?level=county", "?holder=nobody"):
            answer = du.get(f"/desk/supervision/export.xlsx{query}")
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
            header, *lines = sheet.get_sheet_by_index(0).to_python()
            page = look(du, query)
            assert list(dict.fromkeys(line[0] for line in lines)) == listed(page)
            for line in lines:
                cells = dict(zip(header, line, strict=True))
                assert f"{cells['时限']} {cells['剩余或超时']}" in page
                assert str(cells["责任单位"]) in page
                assert cells["到期时间"] in dues, "a moment, in the city's time"
                assert "13812345678" not in "".join(map(str, line))


def test_a_file_is_for_those_who_may_supervise(county: County, login: Login) -> None:
    for who in ("cun", "guan"):
        assert login(who).get("/desk/supervision/export.xlsx").status_code == 403
        assert login(who).post("/desk/supervision/now/").status_code == 403


def test_an_empty_list_says_so(county: County, two: tuple[Case, Case], login: Login) -> None:
    with clock.standing_at(TUESDAY - timedelta(days=1)):
        nothing = look(login("du"))
        assert "今天没有要到期的，也没有超时的。" in nothing
        assert "export.xlsx" not in nothing
    with clock.standing_at(LOOK):
        assert "这个条件下没有要到期的" in look(login("du"), "?level=town")


def test_what_was_demanded_is_seen_and_rows_follow(
    county: County, two: tuple[Case, Case], login: Login
) -> None:
    first, second = two
    du = login("du")
    with clock.standing_at(LOOK):
        cases.supervise(second.id, words="今天答复", actor=county.actor("du"))
        asked = {"number": [first.number, second.number, "990101-999999"], "case": [str(second.id)]}
        now = du.post("/desk/supervision/now/?show=soon", asked).content.decode()
        assert listed(now) == [second.number]
        assert "已督办，" in now
        assert "<html" not in now
        gone = re.findall(r'data-row="([^"]+)" data-gone', now)
        assert set(gone) == {first.number, "990101-999999"}


@pytest.mark.parametrize("how", ["merged", "done"])
def test_where_nothing_can_be_demanded_there_is_no_box_to_tick(
    county: County, two: tuple[Case, Case], login: Login, how: str
) -> None:
    first, second = two
    du = login("du")
    with clock.standing_at(TUESDAY + MINUTE):
        if how == "merged":
            cases.merge(second.id, main=first.id, actor=county.actor("cun"))
        else:
            Case.objects.filter(pk=second.pk).update(is_reachable=True)
            cases.finish(
                second.id, outcome="cannot", reason=plain_reason("cannot"),
                answer="要等明年修路的时候一起换", actor=county.actor("shui"),
            )  # fmt: skip
    Deadline.objects.filter(case=second, met_at=None, dropped_at=None).update(due=LOOK)
    with clock.standing_at(LOOK + MINUTE):
        box = re.compile(r'type="checkbox" name="number" value="([^"]+)"')
        for page in (
            look(du),
            du.post(
                "/desk/supervision/now/", {"number": [first.number, second.number]}
            ).content.decode(),
        ):
            assert set(listed(page)) == {first.number, second.number}
            assert box.findall(page) == [first.number]
            assert ("已并案，不能督办" if how == "merged" else "已办结，不能督办") in page


def test_one_press_brings_words_that_may_be_sent_as_they_are(
    two: tuple[Case, Case], login: Login
) -> None:
    with clock.standing_at(LOOK):
        page = look(login("du"))
        (words,) = re.findall(r"hx-vals='(.*?)'", page)
        typed = {"number": [two[0].number], **json.loads(words)}
        form = login("du").post("/desk/bulk/supervise/", typed).content.decode()
        assert "请马上办理，并在期限内答复" in form


def test_the_list_hears_of_all_that_moves_promises(county: County, login: Login) -> None:
    (heard,) = re.findall(r'aria-labelledby="owed" data-news="([^"]+)"', look(login("du")))
    kinds = set(heard.split(","))
    case_kinds = {kind.kind: kind for kind in vars(facts).values() if _is_fact(kind)}
    moving = {
        name
        for name, kind in case_kinds.items()
        if any(each.__module__ == reactions.__name__ for each in reactions_to(kind))
    }
    assert len(moving) > 20
    # What closes a case after its check says so itself.
    assert moving - {"case_verified"} <= kinds
    told = {kind.kind for kind in vars(promises).values() if _is_fact(kind)}
    assert kinds <= case_kinds.keys() | told, "nobody announces it"


def _is_fact(kind: object) -> TypeGuard[type[Fact]]:
    return isinstance(kind, type) and issubclass(kind, Fact)


def test_a_holder_that_is_not_of_the_level_or_of_the_house_is_no_condition(
    county: County, two: tuple[Case, Case], login: Login
) -> None:
    """The two are chosen beside each other, and one of them may be left from before."""
    first, second = two
    du, water = login("du"), county.unit("dept-water")
    with clock.standing_at(LOOK):
        page = look(du, f"?level=village&holder={water}")
        assert listed(page) == [first.number]
        assert "selected>水务局" not in page
        assert "holder=" not in "".join(re.findall(r'export.xlsx\?([^"]*)"', page))
        assert listed(look(du, f"?level=county&holder={water}")) == [second.number]
        for unknown in (uuid4(), "nobody"):
            assert listed(look(du, f"?level=village&holder={unknown}")) == [first.number]
        # A unit of the level that has done all it owed is asked for still.
        done = look(du, f"?level=county&holder={county.unit('dept-transport')}")
        assert listed(done) == []
        assert "交通运输局" in done


def test_long_lists_go_on(county: County, two: tuple[Case, Case], login: Login) -> None:
    with clock.standing_at(TUESDAY):
        for _ in range(100):
            told()
    du = login("du")
    with clock.standing_at(LOOK):
        first = look(du)
        following = re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
        second = look(du, following)
        assert len(listed(first)) + len(listed(second)) == 102
        assert not set(listed(first)) & set(listed(second))


def test_the_holder_sees_the_demand_by_when_and_where_to_answer(
    county: County, two: tuple[Case, Case], login: Login
) -> None:
    case = two[1]
    with clock.standing_at(LOOK):
        cases.supervise(
            case.id, words="为什么还没修", answer_by=LOOK + timedelta(hours=4),
            actor=county.actor("du"),
        )  # fmt: skip
        shui = login("shui")
        page = shui.get(f"/desk/cases/{case.number}/").content.decode()
        demand = re.findall(r"<h3>督办，等待答复</h3>.*?</section>", page, re.DOTALL)[0]
        assert "为什么还没修" in demand
        assert "今天 13:25 前答复" in demand
        path = re.findall(r'hx-get="([^"]+)"', demand)[0]
        form = shui.get(path).content.decode()
        action = re.findall(r'action="([^"]+)"', form)[0]
        revision = re.findall(r'name="revision" value="(\d+)"', form)[0]
        typed = {"revision": revision, "words": "水管已在路上，中午前修好。"}
        assert shui.post(action, typed).status_code == 200
        after = shui.get(f"/desk/cases/{case.number}/").content.decode()
        assert "督办，等待答复" not in after
        watched = login("du").get(f"/desk/cases/{case.number}/").content.decode()
        assert "水管已在路上" in watched
        assert "答复督办</button></div>" not in watched


def test_a_demand_that_nobody_answered_in_time_is_late_on_the_list_and_on_the_case(
    county: County, two: tuple[Case, Case], login: Login
) -> None:
    case, du = two[1], login("du")
    with clock.standing_at(LOOK):
        cases.supervise(
            case.id, words="为什么还没修", answer_by=LOOK + 30 * MINUTE, actor=county.actor("du")
        )
        assert 'gz-soon">已督办，今天 09:55 前答复' in look(du)
    with clock.standing_at(LOOK + 31 * MINUTE):
        assert 'bg-danger-lt text-wrap">已督办，超时未答复（今天 09:55 前）' in look(du)
        page = du.get(f"/desk/cases/{case.number}/").content.decode()
        assert "<h3>督办，超时未答复</h3>" in page
        assert 'bg-danger-lt text-wrap">要求 今天 09:55 前答复，已超时' in page
        assert "督办，等待答复" not in page


def test_a_unit_that_owes_it_is_not_said_to_be_above_itself(
    county: County, forgotten: Case, login: Login
) -> None:
    promise = Deadline.objects.get(case=forgotten, kind="accept")
    for owner, said in (
        (county.unit(f"centre-{VILLAGE}"), "已催办本单位督办员"),
        (county.unit(f"centre-{COUNTY}"), "已升级到"),
    ):
        Raised.objects.filter(case=forgotten).delete()
        Raised.objects.create(
            county=COUNTY, case=forgotten, deadline=promise, step="climb:1", due=promise.due,
            at=LOOK, audience="centre", unit_id=owner, told=1,
        )  # fmt: skip
        with clock.standing_at(LOOK):
            page = look(login("du"))
            assert said in page
            assert ("已升级到" in page) == (said == "已升级到")
            sheet = login("du").get("/desk/supervision/export.xlsx").content
        header, line = (
            CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()[:2]
        )
        cell = dict(zip(header, line, strict=True))["已升级到"]
        assert cell == (said if said != "已升级到" else "朔渭县综治中心")
