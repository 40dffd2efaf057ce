"""What became of promises as time passed, in ids and codes."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class PromiseFact(Fact):
    """What every such fact carries, so that followers need neither the promise nor the case.

    `promise` is its kind and `stage` which one of the category's it is, where it is one; `unit`
    owes it, `audience` is who is told by the rulebook's word for them (`rulebook.rules.TELLS`, the
    reporter, or whoever demanded an answer) and `told` who of them was at work: ids of accounts.
    """

    case: UUID
    number: str
    deadline: UUID
    promise: str
    unit: UUID
    due: datetime
    path: str
    audience: str
    told: tuple[UUID, ...]
    stage: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class PromiseReminded(PromiseFact):
    """So much of the promised time is gone."""

    percent: int


@dataclass(frozen=True)
class PromiseBroken(PromiseFact):
    """The due moment has passed."""


@dataclass(frozen=True)
class PromiseClimbed(PromiseFact):
    """Still not kept: the next rung of the ladder, counted from 1, was told."""

    rung: int


@dataclass(frozen=True)
class NobodyOnDuty(PromiseFact):
    """Nobody of a unit who should have been told was at work: others hear of that at once."""

    absent: UUID


@dataclass(frozen=True)
class WindowEnded(PromiseFact):
    """The time for a reporter's word, or of a pause, is over; what follows is an act of its own."""
