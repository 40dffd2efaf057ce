"""Giving promises the next step of their plan, so that it is taken in time."""

from collections.abc import Iterable
from datetime import datetime

from gezhi.base import rows
from gezhi.deadlines import reads, rules
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import Matter

_AT_ONCE = 500


def plan(matter: Matter, promises: Iterable[Deadline], *, now: datetime) -> None:
    """Plan what is open from here on; while the case's clock stands, its own promises wait.

    For promises that are new, or moved. Write with `keep`.
    """
    for row in promises:
        if row.met_at or row.dropped_at:
            continue
        if row.due > now:  # what was broken has been promised anew
            row.broken_at, row.rung = None, 0
        step = rules.first_of(reads.steps_of(matter, row), pending=row.next_step, now=now)
        _wait_for(row, step)


def hold(promises: Iterable[Deadline]) -> None:
    """The clock stands: what it drives has no next moment until it runs again."""
    for row in promises:
        if row.kind not in rules.UNSTOPPED:
            row.next_at = None


def go_on(matter: Matter, row: Deadline, done: str) -> None:
    """After a step was taken, the one that follows."""
    _wait_for(row, rules.following(reads.steps_of(matter, row), done))


def end_plan(row: Deadline) -> None:
    """Nothing more will happen to this promise by itself."""
    _wait_for(row, None)


def _wait_for(row: Deadline, step: rules.Step | None) -> None:
    row.next_step, row.next_at = step or (rules.NOTHING, None)


@rows.atomic()
def plan_unplanned(*, county: str, now: datetime) -> int:
    """Plan promises that were written by an older release, or by the hundred thousand."""
    found = reads.unplanned(county=county, most=_AT_ONCE)
    if not found:
        return 0
    matters = reads.matters(row.case_id for row in found)
    for row in found:
        matter = matters[row.case_id]
        plan(matter, [row], now=now)
        if matter.is_standing:
            hold([row])
    rows.write(changed=found)
    return len(found)
