"""Shifts of units: set up, closed; whether their roster goes on by itself."""

from datetime import datetime, time
from uuid import UUID

from django.utils import timezone

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact
from gezhi.people import errors, reads, rules
from gezhi.people.actions.units import check_texts
from gezhi.people.facts import RotaSwitched, ShiftAdded, ShiftClosed
from gezhi.people.models import Duty, Rota, Shift, Unit
from gezhi.record.actions import announce


@rows.atomic()
def add_shift(*, unit: UUID, name: str, starts: time, ends: time, actor: Actor) -> Shift:
    """Set up a shift; one that ends no later than it starts runs over midnight."""
    place = reads.unit_to_change(actor, unit)
    if not place.is_active:
        raise errors.UnitClosedAlready()
    shift = Shift(unit=place, name=name, starts=starts, ends=ends)
    check_texts(shift, "name")
    if reads.shifts_of(unit).filter(name=shift.name).exists():
        raise errors.ShiftTaken(name=shift.name)
    shift.save(force_insert=True)
    _announce(ShiftAdded(shift=shift.id, unit=unit), place, actor, clock.now())
    return shift


@rows.atomic()
def close_shift(id: UUID, *, actor: Actor) -> Shift:
    """Take a shift out of use; duties that have not begun go with it, the past stays."""
    shift = reads.shift_to_change(actor, id)
    if not shift.is_active:
        raise errors.ShiftClosedAlready()
    now = clock.now()
    shift.is_active = False
    shift.save(update_fields=["is_active"])
    Rota.objects.filter(shift=shift).update(goes_on=False)
    zone = timezone.get_current_timezone()
    today = timezone.localdate(now)
    begun = rules.shift_window(today, shift.starts, shift.ends, zone)[0] <= now
    first = {"day__gt": today} if begun else {"day__gte": today}
    Duty.objects.filter(shift=shift, **first).delete()
    _announce(ShiftClosed(shift=id, unit=shift.unit_id), shift.unit, actor, now)
    return shift


@rows.atomic()
def switch_rota(id: UUID, *, goes_on: bool, actor: Actor) -> Rota:
    """Let a shift's roster go on by itself as its pattern says, or no more."""
    shift = reads.shift_to_change(actor, id)
    if not shift.is_active:
        raise errors.ShiftClosedAlready()
    rota = reads.rota_of(id)
    if rota is None:
        raise errors.RotaMissing()
    if rota.goes_on != goes_on:
        rota.goes_on = goes_on
        rota.save(update_fields=["goes_on"])
        fact = RotaSwitched(shift=id, unit=shift.unit_id, goes_on=goes_on)
        _announce(fact, shift.unit, actor, clock.now())
    return rota


def _announce(fact: Fact, unit: Unit, actor: Actor, now: datetime) -> None:
    announce(fact, about=f"unit:{unit.id}", county=unit.county, actor=actor, now=now)
