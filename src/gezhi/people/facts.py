"""What happens to the people. Ids and codes only, never names."""

from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True)
class HeadNamed(Fact):
    """A post became that of the head of its unit, or is so no more."""

    post: UUID
    account: UUID
    unit: UUID
    is_head: bool


@dataclass(frozen=True)
class ShiftAdded(Fact):
    shift: UUID
    unit: UUID


@dataclass(frozen=True)
class ShiftClosed(Fact):
    shift: UUID
    unit: UUID


@dataclass(frozen=True)
class DutyChanged(Fact):
    """Who is on duty changed between two days, both with; `how`: set, fill, copy, swap, extend."""

    unit: UUID
    shifts: tuple[UUID, ...]
    first: date
    last: date
    accounts: tuple[UUID, ...]
    how: str


@dataclass(frozen=True)
class RotaSwitched(Fact):
    """A shift's roster goes on by itself from here, or does so no more."""

    shift: UUID
    unit: UUID
    goes_on: bool


@dataclass(frozen=True)
class RostersAdded(Fact):
    """Rosters of many units at once, when a county is set up."""

    units: tuple[UUID, ...]
    duties: int


@dataclass(frozen=True)
class LeaveTaken(Fact):
    leave: UUID
    account: UUID
    reason: str
    starts: datetime
    ends: datetime
    substitute: UUID | None


@dataclass(frozen=True)
class LeaveEnded(Fact):
    """A leave ends at `on`: earlier than it said, or was taken back before it began."""

    leave: UUID
    account: UUID
    on: datetime
