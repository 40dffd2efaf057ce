"""What happens to the people. Ids and codes only, never names."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class UnitAdded(Fact, audited="rights"):
    unit: UUID
    code: str
    path: str


@dataclass(frozen=True)
class UnitsAdded(Fact, audited="rights"):
    """Many at once, when a county is set up."""

    units: tuple[UUID, ...]


@dataclass(frozen=True)
class UnitChanged(Fact, audited="rights"):
    unit: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True)
class UnitClosed(Fact, audited="rights"):
    unit: UUID


@dataclass(frozen=True)
class UnitReopened(Fact, audited="rights"):
    unit: UUID


@dataclass(frozen=True)
class AccountAdded(Fact, audited="rights"):
    account: UUID


@dataclass(frozen=True)
class StaffAdded(Fact, audited="rights"):
    """Many accounts with their posts at once."""

    accounts: tuple[UUID, ...]
    posts: int


@dataclass(frozen=True)
class PasswordsSet(Fact, audited="rights"):
    """All accounts of a county got one password: a demo that others can reach."""

    count: int


@dataclass(frozen=True)
class AccountChanged(Fact, audited="rights"):
    account: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True)
class PasswordReset(Fact, audited="security"):
    account: UUID


@dataclass(frozen=True)
class PasswordChanged(Fact, audited="security"):
    account: UUID


@dataclass(frozen=True)
class PasswordDue(Fact, audited="security"):
    """A password is older than the deployment allows and has to be changed."""

    account: UUID


@dataclass(frozen=True)
class SessionsEnded(Fact, audited="security"):
    """Somebody was signed out elsewhere: `count` browsers."""

    account: UUID
    count: int


@dataclass(frozen=True)
class PostGiven(Fact, audited="rights"):
    post: UUID
    account: UUID
    unit: UUID
    role: str
    path: str


@dataclass(frozen=True)
class PostEnded(Fact, audited="rights"):
    post: UUID
    account: UUID
    unit: UUID
    role: str
    on: date


@dataclass(frozen=True)
class PostDelegated(Fact, audited="rights"):
    """A colleague holds a post on somebody's behalf, to the day `until`, with it."""

    post: UUID
    account: UUID
    on_behalf_of: UUID
    unit: UUID
    role: str
    path: str
    until: date


@dataclass(frozen=True)
class DelegationEnded(Fact, audited="rights"):
    post: UUID
    account: UUID
    on_behalf_of: UUID | None
    unit: UUID
    role: str


@dataclass(frozen=True)
class KeyMade(Fact, audited="rights"):
    key: UUID
    account: UUID


@dataclass(frozen=True)
class KeyCollected(Fact, audited="rights"):
    """The holder took a key that waited."""

    key: UUID
    account: UUID


@dataclass(frozen=True)
class KeyRevoked(Fact, audited="rights"):
    key: UUID
    account: UUID


@dataclass(frozen=True)
class HeadNamed(Fact, audited="rights"):
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
