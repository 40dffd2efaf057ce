"""What the desk shows and how: tabs, colours of a promise, bars of time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from gezhi.cases.rules import is_late, measured_at
from gezhi.triage.rules import What

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
    """How a promise stands: its colour, how much of it is used (0–100), the time left or over.

    `is_paused`: the clock of its case stands, whether or not it stands with it.
    """

    colour: Colour
    percent: int
    span: timedelta
    is_paused: bool = False


def left_of(
    *,
    start: datetime | None,
    due: datetime | None,
    paused_until: datetime | None = None,
    paused_at: datetime | None = None,
    runs_on: bool = False,
    now: datetime,
) -> Left:
    """The bar of one promise. What stands keeps its length, and is grey unless it was late."""
    is_paused = paused_until is not None
    if due is None or start is None:
        return Left(Colour.PAUSED if is_paused else Colour.NONE, 0, timedelta(), is_paused)
    at = measured_at(due, paused_until=paused_until, paused_at=paused_at, runs_on=runs_on, now=now)
    whole = (due - start).total_seconds()
    share = 1.0 if whole <= 0 else max(0.0, (at - start).total_seconds() / whole)
    if is_late(due, at=at):
        return Left(Colour.LATE, 100, at - due, is_paused)
    colour = Colour.SOON if share >= SOON_SHARE else Colour.ON_TIME
    if is_paused and not runs_on:
        colour = Colour.PAUSED
    return Left(colour, min(100, round(share * 100)), due - at, is_paused)


LEAST_SHARE = 4.0  # of a bar of time, in percent: narrower nobody sees it


@dataclass(frozen=True)
class Piece:
    """A part of a bar of time. `most`: it is drawn no longer than so many times all the others."""

    start: datetime
    end: datetime
    most: float | None = None


@dataclass(frozen=True)
class Axis:
    """Where moments lie along a bar, in percent. Not `is_true`: short parts are drawn longer."""

    edges: tuple[tuple[datetime, float], ...]
    is_true: bool

    def place(self, at: datetime) -> float:
        """Where a moment lies; before the first and after the last edge at the ends."""
        (before, low), *rest = self.edges
        for after, high in rest:
            if at < before:
                return low
            if at < after:
                return round(low + (at - before) / (after - before) * (high - low), 2)
            before, low = after, high
        return low


def lay_out(pieces: Sequence[Piece]) -> Axis:
    """Lay pieces of time that follow each other along a bar so that each of them can be seen."""
    plain = sum((one.end - one.start for one in pieces if one.most is None), timedelta())
    lengths = [_drawn(one, plain.total_seconds()) for one in pieces]
    is_whole = all(
        length == (one.end - one.start).total_seconds()
        for length, one in zip(lengths, pieces, strict=True)
    )
    shares, is_even = _shares(lengths)
    edges, at = [(pieces[0].start, 0.0)], 0.0
    for one, share in zip(pieces, shares, strict=True):
        at += share
        edges.append((one.end, round(at, 2)))
    return Axis(tuple(edges), is_true=is_whole and is_even)


def _drawn(piece: Piece, plain: float) -> float:
    length = (piece.end - piece.start).total_seconds()
    return length if piece.most is None else min(length, piece.most * max(plain, 1.0))


def _shares(lengths: Sequence[float]) -> tuple[list[float], bool]:
    """Shares of a hundred, none below the least; and whether they are true to the lengths."""
    least = min(LEAST_SHARE, 100 / len(lengths))
    short: set[int] = set()
    while True:
        rest = 100 - least * len(short)
        whole = sum(length for at, length in enumerate(lengths) if at not in short)
        scale = rest / whole if whole else 0.0
        more = {
            at
            for at, length in enumerate(lengths)
            if at not in short and length * scale < least - 1e-9
        }
        if not more:
            break
        short |= more
    if len(short) == len(lengths):
        return [100 / len(lengths)] * len(lengths), False
    return [
        least if at in short else length * scale for at, length in enumerate(lengths)
    ], not short


def lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """For words below a bar, from left to right, the row each stands in.

    Words end at the line of their mark, which comes down to their row: in a row lie neither other
    words below these nor the line of a mark in a deeper row.
    """
    ends: list[float] = []
    found: list[int] = []
    for left, right in spans:
        row = next((at for at in range(len(ends)) if left >= max(ends[at:])), len(ends))
        ends[row : row + 1] = [right]
        found.append(row)
    return found


class Confidence(StrEnum):
    HIGH = "high"
    FAIR = "fair"
    LOW = "low"


LEAST_GUESS = 0.05  # less is no help to choose from


def confidence(found: What, category: str) -> Confidence:
    """How sure a category is by what the words say; low where it is not what they point at."""
    if category != found.category:
        return Confidence.LOW
    if found.is_sure:
        return Confidence.HIGH
    return Confidence.FAIR if found.is_likely else Confidence.LOW


def is_id(text: object) -> bool:
    """Whether this is an id of ours, written out."""
    try:
        return isinstance(text, str) and bool(UUID(text))
    except ValueError:
        return False
