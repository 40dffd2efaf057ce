"""Open311: a list that is asked for again and again costs little, and is never out of date."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gezhi.api.tests.open311 import said
from gezhi.base import clock, unchanged
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.models import Case
from tests.cast import COUNTY, GRID, TUESDAY, County, point_in

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def made(committed: County) -> Callable[[], Case]:
    def make() -> Case:
        lon, lat = point_in(GRID)
        with clock.standing_at(TUESDAY):
            report = cases.report(
                county=COUNTY, what="路灯不亮", where=cases.Where(lon=lon, lat=lat, place="村口"),
                channel="portal", contact=cases.Contact(phone="13812345678"), actor=NOBODY,
            )  # fmt: skip
            kept = cases.accept(
                report.case.id, category="utility.lamp", actor=committed.actor("cun")
            )
            return cases.publish(kept.id, is_public=True, actor=committed.actor("du"))

    return make


def _listed(client: Client, **query: Any) -> list[str]:
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        return [each["service_request_id"] for each in said(client, "requests", query)]


def test_what_comes_and_what_goes_is_in_the_next_answer(
    committed: County, made: Callable[[], Case]
) -> None:
    reader = Client()
    assert _listed(reader) == []
    one = made()
    assert _listed(reader) == [one.number]
    two = made()
    assert set(_listed(reader)) == {one.number, two.number}
    with clock.standing_at(TUESDAY):
        cases.publish(one.id, is_public=False, actor=committed.actor("du"))
    assert _listed(reader) == [two.number]


def test_each_question_has_its_own_answer(made: Callable[[], Case]) -> None:
    reader = Client()
    one, two = made(), made()
    pages = [_listed(reader, page=page, page_size=1) for page in (1, 2, 3)]
    assert sorted(pages) == sorted([[one.number], [two.number], []])
    assert _listed(reader, service_code="road.pothole") == []
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        words = {
            language: reader.get("/open311/v2/requests.json", headers={"Accept-Language": language})
            .json()[0]["service_name"]
            for language in ("zh-hans", "en")
        }  # fmt: skip
    assert words["zh-hans"] != words["en"]
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        link = reader.get("/open311/v2/requests.json?page_size=1")["Link"]
        again = reader.get("/open311/v2/requests.json?page_size=1", headers={"Host": "localhost"})
    assert "//testserver/" in link
    assert "//localhost/" in again["Link"]


def test_the_rows_are_not_fetched_again_while_nothing_changes(
    made: Callable[[], Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    made()
    fetched, newest = 0, reads.newest

    def count(*given: Any, **more: Any) -> list[Case]:
        nonlocal fetched
        fetched += 1
        return newest(*given, **more)

    monkeypatch.setattr(reads, "newest", count)
    monkeypatch.setattr(unchanged, "_snapshot", lambda: "7:7:")  # others' tests write, too
    reader, times = Client(), 40
    with clock.standing_at(TUESDAY + timedelta(hours=1)):
        answers = {reader.get("/open311/v2/requests.json").content for _time in range(times)}
    assert len(answers) == 1
    assert fetched == 1
