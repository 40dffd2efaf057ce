"""A small county with its people: Ada keeps the county's accounts, Tom a town's; Sven and Thea give
the posts there, Odin audits; the others work."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.test import Client

from gezhi.base.actor import Actor, system
from gezhi.people import actions, reads
from gezhi.people.actions import NewPerson, NewPost, NewUnit
from gezhi.people.models import Account, Unit
from gezhi.places import actions as places
from gezhi.places.rules import NewArea

COUNTY = "990101"
TOWN, OTHER_TOWN = "990101101", "990101102"
VILLAGE = "990101101201"
GRID = "990101101201001"
PASSWORD = "correct horse 9"
HOUSE = system("test")

AREAS = [
    NewArea(COUNTY, "清河县"),
    NewArea(TOWN, "柳林镇"),
    NewArea(OTHER_TOWN, "石桥镇"),
    NewArea(VILLAGE, "杨家村村委会"),
    NewArea(GRID, "杨家村第一网格"),
    NewArea("990101102201", "桥头村村委会"),
]
UNITS = [
    NewUnit("centre-990101", "centre", "清河县综治中心", COUNTY),
    NewUnit("centre-990101101", "centre", "柳林镇综治中心", TOWN, parent="centre-990101"),
    NewUnit("centre-990101102", "centre", "石桥镇综治中心", OTHER_TOWN, parent="centre-990101"),
    NewUnit("centre-990101101201", "centre", "杨家村综治中心", VILLAGE, parent="centre-990101101"),
    NewUnit("grid-990101101201001", "grid", "杨家村第一网格", GRID, parent="centre-990101101201"),
    NewUnit("dept-water", "department", "县水务局", COUNTY, short_name="水务局"),
    NewUnit("station-990101101-police", "station", "柳林派出所", TOWN),
]
PEOPLE = [
    NewPerson("ada", "安达", (NewPost("centre-990101", "administrator"),)),
    NewPerson("tom", "唐明", (NewPost("centre-990101101", "administrator"),)),
    NewPerson("sven", "史文", (NewPost("centre-990101", "security_administrator"),)),
    NewPerson("thea", "陶雅", (NewPost("centre-990101101", "security_administrator"),)),
    NewPerson("odin", "区定", (NewPost("centre-990101", "auditor"),)),
    NewPerson("rita", "任丽", (NewPost("centre-990101101", "receptionist"),)),
    NewPerson("hans", "韩山", (NewPost("dept-water", "handler"),)),
    NewPerson("gina", "葛娜", (NewPost("grid-990101101201001", "grid_worker"),)),
    NewPerson("vera", "魏然", (NewPost("centre-990101102", "leader"),)),
]


# A fixture that signs a person in by login.
SignIn = Callable[[str], Client]


class House(NamedTuple):
    """The units by code and the accounts by login."""

    units: dict[str, Unit]
    accounts: dict[str, Account]

    def actor(self, login: str) -> Actor:
        return reads.actor_for(Account.objects.get(login=login))


def build() -> House:
    """Make the county; its first day is long past."""
    places.add_areas(AREAS, on=date(2020, 1, 1), actor=HOUSE)
    units = actions.add_units(UNITS, county=COUNTY, actor=HOUSE)
    accounts = actions.add_accounts_with_posts(
        PEOPLE,
        county=COUNTY,
        password_hash=make_password(PASSWORD),
        must_change_password=False,
        valid_from=date(2020, 1, 1),
        actor=HOUSE,
    )
    return House(units, accounts)


def sign_in(login: str) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    account = Account.objects.get(login=login)
    client.force_login(account, "gezhi.site.sessions.AccountBackend")
    return client
