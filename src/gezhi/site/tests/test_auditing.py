"""The doors put on the audit what was refused, who was locked out, which tables were taken away."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.people import actions as people
from gezhi.record import actions, rules
from gezhi.record.models import AuditLine, Burst
from gezhi.record.rules import AuditKind
from tests.cast import COUNTY, SETTING_UP, County

FROM = "203.0.113.7"


def lines(kind: AuditKind) -> list[AuditLine]:
    return list(AuditLine.objects.filter(kind=kind).order_by("id"))


def test_what_the_actor_may_not_is_on_the_audit_with_who_where_and_what(
    login, county: County, case: Case
) -> None:
    client = login("wang")
    before = len(lines(AuditKind.REFUSED))
    answer = client.get("/desk/admin/accounts/", REMOTE_ADDR=FROM)
    assert answer.status_code == 403
    (line,) = lines(AuditKind.REFUSED)[before:]
    assert line.actor == county.actor("wang").label
    assert line.address == FROM
    assert line.data["code"] == "not_allowed"
    assert line.data["method"] == "GET"


def test_a_guarded_read_of_what_is_not_yours_is_told_and_a_passers_by_is_not(
    login, rita: Client, county: County, case: Case
) -> None:
    assert rita.get(f"/desk/cases/{case.number}/").status_code == 302
    assert rita.get("/nothing/here/").status_code == 404
    assert lines(AuditKind.REFUSED) == []
    assert login("bie").get(f"/desk/cases/{case.number}/").status_code == 404
    (line,) = lines(AuditKind.REFUSED)
    assert (line.data["code"], line.data["ref"]) == ("not_found", case.number)


def test_the_api_tells_as_the_pages_do(key, county: County, case: Case) -> None:
    asking = {"Authorization": f"Bearer {key('bie')}"}
    answer = Client().get(f"/api/v1/cases/{case.number}", headers=asking)
    assert answer.status_code == 404
    wrong = Client().get("/api/v1/cases", HTTP_AUTHORIZATION="Bearer gz_wrong")
    assert wrong.status_code == 401
    assert [line.data["code"] for line in lines(AuditKind.REFUSED)] == ["not_found"]
    assert lines(AuditKind.REFUSED)[0].actor.startswith("key:")
    assert [line.data["code"] for line in lines(AuditKind.SIGN_IN_FAILED)] == ["api_key_wrong"]


def test_a_wrong_tracking_code_is_a_sign_in_that_failed(county: County, case: Case) -> None:
    body = {"number": case.number, "code": "WRNG2345"}
    answer = Client().post("/api/v1/track", body, "application/json", REMOTE_ADDR=FROM)
    assert answer.status_code == 404
    page = Client().post("/track/", body, REMOTE_ADDR=FROM)
    assert page.status_code in (404, 422)
    found = lines(AuditKind.SIGN_IN_FAILED)
    assert [line.data["code"] for line in found] == ["case_code_wrong"] * 2
    assert {line.address for line in found} == {FROM}
    assert "WRNG2345" not in str([line.data for line in found])


@pytest.mark.parametrize(
    ("who", "address"), [("xian", "/desk/export.xlsx"), ("du", "/api/v1/cases/export")]
)
def test_every_table_taken_away_is_on_the_audit_before_it_leaves(
    login, county: County, case: Case, who: str, address: str
) -> None:
    answer = login(who).get(f"{address}?q=%E6%9D%8E%E7%A7%80%E5%85%B0", REMOTE_ADDR=FROM)
    assert answer.status_code == 200, answer.content[:300]
    (line,) = lines(AuditKind.EXPORT)
    assert line.data["bytes"] == len(answer.getvalue()) > 1000
    assert (line.actor, line.address) == (county.actor(who).label, FROM)
    assert line.data["asked"] == "q"
    assert "李秀兰" not in str(line.data), "what was searched for may be somebody's name"


def test_looking_at_a_document_of_a_case_takes_no_table_away(
    login, county: County, handled: Case, django_capture_on_commit_callbacks
) -> None:
    """A letter (docx) is packed like an archive, and is still one file of one case."""
    letter = io.BytesIO()
    with zipfile.ZipFile(letter, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<w:document/>")
    upload = cases.Upload("复函.docx", letter.getvalue(), "document")
    with django_capture_on_commit_callbacks(execute=True):
        file = cases.attach(handled.id, upload=upload, actor=county.actor("shui"))
    shui = login("shui")
    for address in (reverse("cases:file", args=[file.id]), f"/api/v1/attachments/{file.id}"):
        answer = shui.get(address)
        assert answer.status_code == 200, address
        assert answer["Content-Type"] == "application/zip"
    assert lines(AuditKind.EXPORT) == []


def test_a_lock_out_is_on_the_audit(client: Client, county: County) -> None:
    for _try in range(6):
        wrong = {"login": "cun", "password": "wrong-wrong"}
        answer = client.post("/desk/sign-in/", wrong, REMOTE_ADDR=FROM)
    assert answer.status_code == 429
    assert any(line.data.get("locked_out") for line in lines(AuditKind.SIGN_IN_FAILED))


def test_changes_of_rights_and_rules_are_on_the_audit(county: County) -> None:
    before = len(lines(AuditKind.RIGHTS))
    made = people.make_key(account=county.accounts["zhen"].id, name="小程序", actor=SETTING_UP)
    line = lines(AuditKind.RIGHTS)[before]
    assert line.data["fact"] == "key_made"
    assert line.data["account"] == str(county.accounts["zhen"].id)
    assert made.token not in str(line.data)
    assert "小程序" not in str(line.data)
    assert "rulebook_applied" in {line.data["fact"] for line in lines(AuditKind.RULES)}


def test_nobody_fills_the_disk_with_refusals(login, county: County) -> None:
    now = clock.now()
    for _again in range(rules.MOST_A_MINUTE + 5):
        actions.note(AuditKind.REFUSED, actor=county.actor("wang"), county=COUNTY, now=now)
    assert len(lines(AuditKind.REFUSED)) == rules.MOST_A_MINUTE
    actions.note(AuditKind.REFUSED, actor=county.actor("cun"), county=COUNTY, now=now)
    assert len(lines(AuditKind.REFUSED)) == rules.MOST_A_MINUTE + 1, "others are still heard"
    actions.tell_left_out(now=now)
    assert len(lines(AuditKind.REFUSED)) == rules.MOST_A_MINUTE + 1, "the minute isn't over"
    actions.tell_left_out(now=now + timedelta(minutes=1))
    last = lines(AuditKind.REFUSED)[-1]
    assert (last.actor, last.data["left_out"]) == (county.actor("wang").label, 5)
    assert not Burst.objects.exists()
    for _again in range(rules.MOST_A_MINUTE + 1):
        actions.note(AuditKind.EXPORT, actor=NOBODY, county=COUNTY, now=now)
    assert len(lines(AuditKind.EXPORT)) == rules.MOST_A_MINUTE + 1, "what was done is all told"


def test_who_is_not_signed_in_is_counted_by_address_and_all_together(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_OF_ALL", rules.MOST_A_MINUTE + 10)
    now = clock.now()
    for number in range(60):
        for address in ("2001:db8::1", f"2001:db8::{number + 2:x}"):
            actions.note(
                AuditKind.SIGN_IN_FAILED, actor=NOBODY, county=COUNTY, address=address, now=now
            )
    assert len(lines(AuditKind.SIGN_IN_FAILED)) == rules.MOST_OF_ALL
    actions.tell_left_out(now=now + timedelta(minutes=1))
    told = [line.data["left_out"] for line in lines(AuditKind.SIGN_IN_FAILED)[-2:]]
    assert all(told)
