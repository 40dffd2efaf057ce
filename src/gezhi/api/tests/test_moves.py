"""Cases moved through the API, refused as the desk refuses."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from gezhi.api.tests.calling import KeyOf, bearer, is_problem, post
from gezhi.api.tests.telling import reasons
from gezhi.base import clock
from gezhi.cases import actions, reads, rules
from gezhi.cases.api.deriving import acts, body_of
from gezhi.cases.models import Case
from tests.cast import County, plain_reason, report_leak


def test_a_whole_life_through_the_api(
    county: County, acting: Callable[..., Any], rita: Client
) -> None:
    made = report_leak()
    case, proof = made.case, {"number": made.case.number, "code": made.code}
    assert acting("cun", case, "accept", category=case.proposed_category).status_code == 200
    answer = acting("cun", case, "assign", unit=str(county.unit("dept-water")))
    assert answer.json()["holder"]["code"] == "dept-water"
    assert acting("shui", case, "sign").status_code == 200
    assert acting("shui", case, "ask", words="水管在哪一侧？").status_code == 200
    assert post(rita, "/track", proof).json()["question"]["words"] == "水管在哪一侧？"
    answered = post(rita, "/track/answer", {**proof, "words": "东侧"})
    assert answered.status_code == 200, answered.content
    assert answered.json()["question"] is None
    done = acting("shui", case, "finish", outcome="cannot", answer="管道是单位自用的，已告知产权人",
                  reason=next(iter(reasons("cannot"))))  # fmt: skip
    assert done.status_code == 200, done.content
    rated = post(rita, "/track/rate", {**proof, "is_solved": True, "rating": 4})
    assert rated.status_code == 200, rated.content
    assert rated.json()["rating"] == 4
    visit = acting("fang", case, "visit_back", is_reached=True, is_solved=True, rating=5)
    assert visit.json()["state"] == "closed"
    again = post(rita, "/track/reopen", {**proof, "reason": next(iter(reasons("reopen"))),
                                         "words": "又漏了"})  # fmt: skip
    assert again.status_code == 200, again.content
    assert again.json()["state"] == "accepted"
    assert list(reads.faults_in_chain(reads.case_held(case.id), reads.history_of(case))) == []


def test_open_moves_are_those_the_acts_allow_and_say_what_they_take(
    county: County, case: Case, asking: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    moves = asking("cun", f"/cases/{case.number}/moves").json()
    open_now = {each["act"]: each for each in moves["items"]}
    assert set(open_now) >= {"accept", "refuse", "note"}
    assert "sign" not in open_now
    assert open_now["accept"]["body"]["required"] == ["category"]
    refused = acting("cun", case, "sign")
    assert is_problem(refused, 409, "case_move_not_allowed")
    assert "accept" in refused.json()["allowed"]


def test_every_act_of_staff_is_an_operation_and_its_body_is_its_signature() -> None:
    known = acts()
    for act, move in rules.MOVES.items():
        by_code = move.who in (rules.Who.REPORTER, rules.Who.ALONE, rules.Who.RULEBOOK)
        assert (act in known) == (not by_code and act != rules.Act.ATTACH), act
    for act, call in known.items():
        keywords = set(inspect.signature(call).parameters) - {"ref", "revision", "actor"}
        assert set(body_of(call, name="Body").model_fields) == keywords, act


@pytest.mark.parametrize(
    ("who", "act", "values", "status"),
    [
        ("cun", "sign", {}, 409),
        ("cun", "arrive", {}, 409),
        ("bie", "note", {"words": "x"}, 404),
        ("zhen", "accept", {"category": "water.pipe_burst"}, 403),
    ],
)
def test_page_and_api_refuse_the_same_way(
    county: County, case: Case, acting: Callable[..., Any], login: Callable[[str], Client],
    who: str, act: str, values: dict[str, str], status: int,
) -> None:  # fmt: skip
    if "category" in values:
        values = {"category": case.proposed_category}
    page = login(who).post(f"/desk/cases/{case.number}/moves/{act}/", values)
    answer = acting(who, case, act, **values)
    assert page.status_code == answer.status_code == status
    if status != 404:
        assert answer.json()["detail"] in page.content.decode()
    assert reads.history_of(case).count() == 1


@pytest.mark.parametrize(
    ("who", "act", "body", "status", "code"),
    [
        ("cun", "accept", {"category": "no.such"}, 422, "category_unknown"),
        ("cun", "accept", {}, 422, "input_invalid"),
        ("cun", "accept", {"category": "x", "size": "gigantic"}, 422, "input_invalid"),
        ("cun", "refuse", {"reason": "no-such", "words": "x"}, 422, "reason_unknown"),
        ("zhen", "accept", {"category": "road.pothole"}, 403, "not_allowed"),
        ("cun", "merge", {"main": "261122-999999"}, 404, "not_found"),
        ("cun", "ask", {"words": " "}, 422, "case_nothing_said"),
        ("du", "supervise", {"words": "x", "answer_by": "2020-01-01T00:00:00Z"}, 422,
         "case_until_wrong"),
        ("cun", "pause", {"reason": "x", "until": "2026-11-22"}, 422, "input_invalid"),
        ("du", "decide", {"approval": str(uuid4()), "is_granted": True}, 404,
         "case_nothing_to_decide"),
        ("cun", "note", {"words": "字" * 5001}, 422, "input_invalid"),
    ],
)  # fmt: skip
def test_a_bad_move_is_refused_in_words_and_leaves_no_line(
    county: County, case: Case, acting: Callable[..., Any],
    who: str, act: str, body: dict[str, Any], status: int, code: str,
) -> None:  # fmt: skip
    assert is_problem(acting(who, case, act, **body), status, code)
    assert reads.history_of(case).count() == 1


def test_many_cases_at_once_each_on_its_own(
    county: County, key: KeyOf, rita: Client, asking: Callable[..., Any]
) -> None:
    cases = [report_leak().case for _at in range(3)]
    for case in cases[:2]:
        actions.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
    body = {
        "cases": [{"ref": case.number} for case in cases] + [{"ref": "261122-999999"}],
        "unit": str(county.unit("dept-water")),
    }
    headers = {**bearer(key("cun")), "Idempotency-Key": "bulk"}
    answer = post(rita, "/cases/bulk/assign", body, headers=headers)
    assert answer.status_code == 200, answer.content
    done = answer.json()
    assert (done["done"], done["refused"]) == (2, 2)
    assert [item["problem"] and item["problem"]["code"] for item in done["items"]] == [
        None, None, "case_move_not_allowed", "not_found",
    ]  # fmt: skip
    assert post(rita, "/cases/bulk/assign", body, headers=headers).json() == done
    demand = {"cases": body["cases"][:1], "words": "请今天到场"}
    answer = post(rita, "/cases/bulk/supervise", demand, headers=bearer(key("du")))
    assert answer.json()["done"] == 1
    assert is_problem(post(rita, "/cases/bulk/supervise", {**demand, "cases": []},
                           headers=bearer(key("du"))), 422, "input_invalid")  # fmt: skip


def test_what_is_asked_leave_for_waits_for_who_may_decide(
    county: County, handled: Case, asking: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    until = (clock.now() + timedelta(days=2)).isoformat()
    reason = plain_reason("extend")
    assert acting("shui", handled, "extend", reason=reason, until=until).status_code == 200
    waiting = asking("du", "/approvals").json()["items"]
    assert [(each["act"], each["number"]) for each in waiting] == [("extend", handled.number)]
    assert asking("shui", "/approvals").json()["items"] == []
    answer = acting("du", handled, "decide", approval=waiting[0]["id"], is_granted=True)
    assert answer.status_code == 200, answer.content
    assert asking("du", "/approvals").json()["items"] == []


def test_finished_cases_wait_for_a_return_visit(
    county: County, handled: Case, asking: Callable[..., Any]
) -> None:
    actions.finish(handled.id, outcome="cannot", answer="不属于本单位管辖",
                   reason=next(iter(reasons("cannot"))), actor=county.actor("shui"))  # fmt: skip
    visits = asking("fang", "/visits").json()["items"]
    assert [each["number"] for each in visits] == [handled.number]
    assert asking("shui", "/visits").json()["items"] == []
