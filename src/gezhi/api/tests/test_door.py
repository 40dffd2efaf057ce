"""The door itself: who comes in, how it refuses, what it never says."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gezhi.api.api import api, operations
from gezhi.api.pages import described
from gezhi.api.rules import PUBLIC
from gezhi.api.tests.calling import KeyOf, bearer, is_problem, post
from gezhi.cases import reads
from gezhi.cases.models import Case
from tests.cast import County


def concrete(path: str) -> str:
    """The address of a path with something in each of its places."""
    plain = {"ref": "261122-000001", "path": "990101", "day": "2026-11-22"}
    plain |= dict.fromkeys(("number", "version"), "1")
    an_id = "01990000-0000-7000-8000-000000000000"
    if path.startswith("/api/v1/me/"):
        plain = {}  # one's own sessions are named by ids
    return re.sub(r"{(\w+)}", lambda place: plain.get(place[1], an_id), path)


@pytest.mark.django_db
def test_without_a_key_every_guarded_operation_answers_401_and_never_a_redirect(
    rita: Client,
) -> None:
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            if operation["operationId"] in PUBLIC:
                continue
            answer = rita.generic(method.upper(), concrete(path), "{}", "application/json")
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert is_problem(answer, 401, "sign_in_needed")
            assert "Bearer" in answer["WWW-Authenticate"]


def test_only_operations_in_the_public_list_are_open_and_each_has_its_reason() -> None:
    names = {operation.view_func.__name__ for operation in operations(api)}
    assert set(PUBLIC) <= names
    for methods in described()["paths"].values():
        for operation in methods.values():
            assert operation["security"], operation["operationId"]
            assert ({} in operation["security"]) == (operation["operationId"] in PUBLIC)
    assert all(reason.endswith(".") for reason in PUBLIC.values())


@pytest.mark.parametrize(
    "header", ["Bearer gz_00000000_" + "0" * 48, "Bearer", "Bearer \x7f", "Basic YTpi", "gz_x", ""]
)
def test_a_wrong_key_is_told_so_even_where_none_is_needed(
    county: County, rita: Client, header: str
) -> None:
    for path in ("/api/v1/cases", "/api/v1/categories"):
        answer = rita.get(path, headers={"Authorization": header})
        assert is_problem(answer, 401, "api_key_wrong")


def test_a_key_asks_neither_for_a_session_nor_for_the_key_again(
    county: County, key: KeyOf, rita: Client, django_assert_num_queries: Any
) -> None:
    header = bearer(key("zhen"))
    rita.get("/api/v1/me", headers=header)
    with django_assert_num_queries(0):
        answer = rita.get("/api/v1/me", headers=header)
    assert answer.json()["kind"] == "key"
    assert not answer.cookies


def test_a_browsers_session_reads_freely_and_changes_things_only_with_its_csrf_token(
    county: County, case: Case, login: Callable[[str], Client]
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = login("cun").cookies
    assert strict.get(f"/api/v1/cases/{case.number}").status_code == 200
    body = {"category": case.proposed_category}
    path = f"/cases/{case.number}/moves/accept"
    assert is_problem(post(strict, path, body), 403, "csrf_missing")
    token = "a" * 32
    strict.cookies["csrftoken"] = token
    answer = post(strict, path, body, headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.content


def test_what_is_no_operation_is_a_problem_too(county: County, rita: Client) -> None:
    assert is_problem(rita.get("/api/v1/nothing"), 404, "address_unknown")
    assert is_problem(rita.get("/api/"), 404, "address_unknown")
    assert is_problem(rita.get("/api/v1/units/a%0Ab"), 404, "address_unknown")
    answer = rita.delete("/api/v1/cases")
    assert is_problem(answer, 405, "method_not_allowed")
    assert set(answer.json()["allowed"]) == {"GET", "POST"}
    assert answer["Allow"]


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"{", "application/json", 400, "json_unreadable"),
        (b"\xff\xfe", "application/json", 400, "json_unreadable"),
        (b'{"what": NaN}', "application/json", 400, "json_unreadable"),
        (b"[" * 100_000, "application/json", 400, "json_unreadable"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "application/json", 400, "json_unreadable"),
        (b"9" * 5000, "application/json", 400, "json_unreadable"),
        (b"{}", "text/plain", 415, "media_type_wrong"),
        (b"a=1", "application/x-www-form-urlencoded", 415, "media_type_wrong"),
        (b'{"what": "a\\u0000b"}', "application/json", 422, "zero_byte"),
        (b'{"what\\u0000": "a"}', "application/json", 422, "zero_byte"),
        (b"[]", "application/json", 422, "input_invalid"),
        (b"null", "application/json", 422, "input_invalid"),
        (b'"x"', "application/json", 422, "input_invalid"),
        (b'{"what": "\\ud800", "where": {"place": "x"}}', "application/json", 422, "input_invalid"),
        (b'"' + b"x" * (5 * 1024 * 1024) + b'"', "application/json", 413, "request_too_large"),
    ],
)
def test_a_body_nobody_can_read_is_refused_in_words(
    county: County, rita: Client, body: bytes, media_type: str, status: int, code: str
) -> None:
    answer = rita.post("/api/v1/cases", body, media_type)
    assert is_problem(answer, status, code)
    assert answer.json()["detail"]


def test_each_wrong_field_has_a_pointer_and_nothing_sent_is_repeated(
    county: County, rita: Client
) -> None:
    secret = "13812345678"
    body = {
        "what": secret * 1000,
        "where": {"lon": secret, "lat": 95, "plaice": secret},
        "channel": secret,
        "contact": {"phone": secret * 3},
    }
    answer = post(rita, "/cases", body)
    assert is_problem(answer, 422, "input_invalid")
    found = {each["pointer"]: each for each in answer.json()["errors"]}
    assert set(found) >= {"#/what", "#/where/lat", "#/where/plaice", "#/channel", "#/contact/phone"}
    assert all(each["detail"] for each in found.values())
    assert secret not in answer.content.decode()


def test_a_question_with_a_wrong_value_points_at_it(
    county: County, key: KeyOf, rita: Client
) -> None:
    header = bearer(key("zhen"))
    for query, name in [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"),
        ("state=lost", "state/0"), ("changed_since=yesterday", "changed_since"),
        ("changed_since=2026-11-22T09:00:00", "changed_since"), ("q=a%00b", "q"),
        ("holder=1", "holder"), ("path=12", "path"), ("cursor=%2E", "cursor"),
    ]:  # fmt: skip
        answer = rita.get(f"/api/v1/cases?{query}", headers=header)
        assert is_problem(answer, 422, "input_invalid"), query
        assert [each["pointer"] for each in answer.json()["errors"]] == [f"#/{name}"]
    forged = rita.get("/api/v1/cases?cursor=abcd", headers=header)
    assert is_problem(forged, 422, "malformed")


def test_an_accident_is_told_without_its_trace(
    county: County, key: KeyOf, rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = bearer(key("zhen"))
    rita.get("/api/v1/me", headers=header)
    rita.raise_request_exception = False

    def break_down(_actor: Any) -> Any:
        raise RuntimeError("secret words")

    monkeypatch.setattr(reads, "visible_to", break_down)
    answer = rita.get("/api/v1/cases", headers=header)
    assert is_problem(answer, 500, "accident")
    assert b"secret" not in answer.content


def test_the_description_is_served_and_readable(rita: Client, db: None) -> None:
    answer = rita.get("/api/v1/openapi.json")
    assert answer.json()["openapi"].startswith("3.1")
    page = rita.get("/api/v1/docs")
    assert page.status_code == 200
    for operation in ("report_case", "finish_case", "apply_rulebook"):
        assert f'id="{operation}"' in page.content.decode()
    assert 'id="case_changed"' in page.content.decode()


def test_words_come_in_the_language_asked_for(county: County, rita: Client) -> None:
    chinese = rita.get("/api/v1/cases").json()["detail"]
    english = rita.get("/api/v1/cases", headers={"Accept-Language": "en"}).json()["detail"]
    assert chinese == "请先登录。"
    assert english != chinese
