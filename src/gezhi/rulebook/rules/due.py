"""Due times: rows of promises, the first that fits wins, specific before general."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal

from gezhi.rulebook.rules.calendars import (
    Calendar,
    add_natural,
    add_working_days,
    add_working_time,
    guessed_years,
)

KINDS = ("accept", "forward", "sign", "finish", "arrive", "answer", "visit", "reply")
# A stage is due as its category says; ladders and words that go out may be for stages alone.
STAGE = "stage"
PROMISED = (*KINDS, STAGE)
SIZES = ("small", "big", "hard")
LEVELS = ("city", "county", "town", "village", "grid")

Unit = Literal["minutes", "working_minutes", "working_days"]
_SPAN = re.compile(r"(\d+) (working )?(minute|hour|day)s?")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}


@dataclass(frozen=True)
class Span:
    """A length of time as it is written: `10 minutes`, `4 working hours`, `1 working day`."""

    text: str
    amount: int
    unit: Unit

    @property
    def is_working(self) -> bool:
        return self.unit != "minutes"

    @property
    def length(self) -> int:
        """Minutes, to tell what is meant to be longer: a working day counts as 24 hours."""
        return self.amount * (_MINUTES["day"] if self.unit == "working_days" else 1)


def read_span(text: str, *, zero: bool = False) -> Span | None:
    """The span that `text` says, or None. Nothing at all is a span only where `zero` lets it."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    amount, working, unit = int(match[1]), bool(match[2]), match[3]
    # Zero working days would be the end of that day: not nothing.
    if amount == 0 and (not zero or (working and unit == "day")):
        return None
    if working and unit == "day":
        return Span(text, amount, "working_days")
    return Span(text, amount * _MINUTES[unit], "working_minutes" if working else "minutes")


def add_span(start: datetime, span: Span, calendar: Calendar) -> datetime:
    """The moment in UTC at which `span` after `start` is over."""
    if span.unit == "working_days":
        return add_working_days(start, span.amount, calendar)
    if span.unit == "working_minutes":
        return add_working_time(start, span.amount, calendar)
    return add_natural(start, span.amount)


@dataclass(frozen=True)
class Asked:
    """What a due time is asked for. None: not known (yet)."""

    category: str | None = None
    group: str | None = None
    size: str | None = None
    channel: str | None = None
    level: str | None = None
    urgent: bool | None = None
    kind: str | None = None
    asset: str | None = None
    zone: str | None = None


@dataclass(frozen=True)
class When:
    """The conditions of a row. An empty one is no condition.

    `kind` is not one for due rows; `asset` and `zone` are for routing alone.
    """

    category: frozenset[str] = frozenset()
    group: frozenset[str] = frozenset()
    size: frozenset[str] = frozenset()
    channel: frozenset[str] = frozenset()
    level: frozenset[str] = frozenset()
    urgent: frozenset[bool] = frozenset()
    kind: frozenset[str] = frozenset()
    asset: frozenset[str] = frozenset()
    zone: frozenset[str] = frozenset()

    def fits(self, asked: Asked) -> bool:
        """Whether every condition is met. What is not known meets no condition."""
        return all(
            not getattr(self, one.name) or getattr(asked, one.name) in getattr(self, one.name)
            for one in fields(self)
        )

    def covers(self, other: "When") -> bool:
        """Whether everything that fits `other` fits this too."""
        return all(
            not getattr(self, one.name)
            or (
                bool(getattr(other, one.name))
                and getattr(other, one.name) <= getattr(self, one.name)
            )
            for one in fields(self)
        )

    def both(self, other: "When") -> "When | None":
        """The conditions under which both fit; None if nothing can fit both."""
        shared = {}
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            shared[one.name] = mine & theirs if mine and theirs else mine | theirs
            if mine and theirs and not shared[one.name]:
                return None
        return When(**shared)


def taken_for(kind: str, rows: Iterable[When]) -> str:
    """What kind ladders are asked for: a stage is taken for a finish until one of them names it."""
    if kind == STAGE and not any(STAGE in when.kind for when in rows):
        return "finish"
    return kind


@dataclass(frozen=True)
class DueRow:
    """One promise: for `kind`, `within` a span, under conditions.

    `first` says on purpose that it goes before the rows below wherever they cross.
    """

    id: str
    kind: str
    within: Span
    when: When
    line: int
    first: bool = False

    @property
    def says(self) -> Span:
        """What it comes to, whatever its conditions."""
        return self.within


@dataclass(frozen=True)
class Due:
    """A due moment in UTC. `basis` names row and span; `guessed` years had no official days."""

    at: datetime
    basis: str
    working: bool
    guessed: tuple[int, ...] = ()


def due_by_row(row: DueRow, start: datetime, calendar: Calendar) -> Due:
    """What a row makes of a start."""
    at = add_span(start, row.within, calendar).astimezone(UTC)
    guessed = guessed_years(start, at, calendar) if row.within.is_working else ()
    mark = "".join(f"; {year}: weekdays only" for year in guessed)
    return Due(at, f"{row.id}: {row.within.text}{mark}", row.within.is_working, guessed)
