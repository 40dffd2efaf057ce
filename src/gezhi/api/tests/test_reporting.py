"""Reporting by the API, and what whoever holds the code may do with the report."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gezhi.api.tests.calling import KeyOf, bearer, is_problem, post
from gezhi.api.tests.telling import LAT, LON, REPORT, a_photo
from gezhi.cases.models import Case
from tests.cast import COUNTY, GRID, County, point_in, report_leak


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
    assert body["may"] == ["correct", "withdraw"]
    assert "13812345678" not in tracked.content.decode()
    wrong = post(rita, "/track", {"number": made["number"], "code": "AAAAAAAA"})
    assert is_problem(wrong, 404, "case_code_wrong")


@pytest.mark.parametrize(
    ("what", "call"),
    [
        ("厨房煤气漏了，我妈晕倒了", ["119", "120"]),
        ("路灯不亮", []),
        ("井盖没了", ["119", "120", "110"]),
    ],
)
def test_who_tells_of_danger_is_told_whom_to_ring_as_on_the_page(
    county: County, rita: Client, what: str, call: list[str]
) -> None:
    made = post(rita, "/cases", {**REPORT, "what": what}).json()
    assert made["call"] == call
    assert Case.objects.get(number=made["number"]).is_urgent is bool(call)


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
        {"file": a_photo("olive"), "kind": "after", "is_public": "false"},
        headers=bearer(key("cun")),
    )
    assert later.status_code == 201, later.content
    hidden = {**proof, "attachment": later.json()["id"]}
    assert is_problem(post(rita, "/track/attachment", hidden), 404, "not_found")
    fake = SimpleUploadedFile("x.jpg", b"MZ not a picture", "image/jpeg")
    refused = rita.post("/api/v1/cases/with-files", {**form, "photos": [fake]})
    assert is_problem(refused, 422, "case_file_refused")
    assert is_problem(rita.post("/api/v1/cases/with-files", {"what": "x"}), 422, "input_invalid")


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
    Case.objects.filter(pk=case.pk).update(proposed_category="utility.water.cut")
    further = f"/api/v1/cases/nearby?lon={lon + 0.004}&lat={lat}"
    assert rita.get(further).json()["items"] == []
    near = rita.get(f"{further}&category=utility.water.cut").json()["items"]
    assert [each["number"] for each in near] == [case.number], "a street without water is long"


@pytest.mark.parametrize("hidden", ["is_secret", "category"])
def test_what_a_passer_by_is_not_shown_can_not_be_followed_by_its_number(
    county: County, case: Case, rita: Client, hidden: str
) -> None:
    """Numbers can be guessed, and whoever follows a case reads on in it."""
    value: object = True if hidden == "is_secret" else "dispute.family"
    Case.objects.filter(pk=case.pk).update(**{hidden: value})
    refused = post(rita, f"/cases/{case.number}/follow", {"words": ""})
    absent = post(rita, "/cases/200101-999999/follow", {"words": ""})
    assert refused.status_code == absent.status_code == 404
    assert refused.json()["code"] == absent.json()["code"]
    assert case.reports.count() == 1


def test_who_follows_a_case_cannot_take_it_from_whoever_told_it(
    county: County, case: Case, rita: Client
) -> None:
    joined = post(rita, f"/cases/{case.number}/follow", {"words": "我家也停水了"}).json()
    proof = {"number": joined["number"], "code": joined["code"]}
    assert "withdraw" not in post(rita, "/track", proof).json()["may"]
    assert post(rita, "/track/withdraw", proof).status_code == 403
    case.refresh_from_db()
    assert case.state == "reported"


def test_who_opens_a_contact_says_why_and_the_reporter_can_see_it(
    county: County, asking: Callable[..., Any], key: KeyOf, rita: Client
) -> None:
    made = report_leak()
    path = f"/cases/{made.case.number}/reports/{made.report.id}/open"
    header = bearer(key("cun"))
    empty, why = {"field": "phone", "reason": ""}, {"field": "phone", "reason": "电话核实位置"}
    assert is_problem(post(rita, path, empty, headers=header), 422, "opening_reason_missing")
    opened = post(rita, path, why, headers=header)
    assert opened.json() == {"field": "phone", "value": "13812345678"}
    assert opened["Cache-Control"] == "no-store"
    theirs = post(rita, path, why, headers=bearer(key("ling")))
    assert is_problem(theirs, 403, "not_allowed")
    proof = {"number": made.case.number, "code": made.code}
    looked = post(rita, "/track/openings", proof).json()["items"]
    assert [(each["field"], each["reason"]) for each in looked] == [("phone", "电话核实位置")]
    assert looked[0]["who"] == "柳树村综治中心 · 受理员"
    assert asking("du", f"/cases/{made.case.number}/openings").json()["items"][0]["reason"]
    assert is_problem(asking("cun", f"/cases/{made.case.number}/openings"), 403, "not_allowed")
