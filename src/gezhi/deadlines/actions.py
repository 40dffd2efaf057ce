"""Making, meeting, dropping and moving promises."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import system
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases import rules as case_rules
from gezhi.cases.facts import CaseFact
from gezhi.deadlines import reads
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import UNSTOPPED, Kind, Promise, due_after, is_window_over
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Due

if TYPE_CHECKING:
    from gezhi.cases.models import Case

_CENTRES = frozenset({Kind.ACCEPT, Kind.FORWARD, Kind.VISIT})


def promised(fact: CaseFact, kind: Kind, *, start: datetime) -> Due:
    """What the rulebook the case was opened under promises."""
    centre = people.unit(fact.centre)
    holder = people.unit(fact.holder)
    return rulebook.book(fact_county(fact), fact.book).due(
        kind.value,
        category=fact.category or None,
        size=fact.size or None,
        channel=fact.channel,
        level=centre.level,
        start=start,
        unit_code=holder.code,
    )


def fact_county(fact: CaseFact) -> str:
    """The county a case's fact belongs to: that of the unit which holds it."""
    return people.unit(fact.centre).county


def make(
    fact: CaseFact,
    kind: Kind,
    *,
    now: datetime,
    due: datetime | None = None,
    unit: UUID | None = None,
    leg: UUID | None = None,
) -> Deadline:
    """A promise that starts now; due as the rulebook says, or at a moment somebody named."""
    told = None if due else promised(fact, kind, start=now)
    at = due or (told.at if told else now)
    return Deadline(
        county=fact_county(fact),
        case_id=fact.case,
        leg_id=leg,
        unit_id=unit or (fact.centre if kind in _CENTRES else fact.holder),
        kind=kind.value,
        starts=now,
        base_from=now,
        base_due=at,
        first_due=at,
        due=at,
        is_working=told.working if told else False,
        basis=told.basis if told else "named",
    )


def keep(made: Iterable[Deadline] = (), changed: Iterable[Deadline] = ()) -> None:
    """Write new promises and what became of others, in one trip."""
    rows.write(new=made, changed=changed)


def meet(promises: Iterable[Deadline], *, now: datetime) -> None:
    """These were kept (in time or late, `due` tells). Write with `keep`."""
    for row in promises:
        row.met_at = now


def drop(promises: Iterable[Deadline], *, now: datetime) -> None:
    """These are nobody's any more. Write with `keep`."""
    for row in promises:
        row.dropped_at = now


def shift(fact: CaseFact, promises: Iterable[Deadline], *, now: datetime) -> None:
    """Move promises on by what the clock stood since they were made (or last set)."""
    entries = case_reads.clock_of(fact.case)
    calendar = rulebook.book(fact_county(fact), fact.book).calendar
    for row in promises:
        if row.kind in UNSTOPPED:
            continue
        stood = case_rules.pauses(entries, since=row.base_from, now=now)
        promise = Promise(row.base_from, row.base_due, row.is_working, stood)
        row.due = due_after(promise, calendar)


def renew_finish(fact: CaseFact, row: Deadline, *, now: datetime) -> None:
    """Work the finish promise out anew, from its own start; what stood still counts."""
    told = promised(fact, Kind.FINISH, start=row.starts)
    row.base_from, row.base_due = row.starts, told.at
    row.is_working, row.basis = told.working, told.basis
    shift(fact, [row], now=now)


def set_due(row: Deadline, due: datetime, *, now: datetime) -> None:
    """An extension: a new due moment; the first one stays on record."""
    row.base_from, row.base_due, row.due, row.basis = now, due, due, "extended"
    row.is_working = False


def take_up(row: Deadline) -> None:
    """A kept promise is open again, because the work was not done after all."""
    row.met_at = None


def close_unheard(*, county: str, now: datetime) -> int:
    """Close finished cases whose reporters can't be called, when the time to vote is over.

    Returns how many. One that still needs a second person's check stays.
    """
    closed = 0
    for case in case_reads.unheard(county=county).order_by("finished_at"):
        if _is_unheard(case, now):
            with suppress(Refusal):
                closed += _close_unheard(case.id, now)
    return closed


@rows.atomic()
def _close_unheard(case: UUID, now: datetime) -> bool:
    """Asked again with the case held: since the list was read it may have been finished anew."""
    if not _is_unheard(case_reads.case_held(case), now):
        return False
    cases.close(case, actor=system("rulebook"))
    return True


def _is_unheard(case: "Case", now: datetime) -> bool:
    if case.is_reachable is not False or case.finished_at is None:
        return False
    days = rulebook.book(case.county, case.book).limits.rate_days
    return is_window_over(case.finished_at, days=days, now=now)


def show_next(case_id: UUID) -> None:
    """Let lists show the promise that is due next."""
    show(case_id, reads.open_of(case_id))


def show(case_id: UUID, promises: Iterable[Deadline]) -> None:
    """The same from rows already at hand. What the reporter owes is not shown."""
    owed = [row for row in promises if row.kind != Kind.REPLY]
    soonest = min(owed, key=lambda row: row.due, default=None)
    cases.show_due(
        case_id,
        start=soonest.starts if soonest else None,
        due=soonest.due if soonest else None,
    )
