"""What is asked about data, before those who decide it: who reads it, what a hold keeps."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case, Report
from gezhi.cases.tests.test_together import at_once, committed  # noqa: F401  # a fixture
from gezhi.residents import actions, reads
from gezhi.residents.models import DataRequest
from gezhi.residents.tests.signing import PHONE, Phone, sign_in
from gezhi.residents.tests.test_held_and_erased import hold, lift
from tests.cast import COUNTY, GRID, County, point_in, report_leak

Login = Callable[[str], Client]
WHO = "我是三社的李秀兰，怕人知道是我说的"


def test_what_who_asked_for_secrecy_writes_is_read_by_the_centre_alone(
    county: County, phone: Phone, rita: Client, login: Login
) -> None:
    lon, lat = point_in(GRID)
    secret = cases.report(
        county=COUNTY,
        what="村口自来水管破裂，半天没人管",
        where=cases.Where(lon=lon, lat=lat),
        channel="portal",
        contact=cases.Contact(name="李秀兰", phone=PHONE, is_secret=True),
        actor=NOBODY,
    )
    number = secret.case.number
    sign_in(rita, phone)
    rita.post(f"/me/reports/{number}/", {"wish": "erase", "why": WHO})
    cun, an = login("cun"), login("an")
    address = f"/desk/data-requests/{DataRequest.objects.get().id}/"
    assert WHO in cun.get("/desk/data-requests/").content.decode()
    waiting = an.get("/desk/data-requests/").content.decode()
    assert number in waiting
    assert WHO not in waiting
    cun.post(address, {"is_granted": "no", "answer": "李秀兰，事情还没办完"})
    assert "李秀兰" in cun.get("/desk/data-requests/").content.decode()
    answered = an.get("/desk/data-requests/").content.decode()
    assert number in answered
    assert "李秀兰" not in answered


def test_two_requests_about_one_report_are_decided_one_after_the_other(
    committed: County,  # noqa: F811  # the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An erasure takes the other request along: who holds that must hold the case already.

    One is made to stand with its request until the other has the case, and wants that request.
    """
    own, now, cun = report_leak(), clock.now(), committed.actor("cun")
    cases.withdraw(own.case.id, actor=reads.voice_of(own.report.id))
    Report.objects.update(name="", phone="", address="")
    erase, correct = (
        DataRequest.objects.create(
            county=own.case.county, report=own.report, case=own.case, wish=wish, wanted=wanted,
            state="open", asked_at=now, due_at=now,
        )
        for wish, wanted in (("erase", ""), ("correct", "村口水管漏水"))
    )  # fmt: skip
    both_found, erased = threading.Barrier(2), threading.Event()
    request_to_decide, anonymise = reads.request_to_decide, cases.anonymise_report

    def stand_after(*given: Any) -> DataRequest:
        found = request_to_decide(*given)
        with suppress(threading.BrokenBarrierError):
            both_found.wait(timeout=0.5)
        if found.wish == "correct":
            erased.wait(timeout=0.5)
        return found

    def say_after(report: Any, **values: Any) -> None:
        anonymise(report, **values)
        erased.set()

    monkeypatch.setattr(reads, "request_to_decide", stand_after)
    monkeypatch.setattr("gezhi.cases.actions.anonymise_report", say_after)
    told = at_once(
        lambda: actions.decide(erase.id, is_granted=True, actor=cun),
        lambda: actions.decide(correct.id, is_granted=True, actor=cun),
    )
    assert told in (["done", "done"], ["done", "resident_nothing_to_decide"])
    assert Case.objects.get().what == "", "erased, whichever came first"


def test_under_a_hold_words_are_not_corrected_until_it_is_lifted(
    phone: Phone, rita: Client, login: Login, reported: cases.Reported
) -> None:
    number, was = reported.case.number, reported.case.what
    sign_in(rita, phone)
    rita.post(f"/me/reports/{number}/", {"wish": "correct", "wanted": "村口水管漏水"})
    address = f"/desk/data-requests/{DataRequest.objects.get().id}/"
    hold(login, number)
    refused = login("cun").post(address, {"is_granted": "yes", "answer": "可以改"})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "原话暂时不能更正" in page
    assert "可以改</textarea>" in page, "nothing typed is lost"
    assert (Case.objects.get().what, DataRequest.objects.get().state) == (was, "open")
    lift(login)
    assert login("cun").post(address, {"is_granted": "yes"}).status_code == 302
    assert Case.objects.get().what == "村口水管漏水"
