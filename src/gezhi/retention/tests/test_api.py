"""Retention for programs: the same rules as on the page, and a certificate anybody can check."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases.models import Report
from gezhi.retention import actions, jobs, reads, rules
from tests.cast import County, report_leak, voice_of

API = "/api/v1/retention"
SYSTEM = system("retention")


@pytest.fixture
def an(login: Any) -> Client:
    """The security administrator, signed in."""
    client: Client = login("an")
    return client


@pytest.fixture
def ended(county: County) -> cases.Reported:
    reported = report_leak()
    cases.withdraw(reported.case.id, actor=voice_of(reported))
    return reported


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    return client.generic(
        method, f"{API}{path}", json.dumps(body) if body else "", "application/json"
    )


def later(days: int) -> Any:
    return clock.standing_at(clock.now() + timedelta(days=days))


def test_a_rule_is_previewed_set_and_what_it_removes_has_a_certificate(an, ended):
    with later(400):
        kinds = {each["code"]: each for each in an.get(f"{API}/rules").json()["items"]}
        assert kinds["contacts"]["in_force"] is False
        assert kinds["contacts"]["due"]["count"] == 0, "by the 730 days that are proposed"
        told = an.get(f"{API}/rules/contacts/preview?days=365").json()
        assert told["count"] == 1
        body = {"days": 365, "reason": "个人信息保护法"}
        refused = send(an, "PUT", "/rules/contacts", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "retention_look_first")
        assert send(an, "PUT", "/rules/contacts", {**body, "seen": 365}).status_code == 200
        [change] = an.get(f"{API}/changes").json()["items"]
        assert (change["kind"], change["days"], change["reason"]) == (
            "contacts",
            365,
            body["reason"],
        )
        begun = send(an, "POST", "/removals")
        assert begun.status_code == 202
        assert send(an, "POST", "/removals").json()["code"] == "retention_runs"
        for removal in reads.open_removals():
            jobs.remove(str(removal.id))
        found = {each["kind"]: each for each in an.get(f"{API}/removals").json()["items"]}
        one = an.get(f"{API}/removals/{found['contacts']['id']}").json()
    assert Report.objects.get().phone == ""
    assert (one["removed"], one["total"]) == (1, 1)
    assert one["hash"] == rules.certificate(one["certified"])


def test_a_hold_is_set_seen_and_lifted(an, ended):
    actions.set_days("contacts", days=365, reason="个人信息保护法", actor=SYSTEM)
    made = send(an, "POST", "/holds", {"about": ended.case.number, "reason": "诉讼"})
    assert made.status_code == 201
    assert [each["about"] for each in an.get(f"{API}/holds").json()["items"]] == [ended.case.number]
    with later(400):
        assert an.get(f"{API}/rules/contacts/preview?days=365").json()["count"] == 0
        lifted = send(an, "POST", f"/holds/{made.json()['id']}/lift", {"reason": "结案"})
        assert lifted.json()["lifted_at"]
        assert an.get(f"{API}/rules/contacts/preview?days=365").json()["count"] == 1
    assert an.get(f"{API}/holds").json()["items"] == []


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/rules/contacts", {"days": 10, "reason": "试试看"}, "retention_days_wrong"),
        ("/rules/contacts", {"days": 400, "reason": " "}, "retention_reason_missing"),
        ("/rules/nosuch", {"days": 400, "reason": "试试看"}, "not_found"),
    ],
)
def test_what_can_not_be_is_refused_by_its_code(an, path, body, code):
    assert send(an, "PUT", path, body).json()["code"] == code


@pytest.mark.parametrize("name", ["guan", "cun", "du", "ling"])
@pytest.mark.parametrize(
    "path", ["/rules", "/rules/contacts/preview?days=365", "/changes", "/holds", "/removals"]
)
def test_nobody_else_reads_it(login, name, path):
    assert login(name).get(f"{API}{path}").status_code == 403
