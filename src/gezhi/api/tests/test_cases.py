"""Cases found and read through the API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from gezhi.api.tests.calling import KeyOf, bearer, is_problem
from gezhi.base import clock
from gezhi.cases.models import Case
from tests.cast import VILLAGE, County, report_leak


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
