"""The clock ledger of a case, for programs: its entries, its stretches, its sums."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import CaseRef, Shown, give
from gezhi.base.http import actor_of
from gezhi.cases import reads, rules
from gezhi.cases.api import showing
from gezhi.cases.api.root import router
from gezhi.cases.models import HistoryLine


class ClockEntryShown(Shown):
    """One entry of the ledger. `line` is the `seq` of the history line that wrote it."""

    at: datetime
    kind: Literal["start", "pause", "resume", "transfer", "extend", "stop"]
    unit: showing.UnitNamed | None
    actor: str
    reason: str
    until: datetime | None
    line: int | None


class StandingShown(Shown):
    """The clock stood while a unit held the case; that counts for nobody."""

    start: datetime
    end: datetime | None
    until: datetime | None
    reason: str
    actor: str
    seconds: int


class HoldingShown(Shown):
    """One unit's stretch with the case. `end` is null while it goes on."""

    unit: showing.UnitNamed | None
    start: datetime
    end: datetime | None
    is_open: bool
    handed_by: str
    how: str
    ran_seconds: int
    stood: list[StandingShown]


class UnitRan(Shown):
    """How long one unit's clock has run: by the wall, and in its own working hours."""

    unit: showing.UnitNamed | None
    ran_seconds: int
    worked_minutes: int | None = Field(
        description="Null where the calendar of the case's rulebook does not know the year."
    )


class ClockShown(Shown):
    """The clock ledger of a case, and its sums at the moment `now`."""

    now: datetime
    is_standing: bool = Field(description="Nobody's time runs: paused, finished or ended.")
    elapsed_seconds: int
    entries: list[ClockEntryShown]
    holdings: list[HoldingShown]
    units: list[UnitRan]


@router.get("/cases/{ref}/clock", response=ClockShown, summary="Its clock ledger")
def read_clock(request: HttpRequest, ref: CaseRef) -> HttpResponse:
    """Every start, pause, resume, transfer, extension and stop, who held it how long, the sums.

    What has elapsed is the sum of the ledger, whatever becomes of category, size or holder.
    Not paged.
    """
    case, now = reads.case_for(actor_of(request), ref), clock.now()
    lines = reads.history_of(case).defer("words")
    return give(_told(reads.ledger_of(case, now=now), lines, now))


def _told(ledger: reads.Ledger, lines: Iterable[HistoryLine], now: datetime) -> dict[str, Any]:
    wrote = rules.lines_of(ledger.entries, lines)
    return {
        "now": now,
        "is_standing": ledger.is_standing,
        "elapsed_seconds": _seconds(ledger.whole),
        "entries": [_entry(entry, line) for entry, line in zip(ledger.entries, wrote, strict=True)],
        "holdings": [_holding(one) for one in ledger.holdings],
        "units": [
            {
                "unit": _named(unit),
                "ran_seconds": _seconds(ran),
                "worked_minutes": None if ledger.worked is None else ledger.worked.get(unit, 0),
            }
            for unit, ran in ledger.ran.items()
        ],
    }


def _named(unit: UUID | None) -> dict[str, Any] | None:
    return showing.unit_named(unit, {}) if unit else None


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _entry(entry: rules.Entry, line: HistoryLine | None) -> dict[str, Any]:
    return {
        "at": entry.at,
        "kind": entry.kind.value,
        "unit": _named(entry.unit),
        "actor": entry.actor,
        "reason": entry.reason,
        "until": entry.until,
        "line": line.seq if line else None,
    }


def _holding(one: rules.Holding) -> dict[str, Any]:
    return {
        "unit": _named(one.unit),
        "start": one.start,
        "end": None if one.is_open else one.end,
        "is_open": one.is_open,
        "handed_by": one.entry.actor,
        "how": one.entry.reason,
        "ran_seconds": _seconds(one.ran),
        "stood": [
            {
                "start": stood.start,
                "end": None if stood.is_open else stood.end,
                "until": stood.entry.until,
                "reason": stood.entry.reason,
                "actor": stood.entry.actor,
                "seconds": _seconds(stood.end - stood.start),
            }
            for stood in one.stood
        ],
    }
