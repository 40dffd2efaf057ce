"""What happened to a root-cause case and to what was learned, in ids, codes and numbers."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class RootCauseOpened(Fact):
    """A matter that comes back has an owner, and a case that is worked like any other."""

    root: UUID
    case: UUID
    path: str
    category: str
    owner: UUID
    target: date


@dataclass(frozen=True)
class RootCauseEnded(Fact):
    """Somebody judged it: `is_reached` says whether the matter is over."""

    root: UUID
    case: UUID
    is_reached: bool


@dataclass(frozen=True)
class KindsLearned(Fact, audited="rules"):
    """Another version of the model of kinds became the one in force; `was` is 0 before the first.

    `by_hand`: somebody went back to it. Else it was better on held-out cases.
    """

    version: int
    was: int
    cases: int
    by_hand: bool
