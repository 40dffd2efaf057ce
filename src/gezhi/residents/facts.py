"""What happened to residents' requests about their data, in ids and codes."""

from dataclasses import dataclass
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class DataRequested(Fact):
    request: UUID
    report: UUID
    wish: str


@dataclass(frozen=True)
class DataRequestDecided(Fact):
    request: UUID
    report: UUID
    wish: str
    granted: bool
