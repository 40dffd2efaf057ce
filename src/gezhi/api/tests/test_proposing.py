"""All that is proposed for a report, asked by programs before it is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.triage import actions
from gezhi.triage.tests.named import add_names
from tests.cast import COUNTY, FAR_VILLAGE, GRID, SECOND, TOWN, VILLAGE, County, point_in


@pytest.fixture
def ask(county: County, key: Callable[[str], str]) -> Callable[..., Any]:
    def asked(login: str = "zhen", **body: Any) -> Any:
        return Client().post(
            "/api/v1/triage/propose", body, "application/json",
            headers={"authorization": f"Bearer {key(login)}"},
        )  # fmt: skip

    return asked


def test_what_where_whose_and_the_same_are_told_at_once(ask, county: County) -> None:
    add_names()
    lon, lat = point_in(GRID)
    words = "隔壁私搭乱建，把路都占了，没人管"
    there = cases.report(
        county=COUNTY, what=words, where=cases.Where(lon=lon, lat=lat), channel="portal",
        actor=NOBODY,
    ).case  # fmt: skip
    actions.print_cases([there.id])
    before = Case.objects.count()
    found = ask(text="有人私搭乱建，路都占了", point=[lon, lat]).json()
    assert found["what"]["options"][0]["category"] == "build.illegal"
    assert found["what"]["sure"]
    assert (found["where"]["sure"], found["path"]) == (True, GRID)
    assert found["who"]["name"] == "河湾镇综合执法队"
    assert found["who"]["why"]
    assert [one["number"] for one in found["same"]] == [there.number]
    assert Case.objects.count() == before


def test_what_says_nothing_is_left_open(ask) -> None:
    found = ask(text="你好在吗").json()
    assert found["what"] == {"sure": False, "source": "none", "urgent": [], "options": []}
    assert (found["who"], found["same"], found["path"]) == (None, [], COUNTY)


def test_danger_is_told_whatever_the_kind(ask) -> None:
    assert ask(text="楼道里有人晕倒了", path=SECOND).json()["what"]["urgent"] == ["晕倒"]


def test_where_the_reporter_is_is_not_where_it_is(ask, county: County) -> None:
    add_names()
    found = ask(text="高塬村的路灯不亮了", near=VILLAGE).json()
    assert found["path"] == found["where"]["spots"][0]["path"] == FAR_VILLAGE
    assert ask(text="路灯不亮了", near=VILLAGE).json()["path"] == VILLAGE, "nothing else says"
    assert ask(text="高塬村的路灯不亮了", path=VILLAGE).json()["path"] == VILLAGE
    inside = ask(text="阳光小区的路灯不亮了", path=TOWN).json()
    assert inside["path"].startswith(VILLAGE), "words name a place inside"


@pytest.mark.parametrize(
    "wrong", [{"channel": "pigeon"}, {"path": "990101999"}, {"point": [0, 0]}, {"point": [181, 0]}]
)
def test_what_makes_no_sense_is_refused_with_words(ask, wrong: dict[str, Any]) -> None:
    answer = ask(text="路灯不亮", **wrong)
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
