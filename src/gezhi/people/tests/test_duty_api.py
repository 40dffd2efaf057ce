"""Shifts, duties, leave and heads through the API."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.people import actions
from gezhi.people.actions import NewPerson, NewPost
from gezhi.people.models import Duty, Leave, Post, Rota
from gezhi.people.tests.county import COUNTY, HOUSE, PASSWORD, House

NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # Monday, 09:00 in the city
CENTRE = "centre-990101101"
Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def _standing_clock() -> Iterator[None]:
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def crew(house: House) -> House:
    made = actions.add_accounts_with_posts(
        [NewPerson("ruth", "茹思", (NewPost(CENTRE, "receptionist"),))],
        county=COUNTY,
        password_hash=PASSWORD,
        must_change_password=False,
        valid_from=date(2020, 1, 1),
        actor=HOUSE,
    )
    return House(house.units, {**house.accounts, **made})


@pytest.fixture
def ask(crew: House, client: Client) -> Ask:
    """Ask or act as somebody: `ask("tom", "post", "/duties/swap", one=…, other=…)`."""
    tokens: dict[str, str] = {}

    def send(login: str, method: str, path: str, **body: Any) -> Any:
        if login not in tokens:
            account = crew.accounts[login].id
            tokens[login] = actions.make_key(account=account, name="x", actor=HOUSE).token
        return client.generic(
            method.upper(),
            f"/api/v1{path}",
            json.dumps(body),
            "application/json",
            headers={"Authorization": f"Bearer {tokens[login]}"},
        )

    return send


def _unit(crew: House) -> str:
    return str(crew.units[CENTRE].id)


def _ids(crew: House, *logins: str) -> list[str]:
    return [str(crew.accounts[login].id) for login in logins]


def _shift(crew: House, ask: Ask, **hours: str) -> str:
    body = {"name": "白班", "starts": "08:00", "ends": "20:00", **hours}
    answer = ask("tom", "post", f"/units/{_unit(crew)}/shifts", **body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_a_roster_is_kept_and_read(crew: House, ask: Ask) -> None:
    shift, unit = _shift(crew, ask), _unit(crew)
    rita, ruth = _ids(crew, "rita", "ruth")
    filled = ask(
        "tom", "post", f"/shifts/{shift}/fill",
        accounts=[ruth, rita], first="2026-11-16", days=7, goes_on=True,
    )  # fmt: skip
    assert filled.json() == {"duties": 7}
    assert Rota.objects.get().goes_on
    listed = ask("rita", "get", f"/units/{unit}/duties?limit=5").json()
    assert [one["account"] for one in listed["items"]] == [ruth, rita, ruth, rita, ruth]
    rest = ask("rita", "get", f"/units/{unit}/duties?limit=5&cursor={listed['next']}").json()
    assert len(rest["items"]) == 2
    put = ask("tom", "put", f"/shifts/{shift}/duties/2026-11-17", accounts=[rita, ruth])
    assert {one["account"] for one in put.json()["items"]} == {rita, ruth}
    copied = ask("tom", "post", f"/units/{unit}/copy-week", day="2026-11-25")
    assert copied.json() == {"duties": 8}
    next_week = ask("rita", "get", f"/units/{unit}/duties?first=2026-11-23").json()["items"]
    assert len(next_week) == 8
    one, other = (each["id"] for each in next_week if each["day"] in ("2026-11-23", "2026-11-25"))
    assert ask("tom", "post", "/duties/swap", one=one, other=other).status_code == 409  # one person
    shifts = ask("rita", "get", f"/units/{unit}/shifts").json()["items"]
    assert [(each["starts"], each["goes_on"]) for each in shifts] == [("08:00", True)]
    assert not ask("tom", "post", f"/shifts/{shift}/goes-on", goes_on=False).json()["goes_on"]
    assert not ask("tom", "post", f"/shifts/{shift}/close").json()["is_active"]
    assert ask("rita", "get", f"/units/{unit}/shifts").json()["items"] == []


def test_two_people_swap(crew: House, ask: Ask) -> None:
    shift = _shift(crew, ask)
    rita, ruth = _ids(crew, "rita", "ruth")
    body = {"accounts": [ruth, rita], "first": "2026-11-16", "days": 2}
    ask("tom", "post", f"/shifts/{shift}/fill", **body)
    one, other = Duty.objects.order_by("day")
    answer = ask("tom", "post", "/duties/swap", one=str(one.id), other=str(other.id))
    assert [each["account"] for each in answer.json()["items"]] == [rita, ruth]


def test_who_is_at_work_at_a_moment(crew: House, ask: Ask) -> None:
    shift, unit = _shift(crew, ask), _unit(crew)
    rita, ruth = _ids(crew, "rita", "ruth")
    body = {"accounts": [rita], "first": "2026-11-16", "days": 1}
    ask("tom", "post", f"/shifts/{shift}/fill", **body)
    ask(
        "tom", "post", f"/accounts/{rita}/leaves",
        starts="2026-11-16T12:00:00+08:00", ends="2026-11-16T14:00:00+08:00", kind="training",
        substitute=ruth,
    )  # fmt: skip
    now = ask("rita", "get", f"/units/{unit}/on-duty").json()["items"]
    assert [(one["name"], one["shift"], one["roles"]) for one in now] == [
        ("任丽", "白班", ["receptionist"])
    ]
    noon = ask("rita", "get", f"/units/{unit}/on-duty?at=2026-11-16T05:00:00Z").json()["items"]
    assert [(one["name"], one["instead_of"]) for one in noon] == [("茹思", "任丽")]
    evening = ask("rita", "get", f"/units/{unit}/on-duty?at=2026-11-16T13:00:00Z").json()["items"]
    assert evening == []
    for odd in ("9999-12-31T23:00:00Z", "0001-01-01T00:00:00Z", "x"):
        assert ask("rita", "get", f"/units/{unit}/on-duty?at={odd}").status_code == 422


def test_leave_is_taken_listed_and_ended(crew: House, ask: Ask) -> None:
    rita, hans = _ids(crew, "rita", "hans")
    body = {
        "starts": "2026-11-18T08:00:00+08:00",
        "ends": "2026-11-19T18:00:00+08:00",
        "kind": "leave",
    }
    made = ask("tom", "post", f"/accounts/{rita}/leaves", **body)
    assert made.status_code == 201
    twice = ask("tom", "post", f"/accounts/{rita}/leaves", **body)
    assert (twice.status_code, twice.json()["code"]) == (409, "leave_overlaps")
    wrong = ask("tom", "post", f"/accounts/{rita}/leaves", **{**body, "kind": "illness"})
    assert wrong.status_code == 422
    listed = ask("tom", "get", f"/accounts/{rita}/leaves").json()["items"]
    assert [one["id"] for one in listed] == [made.json()["id"]]
    assert ask("tom", "get", f"/accounts/{hans}/leaves").status_code == 404
    assert ask("hans", "get", f"/accounts/{rita}/leaves").status_code == 404
    end = f"/leaves/{made.json()['id']}/end"
    assert ask("hans", "post", end).status_code == 404
    assert ask("tom", "post", end).status_code == 200
    assert ask("tom", "post", end).json()["code"] == "leave_ended"
    assert Leave.objects.count() == 1


def test_a_head_is_named(crew: House, ask: Ask) -> None:
    post = Post.objects.get(account__login="rita")
    answer = ask("thea", "patch", f"/posts/{post.id}", is_head=True)
    assert answer.json()["is_head"]
    listed = ask("tom", "get", f"/accounts/{post.account_id}/posts").json()["items"]
    assert [one["is_head"] for one in listed] == [True]
    assert ask("rita", "patch", f"/posts/{post.id}", is_head=False).status_code == 404


def test_what_is_not_yours_looks_absent_and_odd_values_are_refused(crew: House, ask: Ask) -> None:
    shift, unit = _shift(crew, ask), _unit(crew)
    none = "00000000-0000-7000-8000-000000000000"
    for path in ("shifts", "duties", "on-duty"):
        assert ask("hans", "get", f"/units/{unit}/{path}").status_code == 404
        assert ask("hans", "get", f"/units/{none}/{path}").status_code == 404
    for login in ("rita", "hans"):
        sent = [
            ask(login, "put", f"/shifts/{shift}/duties/2026-11-17", accounts=[]),
            ask(login, "post", f"/shifts/{shift}/close"),
            ask(login, "post", f"/shifts/{none}/close"),
            ask(login, "post", "/duties/swap", one=none, other=none),
            ask(login, "post", f"/units/{unit}/copy-week", day="2026-11-17"),
        ]
        assert {answer.status_code for answer in sent} == {404}
    odd = [
        ask("tom", "put", f"/shifts/{shift}/duties/2028-12-31", accounts=[]),
        ask("tom", "post", f"/units/{unit}/shifts", name="x", starts="25:00", ends="08:00"),
        ask("tom", "post", f"/units/{unit}/copy-week", day="0001-01-01"),
        ask("tom", "get", f"/units/{unit}/duties?first=9999-12-31"),
        ask(
            "tom", "post", f"/shifts/{shift}/fill",
            accounts=_ids(crew, "rita"), first="2026-11-17", days=2, weekdays="11",
        ),
    ]  # fmt: skip
    assert {answer.status_code for answer in odd} == {422}
    for day in ("9999-12-31", "x"):  # an address that isn't one
        answer = ask("tom", "put", f"/shifts/{shift}/duties/{day}", accounts=[])
        assert answer.status_code == 404
    assert not Duty.objects.exists()
