"""The page of what will be late today: by level, by holder, with what nobody heard of."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.deadlines import jobs
from gezhi.deadlines.tests.test_visits import told
from gezhi.people.models import Post
from tests.cast import COUNTY, TUESDAY, VILLAGE, County

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
