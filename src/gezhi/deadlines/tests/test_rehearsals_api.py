"""Rehearsals through their operations."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from gezhi.base.actor import system
from gezhi.base.refusal import SignInNeeded
from gezhi.deadlines import jobs
from gezhi.deadlines.actions import rehearsing as actions
from gezhi.deadlines.tests.rehearsing import (
    DAY,
    QUICKER,
    begin,
    files_with,
    through,
    waiting_jobs,
    worked_case,
)
from gezhi.rulebook import actions as rulebook_actions
from tests.cast import COUNTY, TUESDAY, County


def test_a_program_begins_reads_stops_and_removes_one(
    county: County, key: Callable[[str], str]
) -> None:
    case = worked_case(county)
    client = Client(headers={"authorization": f"Bearer {key('guan')}"})
    other = Client(headers={"authorization": f"Bearer {key('zhen')}"})
    root = "/api/v1/rulebook/rehearsals"
    body = {
        "files": {"deadlines.toml": files_with(QUICKER)["deadlines.toml"]},
        "since": "2026-11-17",
        "until": "2026-11-18",
    }
    assert other.post(root, json.dumps(body), content_type="application/json").status_code == 403
    begun = client.post(root, json.dumps(body), content_type="application/json")
    assert begun.status_code == 202, begun.content
    id = begun.json()["id"]
    assert waiting_jobs() == [id]
    jobs.run_rehearsal(id)
    told = client.get(f"{root}/{id}").json()
    assert (told["state"], told["done"], told["seconds_left"]) == ("done", 1, None)
    assert told["sums"]["kind"]["sign"]["late"] == 1
    items = client.get(f"{root}/{id}/differences?topic=due&show=late&kind=sign").json()["items"]
    assert [(one["number"], one["minutes"]) for one in items] == [(case.number, -14)]
    assert client.get(f"{root}/{id}/differences?show=moon").status_code == 422
    assert [one["id"] for one in client.get(root).json()["items"]] == [id]
    assert other.get(f"{root}/{id}").status_code == 403
    assert client.post(f"{root}/{id}/stop").json()["state"] == "done"
    wrong = {**body, "until": "2026-11-17"}
    refused = client.post(root, json.dumps(wrong), content_type="application/json")
    assert refused.json()["code"] == "rehearsal_period_wrong"
    broken = {**body, "files": {"deadlines.toml": "x = "}}
    refused = client.post(root, json.dumps(broken), content_type="application/json")
    assert refused.json()["code"] == "rulebook_broken"
    assert client.delete(f"{root}/{id}").status_code == 200
    assert client.get(f"{root}/{id}").status_code == 404


def test_only_somebody_signed_in_begins_one(county: County) -> None:
    day = timezone.localtime(TUESDAY).date()
    with pytest.raises(SignInNeeded):
        actions.start_rehearsal(
            files_with(), since=day, until=day + DAY, key="k", county=COUNTY, actor=system("x")
        )


def test_a_book_applied_meanwhile_changes_no_case_of_before(county: County) -> None:
    """Cases keep the book they were opened under; each is compared with its own."""
    worked_case(county)
    files = files_with(QUICKER)
    rulebook_actions.apply_book(files, county=COUNTY, actor=county.actor("guan"))
    found = through(begin(county, QUICKER))
    assert found.against == 2
    assert found.sums["kind"]["sign"]["late"] == 1
