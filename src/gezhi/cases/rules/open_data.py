"""Which of the cases that anybody may read of somebody asks for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Wanted:
    """Which of them: every part that is none narrows nothing. `box` is west, south, east, north."""

    numbers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    states: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    changed_since: datetime | None = None
    changed_until: datetime | None = None
    box: tuple[float, float, float, float] | None = None
