"""The clock ledger of a case, told whole: who held it how long, by the wall and by work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gezhi.cases import rules
from gezhi.cases.models import Case
from gezhi.cases.reads.parts import clock_of
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import Calendar


@dataclass(frozen=True)
class Ledger:
    """`ran` and `worked` are sums by unit; `worked` is minutes of the unit's own working hours.

    `worked` is None where the calendar of the case's rulebook does not know the year.
    """

    entries: list[rules.Entry]
    holdings: list[rules.Holding]
    ran: Mapping[UUID | None, timedelta]
    worked: Mapping[UUID | None, int] | None

    @property
    def whole(self) -> timedelta:
        """How long the clock of the case has run."""
        return sum(self.ran.values(), timedelta())

    @property
    def is_standing(self) -> bool:
        """Nobody's time runs: paused, finished or ended."""
        last = self.holdings[-1] if self.holdings else None
        return last is None or not last.is_open or rules.is_paused(self.entries)


def ledger_of(case: Case, *, now: datetime) -> Ledger:
    """What the ledger says up to `now`. One query."""
    entries = clock_of(case.id)
    held = rules.holdings(entries, now=now)
    return Ledger(entries, held, rules.elapsed(entries, now=now), _worked(case, held))


def _worked(case: Case, held: list[rules.Holding]) -> dict[UUID | None, int] | None:
    calendar = rulebook.book(case.county, case.book).calendar
    codes = {
        id: unit.code
        for id, unit in people.units_by_ids({one.unit for one in held if one.unit}).items()
    }

    def hours_of(unit: UUID | None) -> Calendar:
        return calendar.for_unit(codes.get(unit) if unit else None)

    try:
        return rules.worked(held, hours_of)
    except CalendarYearUnknown:
        return None
