"""Topics and root-cause cases through the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.cases.models import Case
from gezhi.triage.actions import topics as finding
from gezhi.triage.models import Topic
from gezhi.triage.tests.board import ROAD, WATER, tell_all
from gezhi.triage.tests.test_roots import open_root
from tests.cast import COUNTY, FAR_VILLAGE, GRID, TOWN, County

KIND, OTHER_KIND = "utility.water.quality", "traffic.road.collapse"


@pytest.fixture
def ask(county: County, key: Any) -> Any:
    """The API as somebody of the cast: what it answers, and with which status."""
    tokens: dict[str, str] = {}

    def get(who: str, address: str) -> tuple[int, Any]:
        token = tokens.setdefault(who, "") or key(who)
        tokens[who] = token
        answer = Client().get(f"/api/v1{address}", HTTP_AUTHORIZATION=f"Bearer {token}")
        return answer.status_code, answer.json()

    return get


@pytest.fixture
def found(county: County) -> list[Topic]:
    now = clock.now()
    tell_all(WATER, at=GRID, now=now, category=KIND)
    tell_all(ROAD, at=f"{FAR_VILLAGE}001", now=now, category=OTHER_KIND)
    finding.run_hourly(COUNTY)
    return list(Topic.objects.order_by("path"))


def ids(body: Any) -> list[str]:
    return [one["id"] for one in body["items"]]


def test_topics_are_listed_by_heat_in_pages(found: list[Topic], ask: Any) -> None:
    hottest = [str(one.id) for one in Topic.objects.order_by("-heat")]
    _status, body = ask("du", "/topics")
    assert ids(body) == hottest
    _status, first = ask("du", "/topics?limit=1")
    _status, second = ask("du", f"/topics?limit=1&cursor={first['next']}")
    assert ids(first) + ids(second) == hottest
    _status, here = ask("du", f"/topics?area={TOWN}&weeks=2")
    assert ids(here) == [str(found[0].id)]
    assert ask("du", f"/topics?category={OTHER_KIND}")[1]["items"][0]["path"].startswith(
        FAR_VILLAGE
    )


def test_each_account_has_the_topics_of_its_areas(found: list[Topic], ask: Any) -> None:
    assert ids(ask("zhendu", "/topics")[1]) == [str(found[0].id)]
    assert ask("zhendu", f"/topics/{found[1].id}")[0] == 404
    assert ask("shui", "/topics")[0] == 403
    _status, one = ask("zhendu", f"/topics/{found[0].id}")
    assert set(one["numbers"]) == set(
        Case.objects.filter(path=GRID).values_list("number", flat=True)
    )
    assert (one["cases"], one["cases_seen"], sum(one["days"])) == (4, 4, 4)
    assert (one["words"], one["place"], one["towns"]) == (["自来水", "铁锈", "发黄"], "", [TOWN])


def test_root_cause_cases_are_told_with_what_they_changed(county: County, ask: Any) -> None:
    root = open_root(county)
    _status, body = ask("zhendu", "/roots")
    assert ids(body) == [str(root.id)]
    assert ask("bie", "/roots")[1]["items"] == []
    assert ask("bie", f"/roots/{root.id}")[0] == 404
    status, one = ask("zhendu", f"/roots/{root.id}")
    assert status == 200
    assert one["number"] == root.case.number
    assert (one["effect"]["verdict"], one["effect"]["ratio"]) == ("early", None)
    assert root.target - clock.now().date() > timedelta(days=80)
