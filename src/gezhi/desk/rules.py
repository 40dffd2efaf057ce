"""What the desk shows and how: tabs, colours of a promise, the bar of who held a case. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

SOON_SHARE = 0.8
MOST_COUNTED = 999
PAGE = 50
MOST_EXPORTED = 20_000
MOST_AT_ONCE = 200


class Tab(StrEnum):
    """The lists of the inbox, in the order they stand."""

    MINE = "mine"
    HELPING = "helping"
    VERIFY = "verify"
    LATE = "late"
    AREA = "area"
    DONE = "done"


TAKE = "take"  # of many cases: accepted and sent as proposed, two acts in one
# A process that has said nothing for so long is taken for dead; another goes on.
SILENCE = timedelta(seconds=30)
MOST_TRIES = 3  # of one case that the database breaks off (too slow, waited in vain)
KEPT_FOR = timedelta(days=30)


class BulkState(StrEnum):
    """One act on many cases."""

    WORKING = "working"
    STOPPED = "stopped"
    DONE = "done"


class Fate(StrEnum):
    """What became of one case of many."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


def new_pace(before: float, seconds: float) -> float:
    """Cases per second, the newest weighing a fifth."""
    now = 1 / max(seconds, 0.001)
    return now if not before else before * 0.8 + now * 0.2


def seconds_left(*, total: int, done: int, pace: float) -> int | None:
    """How long the rest will take at the pace so far; None before there is one."""
    return round((total - done) / pace) if pace else None


class Sort(StrEnum):
    DUE = "due"
    NEWEST = "newest"


class Colour(StrEnum):
    """The state of a promise; always shown together with words."""

    ON_TIME = "on-time"
    SOON = "soon"
    LATE = "late"
    PAUSED = "paused"
    NONE = "none"


@dataclass(frozen=True)
class Left:
    """How a promise stands: its colour, how much of it is used (0–100), the time left or over."""

    colour: Colour
    percent: int
    span: timedelta


def left_of(
    *,
    start: datetime | None,
    due: datetime | None,
    is_paused: bool,
    now: datetime,
) -> Left:
    """The bar of one promise. Paused is grey and keeps its length."""
    if due is None or start is None:
        return Left(Colour.PAUSED if is_paused else Colour.NONE, 0, timedelta())
    whole = (due - start).total_seconds()
    share = 1.0 if whole <= 0 else max(0.0, (now - start).total_seconds() / whole)
    percent = min(100, round(share * 100))
    if is_paused:
        return Left(Colour.PAUSED, percent, due - now)
    if now > due:
        return Left(Colour.LATE, 100, now - due)
    return Left(Colour.SOON if share >= SOON_SHARE else Colour.ON_TIME, percent, due - now)


@dataclass(frozen=True)
class Stretch:
    """One unit's share of the time a case has run."""

    unit: UUID | None
    ran: timedelta
    percent: float


def stretches(elapsed: Mapping[UUID | None, timedelta]) -> list[Stretch]:
    """Who held it how long, the longest first; shares of a hundred."""
    whole = sum((ran for ran in elapsed.values()), timedelta()).total_seconds() or 1.0
    rows = [
        Stretch(unit, ran, round(ran.total_seconds() * 100 / whole, 1))
        for unit, ran in elapsed.items()
        if ran > timedelta()
    ]
    return sorted(rows, key=lambda row: -row.ran)


class Confidence(StrEnum):
    HIGH = "high"
    FAIR = "fair"
    LOW = "low"


def confidence(scores: list[float]) -> Confidence:
    """How far the first of these scores, the strongest first, stands above the others."""
    if not scores or scores[0] <= 0:
        return Confidence.LOW
    share = scores[0] / sum(scores)
    if share >= 0.6 and scores[0] >= 3:
        return Confidence.HIGH
    return Confidence.FAIR if share >= 0.4 else Confidence.LOW


def safe_cell(text: str) -> str:
    """A text no spreadsheet takes for a formula, also after it was saved as csv."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text[:1] else text
