"""Taking rows in, batch by batch: each batch is one transaction, each row its own savepoint."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.utils import translation

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, NotFound, Refusal, SignInNeeded
from gezhi.base.slices import SLICE, go_on, new_pace
from gezhi.cases import actions as cases
from gezhi.intake import adapters, reads, rules
from gezhi.intake.actions.opening import SYSTEM, open_case
from gezhi.intake.actions.receiving import receive_file, start_import, stop_import
from gezhi.intake.errors import TIME_NOTE, FileGone, WrongRow
from gezhi.intake.facts import ImportFinished
from gezhi.intake.models import Import, ImportRow
from gezhi.intake.rules import Outcome, State
from gezhi.places import rules as place_rules
from gezhi.record.actions import announce
from gezhi.triage import actions as triage

BATCH = 40
_log = structlog.get_logger("gezhi.intake")
Progress = Callable[[Import], None]


def import_messages(
    data: bytes,
    *,
    name: str,
    columns: Mapping[str, int] | None = None,
    channel: str = "board",
    odd_dates: str = "",
    county: str,
    actor: Actor,
    progress: Progress | None = None,
) -> Import:
    """Receive a file and take all of it in, here and now; `progress` is told after each batch."""
    found = receive_file(data, name=name, channel=channel, county=county, actor=actor)
    found = start_import(
        found.id, columns=columns, odd_dates=odd_dates, in_worker=False, actor=actor
    )
    table = reads.table_of(found)
    while found.state == State.RUNNING:
        found = take_batch(found.id, table=table, actor=actor)
        if progress:
            progress(found)
    return found


def work_on(import_id: UUID, *, seconds: float = SLICE) -> bool:
    """Take batches for a while; true if there is more to do. Without right or file it stops."""
    found = reads.import_for(SYSTEM, import_id)
    if State(found.state) not in rules.WORKING:
        return False
    try:
        actor = reads.importer(found)
        actor.must("case.import")
        table = reads.table_of(found)
    except (NotAllowed, NotFound, SignInNeeded, FileGone) as reason:
        why = "file_gone" if isinstance(reason, FileGone) else "right_lost"
        stop_import(import_id, reason=why, actor=SYSTEM)
        return False

    def take_next() -> bool:
        return State(take_batch(import_id, table=table, actor=actor).state) in rules.WORKING

    return go_on(take_next, seconds=seconds)


@transaction.atomic
def take_batch(import_id: UUID, *, table: rules.Table, size: int = BATCH, actor: Actor) -> Import:
    """Take the next rows in: all of them, whatever is wrong with one, and remember how far.

    Whoever else works on this import waits here and goes on behind these rows.
    """
    started = time.monotonic()
    found = reads.import_to_change(SYSTEM, import_id)
    if State(found.state) not in rules.WORKING:
        return found
    batch = _Batch(found, table, actor)
    # What is written into cases is in the deployment's language, whoever's page or worker this is.
    with translation.override(settings.LANGUAGE_CODE):
        batch.take(table.rows[found.done : found.done + size])
    ImportRow.objects.bulk_create(batch.rows)
    for row in batch.rows:
        setattr(found, row.outcome, getattr(found, row.outcome) + 1)
    found.done += len(batch.rows)
    found.pace = new_pace(found.pace, len(batch.rows), time.monotonic() - started)
    found.touched_at = clock.now()
    found.state = State.RUNNING.value
    if found.done == found.total:
        _finish(found, actor)
    found.save(
        update_fields=[
            "state", "done", "added", "known", "failed", "pace", "touched_at", "finished_at",
        ]
    )  # fmt: skip
    return found


def _finish(found: Import, actor: Actor) -> None:
    found.state, found.finished_at = State.DONE.value, found.touched_at
    fact = ImportFinished(
        import_id=found.id,
        rows=found.total,
        added=found.added,
        known=found.known,
        failed=found.failed,
    )
    announce(
        fact,
        about=f"import:{found.id}",
        county=found.county,
        actor=actor,
        now=found.touched_at,
    )
    county, import_id = found.county, found.id
    transaction.on_commit(lambda: adapters.drop_file(county, import_id))


@dataclass
class _Batch:
    """Some rows of one import on their way in."""

    found: Import
    table: rules.Table
    actor: Actor
    rows: list[ImportRow] = field(default_factory=list)

    def take(self, batch: tuple[rules.Row, ...]) -> None:
        county = self.found.county
        read = [self._read(row) for row in batch]
        keys = {message.key for message in read if isinstance(message, rules.Message)}
        reads.lock_county(county)
        self.known = reads.known_keys(county, keys)
        for row, message in zip(batch, read, strict=True):
            if isinstance(message, WrongRow):
                self._fail(row, message.reason)
            else:
                self._take(row, message)

    def _read(self, row: rules.Row) -> rules.Message | WrongRow:
        reading = reads.reading_of(self.found, now=clock.now())
        try:
            return rules.read_message(row, self.table, reading)
        except WrongRow as wrong:
            return wrong

    def _take(self, row: rules.Row, message: rules.Message) -> None:
        before = self.known.get(message.key)
        if before is not None:
            self._knows(row, message, before)
            return
        try:
            case = _open(message, self, self.actor)
        except Refusal as refusal:
            self._fail(row, refusal.code, rules.stored_refusal(refusal))
        except OperationalError:
            raise  # the connection, not the row
        except IntegrityError:
            # Somebody else's act brought the same message in between.
            self.known |= reads.known_keys(self.found.county, [message.key])
            if message.key not in self.known:
                self._accident(row)
            else:
                self._knows(row, message, self.known[message.key])
        except Exception:
            self._accident(row)
        else:
            self.known[message.key] = message.digest
            self._add(row, message, case)

    def _accident(self, row: rules.Row) -> None:
        """A fault of ours must not keep the good rows out; this one is reported."""
        _log.exception("import row failed", import_id=str(self.found.id), line=row.line)
        self._fail(row, "row_accident")

    def _knows(self, row: rules.Row, message: rules.Message, digest: str) -> None:
        if digest and digest != message.digest:
            self._fail(row, "number_taken")
            return
        self.rows.append(self._row(row, Outcome.KNOWN, key=message.key))

    def _add(self, row: rules.Row, message: rules.Message, case: UUID) -> None:
        made = self._row(row, Outcome.ADDED, key=message.key)
        made.digest, made.case_id = message.digest, case
        made.likes, made.dislikes = message.likes, message.dislikes
        if message.likes or message.dislikes:
            triage.note_likes(
                case,
                likes=message.likes or 0,
                dislikes=message.dislikes or 0,
                county=self.found.county,
            )
        if message.extras:
            made.values = json.dumps(message.extras, ensure_ascii=False)
        self.rows.append(made)

    def _fail(self, row: rules.Row, reason: str, detail: str = "") -> None:
        made = self._row(row, Outcome.FAILED)
        made.reason, made.detail = reason[:48], detail
        made.values = json.dumps(rules.cells_of(row), ensure_ascii=False)
        self.rows.append(made)

    def _row(self, row: rules.Row, outcome: Outcome, *, key: str = "") -> ImportRow:
        return ImportRow(
            county=self.found.county,
            import_of=self.found,
            line=row.line,
            outcome=outcome.value,
            key=key,
        )


def _open(message: rules.Message, batch: _Batch, actor: Actor) -> UUID:
    """The message's case. What its time was said to be is told where nobody could read it."""
    county, what = batch.found.county, message.what
    if message.odd_time:
        what = f"{what}\n{TIME_NOTE % {'cell': message.odd_time}}"
    # Words for the place are looked up as the case is opened; without any it is the county's.
    path = "" if message.place else place_rules.path_of(county)
    reported = open_case(
        county=county,
        what=what,
        where=cases.Where(place=message.place, path=path),
        channel=batch.found.channel,
        contact=cases.Contact(name=message.name, phone=message.phone),
        label=message.label,
        source_key=message.key,
        opened_at=message.opened_at,
        actor=actor,
    )
    opened: UUID = reported.case.id
    return opened
