"""What tests of rosters and leave share: the town's centre, its shifts, a Monday morning."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from gezhi.people import actions, reads
from gezhi.people.actions import NewPerson, NewPost
from gezhi.people.models import Leave, Shift
from gezhi.people.rules import Role
from gezhi.people.tests.county import COUNTY, HOUSE, PASSWORD, House

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # Monday, 09:00 in the city
TOWN_CENTRE = "centre-990101101"
DAY, NIGHT = (time(8), time(20)), (time(20), time(8))


def with_crew(house: House) -> House:
    """The town's centre with four receptionists."""
    new = [
        NewPerson(f"r{at}", f"受理{at}", (NewPost(TOWN_CENTRE, "receptionist"),))
        for at in (1, 2, 3)
    ]
    made = actions.add_accounts_with_posts(
        new,
        county=COUNTY,
        password_hash=PASSWORD,
        must_change_password=False,
        valid_from=date(2020, 1, 1),
        actor=HOUSE,
    )
    return House(house.units, {**house.accounts, **made})


def unit_of(house: House) -> UUID:
    return house.units[TOWN_CENTRE].id


def ids_of(house: House, *logins: str) -> list[UUID]:
    return [house.accounts[login].id for login in logins]


def new_shift(house: House, name: str = "白班", hours: tuple[time, time] = DAY) -> Shift:
    return actions.add_shift(
        unit=unit_of(house), name=name, starts=hours[0], ends=hours[1], actor=house.actor("tom")
    )


def present(house: House, at: datetime, role: Role = Role.RECEPTIONIST) -> list[str]:
    names = {account.id: login for login, account in house.accounts.items()}
    return [names[id] for id in reads.on_duty(unit_of(house), roles={role}, at=at)]


def fill(house: House, shift: Shift, *logins: str, **more: Any) -> int:
    values: dict[str, Any] = {"first": MONDAY, "days": 7, **more}
    return actions.fill_duties(
        shift.id, people=ids_of(house, *logins), actor=house.actor("tom"), **values
    )


def take_leave(house: House, login: str, first: datetime, last: datetime, **more: Any) -> Leave:
    by = more.pop("by", login)
    values = {"kind": "leave", **more}
    return actions.take_leave(
        account=house.accounts[login].id,
        starts=first,
        ends=last,
        actor=house.actor(by),
        **values,
    )


def in_hours(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)
