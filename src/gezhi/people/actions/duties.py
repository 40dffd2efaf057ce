"""Who is on which shift on which day: set, filled in turn, copied, swapped."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.people import errors, reads, rules
from gezhi.people.facts import DutyChanged
from gezhi.people.models import Duty, Rota, Shift, Unit
from gezhi.record.actions import announce

BATCH = 1000
_MOST_TURN_DAYS = 31


@rows.atomic()
def set_duty(shift: UUID, *, day: date, people: Sequence[UUID], actor: Actor) -> list[Duty]:
    """Put exactly these people on a shift on one day; nobody, if the list is empty."""
    held, now = reads.shift_to_change(actor, shift), clock.now()
    _check_days(held, day, day, now)
    there = {duty.account_id: duty for duty in reads.duties_in([shift], first=day, last=day)}
    wanted = list(dict.fromkeys(people))
    added = [account for account in wanted if account not in there]
    gone = [account for account in there if account not in wanted]
    _check_staff(held.unit, added, day)
    if added or gone:
        Duty.objects.filter(shift=shift, day=day, account__in=gone).delete()
        new = [Duty(unit=held.unit, shift=held, account_id=account, day=day) for account in added]
        Duty.objects.bulk_create(new)
        _announce(held.unit, [shift], day, day, [*added, *gone], "set", actor=actor, now=now)
    return list(reads.duties(held.unit_id, first=day, last=day).filter(shift=shift))


@rows.atomic()
def fill_duties(
    shift: UUID,
    *,
    people: Sequence[UUID],
    first: date,
    days: int,
    turn_days: int = 1,
    at_once: int = 1,
    weekdays: str = rules.ALL_WEEK,
    goes_on: bool = False,
    actor: Actor,
) -> int:
    """Let people take a shift in turn for some days, in place of who was on it; how many duties.

    The pattern is kept; with `goes_on` the weeks ahead are filled as it says, day by day.
    """
    held, now = reads.shift_to_change(actor, shift), clock.now()
    turns = rules.Turns(tuple(dict.fromkeys(people)), first, turn_days, at_once, weekdays)
    _check_turns(turns, days)
    _check_far(first, now)
    last = first + timedelta(days=days - 1)
    _check_days(held, first, last, now)
    _check_staff(held.unit, turns.people, first)
    reads.duties_in([shift], first=first, last=last).delete()
    made = _new(held, turns.over(first, last))
    Duty.objects.bulk_create(made, batch_size=BATCH)
    Rota.objects.update_or_create(
        shift=held,
        defaults={
            "people": list(turns.people), "since": first, "turn_days": turn_days,
            "at_once": at_once, "weekdays": weekdays, "filled_to": last, "goes_on": goes_on,
        },
    )  # fmt: skip
    _announce(held.unit, [shift], first, last, turns.people, "fill", actor=actor, now=now)
    return len(made)


@rows.atomic()
def copy_week(unit: UUID, *, day: date, actor: Actor) -> int:
    """Do in the week of `day` as in the week before; how many duties.

    Cells that have people keep them; shifts that are over and people who have left are passed by.
    """
    place, now = reads.unit_to_change(actor, unit), clock.now()
    _check_far(day, now)
    if day < timezone.localdate(now) - timedelta(days=8):
        raise errors.NothingToCopy()  # all of that week is over
    week = rules.week_of(day)
    first, last, back = week[0], week[-1], timedelta(days=7)
    shifts = {shift.id: shift for shift in reads.shifts_of(unit)}
    taken = set(reads.duties(unit, first=first, last=last).values_list("shift_id", "day"))
    staff = reads.staff_ids([unit], first=first, last=last)[unit]
    made = [
        Duty(unit=place, shift_id=old.shift_id, account_id=old.account_id, day=old.day + back)
        for old in reads.duties(unit, first=first - back, last=last - back)
        if old.shift_id in shifts
        and (old.shift_id, old.day + back) not in taken
        and old.account_id in staff
        and not _is_over(shifts[old.shift_id], old.day + back, now)
    ]
    if not made:
        raise errors.NothingToCopy()
    Duty.objects.bulk_create(made)
    people = [duty.account_id for duty in made]
    filled = [duty.shift_id for duty in made]
    _announce(place, filled, first, last, people, "copy", actor=actor, now=now)
    return len(made)


@rows.atomic()
def swap_duties(one: UUID, other: UUID, *, actor: Actor) -> tuple[Duty, Duty]:
    """Let two people of a unit take each other's duty."""
    mine, now = reads.duty_to_change(actor, one), clock.now()
    yours = reads.duty_to_change(actor, other)
    if mine.unit_id != yours.unit_id:
        raise errors.DutySame()
    for duty in (mine, yours):
        if _is_over(duty.shift, duty.day, now):
            raise errors.DutyOver()
    both = (mine.account_id, yours.account_id)
    same_cell = (mine.shift_id, mine.day) == (yours.shift_id, yours.day)
    if both[0] == both[1] or same_cell or _is_there(mine, both[1]) or _is_there(yours, both[0]):
        raise errors.DutySame()
    mine.account_id, yours.account_id = yours.account_id, mine.account_id
    for duty in (mine, yours):
        _check_staff(duty.unit, [duty.account_id], duty.day)
        duty.save(update_fields=["account"])
    days = sorted((mine.day, yours.day))
    shifts = [mine.shift_id, yours.shift_id]
    _announce(mine.unit, shifts, days[0], days[1], both, "swap", actor=actor, now=now)
    return mine, yours


@rows.atomic()
def extend_rosters(*, actor: Actor) -> int:
    """Fill the weeks ahead of every roster that goes on by itself; how many duties.

    Cells that have people already keep them; who has left the unit is left out of the turns.
    """
    now = clock.now()
    today = timezone.localdate(now)
    until = today + timedelta(weeks=rules.WEEKS_AHEAD)
    rotas = list(reads.rotas_to_extend(until))
    units = {rota.shift.unit_id for rota in rotas}
    staff = reads.staff_ids(units, first=today, last=until)
    ahead = reads.duties_in([rota.shift_id for rota in rotas], first=today, last=until)
    taken = set(ahead.values_list("shift_id", "day"))
    made: list[Duty] = []
    for rota in rotas:
        first = max(today, rota.filled_to + timedelta(days=1))
        rota.people = [each for each in rota.people if each in staff[rota.shift.unit_id]]
        rota.filled_to = until
        free = [
            (day, account)
            for day, account in rota.turns.over(first, until)
            if (rota.shift_id, day) not in taken
        ]
        made += _new(rota.shift, free)
        if free:
            people = {account for _day, account in free}
            _announce(
                rota.shift.unit, [rota.shift_id], first, until, sorted(people), "extend",
                actor=actor, now=now,
            )  # fmt: skip
    Duty.objects.bulk_create(made, batch_size=BATCH)
    Rota.objects.bulk_update(rotas, ["people", "filled_to"])
    return len(made)


def _new(shift: Shift, turns: Iterable[tuple[date, UUID]]) -> list[Duty]:
    return [
        Duty(unit_id=shift.unit_id, shift=shift, account_id=account, day=day)
        for day, account in turns
    ]


def _is_over(shift: Shift, day: date, now: datetime) -> bool:
    zone = timezone.get_current_timezone()
    return rules.shift_window(day, shift.starts, shift.ends, zone)[1] <= now


def _is_there(duty: Duty, account: UUID) -> bool:
    cell = reads.duties_in([duty.shift_id], first=duty.day, last=duty.day)
    return cell.filter(account=account).exists()


def _check_days(shift: Shift, first: date, last: date, now: datetime) -> None:
    if not shift.is_active:
        raise errors.ShiftClosedAlready()
    _check_far(last, now)
    if _is_over(shift, first, now):
        raise errors.DutyOver()


def _check_far(last: date, now: datetime) -> None:
    if last > timezone.localdate(now) + rules.LONGEST_ROSTER:
        raise errors.DutyTooFar()


def _check_turns(turns: rules.Turns, days: int) -> None:
    if not turns.people:
        raise errors.ValueWrong(input="people")
    if not 1 <= days <= rules.LONGEST_ROSTER.days:
        raise errors.ValueWrong(input="days")
    if not 1 <= turns.turn_days <= _MOST_TURN_DAYS:
        raise errors.ValueWrong(input="turn_days")
    if not 1 <= turns.at_once <= len(turns.people):
        raise errors.ValueWrong(input="at_once")
    named = set(turns.weekdays)
    if not named or not named <= set(rules.ALL_WEEK) or len(named) != len(turns.weekdays):
        raise errors.ValueWrong(input="weekdays")


def _check_staff(unit: Unit, people: Collection[UUID], day: date) -> None:
    if people and not set(people) <= reads.staff_ids([unit.id], first=day, last=day)[unit.id]:
        raise errors.NotOfTheUnit()


def _announce(
    unit: Unit,
    shifts: Sequence[UUID],
    first: date,
    last: date,
    people: Sequence[UUID],
    how: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    fact = DutyChanged(
        unit=unit.id,
        shifts=tuple(dict.fromkeys(shifts)),
        first=first,
        last=last,
        accounts=tuple(dict.fromkeys(people)),
        how=how,
    )
    announce(fact, about=f"unit:{unit.id}", county=unit.county, actor=actor, now=now)
