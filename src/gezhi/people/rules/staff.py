"""Roles and what each may do, the days a post holds, who is at work when, how a login is written.

Pure.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.people.errors import RoleElsewhere, ValueWrong
from gezhi.places.rules import Level as Level
from gezhi.places.rules import steps_of


class Role(StrEnum):
    """What a person is in a unit. Codes are fixed; labels are translated."""

    GRID_WORKER = "grid_worker"
    RECEPTIONIST = "receptionist"
    HANDLER = "handler"
    SUPERVISOR = "supervisor"
    RETURN_VISITOR = "return_visitor"
    MEDIATOR = "mediator"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDITOR = "auditor"
    INTEGRATOR = "integrator"

    @property
    def label(self) -> Promise:
        return ROLE_NAMES[self]


class UnitKind(StrEnum):
    """What sort of body a unit is."""

    CENTRE = "centre"
    GRID = "grid"
    DEPARTMENT = "department"
    STATION = "station"
    COMMITTEE = "committee"
    COMPANY = "company"

    @property
    def label(self) -> Promise:
        return KIND_NAMES[self]


class LeaveKind(StrEnum):
    """Why somebody is away. Codes alone: nobody writes down an illness here."""

    LEAVE = "leave"
    TRAINING = "training"
    OTHER = "other"

    @property
    def label(self) -> Promise:
        return LEAVE_NAMES[self]


ROLE_NAMES: Mapping[Role, Promise] = {
    Role.GRID_WORKER: _("网格员"),
    Role.RECEPTIONIST: _("受理员"),
    Role.HANDLER: _("承办人"),
    Role.SUPERVISOR: _("督办员"),
    Role.RETURN_VISITOR: _("回访员"),
    Role.MEDIATOR: _("调解员"),
    Role.LEADER: _("领导"),
    Role.ADMINISTRATOR: _("系统管理员"),
    Role.SECURITY_ADMINISTRATOR: _("安全管理员"),
    Role.AUDITOR: _("审计管理员"),
    Role.INTEGRATOR: _("对接方"),
}
KIND_NAMES: Mapping[UnitKind, Promise] = {
    UnitKind.CENTRE: _("综治中心"),
    UnitKind.GRID: _("网格"),
    UnitKind.DEPARTMENT: _("职能部门"),
    UnitKind.STATION: _("乡镇站所"),
    UnitKind.COMMITTEE: _("调委会"),
    UnitKind.COMPANY: _("服务单位"),
}
LEAVE_NAMES: Mapping[LeaveKind, Promise] = {
    LeaveKind.LEAVE: _("请假"),
    LeaveKind.TRAINING: _("培训学习"),
    LeaveKind.OTHER: _("其他"),
}
LEVEL_NAMES: Mapping[Level, Promise] = {
    Level.CITY: _("市级"),
    Level.COUNTY: _("县级"),
    Level.TOWN: _("乡镇级"),
    Level.VILLAGE: _("村级"),
    Level.GRID: _("网格级"),
}

# Roles that make sense in some kinds of units alone.
ONLY_IN: Mapping[Role, frozenset[UnitKind]] = {
    Role.GRID_WORKER: frozenset({UnitKind.GRID}),
    Role.RECEPTIONIST: frozenset({UnitKind.CENTRE}),
    Role.SUPERVISOR: frozenset({UnitKind.CENTRE}),
    Role.RETURN_VISITOR: frozenset({UnitKind.CENTRE}),
    Role.MEDIATOR: frozenset({UnitKind.CENTRE, UnitKind.COMMITTEE, UnitKind.STATION}),
}

# The three administrators (三员): each does a part of the work, and none can do another's.
ADMINISTRATORS = (Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR)

_LOOKS = frozenset({"case.read", "case.report", "case.note"})
# These look over everything in their area; the others see what their own unit has or had.
_OVERLOOKS = _LOOKS | {"case.read_area"}
_LEADS = _LOOKS | {
    "case.sign",
    "case.work",
    "case.send_back",
    "case.escalate",
    "case.whistle",
    "case.ask",
    "case.pause",
    "case.extend",
    "case.open_sealed",
}
# Approving is the supervisor's alone, so nobody approves what they asked for themselves.
RIGHTS: Mapping[Role, frozenset[str]] = {
    Role.GRID_WORKER: _LEADS | {"case.verify", "place.name"},
    Role.RECEPTIONIST: _OVERLOOKS
    | {
        "case.accept",
        "case.refuse",
        "case.assign",
        "case.escalate",
        "case.hand_down",
        "case.whistle",
        "case.ask",
        "case.pause",
        "case.extend",
        "case.verify",
        "case.merge",
        "case.open_sealed",
        "case.open_secret",
        "case.export",
        "case.import",
        "hotline.answer",
    },
    Role.HANDLER: _LEADS | {"case.export"},
    Role.SUPERVISOR: _OVERLOOKS
    | {
        "case.approve",
        "case.supervise",
        "case.verify",
        "case.reopen",
        "case.open_sealed",
        "case.open_secret",
        "case.export",
        "hotline.write",
    },
    Role.RETURN_VISITOR: _OVERLOOKS | {"case.visit_back", "case.open_sealed", "case.export"},
    Role.MEDIATOR: _LEADS,
    Role.LEADER: frozenset({"case.read", "case.read_area", "case.supervise", "case.export"}),
    Role.ADMINISTRATOR: frozenset(
        {
            "unit.manage",
            "account.manage",
            "area.manage",
            "rulebook.manage",
            "backup.manage",
            "webhook.manage",
        }
    ),
    Role.SECURITY_ADMINISTRATOR: frozenset({"post.manage", "security.manage"}),
    Role.AUDITOR: frozenset({"audit.read"}),
    Role.INTEGRATOR: frozenset(
        {"case.read", "case.read_area", "case.report", "hotline.connect", "webhook.own"}
    ),
}
ALL_RIGHTS = frozenset().union(*RIGHTS.values())
LONGEST_ROSTER = timedelta(days=366)  # so far ahead may duties be set
LONGEST_LEAVE = timedelta(days=731)  # and so far ahead may it reach
WEEKS_AHEAD = 4  # a roster that goes on by itself is filled so far
ALL_WEEK = "1234567"
KEY_NOTED_EVERY = timedelta(minutes=1)
_TOKEN = re.compile(r"gz_([0-9a-f]{8})_[0-9a-f]{48}")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,47}")
_PHONE = re.compile(r"\+?[0-9（(][0-9()（） -]{1,18}[0-9](\s*(转|[xX])\s*[0-9]{1,6})?")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,47}")


def rights_of(role: str) -> frozenset[str]:
    """What a role may do; nothing for a role that is not known (any more)."""
    return RIGHTS.get(Role(role), frozenset()) if role in set(Role) else frozenset()


def is_program(roles: Iterable[str]) -> bool:
    """Whether an account with these roles does no person's work: another program's, or nobody's."""
    return set(roles) <= {Role.INTEGRATOR}


def role_names(roles: Iterable[str]) -> str:
    """What these roles are called, in the order of the roles, each once."""
    return " / ".join(str(ROLE_NAMES[role]) for role in Role if role in set(roles))


def must_fit(role: str, kind: str) -> None:
    """A role that is known, in a unit where its work is."""
    if role not in set(Role):
        raise ValueWrong(input="role")
    kinds = ONLY_IN.get(Role(role), frozenset(UnitKind))
    if kind not in kinds:
        named = [str(KIND_NAMES[one]) for one in UnitKind if one in kinds]
        raise RoleElsewhere(role=str(ROLE_NAMES[Role(role)]), kinds=named)


def are_apart(role: str, beside: Iterable[str]) -> bool:
    """Whether somebody with the roles `beside` may have `role` in the same days.

    An administrator of the three has no other role: none has a part of two of them, and none who
    gives rights or keeps the system and the record open sees cases.
    """
    return not any(
        other != role and (role in ADMINISTRATORS or other in ADMINISTRATORS) for other in beside
    )


def holds_on(day: date, valid_from: date, valid_to: date | None) -> bool:
    """Whether a post holds on `day`: from its first day up to, not with, `valid_to`."""
    return valid_from <= day and (valid_to is None or day < valid_to)


def covers(over: str, path: str) -> bool:
    """Whether the area `over` is the area `path` or one around it."""
    return path.startswith(over)


def paths_around(path: str) -> tuple[str, ...]:
    """`path` itself and the areas around it, the smallest first, ending with "" (everywhere)."""
    return tuple(dict.fromkeys((path, *reversed(steps_of(path)), "")))


def clean_login(login: str) -> str:
    """A login as it is stored and compared."""
    return login.strip().lower()


def is_login(login: str) -> bool:
    """Two to 48 small letters, digits and . _ @ -, beginning with a letter or digit."""
    return _LOGIN.fullmatch(login) is not None


def is_phone(phone: str) -> bool:
    """A number a phone can dial, perhaps with an extension: 0930-1234567 转 8."""
    return _PHONE.fullmatch(phone) is not None


def is_unit_code(code: str) -> bool:
    """Readable codes such as `centre-990101`: small letters, digits and -."""
    return _CODE.fullmatch(code) is not None


def make_token(random: bytes) -> str:
    """A key's text from 28 random bytes: `gz_<prefix>_<secret>`."""
    if len(random) != 28:
        raise ValueError("A key needs 28 random bytes.")
    return f"gz_{random[:4].hex()}_{random[4:].hex()}"


def token_prefix(token: str) -> str:
    """The part of a key that is kept readable; empty if this is no key."""
    match = _TOKEN.fullmatch(token)
    return match[1] if match else ""


def token_digest(token: str) -> bytes:
    """What is stored of a key. Its secret has 192 random bits, so a plain digest will do."""
    return hashlib.sha256(token.encode()).digest()


def is_use_noted(last_used: datetime | None, now: datetime) -> bool:
    """Whether a key's use was noted less than a minute ago."""
    return last_used is not None and timedelta() <= now - last_used < KEY_NOTED_EVERY


@dataclass(frozen=True)
class Stint:
    """One person's shift on one day, by the clocks of the city."""

    account: UUID
    day: date
    starts: time
    ends: time
    shift: UUID | None = None

    def covers(self, at: datetime, zone: tzinfo) -> bool:
        """Whether the person is due at work at this moment."""
        starts, ends = shift_window(self.day, self.starts, self.ends, zone)
        return starts <= at < ends


@dataclass(frozen=True)
class Absence:
    """Somebody is away from `starts` up to, not with, `ends`; perhaps another stands in."""

    account: UUID
    starts: datetime
    ends: datetime
    substitute: UUID | None = None


@dataclass(frozen=True)
class Standing:
    """One person at work: on which shift (None: no roster), and for whom if not for itself."""

    account: UUID
    stint: Stint | None = None
    instead_of: UUID | None = None


def shift_window(day: date, starts: time, ends: time, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a shift of `day` begins and ends: tomorrow, if it ends no later than it starts."""
    last = day if ends > starts else day + timedelta(days=1)
    return datetime.combine(day, starts, zone), datetime.combine(last, ends, zone)


def people_on_duty(
    asked: Sequence[UUID],
    *,
    staff: Collection[UUID],
    stints: Iterable[Stint],
    absences: Iterable[Absence],
    at: datetime,
    zone: tzinfo,
) -> list[UUID]:
    """Who of `asked` is at work at a moment, substitutes in place of those on leave; each once."""
    found = standings(asked, staff=staff, stints=stints, absences=absences, at=at, zone=zone)
    return list(dict.fromkeys(standing.account for standing in found))


def standings(
    asked: Sequence[UUID],
    *,
    staff: Collection[UUID],
    stints: Iterable[Stint],
    absences: Iterable[Absence],
    at: datetime,
    zone: tzinfo,
) -> list[Standing]:
    """Like `people_on_duty`, with shifts and for whom somebody stands in.

    A roster counts for the people who are on it, on the days it names: on such a day those on a
    shift at that moment are at work, and nobody where none runs. On other days, and where none of
    `asked` is on the roster, all of them are. Whoever is on leave is replaced by the substitute
    named, if that one is of the `staff` and not on leave too.
    """
    away = {each.account: each.substitute for each in absences if each.starts <= at < each.ends}
    found = []
    for due in _due(asked, stints, at, zone):
        if due.account not in away:
            found.append(due)
            continue
        substitute = away[due.account]
        if substitute is not None and substitute in staff and substitute not in away:
            found.append(Standing(substitute, due.stint, instead_of=due.account))
    return found


def _due(
    asked: Sequence[UUID], stints: Iterable[Stint], at: datetime, zone: tzinfo
) -> list[Standing]:
    order = {account: place for place, account in enumerate(asked)}
    theirs = [stint for stint in stints if stint.account in order]
    running = [stint for stint in theirs if stint.covers(at, zone)]
    today = at.astimezone(zone).date()
    if not running and not any(stint.day == today for stint in theirs):
        return [Standing(account) for account in asked]
    running.sort(key=lambda stint: (order[stint.account], stint.day, stint.starts))
    return [Standing(stint.account, stint) for stint in running]


@dataclass(frozen=True)
class Turns:
    """People who take a shift in turn: `at_once` together, `turn_days` days each, from `since`.

    Only the days of the week named count (1 is Monday), so that a turn is as long for everybody.
    """

    people: tuple[UUID, ...]
    since: date
    turn_days: int = 1
    at_once: int = 1
    weekdays: str = ALL_WEEK

    def on(self, day: date) -> tuple[UUID, ...]:
        """Whose turn it is; nobody on a day of the week that isn't named."""
        if not self.people or str(day.isoweekday()) not in self.weekdays:
            return ()
        turn = self._days_before(day) // self.turn_days
        first, many = turn * self.at_once, min(self.at_once, len(self.people))
        return tuple(self.people[(first + place) % len(self.people)] for place in range(many))

    def over(self, first: date, last: date) -> Iterator[tuple[date, UUID]]:
        """Every day's people from `first` to `last`, both with."""
        for ahead in range((last - first).days + 1):
            day = first + timedelta(days=ahead)
            yield from ((day, account) for account in self.on(day))

    def _days_before(self, day: date) -> int:
        weeks, rest = divmod((day - self.since).days, 7)
        begun = [self.since + timedelta(days=at) for at in range(rest)]
        return weeks * len(self.weekdays) + sum(
            str(each.isoweekday()) in self.weekdays for each in begun
        )


def week_of(day: date) -> tuple[date, ...]:
    """The seven days of its week, from Monday."""
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=ahead) for ahead in range(7))
