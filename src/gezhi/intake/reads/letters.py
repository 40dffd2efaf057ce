"""Letters that are answered: to whom the mails about a report go, and what they go on with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from gezhi.base import clock
from gezhi.base.sealed import blind_indexes
from gezhi.cases.models import Report
from gezhi.intake.models import Received, Source
from gezhi.intake.rules import Fate
from gezhi.intake.rules.mail import sender_text

_AGAIN = timedelta(hours=1)  # within which the same letter is sent again, not written again


@dataclass(frozen=True)
class Thread:
    """The letter, our answer to it, the mailbox that reads what is answered to that."""

    letter: str
    ours: str
    mailbox: str


def letter_to_answer(received: UUID) -> Received | None:
    """A letter whose sender has not been told of its case, held."""
    found = Received.objects.filter(county=settings.COUNTY, pk=received, told_at=None)
    row = found.select_for_update(of=("self",)).select_related("case", "source").first()
    return row if row and row.code_due and row.sender else None


def answers_to(sender: str, *, county: str, since: datetime) -> list[datetime]:
    """When this address was told of its letters since then, or is going to be, in order.

    What several are told by is one mail.
    """
    found = Received.objects.filter(
        county=county, sender_index__in=blind_indexes(sender_text(sender)), told_at__gte=since
    )
    return sorted({each for each in found.values_list("told_at", flat=True) if each})


def listed_with(row: Received, *, now: datetime) -> UUID | None:
    """The report of a letter from the same address that waits to be told in a list."""
    waiting = Received.objects.filter(
        county=row.county, sender_index__in=blind_indexes(sender_text(row.sender)),
        told_at__gt=now, told_as="",
    ).exclude(code_due=b"")  # fmt: skip
    return waiting.values_list("report", flat=True).first()


def same_letter(row: Received, digest: str) -> Received | None:
    """The same words and files from the same address within the hour, that went in."""
    if not row.sender:
        return None
    return (
        Received.objects.filter(
            county=row.county,
            source=row.source,
            sender_index__in=blind_indexes(sender_text(row.sender)),
            received_at__gte=clock.now() - _AGAIN,
            digest=digest,
            fate__in=[Fate.TAKEN, Fate.JOINED],
        )  # fmt: skip
        .exclude(pk=row.pk)
        .select_related("case")
        .first()
    )


def _answered(reports: Collection[UUID], *, of: Collection[UUID]) -> QuerySet[Received]:
    """The letters these came by whose senders were told; of who was forgotten there are none.

    Nor of what was told in a list: whoever floods us with letters, under whatever address, lets
    nobody be told of each of them again and again.
    """
    found = Received.objects.filter(
        county=settings.COUNTY, case__in=of, report__in=reports,
        told_at__isnull=False, sender_index__isnull=False,
    )  # fmt: skip
    return found.exclude(told_as="")


def addresses_of(reports: Collection[Report]) -> dict[UUID, str]:
    """By report, where it was written from, of those that came by letters we answered.

    Whoever wrote of one case twice is told by the first of theirs alone.
    """
    if not reports:
        return {}
    found = _answered([each.id for each in reports], of={each.case_id for each in reports})
    first: dict[tuple[UUID | None, str], UUID | None] = {}
    for row in found.order_by("received_at", "id"):
        first.setdefault((row.case_id, row.sender), row.report)
    return {report: sender for (_case, sender), report in first.items() if report}


def thread_of(report: UUID, *, case: UUID) -> Thread | None:
    """What a mail about this report goes on with."""
    row = _answered([report], of=[case]).select_related("source").first()
    if row is None:
        return None
    return Thread(row.letter_id, row.told_as, mailbox_of(row.source))


def code_due(report: UUID, *, case: UUID) -> str:
    """The tracking code that its sender is told; "" where it is kept no more."""
    found = Received.objects.filter(
        county=settings.COUNTY, case=case, report=report, told_at__isnull=False
    )
    row = found.exclude(code_due=b"").first()
    return row.code_due if row else ""


def with_codes(reports: Collection[UUID]) -> set[UUID]:
    """Those whose codes are still here to be told."""
    found = Received.objects.filter(county=settings.COUNTY, report__in=reports)
    kept = found.exclude(code_due=b"").values_list("report", flat=True)
    return {report for report in kept if report}


def codes_kept(*, before: datetime) -> list[UUID]:
    """Reports whose codes are still here, though their senders were to be told before then."""
    found = Received.objects.filter(county=settings.COUNTY, told_at__lt=before)
    found = found.exclude(code_due=b"").exclude(report=None)
    return [report for report in found.values_list("report", flat=True) if report]


def is_any_sender_known(reports: Collection[UUID]) -> bool:
    """Whether of one of these it is still known who wrote the letter."""
    found = Received.objects.filter(county=settings.COUNTY, report__in=reports)
    return found.filter(sender_index__isnull=False).exists()


def mailbox_of(source: Source) -> str:
    """The address by which its letters come, where it is told; "" else."""
    return source.user if "@" in source.user else ""
