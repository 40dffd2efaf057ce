"""From a file to work for the worker: received, confirmed, stopped, gone on with, swept up."""

import hashlib
from collections.abc import Mapping
from pathlib import PurePath
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.slices import queue_once
from gezhi.base.words import clean
from gezhi.intake import adapters, reads, rules
from gezhi.intake.errors import ChannelUnknown, ImportNotReady, TableEmpty, TableUnreadable
from gezhi.intake.facts import ImportStarted, ImportStopped
from gezhi.intake.models import Import
from gezhi.intake.rules import State
from gezhi.record.actions import announce

_JOB = "gezhi.intake.jobs.run_import"
_WORKBOOKS, _BEGIN = (".xlsx", ".xls", ".ods"), (b"PK", b"\xd0\xcf")


def receive_file(
    data: bytes, *, name: str, channel: str = "board", county: str, actor: Actor
) -> Import:
    """Read a file and keep it sealed, its columns guessed. Nothing goes in until it is started."""
    actor.must("case.import")
    if channel not in rules.CHANNELS:
        raise ChannelUnknown(known=", ".join(rules.CHANNELS))
    try:
        table = rules.read_table(data)
    except TableEmpty as error:  # another thing under the name of a workbook
        if name.lower().endswith(_WORKBOOKS) and not data.startswith(_BEGIN):
            raise TableUnreadable() from error
        raise
    now = clock.now()
    made = Import(
        county=county,
        name=clean(PurePath(name.replace("\\", "/")).name)[:200],
        digest=hashlib.sha256(data).hexdigest(),
        size=len(data),
        channel=channel,
        odd_dates=rules.OddDates.REPORT.value,
        header=list(table.header),
        columns=rules.guess_columns(table.header),
        state=State.DRAFT.value,
        total=len(table.rows),
        actor=actor.label,
        account=actor.account,
        received_at=now,
        touched_at=now,
    )
    adapters.keep_file(county, made.id, data)
    try:
        made.save(force_insert=True)
    except BaseException:
        adapters.drop_file(county, made.id)
        raise
    return made


@transaction.atomic
def start_import(
    import_id: UUID,
    *,
    columns: Mapping[str, int] | None = None,
    odd_dates: str = "",
    in_worker: bool = True,
    actor: Actor,
) -> Import:
    """Confirm the columns and let the worker begin. The guessed ones stand if none are given."""
    actor.must("case.import")
    found = reads.import_to_change(actor, import_id)
    _must_be(found, State.DRAFT)
    chosen = found.columns if columns is None else columns
    found.columns = rules.check_columns(chosen, len(found.header))
    found.odd_dates = rules.OddDates(odd_dates or found.odd_dates).value
    found.state = State.WAITING.value if in_worker else State.RUNNING.value
    found.started_at = found.touched_at = now = clock.now()
    found.save(update_fields=["columns", "odd_dates", "state", "started_at", "touched_at"])
    fact = ImportStarted(import_id=found.id, channel=found.channel, rows=found.total)
    announce(fact, about=f"import:{found.id}", county=found.county, actor=actor, now=now)
    if in_worker:
        _defer(found)
    return found


@transaction.atomic
def stop_import(import_id: UUID, *, reason: str = "asked", actor: Actor) -> Import:
    """Let it stand still after the rows it is at. What is in stays in."""
    actor.must("case.import")
    found = reads.import_to_change(actor, import_id)
    _must_be(found, *rules.WORKING)
    found.state, found.stop_reason = State.STOPPED.value, reason
    found.touched_at = now = clock.now()
    found.save(update_fields=["state", "stop_reason", "touched_at"])
    fact = ImportStopped(import_id=found.id, done=found.done, reason=reason)
    announce(fact, about=f"import:{found.id}", county=found.county, actor=actor, now=now)
    return found


@transaction.atomic
def go_on(import_id: UUID, *, actor: Actor) -> Import:
    """Go on with a stopped import from the row it stopped at."""
    actor.must("case.import")
    found = reads.import_to_change(actor, import_id)
    _must_be(found, State.STOPPED)
    found.state, found.stop_reason = State.WAITING.value, ""
    found.actor, found.account = actor.label, actor.account
    found.touched_at = now = clock.now()
    found.save(update_fields=["state", "stop_reason", "actor", "account", "touched_at"])
    left = found.total - found.done
    fact = ImportStarted(import_id=found.id, channel=found.channel, rows=left)
    announce(fact, about=f"import:{found.id}", county=found.county, actor=actor, now=now)
    _defer(found)
    return found


@transaction.atomic
def drop_import(import_id: UUID, *, actor: Actor) -> None:
    """Take away a file that was uploaded and not started."""
    actor.must("case.import")
    found = reads.import_to_change(actor, import_id)
    _must_be(found, State.DRAFT)
    county = found.county
    found.delete()
    transaction.on_commit(lambda: adapters.drop_file(county, import_id))


def sweep(*, actor: Actor) -> int:
    """Go on with what a killed process left (counted), take away drafts nobody confirmed."""
    now = clock.now()
    silent = reads.silent_since(now - rules.SILENCE)
    for found in silent:
        _defer(found)
    for draft in reads.old_drafts(now - rules.DRAFT_LIFE):
        drop_import(draft.id, actor=actor)
    return len(silent)


def queue_rest(import_id: UUID) -> None:
    """Ask the worker for the next slice."""
    _defer(reads.import_for(system("intake"), import_id))


def _must_be(found: Import, *states: State) -> None:
    if State(found.state) not in states:
        raise ImportNotReady(state=rules.STATE_NAMES[State(found.state)])


def _defer(found: Import) -> None:
    """Ask the worker, once: an import that already waits in the queue is not queued again."""
    queue_once(_JOB, lock=f"import:{found.id}", import_id=str(found.id))
