"""A legal hold lets nothing go by any door; an erasure leaves nothing, and stops no other."""

import io
import json
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case, Report
from gezhi.cases.tests.test_together import at_once, committed  # noqa: F401  # a fixture
from gezhi.hotline import actions as hotline
from gezhi.hotline.models import Call
from gezhi.hotline.tests.calling import taken, write_article
from gezhi.intake.models import Received, Source
from gezhi.notices.models import Delivery
from gezhi.people.actions import residents as people
from gezhi.residents import actions, jobs, reads
from gezhi.residents.models import Copy, DataRequest, HeldContact
from gezhi.residents.rules import Wish
from gezhi.residents.tests.signing import OTHER_PHONE, PHONE, Phone, prove, sign_in
from gezhi.retention import actions as retention
from gezhi.retention.models import Hold
from gezhi.retention.tests.test_erasing import beside
from tests.cast import COUNTY, VILLAGE, County, report_leak

Login = Callable[[str], Client]


def hold(login: Login, number: str) -> None:
    asked = login("an").post(
        "/desk/admin/retention/holds/", {"about": number, "reason": "纪委调阅"}
    )
    assert asked.status_code == 302


def lift(login: Login) -> None:
    asked = login("an").post(
        f"/desk/admin/retention/holds/{Hold.objects.get().id}/lift/", {"reason": "结案"}
    )
    assert asked.status_code == 302


def by_page(rita: Client, reported: cases.Reported, **values: str) -> int:
    return rita.post(f"/me/reports/{reported.case.number}/", values).status_code


def by_app(rita: Client, reported: cases.Reported, **values: str) -> int:
    let_in = people.let_in(phone=PHONE, is_app=True, county=settings.COUNTY, address="")
    return Client().patch(
        f"/api/v1/residents/reports/{reported.case.number}", json.dumps(values),
        "application/json", headers={"Authorization": f"Bearer {let_in.token}"},
    ).status_code  # fmt: skip


def by_code(rita: Client, reported: cases.Reported, **values: str) -> int:
    body = {"number": reported.case.number, "code": reported.code, **values}
    asked = Client().post("/api/v1/track/correct", json.dumps(body), "application/json")
    return asked.status_code


@pytest.mark.parametrize("door", [by_page, by_app, by_code])
def test_under_a_hold_a_contact_is_replaced_and_kept_and_not_emptied_by_any_door(
    own: str, rita: Client, login: Login, reported: cases.Reported, door: Callable[..., int]
) -> None:
    was = {"name": "李秀兰", "phone": PHONE, "address": "柳树村三社12号"}
    hold(login, own)
    assert door(rita, reported, name="", phone="", address="") == 409
    assert door(rita, reported, **{**was, "address": ""}) == 409
    report = Report.objects.get()
    assert (report.name, report.phone, report.address) == tuple(was.values())
    assert not HeldContact.objects.exists(), "what is refused leaves no trace"
    assert door(rita, reported, **{**was, "address": "新庄村一社"}) in (200, 302)
    assert Report.objects.get().address == "新庄村一社"
    kept = HeldContact.objects.get()
    assert (kept.name, kept.phone, kept.address) == tuple(was.values())
    jobs.erase_what_has_ended(0)
    assert HeldContact.objects.exists(), "as long as the hold lasts"
    lift(login)
    jobs.erase_what_has_ended(0)
    assert not HeldContact.objects.exists()


def granted(rita: Client, login: Login, number: str, why: str = "不想留") -> DataRequest:
    rita.post(f"/me/reports/{number}/", {"wish": "erase", "why": why})
    request = DataRequest.objects.get(wish="erase", case__number=number)
    decided = login("cun").post(
        f"/desk/data-requests/{request.id}/", {"is_granted": "yes", "answer": "已删"}
    )
    assert decided.status_code == 302
    return request


def test_an_erasure_leaves_nothing_of_what_was_asked_copied_or_is_still_to_be_sent(
    own: str, rita: Client, login: Login, django_capture_on_commit_callbacks: Any
) -> None:
    report = Report.objects.get()
    rita.post(f"/me/reports/{own}/", {"wish": "correct", "wanted": "村口水管漏水"})
    rita.post("/me/copy/")
    copy = Copy.objects.get()
    jobs.make_copy(str(copy.id))
    cases.withdraw(own, actor=reads.voice_of(report.id))
    with django_capture_on_commit_callbacks(execute=True):
        request = granted(rita, login, own)
    assert not Copy.objects.exists()
    assert not list(Path(settings.FILES_DIR).glob(f"copies/??/{copy.id.hex}.sealed"))
    assert Delivery.objects.filter(settled_at=None).exclude(address="").exists()
    request.refresh_from_db()
    assert request.done_at is None, "a message still names the phone"
    Delivery.objects.update(settled_at=clock.now(), state="sent")
    jobs.erase_what_has_ended(0)
    request.refresh_from_db()
    assert request.done_at is not None
    for each in DataRequest.objects.all():
        assert (each.wanted, each.reason, each.answer) == ("", "", "")
        assert each.state in ("granted", "withdrawn"), "nothing is left to decide"
    for sent in Delivery.objects.filter(notice__report=report).select_related("notice"):
        assert (sent.address, sent.words, sent.notice.words) == ("", "", "")


def test_a_copy_that_was_taken_away_while_it_was_made_leaves_no_file(
    own: str, rita: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rita.post("/me/copy/")
    copy = Copy.objects.get()
    monkeypatch.setattr(
        "gezhi.residents.actions.copying._zip", lambda _copy: Copy.objects.all().delete() and b"PK"
    )
    assert actions.make_copy(copy.id) is False
    assert not list(Path(settings.FILES_DIR).glob(f"copies/??/{copy.id.hex}.sealed"))


def ended_and_granted(count: int, *, report: Callable[[], cases.Reported]) -> list[DataRequest]:
    """Erasures that were granted while their cases were open, and which have ended since."""
    now, made = clock.now(), []
    for _each in range(count):
        own = report()
        cases.withdraw(own.case.id, actor=reads.voice_of(own.report.id))
        made.append(
            DataRequest.objects.create(
                county=own.case.county, report=own.report, case=own.case, wish="erase",
                state="granted", asked_at=now, due_at=now, decided_at=now,
            )
        )  # fmt: skip
    return made


def test_one_erasure_that_breaks_stops_no_other(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ended_and_granted(2, report=report_leak)
    anonymise = cases.anonymise_report

    def breaks(report: Any, **values: Any) -> None:
        if report == first.report_id:
            raise OSError("the disk is full")
        anonymise(report, **values)

    monkeypatch.setattr("gezhi.cases.actions.anonymise_report", breaks)
    assert actions.erase_what_has_ended() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.done_at is None, second.done_at is None) == (True, False)
    with clock.standing_at(clock.now() + timedelta(days=2)):
        assert reads.erasures_late(clock.now()) == 1


def test_held_erasures_starve_no_other(
    county: County, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_AT_ONCE", 1)
    first, second = ended_and_granted(2, report=report_leak)
    hold(login, first.case.number)
    assert actions.erase_what_has_ended() == 1
    second.refresh_from_db()
    assert second.done_at is not None
    assert reads.erasures_late(clock.now() + timedelta(days=2)) == 0, "held is not late"


def test_who_decides_is_told_that_only_a_code_was_shown(
    county: County, phone: Phone, rita: Client, login: Login, reported: cases.Reported
) -> None:
    number = reported.case.number
    sign_in(rita, phone, number=OTHER_PHONE)
    rita.post("/mine/", {"number": number, "code": reported.code})
    rita.post(f"/me/reports/{number}/", {"wish": "erase", "why": ""})
    assert "凭查询码提出" in login("cun").get("/desk/data-requests/").content.decode()
    owner = Client()
    sign_in(owner, phone)
    owner.post(f"/me/reports/{number}/", {"wish": "correct", "wanted": "村口水管漏水"})
    page = login("cun").get("/desk/data-requests/").content.decode()
    assert page.count("凭查询码提出") == 1, "whoever has the phone is the reporter"


def test_a_copy_is_not_made_again_within_the_hour_and_takes_the_place_of_the_one_before(
    own: str, rita: Client, phone: Phone, django_capture_on_commit_callbacks: Any
) -> None:
    now = clock.now()
    rita.post("/me/copy/")
    first = Copy.objects.get()
    jobs.make_copy(str(first.id))
    rita.post("/me/copy/")
    assert Copy.objects.get() == first
    with clock.standing_at(now + timedelta(minutes=61)):
        prove(rita, phone)
        with django_capture_on_commit_callbacks(execute=True):
            rita.post("/me/copy/")
    assert Copy.objects.get() != first
    assert not list(Path(settings.FILES_DIR).glob(f"copies/??/{first.id.hex}.sealed"))
    assert "no-store" in rita.get("/me/copy/progress/")["Cache-Control"]


def test_what_another_account_has_is_said_and_stays_with_the_browser(
    county: County, phone: Phone, rita: Client, reported: cases.Reported
) -> None:
    number, code = reported.case.number, reported.code
    sign_in(rita, phone)
    rita.post("/mine/", {"number": number, "code": code})
    other = Client()
    other.post("/track/", {"number": number, "code": code})
    sign_in(other, phone, number=OTHER_PHONE)
    mine = other.get("/mine/").content.decode()
    assert "1 件在另一个账号里的事，收不进来" in mine
    assert "/mine/take-in/" not in mine, "what would be refused is not offered"
    for path, values in (("/mine/take-in/", {}), ("/mine/", {"number": number, "code": code})):
        page = other.post(path, values, follow=True).content.decode()
        assert "已经在另一个账号里" in page
        assert "已收进我的上报" not in page
    assert "现在由谁办" in other.get(f"/track/{number}/").content.decode(), "still remembered here"


def test_correcting_and_rating_in_one_moment_wait_for_each_other_in_one_order(
    committed: County,  # noqa: F811  # the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One holds the case and wants the report; the other must not hold the report already."""
    own = report_leak()
    let_in = people.let_in(phone=PHONE, is_app=True, county=settings.COUNTY, address="")
    signed = reads.signed_in(let_in.token)
    assert signed is not None
    between = threading.Barrier(2)
    report_held = case_reads.report_held

    def stand_before(case: Case, report: Any) -> Report:
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return report_held(case, report)

    def ask() -> None:
        actions.ask_about_data(own.report.id, wish=Wish.ERASE, signed=signed)

    def correct() -> None:
        actions.correct_contact(own.report.id, corrected={"address": "新庄村"}, signed=signed)

    def other() -> None:
        voice = reads.voice_of(own.report.id)
        cases.correct(own.case.id, report=own.report.id, address="柳树村", actor=voice)

    monkeypatch.setattr("gezhi.cases.reads.report_held", stand_before)
    assert at_once(correct, other) == ["done", "done"]
    between.reset()
    assert at_once(ask, other) in (["case_nothing_corrected", "done"], ["done", "done"])


def test_a_hold_waits_for_a_correction_that_found_none(
    committed: County,  # noqa: F811  # the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever is told that a case is held can rely on it: nothing of it goes after that."""
    own = report_leak()
    let_in = people.let_in(phone=PHONE, is_app=True, county=settings.COUNTY, address="")
    signed = reads.signed_in(let_in.token)
    assert signed is not None
    is_held, seen, others = reads.is_held, list[str](), list[threading.Thread]()

    def before_somebody_else(case: Case) -> bool:
        found = is_held(case)

        def hold() -> None:
            retention.hold(VILLAGE, reason="审计", actor=system("tests"))

        others.append(beside(hold, seen, "held"))
        others[-1].join(timeout=0.5)
        seen.append("corrected")
        return found

    monkeypatch.setattr(reads, "is_held", before_somebody_else)
    actions.correct_contact(own.report.id, corrected={"name": ""}, signed=signed)
    others[0].join(timeout=20)
    assert seen == ["corrected", "held"]
    assert Report.objects.get(pk=own.report.id).name == ""


def test_calls_that_became_no_case_are_in_the_copy_and_go_with_an_erasure(
    county: County, own: str, rita: Client, login: Login
) -> None:
    article, xian = write_article(county), county.actor("xian")
    for number in (PHONE, OTHER_PHONE):
        call, asked = taken(county), f"问津贴的事 {number}"
        hotline.answer_call(call, article=article.id, what=asked, phone=number, actor=xian)
    rita.post("/me/copy/")
    jobs.make_copy(str(Copy.objects.get().id))
    packed = zipfile.ZipFile(io.BytesIO(rita.get("/me/copy/file/").content))
    (told,) = json.loads(packed.read("data.json"))["calls"]
    assert (told["words"], told["answer"]) == (f"问津贴的事 {PHONE}", article.answer)
    assert "当场答复" in packed.read("index.html").decode()
    granted(rita, login, own)
    assert [one.phone for one in Call.objects.order_by("began_at")] == ["", OTHER_PHONE]
    assert Call.objects.filter(said="").count() == 1


def test_an_erasure_that_was_granted_takes_the_address_of_a_letter_at_once(
    own: str, rita: Client, login: Login
) -> None:
    """The case goes on; who wrote is written to no more, and others are."""
    report, now = Report.objects.get(), clock.now()
    box = Source.objects.create(
        county=COUNTY, kind="mailbox", channel="mailbox", made_at=now, changed_at=now
    )
    for voice in (report.id, uuid4()):
        Received.objects.create(
            county=COUNTY, source=box, external=str(voice), size=1, fate="taken", received_at=now,
            case=report.case, report=voice, sender="li@example.org", sender_index=b"x",
        )  # fmt: skip
    request = granted(rita, login, own)
    assert request.done_at is None
    senders = {row.report: row.sender for row in Received.objects.all()}
    assert senders.pop(report.id) == ""
    assert list(senders.values()) == ["li@example.org"]


def test_who_shows_no_more_than_a_code_takes_no_calls_of_the_number_along(
    county: County, own: str, rita: Client, login: Login
) -> None:
    article, xian = write_article(county), county.actor("xian")
    hotline.answer_call(taken(county), article=article.id, what="问", phone=PHONE, actor=xian)
    rita.post(f"/me/reports/{own}/", {"wish": "erase", "why": "不想留"})
    request = DataRequest.objects.get()
    DataRequest.objects.update(is_by_code=True)
    actions.decide(request.id, is_granted=True, actor=county.actor("cun"))
    assert Call.objects.get().phone == PHONE
