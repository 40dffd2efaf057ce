"""Mail of the house that comes in at a mailbox: its own, and what a server brings back."""

from django.conf import settings

from gezhi.base import clock
from gezhi.intake.actions.opening import SYSTEM
from gezhi.intake.facts import MailReturned
from gezhi.intake.models import Source
from gezhi.intake.reads.sent import was_sent
from gezhi.intake.rules.mail import Mail
from gezhi.record.actions import announce


def own_addresses(source: Source) -> frozenset[str]:
    """What the house itself writes from: its own mail is nobody's message."""
    return frozenset(
        each.partition("<")[2].rstrip("> ").lower() or each.strip().lower()
        for each in (source.user, settings.MAIL_FROM)
        if "@" in each
    )


def tell_returned(mail: Mail, *, county: str) -> None:
    """Whoever sent what came back has to know that it did not arrive.

    Once, and of what was really sent: anybody may write such reports, and the book keeps all.
    """
    told = mail.returned
    if told is None or mail.is_forged or not was_sent(told.mail):
        return
    fact = MailReturned(mail=told.mail, status=told.status)
    announce(fact, about=f"mail:{told.mail}", county=county, actor=SYSTEM, now=clock.now())
