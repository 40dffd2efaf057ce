"""Making, meeting, dropping and moving promises."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from gezhi.base import rows
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases import rules as case_rules
from gezhi.deadlines import reads
from gezhi.deadlines.actions.planning import end_plan, plan
from gezhi.deadlines.models import EXTENDED, Deadline
from gezhi.deadlines.rules import (
    BREAK,
    STANDING,
    UNSTOPPED,
    WINDOWS,
    Kind,
    Matter,
    Promise,
    due_after,
    is_reminder,
    next_code,
    number_of,
    waits,
)
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Due

_CENTRES = frozenset({Kind.ACCEPT, Kind.FORWARD, Kind.VISIT})


def promised(matter: Matter, kind: Kind, *, start: datetime) -> Due:
    """What the rulebook the case was opened under promises."""
    return rulebook.book(matter.county, matter.book).due(
        kind.value,
        category=matter.category or None,
        size=matter.size or None,
        channel=matter.channel,
        level=people.unit(matter.centre).level,
        start=start,
        unit_code=people.unit(matter.holder).code,
    )


def make(
    matter: Matter,
    kind: Kind,
    *,
    now: datetime,
    due: datetime | None = None,
    unit: UUID | None = None,
    leg: UUID | None = None,
) -> Deadline:
    """A promise that starts now; due as the rulebook says, or at a moment somebody named."""
    told = None if due or kind in WINDOWS else promised(matter, kind, start=now)
    at = due or (told.at if told else _window_ends(matter, kind, now))
    row = Deadline(
        county=matter.county,
        case_id=matter.case,
        leg_id=leg,
        unit_id=unit or (matter.centre if kind in _CENTRES else matter.holder),
        kind=kind.value,
        starts=now,
        base_from=now,
        base_due=at,
        first_due=at,
        due=at,
        is_working=told.working if told else False,
        basis=told.basis if told else "named",
    )
    plan(matter, [row], now=now)
    return row


def _window_ends(matter: Matter, kind: Kind, now: datetime) -> datetime:
    limits = rulebook.book(matter.county, matter.book).limits
    days = {Kind.RATE: limits.rate_days, Kind.REOPEN: limits.reopen_days}[kind]
    return now + timedelta(days=days)


def keep(made: Iterable[Deadline] = (), changed: Iterable[Deadline] = ()) -> None:
    """Write new promises and what became of others, in one trip."""
    rows.write(new=made, changed=changed)


def meet(promises: Iterable[Deadline], *, now: datetime) -> None:
    """These were kept (in time or late, `due` tells). Write with `keep`."""
    for row in promises:
        row.met_at = now
        end_plan(row)


def drop(promises: Iterable[Deadline], *, now: datetime) -> None:
    """These are nobody's any more. Write with `keep`."""
    for row in promises:
        row.dropped_at = now
        end_plan(row)


def shift(
    matter: Matter,
    promises: Iterable[Deadline],
    *,
    ledger: Sequence[case_rules.Entry] | None = None,
    now: datetime,
) -> None:
    """Move promises on by what the clock stood since they were made (or last set).

    A pause that goes on counts once it is over: until then they stand as they did when it began.
    `ledger` is the case's own, unless somebody asks what would be with another.
    """
    entries = case_reads.clock_of(matter.case) if ledger is None else ledger
    moved = [row for row in promises if row.kind not in UNSTOPPED]
    for row in moved:
        row.due = _moved_on(matter, row, entries, now)
    plan(matter, moved, now=now)


def _moved_on(
    matter: Matter, row: Deadline, entries: Sequence[case_rules.Entry], now: datetime
) -> datetime:
    return _due(matter, row, (row.base_from, row.base_due, row.is_working), entries, now)


def _due(
    matter: Matter,
    row: Deadline,
    base: tuple[datetime, datetime, bool],
    entries: Sequence[case_rules.Entry],
    now: datetime,
) -> datetime:
    """When a promise from a moment up to another, in working time or not, is due by the ledger."""
    since, until, is_working = base
    calendar = rulebook.book(matter.county, matter.book).calendar
    stood = case_rules.pauses_over(entries, since=since, now=now)
    promise = Promise(since, until, is_working, stood)
    return due_after(promise, calendar.for_unit(people.unit(row.unit_id).code))


def renew(matter: Matter, told: Iterable[tuple[Deadline, Due]], *, now: datetime) -> None:
    """Work promises out anew, or for the first time, from their own starts; what stood counts.

    One that is due already by that gives whoever hears of it the time that they would have had:
    its ladder begins now, or goes on from where it began.
    """
    promises, entries = list(told), case_reads.clock_of(matter.case)
    for row, due in promises:
        before = row.due
        begins = row.due + row.grace if row.broken_at else case_rules.ran_until(entries, now=now)
        row.base_from, row.base_due = row.starts, due.at
        row.is_working, row.basis = due.working, due.basis
        row.due = _moved_on(matter, row, entries, now)
        row.grace = max(begins - row.due, timedelta())
        if row.due != before and not row._state.adding:
            _go_on_where_it_was(row)
    plan(matter, [row for row, _due in promises], now=now)


def _go_on_where_it_was(row: Deadline) -> None:
    """What was told for this very due moment before, is not told for it again."""
    for step in reads.taken_for(row):
        row.next_step = next_code(step.step)
        if step.step == BREAK:
            row.broken_at = step.at
        elif not is_reminder(step.step):
            row.rung = number_of(step.step)


def renew_finish(matter: Matter, row: Deadline, *, now: datetime) -> None:
    """Work the finish promise out anew. What an extension gave is never shortened by that."""
    told = promised(matter, Kind.FINISH, start=row.starts)
    if row.is_extended:
        entries = case_reads.clock_of(matter.case)
        if _due(matter, row, (row.starts, told.at, told.working), entries, now) <= row.due:
            return
    renew(matter, [(row, told)], now=now)


def set_due(matter: Matter, row: Deadline, due: datetime, *, now: datetime) -> None:
    """An extension: a new due moment; the first one stays on record."""
    row.base_from, row.base_due, row.due, row.basis = now, due, due, EXTENDED
    row.is_working, row.grace = False, timedelta()
    plan(matter, [row], now=now)


def hand_merged_to(holder: UUID, *, main: UUID) -> None:
    """What reporters of cases under this one were promised goes with it from holder to holder."""
    rows.update(Deadline, reads.OPEN_OF_MERGED, [main], unit_id=holder)


def take_up(promises: Iterable[Deadline]) -> None:
    """Kept promises are open again, because the work was not done after all."""
    for row in promises:
        row.met_at = None
        row.next_step = f"climb:{row.rung + 1}" if row.broken_at else ""


def show(case_id: UUID, promises: Iterable[Deadline]) -> None:
    """Let lists show the promise due next. Windows, which nobody here owes, are not shown."""
    there = list(promises)
    owed = [row for row in there if row.kind not in WINDOWS]
    stands = min((row.starts for row in there if row.kind in STANDING), default=None)
    first = min(owed, key=lambda row: (waits(row.kind, row.due, stands), row.due), default=None)
    cases.show_due(
        case_id,
        start=first.starts if first else None,
        due=first.due if first else None,
        runs_on=first is not None and first.kind in UNSTOPPED,
        finish_by=next((row.due for row in owed if row.kind == Kind.FINISH), None),
    )
