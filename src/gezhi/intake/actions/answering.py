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

    `is_read`: what is answered to that comes back to the mailbox. `is_listed`: it stands in one
    mail with others, beyond what one address is told of its letters in a day; where such a mail
    waits, `along` is the report of a letter in it.
    """

    report: UUID
    case: Case
    to: str
    at: datetime
    is_read: bool
    is_listed: bool
    along: UUID | None


@transaction.atomic
def answer_letter(received: UUID, *, now: datetime) -> Answer | None:
    """Who is to be told of the case of a letter, held until it is noted; None where nobody is.

    One address is answered once in an hour, the next time after that, and so many times a day:
    what comes then is listed in one mail as soon as another may go. What lay in the mailbox, or
    waited to be told, for days is not answered.
    """
    row = reads.letter_to_answer(received)
    if row is None or row.case is None or row.report is None:
        return None
    if (row.said_at or row.received_at) < now - _NO_MORE:
        Received.objects.filter(pk=row.pk).update(code_due="")
        return None
    before = reads.answers_to(row.sender, county=row.county, since=now - _DAY)
    is_listed = len(before) >= MOST_ANSWERS
    free = [each + _APART for each in before[-1:]]
    if is_listed:
        free.append(before[-MOST_ANSWERS] + _DAY)
    return Answer(
        row.report, row.case, row.sender, max([now, *free]),
        is_read=bool(reads.mailbox_of(row.source)) and not is_listed,
        is_listed=is_listed,
        along=reads.listed_with(row, now=now) if is_listed else None,
    )  # fmt: skip


def note_answer(received: UUID, *, at: datetime, id: str = "") -> None:
    """It goes out then, under this name; what only stands in a list has none to answer to."""
    Received.objects.filter(pk=received).update(told_as=id[:300], told_at=at)


def forget_code(report: UUID) -> None:
    """It has been told, or never will be."""
    Received.objects.filter(county=settings.COUNTY, report=report).update(code_due="")
