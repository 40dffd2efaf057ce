"""Guessing: tracking codes, passwords, codes to phones; and what the clock tells of them.

| who tries | is answered |
| --- | --- |
| ten wrong tracking codes of one case | 404 each, like a number that isn't |
| the eleventh, from any address, by page or API | 429 and a puzzle |
| the right code then | in, with a solved puzzle |
| a wrong password, again and again | 429; the right one too while it lasts |
| a login, a number, a phone that is known | the same as one that is not, in the same time |
"""

import json
import re
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from django.test import Client, override_settings

from gezhi.base import puzzle
from gezhi.people import actions as people
from gezhi.residents.tests.signing import SMS
from tests.cast import COUNTY, PASSWORD, County, report_leak

# --- tracking codes ----------------------------------------------------------------------------


def _by_page(number: str, code: str, address: str, proof: tuple[str, str]) -> Any:
    sent = {"number": number, "code": code, "puzzle": proof[0], "solution": proof[1]}
    return Client(REMOTE_ADDR=address).post("/track/", sent)


def _by_list(number: str, code: str, address: str, proof: tuple[str, str]) -> Any:
    sent = {"number": number, "code": code, "puzzle": proof[0], "solution": proof[1]}
    return Client(REMOTE_ADDR=address).post("/mine/", sent)


def _by_api(number: str, code: str, address: str, proof: tuple[str, str]) -> Any:
    return Client(REMOTE_ADDR=address).generic(
        "POST", "/api/v1/track", json.dumps({"number": number, "code": code}),
        content_type="application/json", headers={"Gezhi-Puzzle": " ".join(proof).strip()},
    )  # fmt: skip


def _solved(refused: Any) -> tuple[str, str]:
    """The token and the solution of the puzzle that a refusal came with."""
    if "json" in refused["Content-Type"]:
        asked = refused.json()["puzzle"]
        given = asked["nonce"], asked["bits"], asked["parts"]
        return asked["token"], puzzle.solve(*given)
    shown = refused.content.decode()
    nonce, bits, parts = (
        re.search(f'data-{name}="([^"]+)"', shown)[1]
        for name in ("puzzle", "bits", "parts")  # type: ignore[index]  # else it fails
    )
    token = re.search('name="puzzle" value="([^"]+)"', shown)[1]  # type: ignore[index]  # else it fails
    return token, puzzle.solve(nonce, int(bits), int(parts))


@pytest.mark.django_db
@pytest.mark.parametrize("door", [_by_page, _by_api])
def test_a_case_gives_ten_guesses_an_hour_to_everybody_together(
    door: Callable[..., Any], county: County
) -> None:
    """Whoever guesses pays with a puzzle from then on; who knows the code gets in by one."""
    reported = report_leak()
    number, none = reported.case.number, ("", "")
    for at in range(10):
        wrong = f"222222{at % 8 + 2}2"
        assert door(number, wrong, f"198.51.100.{at}", none).status_code == 404
    refused = door(number, "33333333", "203.0.113.9", none)
    assert refused.status_code == 429, "from an address that never asked before"
    assert door(number, reported.code, "203.0.113.10", none).status_code == 429
    paid = _solved(refused)
    assert door(number, "33333333", "203.0.113.9", paid).status_code == 404
    again = door(number, "33333333", "203.0.113.9", paid)
    assert again.status_code == 429, "a puzzle is good for one guess"
    let_in = door(number, reported.code, "203.0.113.10", _solved(again))
    assert let_in.status_code in (200, 302)


@pytest.mark.django_db
@pytest.mark.parametrize("door", [_by_page, _by_list, _by_api])
def test_one_address_gives_thirty_guesses_at_all_cases_together(
    door: Callable[..., Any], county: County
) -> None:
    answers = [
        door(f"200101-{at:06}", "22222222", "198.51.100.7", ("", "")).status_code
        for at in range(31)
    ]
    assert answers == [404] * 30 + [429]


# --- passwords, and the clock ------------------------------------------------------------------


@pytest.mark.django_db
def test_passwords_are_not_guessed_by_trying(county: County) -> None:
    client = Client()
    answers = [
        client.post("/desk/sign-in/", {"login": "cun", "password": f"wrong-{at}"}).status_code
        for at in range(8)
    ]
    assert answers[-1] == 429
    right = client.post("/desk/sign-in/", {"login": "cun", "password": PASSWORD})
    assert right.status_code == 429, "the lock holds for the right password too"


def _alternating(one: Callable[[int], Any], other: Callable[[int], Any], tries: int) -> float:
    """By how many times the slower of two takes longer: medians of tries taken in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for at in range(tries):
        for taken, do in zip(times, (one, other), strict=True):
            began = time.perf_counter()
            do(at)
            taken.append(time.perf_counter() - began)
    first, second = (median(taken) for taken in times)
    return max(first, second) / min(first, second)


@pytest.mark.django_db
@override_settings(
    AXES_ENABLED=False,
    PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
)
def test_nobody_learns_by_the_clock_which_logins_there_are(county: County) -> None:
    """A wrong password of somebody and of nobody: hashed both, in about the same time."""
    account = county.accounts["cun"]
    account.set_password(PASSWORD)
    account.save()
    client = Client()

    def knock(login: str) -> Callable[[int], Any]:
        return lambda at: client.post("/desk/sign-in/", {"login": login, "password": f"no-{at}"})

    assert _alternating(knock("cun"), knock("nobody-here"), 7) < 1.8


@pytest.mark.django_db
def test_nobody_learns_by_the_clock_which_numbers_there_are(county: County) -> None:
    number = report_leak().case.number
    client = Client()

    def knock(asked: str) -> Callable[[int], Any]:
        sent = json.dumps({"number": asked, "code": "22222222"})
        return lambda _at: client.post("/api/v1/track", sent, content_type="application/json")

    assert _alternating(knock(number), knock("200101-999999"), 25) < 2.5


@pytest.mark.django_db
def test_a_wrong_code_and_a_wrong_number_are_answered_alike(county: County) -> None:
    number = report_leak().case.number
    answers = [
        Client().post(
            "/api/v1/track",
            json.dumps({"number": asked, "code": "22222222"}),
            content_type="application/json",
        )
        for asked in (number, "200101-999999")
    ]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content


# --- phones ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nobody_learns_which_phones_have_an_account(county: County, settings: Any) -> None:
    """Asking for a code, and typing in a wrong one: the same bytes in about the same time."""
    settings.SMS_GATEWAY, settings.CODES_FROM_ADDRESS = SMS % "http://127.0.0.1:9", 1000
    known = [f"138000000{at:02}" for at in range(15)]
    fresh = [f"139000000{at:02}" for at in range(15)]
    for phone in known:
        people.let_in(phone=phone, is_app=False, county=COUNTY, address="127.0.0.1")
    told: dict[str, set[Any]] = {}

    def ask(phones: list[str]) -> Callable[[int], Any]:
        said = told.setdefault(phones[0], set())

        def once(at: int) -> None:
            client = Client()
            page = client.post("/me/sign-in/", {"phone": phones[at]})
            shown = client.get("/me/code/")
            wrong = client.post("/me/code/", {"code": "000000"})
            said.add((page.status_code, page["Location"], shown.status_code, wrong.status_code))

        return once

    assert _alternating(ask(known), ask(fresh), 15) < 1.6
    assert told[known[0]] == told[fresh[0]]
    assert len(told[known[0]]) == 1

    bodies = []
    for phone in ("13700000001", "13700000002"):
        if phone.endswith("1"):
            people.let_in(phone=phone, is_app=True, county=COUNTY, address="127.0.0.1")
        asked = _sent("/api/v1/residents/codes", {"phone": phone})
        given = {"check": asked.json()["check"], "code": "000000"}
        tried = _sent("/api/v1/residents/sessions", given)
        bodies.append((asked.status_code, list(asked.json()), tried.status_code, tried.content))
    assert bodies[0] == bodies[1]


def _sent(path: str, body: dict[str, str]) -> Any:
    return Client().generic("POST", path, json.dumps(body), content_type="application/json")
