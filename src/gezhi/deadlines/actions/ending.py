"""Ending windows: a pause or a question runs out, the time for a vote is over."""

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from gezhi.base import clock, rows
from gezhi.base.actor import system
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case
from gezhi.deadlines import reads, rules
from gezhi.deadlines.actions.planning import end_plan
from gezhi.deadlines.actions.watching import BEGINNING
from gezhi.deadlines.facts import WindowEnded
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.rules import Kind
from gezhi.record.actions import announce

AT_ONCE = 50
_RULEBOOK = system("rulebook")

log = structlog.get_logger("gezhi.deadlines")


def _resume(case: Case) -> None:
    cases.resume(case.id, actor=_RULEBOOK)


def _close(case: Case) -> None:
    cases.close(case.id, actor=_RULEBOOK)


def _let_be(case: Case) -> None:
    """The reporter's right to have it done again is over; nothing else changes."""


_FOLLOWS: Mapping[str, Callable[[Case], None]] = {
    Kind.PAUSE: _resume,
    Kind.REPLY: _resume,
    Kind.RATE: _close,
    Kind.REOPEN: _let_be,
}


def end_windows(*, county: str, now: datetime, is_driven: bool = False) -> int:
    """End windows whose time is over, `AT_ONCE` at most; how many were looked at."""
    since = BEGINNING if is_driven else None
    over = reads.windows_over(county=county, since=since, now=now, most=AT_ONCE)
    for row in over:
        moment = row.next_at if is_driven and row.next_at else now
        with clock.standing_at(moment):
            _end(row, moment)
    return len(over)


def _end(row: Deadline, now: datetime) -> None:
    try:
        _end_window(row, now)
    except Refusal as refusal:
        log.info("a window ended and nothing could follow", kind=row.kind, code=refusal.code)
        _leave_open(row)


@rows.atomic()
def _end_window(row: Deadline, now: datetime) -> None:
    """The case is held first, as every act does; then the window is looked at again."""
    case = case_reads.case_held(row.case_id)
    still = reads.still_due(row)
    if still is None:  # another worker was quicker, or somebody spoke at the last moment
        return
    still.met_at = now
    end_plan(still)
    ended = Raised(
        county=row.county, case=case, deadline=still, step=rules.END, due=still.due, at=now
    )
    rows.write(new=[ended], changed=[still])
    _FOLLOWS[row.kind](case)
    said = WindowEnded(
        case=case.id,
        number=case.number,
        deadline=row.id,
        promise=row.kind,
        stage=row.stage,
        unit=row.unit_id,
        due=row.due,
        path=case.path,
        audience="",
        told=(),
    )
    announce(said, about=f"case:{case.id}", county=case.county, actor=_RULEBOOK, now=now)


@rows.atomic()
def _leave_open(row: Deadline) -> None:
    """What should follow was refused; it is tried again when the case has gone on."""
    still = reads.still_due(row)
    if still is not None:
        end_plan(still)
        rows.write(changed=[still])
