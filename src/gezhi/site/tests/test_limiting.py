"""Too much is refused with 429 and when to come again; nothing typed is lost, nobody locked out."""

import json
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import URLResolver, get_resolver

from gezhi.base import puzzle
from gezhi.base.pace import shared
from gezhi.cases import actions as cases
from gezhi.site import limiting
from tests.cast import GRID, PASSWORD, County

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted_anew() -> Iterator[None]:
    shared.forget()
    yield
    shared.forget()


def test_a_stranger_who_reads_too_much_waits_and_others_do_not(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_READING = 3
    statuses = [client.get("/track/").status_code for _ in range(5)]
    assert statuses == [200] * 3 + [429] * 2
    refused = client.get("/track/", headers={"Accept-Language": "zh-hans"})
    assert 0 < int(refused["Retry-After"]) <= 20
    assert refused["RateLimit-Policy"] == '"reading";q=3;w=60'
    assert "请求太频繁了" in refused.content.decode()
    assert client.get("/track/", REMOTE_ADDR="203.0.113.7").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_program_of_maps_is_told_so_as_a_program(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_READING = 2
    assert client.get("/ogc/collections")["RateLimit-Policy"] == '"reading";q=2;w=60'
    client.get("/ogc/collections")
    refused = client.get("/ogc/collections")
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "too_many"


def test_a_form_sent_too_fast_comes_back_with_everything_typed(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_WRITING = 1
    client.post("/report/", {"what": "路灯"})
    refused = client.post("/report/", {"what": "写了很久的一段话"})
    assert refused.status_code == 429
    assert "写了很久的一段话" in refused.content.decode()
    assert "请过" in refused.content.decode()
    part = client.post("/report/", {"what": "又一段"}, headers={"HX-Request": "true"})
    assert part["HX-Retarget"] == "#notices"


def test_where_no_page_is_strangers_are_counted_too(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_WRITING, settings.LIMIT_READING = 2, 3
    assert [client.post("/nope/").status_code for _ in range(4)] == [404, 404, 429, 429]
    client.cookies[settings.SESSION_COOKIE_NAME] = "made-up"
    assert [client.get("/nope/").status_code for _ in range(5)] == [404] * 3 + [429] * 2


def test_behind_a_proxy_one_stranger_locks_out_nobody_but_themselves(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.PROXIES = [ip_network("127.0.0.1/32")]

    def tried(password: str, address: str) -> int:
        given = {"login": "an", "password": password}
        headers = {"X-Forwarded-For": address}
        return client.post("/desk/sign-in/", given, headers=headers).status_code

    assert [tried("wrong", "203.0.113.9") for _ in range(6)][-1] == 429
    assert tried(PASSWORD, "198.51.100.7") == 302


def test_a_made_up_key_on_a_page_makes_nobody_known(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_READING = 2
    asked = [client.get("/track/", headers={"Authorization": "x"}).status_code for _ in range(4)]
    assert asked == [200, 200, 429, 429]


def test_what_is_counted_exactly_is_an_address_there_is() -> None:
    for _method, name in limiting._RARE:
        assert name in _names(get_resolver()), name


def _names(resolver: URLResolver, above: str = "") -> set[str]:
    found = set()
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            space = f"{above}{each.namespace}:" if each.namespace else above
            found |= _names(each, space)
        elif each.name:
            found.add(above + each.name)
    return found


def test_openings_by_the_api_are_counted_too(
    reported: cases.Reported, county: County, settings: LazySettings, login: Callable[[str], Client]
) -> None:
    settings.LIMIT_OPENINGS = 2
    cun = login("cun")
    path = f"/api/v1/cases/{reported.case.number}/reports/{reported.report.id}/open"
    body = json.dumps({"field": "phone", "reason": "核实地点"})
    asked = [cun.post(path, body, "application/json").status_code for _ in range(3)]
    assert asked == [200, 200, 429]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("shen", "/desk/audit/export.xlsx"),
        ("du", "/desk/export.xlsx"),
        ("du", "/api/v1/cases/export"),
    ],
)
def test_lists_that_leave_the_house_are_counted(
    who: str, path: str, county: County, settings: LazySettings, login: Callable[[str], Client]
) -> None:
    settings.LIMIT_EXPORTS = 2
    browser = login(who)
    assert [browser.get(path).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("method", ["get", "head"])
def test_all_of_open311_is_counted_whatever_way_it_is_asked_for(
    method: str, county: County, client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_EXPORTS = 2
    ask = getattr(client, method)
    assert [ask("/open311/v2/bulk.csv").status_code for _ in range(3)] == [200, 200, 429]


def test_one_line_of_ipv6_is_one_subscriber(client: Client, settings: LazySettings) -> None:
    settings.LIMIT_READING = 2
    asked = [f"2001:db8:1:2::{number}" for number in range(1, 5)]
    statuses = [client.get("/healthz2", REMOTE_ADDR=each).status_code for each in asked]
    assert statuses == [404, 404, 429, 429]
    assert client.get("/healthz2", REMOTE_ADDR="2001:db8:1:3::1").status_code == 404


def test_an_account_is_counted_wherever_it_comes_from(
    login: Callable[[str], Client], settings: LazySettings
) -> None:
    settings.LIMIT_ACCOUNT = 2
    cun = login("cun")
    statuses = [cun.get("/desk/", REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(4)]
    assert statuses == [200, 200, 429, 429]
    assert login("zhen").get("/desk/").status_code == 200


def test_a_key_has_a_limit_of_its_own_and_is_told_how_much_is_left(
    county: County, key: Callable[[str], str], client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_READING = 1
    settings.LIMIT_KEY = 3
    headers = {"Authorization": f"Bearer {key('cun')}"}
    answers = [
        client.get("/api/v1/cases", headers=headers, REMOTE_ADDR=f"192.0.2.{n}") for n in range(5)
    ]
    assert [each.status_code for each in answers] == [200] * 3 + [429] * 2
    assert answers[0]["RateLimit-Policy"] == '"known";q=3;w=60'
    assert answers[0]["RateLimit"].startswith('"known";r=2;t=')
    assert json.loads(answers[-1].content)["code"] == "too_many"
    assert int(answers[-1]["Retry-After"]) > 0


def test_tries_to_sign_in_are_counted_by_address(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.LIMIT_SIGN_IN = 2
    sent = {"login": "nobody", "password": "wrong-password"}
    statuses = [client.post("/desk/sign-in/", sent).status_code for _ in range(3)]
    assert statuses == [422, 422, 429]
    refused = client.post("/desk/sign-in/", sent).content.decode()
    assert "wrong-password" not in refused


def test_a_body_that_is_too_large_is_not_read(client: Client) -> None:
    huge: dict[str, Any] = {"CONTENT_LENGTH": str(65 * 1024 * 1024)}
    page = client.post("/report/", "x", "text/plain", **huge)
    api = client.post("/api/v1/cases", "{}", "application/json", **huge)
    assert page.status_code == api.status_code == 413
    assert json.loads(api.content)["code"] == "request_too_large"


def test_guessing_a_code_ends_and_who_knows_it_still_gets_in(
    county: County, reported: cases.Reported, client: Client
) -> None:
    """Guesses from a thousand addresses use up the case's tries; then each one costs a puzzle."""
    number = reported.case.number
    guess = {"number": number, "code": "AAAA2222"}
    statuses = [
        client.post("/track/", guess, REMOTE_ADDR=f"198.51.100.{n}").status_code for n in range(14)
    ]
    assert statuses == [404] * 10 + [429] * 4

    phone = Client(REMOTE_ADDR="203.0.113.50")
    own = {"number": number, "code": reported.code}
    asked = phone.post("/track/", own)
    assert asked.status_code == 429
    assert reported.code in asked.content.decode()
    given = asked.context["puzzle"]
    solution = puzzle.solve(given.nonce, given.bits, given.parts)
    proof = {"puzzle": given.token, "solution": solution}
    wrong = phone.post("/track/", {**guess, **proof})
    assert wrong.status_code == 404, "a solved puzzle buys a try"
    assert phone.post("/track/", {**guess, **proof}).status_code == 429, "and only one"

    again = phone.post("/track/", own).context["puzzle"]
    solved = puzzle.solve(again.nonce, again.bits, again.parts)
    entered = phone.post("/track/", {**own, "puzzle": again.token, "solution": solved})
    assert entered.status_code == 302
    assert phone.get(entered["Location"]).status_code == 200


def test_right_codes_use_up_nothing(
    county: County, reported: cases.Reported, client: Client
) -> None:
    own = {"number": reported.case.number, "code": reported.code}
    statuses = {
        client.post("/api/v1/track", own, "application/json").status_code for _ in range(15)
    }
    assert statuses == {200}


def test_a_program_solves_the_same_puzzle(
    county: County, client: Client, settings: LazySettings
) -> None:
    settings.PUZZLE_REPORTS = 60
    sent = {"what": "井盖没了", "where": {"path": GRID}}

    def report(**headers: str) -> Any:
        return client.post("/api/v1/cases", sent, "application/json", headers=headers)

    for _ in range(5):
        assert report().status_code == 201
    refused = report()
    assert refused.status_code == 429
    asked = json.loads(refused.content)
    assert asked["code"] == "puzzle_needed"
    given = asked["puzzle"]
    solution = puzzle.solve(given["nonce"], given["bits"], given["parts"])
    sent_along = {"Gezhi-Puzzle": f"{given['token']} {solution}"}
    assert report(**sent_along).status_code == 201
    assert report(**sent_along).status_code == 429


def test_nobody_who_signed_in_is_asked_for_a_puzzle(
    county: County, key: Callable[[str], str], client: Client, settings: LazySettings
) -> None:
    settings.PUZZLE_REPORTS = 1
    sent = {"what": "井盖没了", "where": {"path": GRID}}
    headers = {"Authorization": f"Bearer {key('cun')}"}
    for _ in range(8):
        answer = client.post("/api/v1/cases", sent, "application/json", headers=headers)
        assert answer.status_code == 201


def test_made_up_sessions_and_keys_make_nobody_more_than_a_stranger(
    county: County, settings: LazySettings
) -> None:
    settings.LIMIT_READING = settings.LIMIT_WRITING = 3
    settings.LIMIT_KEY = 1000
    statuses = []
    for number in range(5):
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = f"{number:032}"
        statuses.append(browser.get("/track/").status_code)
    assert statuses == [200] * 3 + [429] * 2
    keys = [{"Authorization": f"Bearer gz_{number}"} for number in range(5)]
    asked = [Client().get("/api/v1/cases", headers=each).status_code for each in keys]
    assert asked == [401] * 3 + [429] * 2
