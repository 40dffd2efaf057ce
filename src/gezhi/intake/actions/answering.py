"""Answering a letter: who may be told of its case, how often, and what is told once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from gezhi.cases.models import Case
from gezhi.intake.models import Received
from gezhi.intake.reads import letters as reads

_APART = timedelta(hours=1)
_DAY = timedelta(days=1)
_NO_MORE = timedelta(days=3)  # whoever wrote longer ago expects no receipt
MOST_ANSWERS = 5  # to one address in a day: two machines that answer each other come to an end


@dataclass(frozen=True)
class Answer:
    """Where the answer to a letter goes, about what, and when.

    `is_read`: what is answered to that comes back to the mailbox.
    """

    report: UUID
    case: Case
    to: str
    at: datetime
    is_read: bool


@transaction.atomic
def answer_letter(received: UUID, *, id: str, now: datetime) -> Answer | None:
    """Let its sender be told of the case by the mail with this name; None where nobody is.

    One address is answered once in an hour, the next time after that, and so many times a day;
    what lay in the mailbox, or waited to be told, for days is not answered.
    """
    row = reads.letter_to_answer(received)
    if row is None or row.case is None or row.report is None:
        return None
    before = reads.answers_to(row.sender, county=row.county, since=now - _DAY)
    is_late = (row.said_at or row.received_at) < now - _NO_MORE
    if is_late or len(before) >= MOST_ANSWERS:
        Received.objects.filter(pk=row.pk).update(code_due="")
        return None
    at = max([now, *(each + _APART for each in before)])
    Received.objects.filter(pk=row.pk).update(told_as=id[:300], told_at=at)
    return Answer(row.report, row.case, row.sender, at, bool(reads.mailbox_of(row.source)))


def forget_code(report: UUID) -> None:
    """It has been told, or never will be."""
    Received.objects.filter(county=settings.COUNTY, report=report).update(code_due="")
