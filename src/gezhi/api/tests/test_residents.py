"""Residents' apps: a token by phone code opens one's own and nothing else."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from gezhi.api.tests.calling import bearer, is_problem, post
from gezhi.cases import actions as cases
from gezhi.cases.models import Report
from gezhi.notices.tests.telling import http_gateway
from gezhi.people.models import Resident, ResidentSession
from gezhi.residents import jobs
from gezhi.residents.models import Copy, DataRequest
from gezhi.residents.tests.signing import OTHER_PHONE, PHONE, SMS, Phone
from tests.cast import County

ROOT = "/residents"  # beneath /api/v1


@pytest.fixture
def phone(settings: LazySettings) -> Iterator[Phone]:
    with http_gateway() as gateway:
        settings.SMS_GATEWAY = SMS % gateway.url
        yield Phone(gateway)


def token_of(phone: Phone, *, number: str = PHONE) -> str:
    client = Client()
    asked = post(client, f"{ROOT}/codes", {"phone": number})
    assert asked.status_code == 202, asked.content
    proof = {"check": asked.json()["check"], "code": phone.newest(to=number)}
    entered = post(client, f"{ROOT}/sessions", proof)
    assert entered.status_code == 201, entered.content
    token: str = entered.json()["token"]
    return token


@pytest.fixture
def app(county: County, phone: Phone, reported: cases.Reported) -> Client:
    """Rita's app, signed in with the phone of her report."""
    return Client(headers=bearer(token_of(phone)))


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    call: Callable[..., Any] = getattr(client, method)
    data = {} if body is None else {"data": body, "content_type": "application/json"}
    return call(f"/api/v1{ROOT}{path}", **data)


def test_an_app_sees_what_is_its_own(
    app: Client, county: County, phone: Phone, reported: cases.Reported
) -> None:
    assert send(app, "get", "/me").json() == {"phone": PHONE, "reports": 1, "sessions": 1}
    (item,) = send(app, "get", "/reports").json()["items"]
    assert item["contact"]["phone"] == PHONE
    assert ResidentSession.objects.get().is_app
    progress = send(app, "get", f"/reports/{reported.case.number}/progress").json()
    assert progress["state"] == "reported"
    other = Client(headers=bearer(token_of(phone, number=OTHER_PHONE)))
    assert send(other, "get", "/reports").json() == {"items": []}
    theirs = send(other, "get", f"/reports/{reported.case.number}")
    absent = send(other, "get", "/reports/999999-000001")
    assert (theirs.status_code, theirs.content) == (404, absent.content)
    assert is_problem(theirs, 404, "not_found")


def test_the_token_opens_nothing_of_the_staff(app: Client, reported: cases.Reported) -> None:
    for path in ("/api/v1/cases", f"/api/v1/cases/{reported.case.number}", "/api/v1/units",
                 "/api/v1/notices"):  # fmt: skip
        assert is_problem(app.get(path), 401, "api_key_wrong"), path
    assert send(Client(), "get", "/me").status_code == 401
    forged = Client(headers=bearer("gzr_" + "0" * 64))
    assert send(forged, "get", "/me").status_code == 401


def test_a_key_of_staff_is_no_resident(county: County, key: Callable[[str], str]) -> None:
    staff = Client(headers=bearer(key("cun")))
    assert send(staff, "get", "/me").status_code == 401
    assert send(staff, "get", "/reports").status_code == 401


def test_what_an_app_reports_is_in_the_account(app: Client) -> None:
    body = {"what": "路灯不亮", "where": {"place": "柳树村口"}}
    made = post(app, "/cases", body)
    assert made.status_code == 201, made.content
    assert Report.objects.filter(resident=Resident.objects.get()).count() == 1
    assert len(send(app, "get", "/reports").json()["items"]) == 2


def test_a_wrong_code_stays_counted_whatever_key_is_sent(county: County, phone: Phone) -> None:
    client = Client(headers={"Idempotency-Key": "0123456789abcdef0123"})
    check = post(client, f"{ROOT}/codes", {"phone": PHONE}).json()["check"]
    right = phone.newest()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _time in range(5):
        assert post(client, f"{ROOT}/sessions", {"check": check, "code": wrong}).status_code == 422
    refused = post(client, f"{ROOT}/sessions", {"check": check, "code": right})
    assert is_problem(refused, 422, "notice_code_over")


def test_the_contact_is_corrected_and_erasure_asked_for_once(
    app: Client, reported: cases.Reported
) -> None:
    number = reported.case.number
    corrected = send(app, "patch", f"/reports/{number}", {"phone": "13700001111"})
    assert corrected.json()["contact"]["phone"] == "13700001111", "still theirs to see"
    assert Report.objects.get().name == "李秀兰", "what is left out stays"
    first = post(app, f"{ROOT}/reports/{number}/requests", {"wish": "erase"})
    assert first.status_code == 201
    assert post(app, f"{ROOT}/reports/{number}/requests", {"wish": "erase"}).status_code == 409
    back = send(app, "delete", f"/requests/{first.json()['id']}")
    assert back.json()["state"] == DataRequest.objects.get().state == "withdrawn"


def test_the_copy_is_made_and_fetched(app: Client) -> None:
    asked = post(app, f"{ROOT}/copies", {})
    assert asked.status_code == 202, asked.content
    id = asked.json()["id"]
    assert send(app, "get", f"/copies/{id}/file").status_code == 404
    jobs.make_copy(id)
    assert send(app, "get", f"/copies/{id}").json()["state"] == "ready"
    packed = zipfile.ZipFile(io.BytesIO(send(app, "get", f"/copies/{id}/file").content))
    assert json.loads(packed.read("data.json"))["phone"] == PHONE


def test_nobody_fetches_the_copy_of_another(app: Client, phone: Phone) -> None:
    id = post(app, f"{ROOT}/copies", {}).json()["id"]
    jobs.make_copy(id)
    other = Client(headers=bearer(token_of(phone, number=OTHER_PHONE)))
    assert send(other, "get", f"/copies/{id}").status_code == 404
    assert send(other, "get", f"/copies/{id}/file").status_code == 404
    assert Copy.objects.count() == 1


def test_an_app_withdraws_its_own_case(app: Client, reported: cases.Reported) -> None:
    done = post(app, f"{ROOT}/reports/{reported.case.number}/withdraw", {})
    assert done.json()["state"] == "withdrawn", done.content


def test_signing_out_ends_the_token(app: Client) -> None:
    assert send(app, "delete", "/sessions").status_code == 200
    assert send(app, "get", "/me").status_code == 401


def test_the_account_is_closed_just_after_a_code(app: Client) -> None:
    assert send(app, "delete", "/me").status_code == 200
    assert send(app, "get", "/me").status_code == 401
    assert Resident.objects.get().phone == ""
