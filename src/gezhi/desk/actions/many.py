"""One act on many cases: each for itself, a second of it at once and the rest by the worker.

A case's act and the line that says what became of it are one transaction, so a killed process
leaves no case done twice and none forgotten.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from gezhi.base import clock, slices
from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal, SignInNeeded
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.forms import words_of
from gezhi.desk import reads, rules
from gezhi.desk.actions.taking import take_as_shown
from gezhi.desk.models import Bulk, BulkCase
from gezhi.desk.rules import TAKE, BulkState, Fate

_JOB = "gezhi.desk.jobs.run_bulk"
_MOST_WORDS = 500
_log = structlog.get_logger("gezhi.desk")


@dataclass(frozen=True)
class Wanted:
    """One case of many, as the person saw it; `refusal` where it can't even be tried."""

    case: UUID
    number: str
    revision: int | None
    category: str = ""
    unit: UUID | None = None
    refusal: str = ""


@transaction.atomic
def start_bulk(
    act: str,
    wanted: Sequence[Wanted],
    *,
    arguments: Mapping[str, Any],
    key: str,
    digest: str,
    county: str,
    actor: Actor,
) -> Bulk:
    """Write down what is to be done. Sent twice with the same key, it is one.

    `arguments` are those that are the same for every case; they are kept sealed.
    """
    if actor.account is None:
        raise SignInNeeded()
    now = clock.now()
    refused = sum(bool(one.refusal) for one in wanted)
    is_done = refused == len(wanted)
    values = {
        "county": county,
        "digest": digest,
        "act": act,
        "arguments": json.dumps({name: _plain(value) for name, value in arguments.items()}),
        "language": translation.get_language() or "",
        "state": (BulkState.DONE if is_done else BulkState.WORKING).value,
        "total": len(wanted),
        "done": refused,
        "refused": refused,
        "asked_at": now,
        "touched_at": now,
        "finished_at": now if is_done else None,
    }
    made, is_first = Bulk.objects.get_or_create(account_id=actor.account, key=key, defaults=values)
    if not is_first:
        return made
    BulkCase.objects.bulk_create(
        BulkCase(
            county=county,
            bulk=made,
            position=at,
            case_id=one.case,
            number=one.number,
            revision=one.revision,
            category=one.category[:64],
            unit=one.unit,
            fate=(Fate.REFUSED if one.refusal else Fate.WAITING).value,
            refusal=one.refusal[:_MOST_WORDS],
        )
        for at, one in enumerate(wanted)
    )
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def work_on(bulk_id: UUID, *, seconds: float = slices.SLICE) -> bool:
    """Act on case after case for so long; true if there is more to do."""
    return slices.go_on(lambda: act_on_next(bulk_id), seconds=seconds)


@transaction.atomic
def act_on_next(bulk_id: UUID) -> bool:
    """Act on the next case and remember what became of it; false when none is left.

    Whoever else works on these cases waits here and goes on behind this one.
    """
    started = time.monotonic()
    found = reads.bulk_held(bulk_id)
    row = reads.next_of(found) if found.state == BulkState.WORKING else None
    if row is None:
        return False
    with translation.override(found.language):  # whoever asked reads what is refused
        refusal = _refusal_of(found, row)
    found.touched_at = clock.now()
    if refusal is None:
        row.tries += 1
        row.save(update_fields=["tries"])
        found.save(update_fields=["touched_at"])
        return True
    row.refusal = refusal[:_MOST_WORDS]
    row.fate = Fate.REFUSED.value if row.refusal else Fate.DONE.value
    row.save(update_fields=["fate", "refusal"])
    found.done += 1
    found.refused += bool(row.refusal)
    found.pace = slices.new_pace(found.pace, 1, time.monotonic() - started)
    if found.done == found.total:
        found.state, found.finished_at = BulkState.DONE.value, found.touched_at
    found.save(update_fields=["done", "refused", "pace", "touched_at", "state", "finished_at"])
    return found.state == BulkState.WORKING


def _refusal_of(found: Bulk, row: BulkCase) -> str | None:
    """Do it; the refusal in words, "" when it was done, None if it is to be tried again."""
    try:
        with transaction.atomic():
            _act(found, row)
    except Refusal as refusal:
        return words_of(refusal)
    except (OperationalError, InterfaceError) as error:
        if not connection.is_usable():
            raise  # the connection, not the case
        if row.tries + 1 < rules.MOST_TRIES:
            _log.warning("one of many broken off", case=str(row.case_id), error=str(error))
            return None
        return _failed(found, row)
    except Exception:
        return _failed(found, row)
    return ""


def _failed(found: Bulk, row: BulkCase) -> str:
    """One case nobody foresaw does not hold up the others."""
    _log.exception("one of many failed", bulk=str(found.id), case=str(row.case_id))
    return _("系统出了差错，这件没有办。请打开这件单独办理。")


def _act(found: Bulk, row: BulkCase) -> None:
    """The act as every other door calls it, with the posts that whoever asked holds now."""
    actor = reads.asker(found)
    if found.act == TAKE:
        case = case_reads.case_for(actor, row.case_id)
        take_as_shown(
            case, category=row.category, unit=row.unit, revision=row.revision, actor=actor
        )
        return
    act = getattr(cases, found.act)
    act(row.case_id, **_arguments(found), revision=row.revision, actor=actor)


def _arguments(found: Bulk) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(found.arguments)
    if values.get("unit"):
        values["unit"] = UUID(values["unit"])
    if values.get("answer_by"):
        values["answer_by"] = parse_datetime(values["answer_by"])
    return values


@transaction.atomic
def stop_bulk(bulk_id: UUID, *, actor: Actor) -> Bulk:
    """Leave the rest as it is. What is done stays done."""
    reads.bulk_for(actor, bulk_id)
    found = reads.bulk_held(bulk_id)
    if found.state == BulkState.WORKING:
        found.state, found.finished_at = BulkState.STOPPED.value, clock.now()
        found.save(update_fields=["state", "finished_at"])
    return found


def leave_to_worker(bulk_id: UUID) -> None:
    """Ask the worker for the next slice, once: what waits in the queue is not queued again."""
    slices.queue_once(_JOB, lock=f"bulk:{bulk_id}", bulk_id=str(bulk_id))


@transaction.atomic
def sweep() -> int:
    """Go on with what a killed process left (counted), forget what is old."""
    now = clock.now()
    silent = reads.bulks_silent_since(now - rules.SILENCE)
    for bulk_id in silent:
        leave_to_worker(bulk_id)
    Bulk.objects.filter(asked_at__lt=now - rules.KEPT_FOR).delete()
    return len(silent)
