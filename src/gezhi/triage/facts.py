"""What happened to a root-cause case, in ids and codes."""

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
