"""Matters that come back: when one is proposed as a root-cause case, over which weeks it counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SHORT, LONG = timedelta(days=90), timedelta(days=180)
LEAST_SHORT, LEAST_LONG = 5, 8
WEEKS = 26  # looked at on either side of the day it was opened
WATCHED = timedelta(weeks=WEEKS)
_VILLAGE = 12  # digits of the smallest area that is proposed


@dataclass(frozen=True)
class Recurrence:
    """So many cases of a kind were solved in a village, each for itself, in these days."""

    path: str
    category: str
    short: int
    long: int

    @property
    def days(self) -> int:
        return (SHORT if self.short >= LEAST_SHORT else LONG).days

    @property
    def solved(self) -> int:
        return self.short if self.short >= LEAST_SHORT else self.long

    @property
    def is_recurrent(self) -> bool:
        is_often = self.short >= LEAST_SHORT or self.long >= LEAST_LONG
        return is_often and len(self.path) == _VILLAGE


@dataclass(frozen=True)
class Watch:
    """The time before and after a root-cause case was opened; `until` now, its end, or enough."""

    since: datetime
    opened: datetime
    until: datetime

    @property
    def weeks(self) -> float:
        return (self.until - self.opened) / timedelta(weeks=1)


def watch(opened: datetime, *, now: datetime) -> Watch:
    """Half a year before; after it what has passed, half a year at most.

    It goes on when the case is ended: whether the matter stays away shows only then.
    """
    return Watch(opened - WATCHED, opened, min(now, opened + WATCHED))


def weeks_of(moments: list[datetime], watched: Watch) -> list[int]:
    """How many were reported in each week from the first to the last; -26 is the first of 52."""
    counted = [0] * (2 * WEEKS)
    for at in moments:
        week = (at - watched.opened) // timedelta(weeks=1) + WEEKS
        if 0 <= week < len(counted):
            counted[week] += 1
    return counted
