"""What an agent does with a call, by API: the same acts as the console's page."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.cases.models import Case, Report
from gezhi.hotline.models import Call
from gezhi.hotline.tests.calling import LEAK, PHONE, Switch
from gezhi.record.models import AuditLine
from tests.cast import GRID, County, point_in, report_leak

Key = Callable[[str], str]
OTHER = "13900005678"


@pytest.fixture
def switch(county: County, key: Key) -> Switch:
    return Switch(key)


class Agent:
    """An agent's own program."""

    def __init__(self, token: str) -> None:
        self.client, self.headers = Client(), bearer(token)

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        return post(self.client, path, body or {}, headers=self.headers)

    def put(self, path: str, body: Any) -> Any:
        whole = json.dumps(body)
        return self.client.put(f"/api/v1{path}", whole, "application/json", headers=self.headers)


@pytest.fixture
def xian(county: County, key: Key) -> Agent:
    return Agent(key("xian"))


def matter(**more: Any) -> dict[str, Any]:
    lon, lat = point_in(GRID)
    return {"what": LEAK, "where": {"lon": lon, "lat": lat, "place": "村口"}, **more}


def test_a_call_is_found_typed_along_and_opened(xian: Agent, switch: Switch) -> None:
    call = switch.rings(order="RX9").json()["id"]
    assert [one["id"] for one in xian.get("/calls?is_open=true").json()["items"]] == [call]
    answers = {"when": ["night"], "source": ["音响"]}
    typed = {"what": "吵得睡不着", "category": "env.noise", "is_secret": True, "answers": answers}
    kept = xian.put(f"/calls/{call}/draft", typed).json()
    assert kept == xian.get(f"/calls/{call}/draft").json()
    assert kept["known"] == {"phone": "138****1234", "cases": [], "count": 0, "calls": 0}
    assert (kept["what"], kept["is_secret"], kept["answers"]) == ("吵得睡不着", True, answers)
    body = matter(category="env.noise", answers=answers)
    done = xian.post(f"/calls/{call}/open", body)
    made = Case.objects.get()
    assert done.status_code == 201
    assert (done.json()["number"], done.json()["call"]["outcome"]) == (made.number, "opened")
    assert len(done.json()["code"]) == 8
    assert (made.channel, made.source_key) == ("hotline", "hotline:RX9")
    assert made.answers == {"when": ["night"], "source": "音响"}
    assert Report.objects.get().phone == PHONE
    assert is_problem(xian.post(f"/calls/{call}/open", body), 409, "hotline_call_settled")
    assert xian.get("/calls?is_open=true").json()["items"] == []
    assert is_problem(xian.get(f"/calls/{call}/draft"), 404, "not_found")


def test_a_category_asks_what_must_be_answered(xian: Agent, switch: Switch) -> None:
    call = switch.rings().json()["id"]
    refused = xian.post(f"/calls/{call}/open", matter(category="env.noise"))
    assert refused.status_code == 422
    assert not Case.objects.exists()
    assert Call.objects.get().outcome == ""


def test_a_call_joins_the_same_matter(county: County, xian: Agent, switch: Switch) -> None:
    same = report_leak().case
    call = xian.post("/own-calls").json()
    assert (call["phone"], call["outcome"]) == (None, "")
    body = {"number": same.number, "what": "我家也停水", "contact": {"phone": OTHER}}
    done = xian.post(f"/calls/{call['id']}/join", body)
    assert (done.status_code, done.json()["number"]) == (201, same.number)
    assert done.json()["call"]["outcome"] == "joined"
    voice = Report.objects.get(is_first=False)
    assert (voice.case_id, voice.phone, voice.channel) == (same.id, OTHER, "hotline")


def test_nobody_else_settles_it(county: County, key: Key, switch: Switch) -> None:
    call = switch.rings().json()["id"]
    zhen = Agent(key("zhen"))
    for answer in (
        zhen.post(f"/calls/{call}/open", matter()),
        zhen.put(f"/calls/{call}/draft", {"what": "x"}),
        zhen.get(f"/calls/{call}/draft"),
    ):
        assert is_problem(answer, 404, "not_found")
    assert Call.objects.get().said == ""


def test_a_call_that_was_dropped_by_mistake_is_taken_up_again(xian: Agent, switch: Switch) -> None:
    call = switch.rings().json()["id"]
    xian.put(f"/calls/{call}/draft", {"what": LEAK, "name": "李秀兰"})
    assert is_problem(xian.post(f"/calls/{call}/take-up"), 409, "hotline_call_stands")
    assert xian.post(f"/calls/{call}/drop").json()["outcome"] == "dropped"
    again = xian.post(f"/calls/{call}/take-up").json()
    assert (again["outcome"], again["settled_at"]) == ("", None)
    draft = xian.get(f"/calls/{call}/draft").json()
    assert (draft["what"], draft["name"]) == (LEAK, "李秀兰")
    assert xian.post(f"/calls/{call}/open", matter()).status_code == 201
    assert is_problem(xian.post(f"/calls/{call}/take-up"), 409, "hotline_call_stands")


def test_a_number_is_looked_up_on_record(county: County, xian: Agent, switch: Switch) -> None:
    call = switch.rings().json()["id"]
    number = xian.post(f"/calls/{call}/open", matter()).json()["number"]
    known = xian.post("/callers/find", {"phone": PHONE}).json()
    assert known == {"phone": "138****1234", "cases": [number], "count": 1, "calls": 1}
    assert AuditLine.objects.filter(kind="opening", data__looked_up="caller").count() == 1
