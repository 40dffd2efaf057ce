"""What is done waits for a check by the rulebook it was opened under, whatever came since."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.cases.tests.versions import AIR, NOISE, finish, swap_what_is_checked, work_on
from tests.cast import County

Login = Callable[[str], Client]


@pytest.fixture
def done(county: County) -> dict[str, Case]:
    """One of each kind under the first version, one of each under the second."""
    made = {f"{kind} 1": finish(county, work_on(county, kind)) for kind in (AIR, NOISE)}
    swap_what_is_checked(county)
    return made | {f"{kind} 2": finish(county, work_on(county, kind)) for kind in (AIR, NOISE)}


def names_of(done: dict[str, Case], page: str) -> list[str]:
    return sorted(name for name, case in done.items() if f'data-row="{case.number}"' in page)


def test_the_list_of_what_is_to_be_checked_and_the_acts_say_the_same(
    login: Login, done: dict[str, Case]
) -> None:
    wait = [f"{AIR} 1", f"{NOISE} 2"]
    du = login("du")
    assert names_of(done, du.get("/desk/?tab=verify").content.decode()) == wait
    filtered = du.get("/desk/?tab=verify&pace=&state=done").content.decode()
    assert names_of(done, filtered) == wait
    counts = du.get("/desk/counts/").content.decode()
    assert re.search(r'id="count-verify"[^>]*>\s*2\s*<', counts)
    fang = login("fang")
    page = fang.get("/desk/visits/").content.decode()
    asked = {
        name: "等待第二人核查" in row
        for name, case in done.items()
        for row in re.findall(
            rf'<article class="gz-visit" data-row="{case.number}".*?</article>', page, re.DOTALL
        )
    }
    assert asked == {name: name in wait for name in done}
    order = re.findall(r'<article class="gz-visit" data-row="([^"]+)"', page)
    assert {done[name].number for name in wait} == set(order[2:]), "whom to call comes first"
    for name, case in done.items():
        visit = {"is_reached": "yes", "is_solved": "yes", "revision": case.lines}
        answer = fang.post(f"/desk/cases/{case.number}/moves/visit_back/", visit)
        assert answer.status_code == (422 if name in wait else 200), name


def test_what_is_checked_leaves_the_list(
    login: Login, county: County, done: dict[str, Case]
) -> None:
    cases.verify(done[f"{AIR} 1"].id, is_solved=True, words="去看过", actor=county.actor("du"))
    assert names_of(done, login("du").get("/desk/?tab=verify").content.decode()) == [f"{NOISE} 2"]


def test_nothing_done_is_no_accident(login: Login, county: County) -> None:
    assert "这里没有工单" in login("du").get("/desk/?tab=verify").content.decode()
    assert login("fang").get("/desk/visits/").status_code == 200


def test_more_cases_cost_no_more_queries(
    login: Login,
    county: County,
    done: dict[str, Case],
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    du = login("du")
    du.get("/desk/?tab=verify")
    with django_assert_max_num_queries(12) as first:  # type: ignore[attr-defined]  # a context
        du.get("/desk/?tab=verify")
    for _ in range(4):
        finish(county, work_on(county, NOISE))
    with django_assert_max_num_queries(len(first)):  # type: ignore[attr-defined]  # a context
        du.get("/desk/?tab=verify")


def test_of_more_that_wait_for_a_check_than_are_listed_it_says_so(
    login: Login, county: County
) -> None:
    made = [finish(county, work_on(county, AIR)) for _ in range(30)]
    fang, more = login("fang"), "等待核查的还有更多"
    assert more not in fang.get("/desk/visits/").content.decode()
    made.append(finish(county, work_on(county, AIR)))
    page = fang.get("/desk/visits/").content.decode()
    assert more in page
    assert [case.number for case in made[:30]] == re.findall(r'data-row="([^"]+)"', page)
