"""The clock ledger: what ran, what stood, who held it. Elapsed is its sum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class EntryKind(StrEnum):
    START = "start"  # the clock begins to run, or runs again after a return
    PAUSE = "pause"
    RESUME = "resume"
    TRANSFER = "transfer"  # another unit holds it from here on; the clock runs on
    EXTEND = "extend"
    STOP = "stop"  # finished or ended: nobody's time runs


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    kind: EntryKind
    at: datetime
    unit: UUID | None = None
    until: datetime | None = None


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
