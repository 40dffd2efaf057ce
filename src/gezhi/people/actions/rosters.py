"""Rosters of many units at once, when a county is set up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people import errors, reads, rules
from gezhi.people.actions.duties import BATCH
from gezhi.people.facts import RostersAdded
from gezhi.people.models import Account, Duty, Rota, Shift
from gezhi.record.actions import announce


@dataclass(frozen=True)
class NewRota:
    """A shift of a unit (its code) and the logins of who takes it in turn from `since`."""

    unit: str
    name: str
    starts: time
    ends: time
    people: tuple[str, ...]
    since: date
    turn_days: int = 1
    at_once: int = 1
    goes_on: bool = True


@rows.atomic()
def add_rosters(
    rotas: Sequence[NewRota], *, first: date, last: date, county: str, actor: Actor
) -> int:
    """Set up shifts whose rosters stand from `first` to `last`, both with; how many duties.

    All or none; past days may be among them, for the county worked before it came here.
    """
    units = {unit.code: unit for unit in reads.units_under(county, county=county)}
    accounts = reads.accounts_by_login({login for rota in rotas for login in rota.people})
    shifts: list[Shift] = []
    made: list[Rota] = []
    duties: list[Duty] = []
    for new in rotas:
        if new.unit not in units:
            raise NotFound(unit=new.unit)
        unit = units[new.unit]
        actor.must("unit.manage", path=unit.path)
        shift = Shift(unit=unit, name=new.name, starts=new.starts, ends=new.ends)
        people = _ids(new.people, accounts)
        turns = rules.Turns(people, new.since, new.turn_days, new.at_once)
        shifts.append(shift)
        made.append(
            Rota(
                shift=shift, people=list(people), since=new.since, turn_days=new.turn_days,
                at_once=new.at_once, filled_to=last, goes_on=new.goes_on,
            )
        )  # fmt: skip
        duties += [
            Duty(unit=unit, shift=shift, account_id=account, day=day)
            for day, account in turns.over(first, last)
        ]
    Shift.objects.bulk_create(shifts, batch_size=BATCH)
    Rota.objects.bulk_create(made, batch_size=BATCH)
    Duty.objects.bulk_create(duties, batch_size=BATCH)
    kept = tuple(dict.fromkeys(shift.unit_id for shift in shifts))
    fact = RostersAdded(units=kept, duties=len(duties))
    announce(fact, about=f"county:{county}", county=county, actor=actor, now=clock.now())
    return len(duties)


def _ids(logins: Sequence[str], accounts: dict[str, Account]) -> tuple[UUID, ...]:
    if not logins or not set(logins) <= accounts.keys():
        raise errors.ValueWrong(input="people")
    return tuple(accounts[login].id for login in logins)
