"""Units and people by the thousand, when a county is set up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people import errors, reads, rules
from gezhi.people.actions.posts import must_be_apart
from gezhi.people.actions.units import check_texts, hold_divisions, units_changed
from gezhi.people.facts import PasswordsSet, StaffAdded, UnitsAdded
from gezhi.people.models import Account, Post, Unit
from gezhi.places import reads as places
from gezhi.places.errors import DivisionUnknown
from gezhi.record.actions import announce

_BATCH = 1000


class _Place(NamedTuple):
    id: UUID
    level: str


@dataclass(frozen=True)
class NewUnit:
    """A unit to add. `parent` is the code of a unit there is, or of one earlier in the list."""

    code: str
    kind: str
    name: str
    path: str
    short_name: str = ""
    parent: str = ""
    phone: str = ""


@dataclass(frozen=True)
class NewPost:
    """A post to give: a unit's code, a role, and a path if it is smaller than the unit's."""

    unit: str
    role: str
    path: str = ""
    is_head: bool = False


@dataclass(frozen=True)
class NewPerson:
    """A person to add, with posts. The home area is that of the first post."""

    login: str
    name: str
    posts: tuple[NewPost, ...]


@transaction.atomic
def add_units(units: Sequence[NewUnit], *, county: str, actor: Actor) -> dict[str, Unit]:
    """Add many units at once, all or none; returns them by code. One fact tells of all."""
    hold_divisions(county)
    for path in {unit.path for unit in units}:
        actor.must("unit.manage", path=path)
    areas = {
        area.path: _Place(area.id, area.level) for area in places.areas_under(county, county=county)
    }
    known = {unit.code: unit for unit in reads.units_under(county, county=county)}
    made: dict[str, Unit] = {}
    for new in units:
        if new.code in known or new.code in made:
            raise errors.UnitCodeTaken(code=new.code)
        made[new.code] = _new_unit(new, county=county, areas=areas, above={**known, **made})
    Unit.objects.bulk_create(made.values(), batch_size=_BATCH)
    units_changed()
    fact = UnitsAdded(units=tuple(unit.id for unit in made.values()))
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=clock.now())
    return made


@transaction.atomic
def add_accounts_with_posts(
    people: Sequence[NewPerson],
    *,
    county: str,
    password_hash: str,
    must_change_password: bool = True,
    valid_from: date | None = None,
    actor: Actor,
) -> dict[str, Account]:
    """Add many people with their posts at once, all or none; returns the accounts by login.

    `password_hash` is one made beforehand for all (`make_password`): argon2 for thousands
    would take minutes. One fact tells of all.
    """
    hold_divisions(county)
    logins = [rules.clean_login(person.login) for person in people]
    _check_logins(logins)
    units = {unit.code: unit for unit in reads.units_under(county, county=county)}
    day, now = valid_from or reads.today(), clock.now()
    accounts: dict[str, Account] = {}
    posts: list[Post] = []
    for login, person in zip(logins, people, strict=True):
        held = [_new_post(post, units=units, day=day, actor=actor) for post in person.posts]
        account = Account(
            county=county,
            path=held[0].path if held else county,
            login=login,
            name=person.name,
            password=password_hash,
            must_change_password=must_change_password,
            password_is_once=must_change_password,
            password_set_at=now,
        )
        actor.must("account.manage", path=account.path)
        check_texts(account, "name")
        for at, post in enumerate(held):
            post.account = account
            must_be_apart(post.role, [other.role for other in held[:at]], account)
        accounts[login] = account
        posts.extend(held)
    Account.objects.bulk_create(accounts.values(), batch_size=_BATCH)
    Post.objects.bulk_create(posts, batch_size=_BATCH)
    fact = StaffAdded(accounts=tuple(made.id for made in accounts.values()), posts=len(posts))
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=clock.now())
    return accounts


@transaction.atomic
def set_passwords(password_hash: str, *, county: str, actor: Actor) -> int:
    """Give every account of a county one password (made beforehand), as a public demo needs."""
    actor.must("account.manage", path=county)
    changed = Account.objects.filter(county=county).update(
        password=password_hash, must_change_password=False, password_set_at=clock.now()
    )
    fact = PasswordsSet(count=changed)
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=clock.now())
    return changed


def _new_unit(
    new: NewUnit, *, county: str, areas: Mapping[str, _Place], above: Mapping[str, Unit]
) -> Unit:
    area = areas.get(new.path)
    if area is None:
        raise DivisionUnknown(code=new.path)
    if new.kind not in set(rules.UnitKind):
        raise errors.ValueWrong(input="kind")
    if not rules.is_unit_code(new.code):
        raise errors.UnitCodeWrong()
    if new.parent and new.parent not in above:
        raise errors.ParentWrong()
    unit = Unit(
        county=county,
        code=new.code,
        kind=new.kind,
        level=area.level,
        name=new.name,
        short_name=new.short_name,
        phone=new.phone,
        area_id=area.id,
        path=new.path,
        parent=above[new.parent] if new.parent else None,
    )
    check_texts(unit, "name", "short_name", "phone")
    return unit


def _new_post(new: NewPost, *, units: Mapping[str, Unit], day: date, actor: Actor) -> Post:
    unit = units.get(new.unit)
    if unit is None:
        raise NotFound(unit=new.unit)
    actor.must("post.manage", path=unit.path)
    rules.must_fit(new.role, unit.kind)
    path = new.path or unit.path
    if not rules.covers(unit.path, path):
        raise errors.PostAreaWrong()
    return Post(unit=unit, role=new.role, path=path, valid_from=day, is_head=new.is_head)


def _check_logins(logins: Sequence[str]) -> None:
    if not all(rules.is_login(login) for login in logins):
        raise errors.LoginWrong()
    doubles = [login for login, count in Counter(logins).items() if count > 1]
    for login in (*doubles, *reads.logins_taken(logins)):
        raise errors.LoginTaken(login=login)
