"""Matters that come back: when one is proposed as a root-cause case, over which weeks it counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SHORT, LONG = timedelta(days=90), timedelta(days=180)
LEAST_SHORT, LEAST_LONG = 5, 8
LEAST_APART = 3  # different weeks in which they came: one bad week is one matter
WEEKS = 26  # looked at on either side of the day it was opened
WATCHED = timedelta(weeks=WEEKS)
MERGED = "areas_merged"  # the result of the younger of two whose areas merged, told by the page
_VILLAGE = 12  # digits of the smallest area that is proposed


@dataclass(frozen=True)
class Recurrence:
    """So many cases of a kind were solved in a village, each for itself, in so many weeks."""

    path: str
    category: str
    short: int
    long: int
    short_weeks: int
    long_weeks: int

    @property
    def is_short(self) -> bool:
        """Whether the shorter time is enough to say so."""
        return self.short >= LEAST_SHORT and self.short_weeks >= LEAST_APART

    @property
    def days(self) -> int:
        return (SHORT if self.is_short else LONG).days

    @property
    def solved(self) -> int:
        return self.short if self.is_short else self.long

    @property
    def is_recurrent(self) -> bool:
        is_long = self.long >= LEAST_LONG and self.long_weeks >= LEAST_APART
        return (self.is_short or is_long) and len(self.path) == _VILLAGE


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
