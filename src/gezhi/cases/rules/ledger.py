"""The clock ledger: what ran, what stood, who held it. Elapsed is its sum."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from gezhi.cases.rules.moves import Act
from gezhi.rulebook.rules import Calendar, working_minutes_between


class EntryKind(StrEnum):
    START = "start"  # the clock begins to run, or runs again after a return
    PAUSE = "pause"
    RESUME = "resume"
    TRANSFER = "transfer"  # another unit holds it from here on; the clock runs on
    EXTEND = "extend"
    STOP = "stop"  # finished or ended: nobody's time runs


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `reason` is a code: of the act, or of the rulebook."""

    kind: EntryKind
    at: datetime
    unit: UUID | None = None
    until: datetime | None = None
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """The clock stood while a unit held the case: `entry` says why, until when, on whose word."""

    start: datetime
    end: datetime
    entry: Entry
    is_open: bool = False  # it ends only because the moment asked about does


@dataclass(frozen=True)
class Holding:
    """One unit's stretch with the case, and what stood in it. `entry` gave it to the unit."""

    unit: UUID | None
    start: datetime
    end: datetime
    entry: Entry
    stood: tuple[Standing, ...] = field(default=())
    is_open: bool = False

    @property
    def runs(self) -> list[tuple[datetime, datetime]]:
        """The parts in which the clock ran."""
        edges = [self.start, *(edge for one in self.stood for edge in (one.start, one.end))]
        pairs = zip(edges[::2], [*edges[1::2], self.end], strict=True)
        return [(start, end) for start, end in pairs if end > start]

    @property
    def ran(self) -> timedelta:
        return sum((end - start for start, end in self.runs), timedelta())


def is_paused(entries: Sequence[Entry]) -> bool:
    """Whether the last word about pausing was "pause"."""
    for entry in reversed(entries):
        if entry.kind == EntryKind.PAUSE:
            return True
        if entry.kind in (EntryKind.RESUME, EntryKind.START, EntryKind.STOP):
            return False
    return False


def pauses(entries: Iterable[Entry], *, since: datetime, now: datetime) -> list[
    tuple[datetime, datetime]
]:  # fmt: skip
    """The stretches after `since` in which the clock stood; a standing one ends `now`.

    A clock stands between pause and resume and between stop and the next start.
    """
    stretches: list[tuple[datetime, datetime]] = []
    stood: datetime | None = None
    for entry in entries:
        if entry.kind in (EntryKind.PAUSE, EntryKind.STOP):
            stood = stood or entry.at
        elif entry.kind in (EntryKind.RESUME, EntryKind.START) and stood is not None:
            stretches.append((max(stood, since), max(entry.at, since)))
            stood = None
    if stood is not None:
        stretches.append((max(stood, since), max(now, since)))
    return [(start, end) for start, end in stretches if end > start]


def pauses_over(entries: Sequence[Entry], *, since: datetime, now: datetime) -> list[
    tuple[datetime, datetime]
]:  # fmt: skip
    """The same without a pause that goes on; what stands after a stop counts up to `now`."""
    if is_paused(entries):
        last = max(at for at, entry in enumerate(entries) if entry.kind == EntryKind.PAUSE)
        entries = entries[:last]
    return pauses(entries, since=since, now=now)


def ran_until(entries: Sequence[Entry], *, now: datetime) -> datetime:
    """Now; while a pause goes on, the moment at which it began."""
    if not is_paused(entries):
        return now
    return max(entry.at for entry in entries if entry.kind == EntryKind.PAUSE)


def elapsed(entries: Sequence[Entry], *, now: datetime) -> dict[UUID | None, timedelta]:
    """How long each unit's clock has run, by unit. Pauses and stops count for nobody."""
    sums: dict[UUID | None, timedelta] = {}
    running_since: datetime | None = None
    unit: UUID | None = None
    for entry in entries:
        if running_since is not None:
            sums[unit] = sums.get(unit, timedelta()) + (entry.at - running_since)
            running_since = entry.at
        if entry.kind in (EntryKind.START, EntryKind.RESUME):
            running_since = entry.at
        elif entry.kind in (EntryKind.PAUSE, EntryKind.STOP):
            running_since = None
        if entry.unit is not None:
            unit = entry.unit
    if running_since is not None and now > running_since:
        sums[unit] = sums.get(unit, timedelta()) + (now - running_since)
    return sums


def holdings(entries: Iterable[Entry], *, now: datetime) -> list[Holding]:
    """Who held it from when to when, in order; between a stop and the next start nobody does.

    Entries of one moment count in the order they stand, so a unit may have held it for no time.
    """
    done: list[Holding] = []
    open_: Holding | None = None
    stood: Standing | None = None
    for entry in entries:
        if open_ is not None and entry.kind in _ENDS:
            done.append(_end(open_, stood, entry.at))
        if entry.kind == EntryKind.TRANSFER and open_ is not None:
            # A pause goes on with whoever has it then.
            stood = replace(stood, start=entry.at) if stood else None
            open_ = Holding(entry.unit, entry.at, entry.at, entry)
        elif entry.kind == EntryKind.START:
            open_, stood = Holding(entry.unit, entry.at, entry.at, entry), None
        elif entry.kind == EntryKind.STOP:
            open_ = stood = None
        elif open_ is not None:
            open_, stood = _pause_or_resume(open_, stood, entry)
    if open_ is not None:
        end = max(now, open_.start if stood is None else stood.start)
        done.append(replace(_end(open_, stood, end, is_open=True), is_open=True))
    return done


_ENDS = frozenset({EntryKind.START, EntryKind.TRANSFER, EntryKind.STOP})


def _pause_or_resume(
    open_: Holding, stood: Standing | None, entry: Entry
) -> tuple[Holding, Standing | None]:
    if entry.kind == EntryKind.PAUSE:
        return open_, stood or Standing(entry.at, entry.at, entry)
    if entry.kind == EntryKind.RESUME and stood is not None:
        return replace(open_, stood=(*open_.stood, replace(stood, end=entry.at))), None
    return open_, stood


def _end(open_: Holding, stood: Standing | None, at: datetime, *, is_open: bool = False) -> Holding:
    last = () if stood is None else (replace(stood, end=at, is_open=is_open),)
    return replace(open_, end=at, stood=open_.stood + last)


def extensions(entries: Iterable[Entry]) -> list[Entry]:
    """When more time was given, until when, on whose word."""
    return [entry for entry in entries if entry.kind == EntryKind.EXTEND]


def worked(
    held: Iterable[Holding], calendar_of: Callable[[UUID | None], Calendar]
) -> dict[UUID | None, int]:
    """Minutes of working time each unit's clock has run, by that unit's own hours."""
    sums: dict[UUID | None, int] = {}
    for one in held:
        calendar = calendar_of(one.unit)
        minutes = sum(working_minutes_between(start, end, calendar) for start, end in one.runs)
        sums[one.unit] = sums.get(one.unit, 0) + minutes
    return sums


class LineLike(Protocol):
    """What of a history line tells whether it wrote an entry."""

    at: Any
    act: Any
    data: Any


_Line = TypeVar("_Line", bound=LineLike)
# Which acts write an entry of this kind.
WRITTEN_BY: Mapping[EntryKind, frozenset[Act]] = {
    EntryKind.START: frozenset(
        {Act.REPORT, Act.VERIFY, Act.VISIT_BACK, Act.REOPEN, Act.UNMERGE}
    ),
    EntryKind.PAUSE: frozenset({Act.ASK, Act.PAUSE}),
    EntryKind.RESUME: frozenset({Act.ANSWER, Act.RESUME}),
    EntryKind.TRANSFER: frozenset({Act.ASSIGN, Act.SEND_BACK, Act.ESCALATE, Act.HAND_DOWN}),
    EntryKind.EXTEND: frozenset({Act.EXTEND}),
    EntryKind.STOP: frozenset({Act.FINISH, Act.MERGE, Act.WITHDRAW, Act.REFUSE}),
}  # fmt: skip


def lines_of(entries: Iterable[Entry], lines: Iterable[_Line]) -> list[_Line | None]:
    """For each entry the line of the history that wrote it, which has its reason and words.

    Both in their order; a line that only asks for leave writes no entry.
    """
    left = [line for line in lines if "asks" not in line.data]
    found: list[_Line | None] = []
    for entry in entries:
        at = next((i for i, line in enumerate(left) if _wrote(line, entry)), None)
        found.append(left.pop(at) if at is not None else None)
    return found


def _wrote(line: LineLike, entry: Entry) -> bool:
    return bool(line.at == entry.at and line.act in WRITTEN_BY[entry.kind])
