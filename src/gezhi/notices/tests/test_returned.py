"""Mail of ours that comes back to a mailbox that is read: whoever waits for it is told."""

from base64 import encodebytes
from datetime import timedelta
from email import message_from_bytes, message_from_string
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from gezhi.base import clock
from gezhi.intake.models import Received, Source
from gezhi.intake.rules.returned import returned
from gezhi.intake.tests.post_office import PostOffice
from gezhi.intake.tests.test_mailbox import letter
from gezhi.notices import actions as notices
from gezhi.notices import jobs
from gezhi.notices.models import AddressCheck, Delivery
from gezhi.notices.tests.reading import SETTINGS, give_mail, page, type_in
from gezhi.notices.tests.telling import MailServer, code_in
from gezhi.notices.tests.test_letters import ask, box, office, out, told
from gezhi.notices.tests.test_letters import code_in as code_of
from gezhi.record.models import Line
from tests.cast import SETTING_UP

__all__ = ["box", "office", "out"]

HEADS = "text/rfc822-headers"


def report(
    mail: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    sent: str = "message/rfc822",
    said: str = "message/delivery-status",
    heads: str = "",
    coded: bool = False,
) -> bytes:
    """What a mail server says of a mail that it could not deliver (RFC 3464, 6533)."""
    name = message_from_string(mail)["Message-ID"]
    head = (
        "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n"
        f"Message-ID: <{action}{status}@mx.example.org>\nAuto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n'
    )
    told = f"Final-Recipient: rfc822; x@example.org\nAction: {action}\nStatus: {status}\n"
    parts = (
        ("text/plain", "The address does not exist."),
        (said, f"Reporting-MTA: dns; mx.example.org\n\n{told}"),
        (sent, f"Message-ID: {name}\nSubject: x\n\nwords" if sent else "Subject: x\n"),
    )
    body = "".join(f"--b\n{_part(kind or HEADS, words, coded)}\n" for kind, words in parts)
    return f"{head}{heads}\n{body}--b--\n".replace("\n", "\r\n").encode()


def _part(kind: str, words: str, coded: bool) -> str:
    if not coded:
        return f"Content-Type: {kind}\n\n{words}"
    words = encodebytes(words.encode()).decode()
    return f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{words}"


@pytest.mark.parametrize("sent", ["message/rfc822", HEADS])
def test_a_code_that_came_back_is_good_no_more_and_its_page_says_so(
    box: Source, office: PostOffice, out: MailServer, login: Any, sent: str
) -> None:
    shui: Client = login("shui")
    give_mail(shui)
    office.send(report(out.mails[0], action="delayed", status="4.4.1"))
    ask(box)
    assert "没有送到" not in page(shui, SETTINGS), "it may come yet"
    office.send(report(out.mails[0], sent=sent))
    ask(box)
    shown = page(shui, SETTINGS)
    assert "验证码没有送到" in shown
    assert "退回（5.1.1）" in shown
    assert 'name="code"' not in shown, "there is none to type in"
    assert "重新发送" in shown
    type_in(shui, code_in(out.mails[0]), 422)
    assert bytes(AddressCheck.objects.get().code) == b""
    assert set(Received.objects.values_list("fate", flat=True)) == {"ignored"}


def test_of_news_that_came_back_the_outbox_says_so(
    box: Source, office: PostOffice, out: MailServer
) -> None:
    office.send(letter())
    ask(box)
    told(out)
    assert Delivery.objects.get().state == "sent"
    office.send(report(out.mails[0]))
    ask(box)
    row = Delivery.objects.get()
    assert (row.state, "5.1.1" in row.error) == ("failed", True)


@pytest.fixture
def answered(box: Source, office: PostOffice, out: MailServer) -> str:
    """The mail that answers a letter."""
    office.send(letter())
    ask(box)
    told(out)
    return out.mails[0]


def state_after(box: Source, office: PostOffice, mail: bytes) -> str:
    office.send(mail)
    ask(box)
    return Delivery.objects.get().state


def lines_told() -> int:
    return Line.objects.filter(kind="mail_returned").count()


def test_of_what_the_house_never_sent_nothing_is_written_into_the_book(
    box: Source, office: PostOffice, answered: str
) -> None:
    guessed = report(f"Message-ID: <{uuid4()}@gezhi.example>\n", status="5.0.0")
    assert state_after(box, office, guessed) == "sent"
    assert lines_told() == 0
    for status in ("5.1.1", "5.1.2"):
        assert state_after(box, office, report(answered, status=status)) == "failed"
    assert lines_told() == 1, "it came back once"


def test_a_report_tells_of_one_mail(answered: str) -> None:
    more = answered.replace("\n", f"\nMessage-ID: <{uuid4()}@gezhi.example>\n", 1)
    names = str(message_from_string(answered)["Message-ID"])
    both = report(more).decode().replace("Subject: x", f"Message-ID: {names}")
    found = returned(message_from_bytes(both.encode()))
    assert found
    assert str(found.mail) not in names


def test_a_forged_report_is_not_believed(box: Source, office: PostOffice, answered: str) -> None:
    heads = "Authentication-Results: mx.county.example.org; dmarc=fail\n"
    assert state_after(box, office, report(answered, heads=heads)) == "sent"
    assert lines_told() == 0


@pytest.mark.parametrize(
    "how",
    [
        {"status": "4.4.7"},
        {"sent": "", "heads": "In-Reply-To: %s\n"},
        {"sent": HEADS, "coded": True},
        {"sent": "message/global-headers", "said": "message/global-delivery-status"},
        {"sent": "message/global-headers", "said": "message/global-delivery-status", "coded": True},
        {"sent": "message/global", "said": "message/global-delivery-status"},
    ],
)
def test_whatever_a_server_writes_it_in_a_failed_mail_is_known(
    how: dict[str, Any], answered: str
) -> None:
    name = message_from_string(answered)["Message-ID"]
    if "heads" in how:
        how = how | {"heads": how["heads"] % name}
    found = returned(message_from_bytes(report(answered, **how)))
    assert found
    assert (str(found.mail) in name, found.status) == (True, how.get("status", "5.1.1"))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("5.1.1", "地址可能不存在"),
        ("5.2.2", "邮箱已满"),
        ("5.7.1", "退回（5.7.1）。"),
        ("5.1.8", "退回（5.1.8）。"),
    ],
)
def test_why_it_came_back_is_said_as_far_as_it_is_known(
    box: Source, office: PostOffice, answered: str, status: str, said: str
) -> None:
    state_after(box, office, report(answered, status=status))
    assert said in Delivery.objects.get().error


def test_an_answer_that_came_back_is_sent_again_with_its_code(
    box: Source, office: PostOffice, out: MailServer, answered: str, login: Any
) -> None:
    state_after(box, office, report(answered, status="4.4.7"))
    assert "再发一次" in page(login("guan"), "/desk/outbox/")
    with clock.standing_at(clock.now() + timedelta(days=30)):
        jobs.forget_told_codes(0)
        row = Delivery.objects.get()
        notices.send_again(row.id, actor=SETTING_UP)
        again = told(out)[-1]
    assert len(out.mails) == 2
    assert code_of(again) == code_of(message_from_string(answered))
    assert Delivery.objects.get().state == "sent"


def test_of_a_code_that_is_gone_the_truth_is_said(
    box: Source, office: PostOffice, out: MailServer, answered: str, login: Any
) -> None:
    with clock.standing_at(clock.now() + timedelta(days=7)):
        jobs.forget_told_codes(0)
        state_after(box, office, report(answered))
        assert "再发一次" not in page(login("guan"), "/desk/outbox/"), "there is no code to tell"
        notices.send_again(Delivery.objects.get().id, actor=SETTING_UP)
        told(out)
    row = Delivery.objects.get()
    assert (len(out.mails), row.state) == (1, "failed")
    assert "只保存 6 天" in row.error
