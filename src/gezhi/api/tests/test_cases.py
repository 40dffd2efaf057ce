"""Cases through the API: found, read, moved, repeated; refused as the desk refuses."""

import inspect
import io
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from gezhi.api.tests.test_door import LAT, LON, REPORT, bearer, is_problem, post
from gezhi.base import clock
from gezhi.cases import actions, reads, rules
from gezhi.cases.api.deriving import acts, body_of
from gezhi.cases.models import Case
from gezhi.record.models import KeptAnswer
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, GRID, VILLAGE, County, point_in, report_leak

KeyOf = Callable[[str], str]


@pytest.fixture
def acting(key: KeyOf, rita: Client) -> Callable[..., Any]:
    """Do an act as somebody of the cast: `acting("cun", case, "accept", category=…)`."""

    def act(who: str, case: Case, name: str, *, headers: Any = None, **body: Any) -> Any:
        return post(
            rita,
            f"/cases/{case.number}/moves/{name}",
            body,
            headers={**bearer(key(who)), **(headers or {})},
        )

    return act


@pytest.fixture
def asking(key: KeyOf, rita: Client) -> Callable[..., Any]:
    """Ask as somebody of the cast: `asking("cun", "/cases?q=…")`."""
    headers: dict[str, dict[str, str]] = {}

    def ask(who: str, path: str, **more: str) -> Any:
        if who not in headers:
            headers[who] = bearer(key(who))
        return rita.get(f"/api/v1{path}", headers={**headers[who], **more})

    return ask


def a_photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG")
    return SimpleUploadedFile("现场.jpg", out.getvalue(), "image/jpeg")


def test_a_resident_reports_without_signing_in_and_follows_it_by_number_and_code(
    county: County, rita: Client
) -> None:
    answer = post(rita, "/cases", {**REPORT, "contact": {"phone": "13812345678"}})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert answer["Location"].endswith(made["number"])
    assert answer["ETag"] == '"1"'
    tracked = post(rita, "/track", {"number": made["number"], "code": made["code"].lower()})
    assert tracked.status_code == 200
    body = tracked.json()
    assert body["state"] == "reported"
    assert body["target"]
    assert body["may"] == ["withdraw"]
    assert "13812345678" not in tracked.content.decode()
    wrong = post(rita, "/track", {"number": made["number"], "code": "AAAAAAAA"})
    assert is_problem(wrong, 404, "case_code_wrong")


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
                  reason=next(iter(_reasons("cannot"))))  # fmt: skip
    assert done.status_code == 200, done.content
    rated = post(rita, "/track/rate", {**proof, "is_solved": True, "rating": 4})
    assert rated.status_code == 200, rated.content
    assert rated.json()["rating"] == 4
    visit = acting("fang", case, "visit_back", is_reached=True, is_solved=True, rating=5)
    assert visit.json()["state"] == "closed"
    again = post(rita, "/track/reopen", {**proof, "reason": next(iter(_reasons("reopen"))),
                                         "words": "又漏了"})  # fmt: skip
    assert again.status_code == 200, again.content
    assert again.json()["state"] == "accepted"
    assert list(reads.faults_in_chain(reads.case_held(case.id), reads.history_of(case))) == []


def _reasons(kind: str) -> Any:
    return rulebook.current(COUNTY).reasons(kind)


def test_a_report_can_be_withdrawn_by_whoever_has_the_code(county: County, rita: Client) -> None:
    made = post(rita, "/cases", REPORT).json()
    proof = {"number": made["number"], "code": made["code"]}
    assert post(rita, "/track/withdraw", proof).json()["state"] == "withdrawn"
    assert is_problem(post(rita, "/track/withdraw", proof), 409, "case_move_not_allowed")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"what": ""}, 422, "case_words_missing"),
        ({"what": "灯" * 5001}, 422, "input_invalid"),
        ({"where": {}}, 422, "case_place_missing"),
        ({"where": {"lon": 0, "lat": 0}}, 422, "case_place_outside"),
        ({"where": {"path": "990101999"}}, 422, "division_unknown"),
        ({"category": "no.such"}, 422, "category_unknown"),
        ({"channel": "hotline"}, 401, "sign_in_needed"),
        ({"channel": "pigeon"}, 422, "input_invalid"),
        ({"wat": "x"}, 422, "input_invalid"),
    ],
)
def test_a_bad_report_is_refused_in_words(
    county: County, rita: Client, change: dict[str, Any], status: int, code: str
) -> None:
    assert is_problem(post(rita, "/cases", {**REPORT, **change}), status, code)
    assert not Case.objects.exists()


def test_the_hotline_reports_with_a_key_and_starts_at_the_top(
    county: County, key: KeyOf, rita: Client
) -> None:
    answer = post(rita, "/cases", {**REPORT, "what": "😀 灯", "channel": "hotline"},
                  headers=bearer(key("dui")))  # fmt: skip
    assert answer.status_code == 201, answer.content
    assert answer.json()["holder"] == str(county.unit(f"centre-{COUNTY}"))


def test_photos_come_with_the_report_or_afterwards_and_what_is_none_is_refused(
    county: County, rita: Client, asking: Callable[..., Any], key: KeyOf
) -> None:
    form = {"what": "", "lon": LON, "lat": LAT, "photos": [a_photo(), a_photo()]}
    answer = rita.post("/api/v1/cases/with-files", form)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    files = asking("cun", f"/cases/{made['number']}/attachments").json()["items"]
    assert [each["media_type"] for each in files] == ["image/jpeg"] * 2
    picture = asking("cun", files[0]["href"].removeprefix("/api/v1"))
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["X-Content-Type-Options"] == "nosniff"
    proof = {"number": made["number"], "code": made["code"], "attachment": files[0]["id"]}
    assert post(rita, "/track/attachment", proof).content == picture.content
    later = rita.post(
        f"/api/v1/cases/{made['number']}/attachments",
        {"file": a_photo(), "kind": "after", "is_public": "false"},
        headers=bearer(key("cun")),
    )
    assert later.status_code == 201, later.content
    hidden = {**proof, "attachment": later.json()["id"]}
    assert is_problem(post(rita, "/track/attachment", hidden), 404, "not_found")
    fake = SimpleUploadedFile("x.jpg", b"MZ not a picture", "image/jpeg")
    refused = rita.post("/api/v1/cases/with-files", {**form, "photos": [fake]})
    assert is_problem(refused, 422, "case_file_refused")
    assert is_problem(rita.post("/api/v1/cases/with-files", {"what": "x"}), 422, "input_invalid")


def test_absent_and_not_yours_look_alike(
    county: County, case: Case, asking: Callable[..., Any]
) -> None:
    for part in ("", "/history", "/legs", "/deadlines", "/moves", "/attachments", "/openings"):
        theirs = asking("bie", f"/cases/{case.number}{part}")
        absent = asking("bie", f"/cases/261122-999999{part}")
        assert is_problem(theirs, 404, "not_found")
        assert theirs.content == absent.content
    assert asking("bie", f"/cases/{case.id}").content == theirs.content
    assert is_problem(asking("bie", "/cases/no%00such"), 404, "not_found")


def test_a_case_is_read_whole_with_masked_contact_and_again_only_when_it_changed(
    county: County, case: Case, asking: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    answer = asking("cun", f"/cases/{case.number}")
    body = answer.json()
    assert body["reports"][0]["contact"]["phone"] == "138****5678"
    assert "李秀兰" not in answer.content.decode()
    assert answer["ETag"] == f'"{body["revision"]}"'
    same = asking("cun", f"/cases/{case.number}", **{"If-None-Match": answer["ETag"]})
    assert same.status_code == 304
    assert not same.content
    acting("cun", case, "note", words="看过了")
    newer = asking("cun", f"/cases/{case.number}", **{"If-None-Match": answer["ETag"]})
    assert newer.status_code == 200
    assert newer["ETag"] != answer["ETag"]


def test_history_legs_and_deadlines_of_a_case(
    county: County, handled: Case, asking: Callable[..., Any]
) -> None:
    lines = asking("shui", f"/cases/{handled.number}/history?limit=2")
    assert [line["act"] for line in lines.json()["items"]] == ["report", "accept"]
    rest = asking("shui", f"/cases/{handled.number}/history?cursor={lines.json()['next']}").json()
    assert [line["act"] for line in rest["items"]] == ["assign", "sign"]
    assert rest["next"] is None
    legs = asking("shui", f"/cases/{handled.number}/legs").json()["items"]
    assert [leg["unit"]["code"] for leg in legs] == [f"centre-{VILLAGE}", "dept-water"]
    kinds = asking("shui", f"/cases/{handled.number}/deadlines").json()["items"]
    assert {each["kind"] for each in kinds} >= {"accept", "forward", "sign", "finish"}


def test_somebody_who_was_slower_is_told_412_and_changes_nothing(
    county: County, case: Case, acting: Callable[..., Any]
) -> None:
    category = case.proposed_category
    stale = {"If-Match": '"7"'}
    assert is_problem(
        acting("cun", case, "accept", headers=stale, category=category), 412, "case_changed"
    )
    for wrong in ('W/"1"', '"1", "2"', "1", '"x"', '"' + "9" * 40 + '"'):
        answer = acting("cun", case, "accept", headers={"If-Match": wrong}, category=category)
        assert is_problem(answer, 412, "case_changed")
    right = acting("cun", case, "accept", headers={"If-Match": '"1"'}, category=category)
    assert right.status_code == 200
    assert right["ETag"] == '"2"'
    assert acting("cun", case, "note", headers={"If-Match": "*"}, words="x").status_code == 200


def test_a_repeated_report_gives_the_first_answer_and_no_second_case(
    county: County, rita: Client
) -> None:
    again = {"Idempotency-Key": str(uuid4())}
    first = post(rita, "/cases", REPORT, headers=again)
    second = post(rita, "/cases", REPORT, headers=again)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first["Location"] == second["Location"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Case.objects.count() == 1
    other = post(rita, "/cases", {**REPORT, "what": "别的事"}, headers=again)
    assert is_problem(other, 422, "idempotency_key_reused")
    short = post(rita, "/cases", REPORT, headers={"Idempotency-Key": "1"})
    assert is_problem(short, 422, "malformed")
    code = first.json()["code"]
    assert code not in json.dumps(list(KeptAnswer.objects.values_list("answer", flat=True)))


def test_a_refused_act_keeps_no_answer_so_it_can_be_tried_again(
    county: County, case: Case, acting: Callable[..., Any]
) -> None:
    again = {"Idempotency-Key": "the-same"}
    refused = acting("shui", case, "sign", headers=again)
    assert is_problem(refused, 404, "not_found")
    assert not KeptAnswer.objects.exists()
    body = {"category": case.proposed_category}
    first = acting("cun", case, "accept", headers=again, **body)
    assert first.status_code == 200


def test_two_people_may_choose_the_same_key(
    county: County, case: Case, acting: Callable[..., Any]
) -> None:
    again = {"Idempotency-Key": "1"}
    assert acting("cun", case, "note", headers=again, words="一").status_code == 200
    assert acting("zhen", case, "note", headers=again, words="二").status_code == 200
    assert reads.history_of(case).count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_once_is_done_once(county: County) -> None:
    headers, seen = {"Idempotency-Key": str(uuid4())}, []

    def send() -> None:
        try:
            seen.append(post(Client(), "/cases", REPORT, headers=headers))
        finally:
            connection.close()

    both = [threading.Thread(target=send) for _at in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [answer.status_code for answer in seen] == [201, 201]
    assert seen[0].content == seen[1].content
    assert Case.objects.count() == 1


def test_pages_by_key_lose_nothing_when_cases_come_in_between(
    county: County, asking: Callable[..., Any]
) -> None:
    start = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
    for at in range(7):
        with clock.standing_at(start + timedelta(minutes=at // 2)):  # some at the same moment
            report_leak()
    there = set(Case.objects.values_list("number", flat=True))
    for sort in ("newest", "changed", "due"):
        seen, path = [], f"/cases?limit=2&sort={sort}"
        while path:
            answer = asking("zhen", path)
            seen += [row["number"] for row in answer.json()["items"]]
            with clock.standing_at(start + timedelta(hours=1)):
                late = report_leak().case.number
            link = answer.headers.get("Link", "")
            path = link.split(">")[0].partition("/api/v1")[2]
            assert bool(path) == (answer.json()["next"] is not None)
            if sort != "newest" and late in seen:
                break
            if len(seen) > 60:
                break
        assert len(seen) == len(set(seen))
        assert there <= set(seen)


def test_a_cursor_of_one_order_does_not_fit_another(
    county: County, asking: Callable[..., Any]
) -> None:
    report_leak()
    report_leak()
    cursor = asking("zhen", "/cases?limit=1").json()["next"]
    assert asking("zhen", f"/cases?limit=1&cursor={cursor}").status_code == 200
    assert is_problem(asking("zhen", f"/cases?sort=changed&cursor={cursor}"), 422, "malformed")
    assert is_problem(asking("zhen", f"/visits?cursor={cursor}"), 422, "malformed")


def test_cases_are_found_by_what_people_look_for(
    county: County, handled: Case, asking: Callable[..., Any]
) -> None:
    other = report_leak(at="990101101202001").case

    def numbers(query: str, who: str = "zhen") -> set[str]:
        answer = asking(who, f"/cases?{query}")
        assert answer.status_code == 200, answer.content
        return {row["number"] for row in answer.json()["items"]}

    both = {handled.number, other.number}
    assert numbers("") == both
    assert numbers("state=handling") == {handled.number}
    assert numbers("state=handling&state=reported") == both
    assert numbers(f"holder={county.unit('dept-water')}") == {handled.number}
    assert numbers(f"path={VILLAGE}") == {handled.number}
    assert numbers(f"category={handled.category}") == both
    assert numbers("channel=hotline") == set()
    assert numbers("q=水管") == both
    assert numbers(f"q={other.number}") == {other.number}
    assert numbers("q='%3A*%26|!") == set()
    soon = (clock.now() + timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert numbers(f"changed_since={soon}") == set()
    assert numbers("late=true") == set()
    with clock.standing_at(clock.now() + timedelta(days=30)):
        assert numbers("late=true&sort=due") == both
    assert numbers("mine=true", who="shui") == {handled.number}


def test_a_list_costs_the_same_for_one_case_and_for_thirty(
    county: County, key: KeyOf, rita: Client, django_assert_num_queries: Any
) -> None:
    header = bearer(key("zhen"))
    report_leak()
    rita.get("/api/v1/cases", headers=header)
    with django_assert_num_queries(1):
        rita.get("/api/v1/cases", headers=header)
    for _at in range(29):
        report_leak()
    with django_assert_num_queries(1):
        answer = rita.get("/api/v1/cases", headers=header)
    assert len(answer.json()["items"]) == 30


def test_the_list_can_be_had_as_a_spreadsheet_by_who_may(
    county: County, case: Case, asking: Callable[..., Any]
) -> None:
    answer = asking("zhen", "/cases/export")
    assert answer.content[:4] == b"PK\x03\x04"
    assert is_problem(asking("wang", "/cases/export"), 403, "not_allowed")


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
        by_code = move.who in (rules.Who.REPORTER, rules.Who.RULEBOOK)
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


def test_who_opens_a_contact_says_why_and_the_reporter_can_see_it(
    county: County, asking: Callable[..., Any], key: KeyOf, rita: Client
) -> None:
    made = report_leak()
    path = f"/cases/{made.case.number}/reports/{made.report.id}/open"
    header = bearer(key("cun"))
    assert is_problem(post(rita, path, {"reason": ""}, headers=header), 422,
                      "opening_reason_missing")  # fmt: skip
    opened = post(rita, path, {"reason": "电话核实位置"}, headers=header)
    assert opened.json() == {"name": "李秀兰", "phone": "13812345678", "address": "柳树村三社12号"}
    assert opened["Cache-Control"] == "no-store"
    assert is_problem(post(rita, path, {"reason": "看看"}, headers=bearer(key("ling"))), 403,
                      "not_allowed")  # fmt: skip
    proof = {"number": made.case.number, "code": made.code}
    looked = post(rita, "/track/openings", proof).json()["items"]
    assert [each["reason"] for each in looked] == ["电话核实位置"]
    assert asking("du", f"/cases/{made.case.number}/openings").json()["items"][0]["reason"]
    assert is_problem(asking("cun", f"/cases/{made.case.number}/openings"), 403, "not_allowed")


def test_what_is_asked_leave_for_waits_for_who_may_decide(
    county: County, handled: Case, asking: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    until = (clock.now() + timedelta(days=2)).isoformat()
    reason = next(iter(_reasons("extend")))
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
                   reason=next(iter(_reasons("cannot"))), actor=county.actor("shui"))  # fmt: skip
    visits = asking("fang", "/visits").json()["items"]
    assert [each["number"] for each in visits] == [handled.number]
    assert asking("shui", "/visits").json()["items"] == []


def test_the_same_thing_nearby_can_be_followed_instead_of_reported_again(
    county: County, case: Case, rita: Client
) -> None:
    lon, lat = point_in(GRID)
    near = rita.get(f"/api/v1/cases/nearby?lon={lon}&lat={lat}").json()["items"]
    assert [each["number"] for each in near] == [case.number]
    answer = post(rita, f"/cases/{case.number}/follow", {"words": "我家也停水了"})
    assert answer.status_code == 201, answer.content
    assert answer.json()["number"] == case.number
    assert Case.objects.count() == 1
    away = rita.get(f"/api/v1/cases/nearby?lon={lon + 0.03}&lat={lat}").json()["items"]
    assert away == []
