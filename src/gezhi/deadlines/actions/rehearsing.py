"""Rehearsing another rulebook on past cases: some hundred at a time, by whoever has time for it.

The findings of a stretch of cases, the sums and how far it got are one transaction, so a killed
process leaves no case counted twice and none forgotten. Nothing of the cases is changed.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction

from gezhi.base import clock, slices
from gezhi.base.actor import Actor
from gezhi.base.days import midnight
from gezhi.base.refusal import SignInNeeded
from gezhi.cases import reads as cases
from gezhi.deadlines import reads
from gezhi.deadlines.models import Difference, Rehearsal
from gezhi.deadlines.reads import Rehearsed
from gezhi.deadlines.rules import rehearsing as rules
from gezhi.deadlines.rules.rehearsing import RehearsalState
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import digest_of

AT_ONCE = 200  # cases in one transaction: about a third of a second
_JOB = "gezhi.deadlines.jobs.run_rehearsal"
_log = structlog.get_logger("gezhi.deadlines")


@transaction.atomic
def start_rehearsal(
    files: Mapping[str, str],
    *,
    since: date,
    until: date,
    key: str,
    county: str,
    actor: Actor,
) -> Rehearsal:
    """Write down what is to be rehearsed. Broken files are refused. Sent twice, it is one.

    The days are the city's, from the first up to, not with, the last. Only cases in areas where
    the actor manages the rulebook are looked at.
    """
    actor.must("rulebook.manage")
    if actor.account is None:
        raise SignInNeeded()
    rules.must_be_a_period(since, until)
    rulebook.read_files(files)
    now = clock.now()
    found = Rehearsal(
        county=county,
        account_id=actor.account,
        key=key,
        areas=sorted(actor.paths("rulebook.manage")),
        files=dict(files),
        digest=digest_of(files),
        against=rulebook.current(county).version,
        since=midnight(since),
        until=midnight(until),
        state=RehearsalState.WORKING.value,
        asked_at=now,
        touched_at=now,
    )
    found.total = reads.cases_of(found).count()
    values = {
        field.attname: getattr(found, field.attname)
        for field in Rehearsal._meta.concrete_fields
        if field.name not in ("account", "key")
    }
    made, _is_first = Rehearsal.objects.get_or_create(
        account_id=actor.account, key=key, defaults=values
    )
    return made


def work_on(id: UUID, *, seconds: float = slices.SLICE) -> bool:
    """Rehearse stretch after stretch for so long; true if there is more to do."""
    return slices.go_on(lambda: _go_on_or_fail(id), seconds=seconds)


def _go_on_or_fail(id: UUID) -> bool:
    try:
        return rehearse_next(id)
    except (OperationalError, InterfaceError):
        raise  # the database, not the rehearsal: it is tried again
    except Exception:
        _log.exception("a rehearsal failed", rehearsal=str(id))
        _end(id, RehearsalState.FAILED)
        return False


@transaction.atomic
def rehearse_next(id: UUID) -> bool:
    """The next stretch of cases; false when there is none, or nobody wants it any more."""
    started = time.monotonic()
    found = reads.rehearsal_held(id)
    if found is None or found.state != RehearsalState.WORKING:
        return False
    if not reads.may_go_on(found):
        return _stand(found, RehearsalState.STOPPED)
    after = (found.after_at, found.after) if found.after_at and found.after else None
    stretch = cases.next_of(reads.cases_of(found), after, most=AT_ONCE)
    if not stretch:
        return _stand(found, RehearsalState.DONE)
    new = reads.book_of(found)
    rehearsed = reads.rehearse(stretch, new, county=found.county, now=found.asked_at)
    Difference.objects.bulk_create(_differences(found, rehearsed), batch_size=1000)
    for each in rehearsed:
        rules.add_up(found.sums, each.findings)
    found.done += len(stretch)
    # Cases that came in since, by import with an older day, are looked at and counted too.
    found.total = max(found.total, found.done)
    found.after_at, found.after = stretch[-1].opened_at, stretch[-1].id
    found.touched_at = clock.now()
    found.pace = slices.new_pace(found.pace, len(stretch), time.monotonic() - started)
    found.save(update_fields=["sums", "done", "total", "after_at", "after", "touched_at", "pace"])
    return True


def _stand(found: Rehearsal, state: RehearsalState) -> bool:
    found.state, found.finished_at = state.value, clock.now()
    found.save(update_fields=["state", "finished_at"])
    return False


def _differences(found: Rehearsal, rehearsed: Iterable[Rehearsed]) -> Iterable[Difference]:
    return (
        Difference(
            county=found.county,
            rehearsal=found,
            case_id=case.id,
            number=case.number,
            topic=one.topic.value,
            verdict=one.verdict.value,
            kind=one.kind,
            category=one.category,
            unit=one.unit,
            before=one.before,
            after=one.after,
            sides=one.sides,
            due_before=one.due_before,
            due_after=one.due_after,
            minutes=one.minutes,
        )
        for case, findings in rehearsed
        for one in findings
        if one.is_kept
    )


def stop_rehearsal(id: UUID, *, county: str, actor: Actor) -> None:
    """Leave the rest; what was found stays."""
    reads.rehearsal_for(actor, id, county=county)
    _end(id, RehearsalState.STOPPED)


@transaction.atomic
def _end(id: UUID, state: RehearsalState) -> None:
    found = reads.rehearsal_held(id)
    if found is not None and found.state == RehearsalState.WORKING:
        _stand(found, state)


@transaction.atomic
def drop_rehearsal(id: UUID, *, county: str, actor: Actor) -> None:
    """Remove it with everything that was found, also while it is under way."""
    reads.rehearsal_for(actor, id, county=county)
    if reads.rehearsal_held(id) is not None:
        Rehearsal.objects.filter(id=id).delete()


def leave_to_worker(id: UUID) -> None:
    """Ask the worker for the next slice, once: what waits in the queue is not queued again."""
    slices.queue_once(_JOB, lock=f"rehearsal:{id}", id=str(id))


@transaction.atomic
def sweep() -> int:
    """Go on with what a killed process left (counted), forget what is old."""
    now = clock.now()
    silent = reads.rehearsals_silent_since(now - rules.SILENCE)
    for id in silent:
        leave_to_worker(id)
    Rehearsal.objects.filter(asked_at__lt=now - rules.KEPT_FOR).delete()
    return len(silent)
