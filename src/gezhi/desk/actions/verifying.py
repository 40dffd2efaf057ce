"""Checking all that is on record, in slices: others have their turn, people see its end."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed
from gezhi.base.slices import SLICE, go_on, new_pace, queue_once
from gezhi.cases import reads as cases
from gezhi.desk import reads
from gezhi.desk.models import Verification
from gezhi.record import actions as record_actions
from gezhi.record import reads as record
from gezhi.record.models import Anchor
from gezhi.record.rules import Book, Fault, Walked

JOB = "gezhi.desk.jobs.verify"
MOST_TOLD = 300
LEFT_BY_A_KILLED = timedelta(seconds=90)
PARTS = ("facts", "audit", "histories", "anchors")
_STEPS: dict[str, Callable[[str, str], Walked | None]] = {
    "facts": lambda county, place: record.check_seals(Book.FACTS, after_seal=int(place or 0)),
    "audit": lambda county, place: record.check_seals(Book.AUDIT, after_seal=int(place or 0)),
    "histories": lambda county, place: cases.check_histories(county=county, after=place),
    "anchors": lambda county, place: None if place else _around(county),
}


def _around(county: str) -> Walked:
    return Walked("done", 0, tuple(record.faults_around(county)))


@transaction.atomic
def ask_verification(*, county: str, actor: Actor) -> None:
    """Begin a check; one that still runs is shown instead."""
    actor.must("audit.read", path=county)
    if actor.account is None:
        raise NotAllowed()
    now = clock.now()
    total = sum(record.lines_sealed(book) for book in Book)
    made = Verification(
        county=county, account_id=actor.account, part=PARTS[0], asked_at=now, touched_at=now,
        total=total + cases.count_of_histories(county=county),
    )  # fmt: skip
    # Of two asked for in one moment the database keeps one.
    Verification.objects.bulk_create([made], ignore_conflicts=True)
    running = reads.running_verification(county)
    if running is not None:
        leave_verification_to_worker(running.id)


def work_on_verification(id: UUID, *, seconds: float = SLICE) -> bool:
    """One slice of a check; true if there is more to do."""
    return go_on(lambda: _next(id), seconds=seconds)


@transaction.atomic
def _next(id: UUID) -> bool:
    row = reads.verification_to_go_on(id)
    if row is None:
        return False
    began = time.monotonic()
    walked = _STEPS[row.part](row.county, row.place)
    if walked is None:
        at = PARTS.index(row.part) + 1
        row.part, row.place = (PARTS[at], "") if at < len(PARTS) else (row.part, row.place)
        row.finished_at = clock.now() if at == len(PARTS) else None
    else:
        row.place, row.done = walked.last, row.done + walked.things
        row.pace = new_pace(row.pace, walked.things, time.monotonic() - began)
        row.faults = [*row.faults, *_kept(walked.faults)][:MOST_TOLD]
        row.count += len(walked.faults)
    row.touched_at = clock.now()
    row.save(update_fields=["part", "place", "done", "pace", "faults", "count", "touched_at",
                            "finished_at"])  # fmt: skip
    return row.finished_at is None


def _kept(faults: Iterable[Fault]) -> list[dict[str, object]]:
    return [{"code": fault.code, "values": dict(fault.values)} for fault in faults]


def leave_verification_to_worker(id: UUID) -> None:
    """The rest waits in the queue."""
    queue_once(JOB, lock=f"verify:{id}", verification_id=str(id))


def sweep_verifications(*, now: datetime) -> None:
    """What a killed worker left goes on."""
    for row in reads.verifications_left(now - LEFT_BY_A_KILLED):
        leave_verification_to_worker(row.id)


def make_anchor(*, actor: Actor) -> Anchor | None:
    """An anchor of this moment, for who audits."""
    actor.must("audit.read", path=settings.COUNTY)
    now = clock.now()
    return record_actions.make_anchor(county=settings.COUNTY, day=timezone.localdate(now), now=now)
