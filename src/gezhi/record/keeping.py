"""Kinds of data that don't stay for ever: each room says which of its rows, and how they go.

A room registers what it owns; the room `retention` keeps the rules, previews and does it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise


@dataclass(frozen=True)
class Held:
    """What must not go, whatever its age: cases and areas under a legal hold.

    A case that is held brings with it whatever was merged into it.
    """

    cases: frozenset[UUID] = frozenset()
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Due:
    """How much of a kind would go, and since when the oldest of it lies."""

    count: int
    oldest: datetime | None = None


@dataclass(frozen=True)
class Over:
    """What is asked for: of one county, from before a moment, and not held back.

    `cause` names the removal that takes it, for what is told of it; empty where it is only counted.
    """

    county: str
    before: datetime
    held: Held = field(default_factory=Held)
    cause: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of data. `erase` removes at most so many and says how many it removed; the rows
    that are removed are no longer counted by `due`, so it may be stopped anywhere and go on.

    What is chosen is locked and asked for once more before it goes: it may have changed meanwhile.
    """

    code: str
    name: Promise
    what_goes: Promise
    days: int
    least: int
    due: Callable[[Over], Due]
    erase: Callable[[Over, int], int]
    goes_by_itself: bool = False  # what nobody would miss; the rest waits until a rule was set


_kinds: dict[str, Kind] = {}


def keeps(kind: Kind) -> None:
    """Register a kind of data under its code."""
    _kinds[kind.code] = kind


def kinds() -> list[Kind]:
    """All that rooms registered, in the order of their codes."""
    return [_kinds[code] for code in sorted(_kinds)]
