"""Mail of ours that comes back to a mailbox that is read: whoever waits for it is told."""

from email import message_from_string
from typing import Any

import pytest
from django.test import Client

from gezhi.intake.models import Received, Source
from gezhi.intake.tests.post_office import PostOffice
from gezhi.intake.tests.test_mailbox import letter
from gezhi.notices.models import AddressCheck, Delivery
from gezhi.notices.tests.reading import SETTINGS, give_mail, page, type_in
from gezhi.notices.tests.telling import MailServer, code_in
from gezhi.notices.tests.test_letters import ask, box, office, out, told

__all__ = ["box", "office", "out"]


def report(
    mail: str, *, action: str = "failed", status: str = "5.1.1", whole: bool = True
) -> bytes:
    """What a mail server says of a mail that it could not deliver (RFC 3464)."""
    sent = message_from_string(mail)
    head = (
        "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n"
        f"Message-ID: <{action}@mx.example.org>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n'
    )
    said = f"Final-Recipient: rfc822; x@example.org\nAction: {action}\nStatus: {status}\n"
    heads = f"Message-ID: {sent['Message-ID']}\nSubject: x\n"
    parts = (
        ("text/plain", "The address does not exist."),
        ("message/delivery-status", f"Reporting-MTA: dns; mx.example.org\n\n{said}"),
        ("message/rfc822", f"{heads}\nwords") if whole else ("text/rfc822-headers", heads),
    )
    body = "".join(f"--b\nContent-Type: {kind}\n\n{words}\n" for kind, words in parts)
    return f"{head}\n{body}--b--\n".replace("\n", "\r\n").encode()


@pytest.mark.parametrize("whole", [True, False])
def test_a_code_that_came_back_is_good_no_more_and_its_page_says_so(
    box: Source, office: PostOffice, out: MailServer, login: Any, whole: bool
) -> None:
    shui: Client = login("shui")
    give_mail(shui)
    office.send(report(out.mails[0], action="delayed", status="4.4.1"))
    ask(box)
    assert "没有送到" not in page(shui, SETTINGS), "it may come yet"
    office.send(report(out.mails[0], whole=whole))
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
