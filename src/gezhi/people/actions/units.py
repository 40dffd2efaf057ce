"""Units come, change, close, and follow their division when its code changes."""

from collections.abc import Collection, Sequence
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact
from gezhi.base.ids import new_id
from gezhi.people import errors, reads, rules
from gezhi.people.facts import UnitAdded, UnitChanged, UnitClosed, UnitReopened
from gezhi.people.models import Account, ApiKey, Post, Shift, Unit, UnitRevision
from gezhi.places import actions as places_actions
from gezhi.places import reads as places
from gezhi.record.actions import announce

Moves = Sequence[tuple[str, str]]


class UnitWords(TypedDict, total=False):
    """What may be changed in a unit. Left out means left as it is."""

    name: str
    short_name: str
    phone: str
    parent: UUID | None


def hold_divisions(county: str) -> None:
    """Whoever writes a path down here writes one that stands, and that a change will find."""
    places.hold(county)
    reads.forget_units()


@transaction.atomic
def add_unit(
    *,
    county: str,
    path: str,
    code: str,
    kind: str,
    name: str,
    short_name: str = "",
    phone: str = "",
    parent: UUID | None = None,
    actor: Actor,
) -> Unit:
    """Add a unit that answers for the area at `path`. Its level is the area's."""
    actor.must("unit.manage", path=path)
    hold_divisions(county)
    area = places.area_by_path(county, path)
    if kind not in set(rules.UnitKind):
        raise errors.ValueWrong(input="kind")
    if not rules.is_unit_code(code):
        raise errors.UnitCodeWrong()
    unit = Unit(
        county=county,
        code=code,
        kind=kind,
        level=area.level,
        name=name,
        short_name=short_name,
        phone=phone,
        area_id=area.id,
        path=area.path,
    )
    check_texts(unit, "name", "short_name", "phone")
    _check_parent(unit, parent)
    _check_centre(unit)
    _check_code_free(unit)
    unit.save(force_insert=True)
    units_changed()
    _announce(UnitAdded(unit=unit.id, code=code, path=path), unit, actor)
    return unit


@transaction.atomic
def change_unit(id: UUID, *, actor: Actor, **words: Unpack[UnitWords]) -> Unit:
    """Change what is given of a unit; its code, kind and area stay."""
    unit = reads.unit_to_change(actor, id)
    before = _words_of(unit)
    for field in ("name", "short_name", "phone"):
        setattr(unit, field, words.get(field, getattr(unit, field)))
    check_texts(unit, "name", "short_name", "phone")
    if "parent" in words:
        _check_parent(unit, words["parent"])
    changed = tuple(field for field, value in _words_of(unit).items() if value != before[field])
    if changed:
        unit.save(update_fields=changed)
        units_changed()
        _announce(UnitChanged(unit=unit.id, fields=changed), unit, actor)
    return unit


@transaction.atomic
def close_unit(id: UUID, *, actor: Actor) -> Unit:
    """Take a unit out of use. Refused while people still have posts there."""
    unit = reads.unit_to_change(actor, id)
    if not unit.is_active:
        raise errors.UnitClosedAlready()
    if count := reads.posts_at(unit, day=reads.today()).count():
        raise errors.UnitHasStaff(count=count)
    unit.is_active = False
    unit.save(update_fields=["is_active"])
    units_changed()
    _announce(UnitClosed(unit=unit.id), unit, actor)
    return unit


@transaction.atomic
def reopen_unit(id: UUID, *, actor: Actor) -> Unit:
    """Take a closed unit into use again."""
    unit = reads.unit_to_change(actor, id)
    if unit.is_active:
        return unit
    _check_centre(unit)
    unit.is_active = True
    unit.save(update_fields=["is_active"])
    units_changed()
    _announce(UnitReopened(unit=unit.id), unit, actor)
    return unit


@transaction.atomic
def follow_divisions(*, moves: Moves, counties: Collection[str], actor: Actor) -> int:
    """Rewrite the areas of units, posts and accounts for divisions that moved; how many rows.

    No right is asked for: it goes with the change of divisions, which asked.
    """
    units = Unit.objects.filter(county__in=counties)
    accounts = Account.objects.filter(county__in=counties)
    moved = places_actions.rewrite_paths(Post.objects.all(), moves)
    moved += places_actions.rewrite_paths(units, moves, county="county")
    moved += places_actions.rewrite_paths(accounts, moves, county="county")
    units_changed()
    reads.forget_keys()
    return moved


def units_changed() -> None:
    """Give the units a new token, so that every process reads them again."""
    UnitRevision.objects.update_or_create(id=1, defaults={"token": new_id()})
    reads.forget_units()


def check_texts(row: Unit | Account | ApiKey | Shift, *fields: str) -> None:
    """Trim these texts and refuse what their column would not take, or an empty name."""
    for field in fields:
        value = getattr(row, field).strip()
        longest = getattr(row._meta.get_field(field), "max_length", 0)
        if len(value) > longest or "\x00" in value or (field == "name" and not value):
            raise errors.ValueWrong(input=field)
        if field == "phone" and value and not rules.is_phone(value):
            raise errors.PhoneWrong()
        setattr(row, field, value)


def _check_parent(unit: Unit, parent: UUID | None) -> None:
    """Set the unit above: active, around this one's area, and not below this unit."""
    above = reads.unit(parent) if parent else None
    if above and (not above.is_active or not rules.covers(above.path, unit.path)):
        raise errors.ParentWrong()
    seen: Unit | None = above
    while seen is not None:
        if seen.id == unit.id:
            raise errors.ParentWrong()
        seen = reads.unit(seen.parent_id) if seen.parent_id else None
    unit.parent_id = above.id if above else None


def _check_centre(unit: Unit) -> None:
    if unit.kind != rules.UnitKind.CENTRE:
        return
    for other in reads.units_covering(unit.path, county=unit.county, kinds=(unit.kind,)):
        if other.path == unit.path and other.id != unit.id:
            raise errors.CentreTaken(code=other.code)


def _check_code_free(unit: Unit) -> None:
    if Unit.objects.filter(county=unit.county, code=unit.code).exists():
        raise errors.UnitCodeTaken(code=unit.code)


def _announce(fact: Fact, unit: Unit, actor: Actor) -> None:
    announce(fact, about=f"unit:{unit.id}", county=unit.county, actor=actor, now=clock.now())


def _words_of(unit: Unit) -> dict[str, object]:
    return {field: getattr(unit, field) for field in ("name", "short_name", "phone", "parent_id")}
