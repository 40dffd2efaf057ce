"""What happens to a promise while time passes: reminders, the break, rungs of the ladder, an end.

A plan is worked out in the order in which its steps come, only as far as somebody asks.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from gezhi.deadlines.rules.promises import WINDOWS, Kind
from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import (
    Calendar,
    Rung,
    add_natural,
    add_span,
    subtract_working_time,
    working_minutes_between,
)

BREAK = "break"
END = "end"
NOTHING = "-"  # nothing more will happen by itself
_DAY = 24 * 60  # minutes
_REMIND = "remind"
_CLIMB = "climb"
_ORDER = ("", _REMIND, BREAK, END, _CLIMB, NOTHING)


class Step(NamedTuple):
    """One step of a plan: `remind:80`, `break`, `climb:2`, `end`."""

    code: str
    at: datetime


@dataclass(frozen=True)
class Term:
    """The times of a promise: what was promised when, and when it is due now.

    `grace` after that its ladder begins.
    """

    kind: Kind
    base_from: datetime
    base_due: datetime
    due: datetime
    is_working: bool
    grace: timedelta = timedelta()


def rank(code: str) -> tuple[int, int]:
    """The place of a step in any plan. Not planned yet comes before all, nothing more after."""
    name, _, number = code.partition(":")
    return _ORDER.index(name), int(number or 0)


def number_of(code: str) -> int:
    """The percent of a reminder, the number of a rung."""
    return rank(code)[1]


def next_code(done: str) -> str:
    """What is pending once a reminder, the break or a rung was told: whatever comes after it."""
    return f"{_CLIMB}:1" if done == BREAK else f"{done.partition(':')[0]}:{number_of(done) + 1}"


def is_reminder(code: str) -> bool:
    return code.startswith(_REMIND)


def steps(
    term: Term,
    *,
    percents: Collection[int],
    ladder: Callable[[], Sequence[Rung]],
    calendar: Calendar,
) -> Iterator[Step]:
    """The whole plan, in order. A window of time has an end, and is no promise of the house.

    Of a question that waits for an answer the reporter is reminded once.
    """
    if term.kind in WINDOWS:
        if term.kind == Kind.REPLY and percents:
            yield Step(f"{_REMIND}:{max(percents)}", _when_gone(max(percents), term, calendar))
        yield Step(END, term.due)
        return
    for percent in sorted(percents):
        yield Step(f"{_REMIND}:{percent}", _when_gone(percent, term, calendar))
    yield Step(BREAK, term.due)
    for number, rung in enumerate(ladder(), 1):
        yield Step(f"{_CLIMB}:{number}", _climbs_at(term.due + term.grace, rung, calendar))


def _when_gone(percent: int, term: Term, calendar: Calendar) -> datetime:
    """When so much of the time is gone: from the end backwards, so that no pause counts."""
    left = (100 - percent) / 100
    if not term.is_working:
        return term.due - (term.base_due - term.base_from) * left
    minutes = working_minutes_between(term.base_from, term.base_due, calendar)
    return subtract_working_time(term.due, int(minutes * left), calendar)


def _climbs_at(begins: datetime, rung: Rung, calendar: Calendar) -> datetime:
    """Who waits for help doesn't wait for next year's holidays: unknown days count as any day."""
    try:
        return add_span(begins, rung.after, calendar)
    except CalendarYearUnknown:
        days = rung.after.unit == "working_days"
        return add_natural(begins, rung.after.amount * (_DAY if days else 1))


def following(plan: Iterator[Step], done: str) -> Step | None:
    """What comes after a step that was done."""
    return next((step for step in plan if rank(step.code) > rank(done)), None)


def first_of(plan: Iterator[Step], *, pending: str, now: datetime) -> Step | None:
    """Where a plan that was made anew goes on.

    What was pending is pending still. Steps that were done are done, unless the promise moved so
    that they lie ahead again. A reminder that a shorter promise leaves behind is not made up for.
    """
    for step in plan:
        is_to_come = step.at > now
        was_to_come = rank(step.code) >= rank(pending) and pending != NOTHING
        if is_to_come or (was_to_come and not (pending == "" and is_reminder(step.code))):
            return step
    return None


def is_outdated(code: str, *, due: datetime, now: datetime) -> bool:
    """A reminder that comes when the promise is broken already, tells nobody anything."""
    return is_reminder(code) and now >= due
