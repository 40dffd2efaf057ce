"""What happens to the people. Ids and codes only, never names."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class UnitAdded(Fact):
    unit: UUID
    code: str
    path: str


@dataclass(frozen=True)
class UnitsAdded(Fact):
    """Many at once, when a county is set up."""

    units: tuple[UUID, ...]


@dataclass(frozen=True)
class UnitChanged(Fact):
    unit: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True)
class UnitClosed(Fact):
    unit: UUID


@dataclass(frozen=True)
class UnitReopened(Fact):
    unit: UUID


@dataclass(frozen=True)
class AccountAdded(Fact):
    account: UUID


@dataclass(frozen=True)
class StaffAdded(Fact):
    """Many accounts with their posts at once."""

    accounts: tuple[UUID, ...]
    posts: int


@dataclass(frozen=True)
class PasswordsSet(Fact):
    """All accounts of a county got one password: a demo that others can reach."""

    count: int


@dataclass(frozen=True)
class AccountChanged(Fact):
    account: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True)
class PasswordReset(Fact):
    account: UUID


@dataclass(frozen=True)
class PasswordChanged(Fact):
    account: UUID


@dataclass(frozen=True)
class PostGiven(Fact):
    post: UUID
    account: UUID
    unit: UUID
    role: str
    path: str


@dataclass(frozen=True)
class PostEnded(Fact):
    post: UUID
    account: UUID
    unit: UUID
    role: str
    on: date


@dataclass(frozen=True)
class KeyMade(Fact):
    key: UUID
    account: UUID


@dataclass(frozen=True)
class KeyRevoked(Fact):
    key: UUID
    account: UUID
