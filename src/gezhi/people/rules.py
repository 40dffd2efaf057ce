"""Roles and what each may do, the days a post holds, how a login is written. Pure."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


ROLE_NAMES: Mapping[Role, Promise] = {
    Role.GRID_WORKER: _("网格员"),
    Role.RECEPTIONIST: _("受理员"),
    Role.HANDLER: _("承办人"),
    Role.SUPERVISOR: _("督办员"),
    Role.RETURN_VISITOR: _("回访员"),
    Role.MEDIATOR: _("调解员"),
    Role.LEADER: _("领导"),
    Role.ADMINISTRATOR: _("管理员"),
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
LEVEL_NAMES: Mapping[Level, Promise] = {
    Level.CITY: _("市级"),
    Level.COUNTY: _("县级"),
    Level.TOWN: _("乡镇级"),
    Level.VILLAGE: _("村级"),
    Level.GRID: _("网格级"),
}

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
    Role.GRID_WORKER: _LEADS | {"case.verify"},
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
        "case.export",
        "case.import",
    },
    Role.HANDLER: _LEADS | {"case.export"},
    Role.SUPERVISOR: _OVERLOOKS
    | {
        "case.approve",
        "case.supervise",
        "case.verify",
        "case.reopen",
        "case.open_sealed",
        "case.export",
    },
    Role.RETURN_VISITOR: _OVERLOOKS | {"case.visit_back", "case.open_sealed", "case.export"},
    Role.MEDIATOR: _LEADS,
    Role.LEADER: frozenset({"case.read", "case.read_area", "case.supervise", "case.export"}),
    Role.ADMINISTRATOR: frozenset(
        {"unit.manage", "account.manage", "area.manage", "rulebook.manage"}
    ),
    Role.INTEGRATOR: frozenset({"case.read", "case.read_area", "case.report"}),
}
ALL_RIGHTS = frozenset().union(*RIGHTS.values())
KEY_NOTED_EVERY = timedelta(minutes=1)
_TOKEN = re.compile(r"gz_([0-9a-f]{8})_[0-9a-f]{48}")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,47}")
_PHONE = re.compile(r"\+?[0-9（(][0-9()（） -]{1,18}[0-9](\s*(转|[xX])\s*[0-9]{1,6})?")
_CODE = re.compile(r"[a-z][a-z0-9-]{1,47}")


def rights_of(role: str) -> frozenset[str]:
    """What a role may do; nothing for a role that is not known (any more)."""
    return RIGHTS.get(Role(role), frozenset()) if role in set(Role) else frozenset()


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
