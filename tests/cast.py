"""The fixed cast: a small county and the people whose doors tests knock at.

County 990101, one town with two villages and two grids each, one other town.
Rita reports; everybody else works: Cun (village centre), Zhen (town centre),
Xian (county centre), Wang (grid worker), Shui (water department), Lu (road
department), Du (supervisor of the county), Fang (return visitor), Ling (leader),
the three administrators Guan (system), An (security) and Shen (audit), Bie (centre of
the other town).
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.test import Client
from shapely import box

from gezhi.base.actor import NOBODY, Actor, system
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.people import actions as people
from gezhi.people import reads as people_reads
from gezhi.people.actions import NewPerson, NewPost, NewUnit
from gezhi.people.models import Account, Unit
from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.rules import NewArea
from gezhi.rulebook import actions as rulebook
from gezhi.rulebook import reads as rulebook_reads
from tests.emptying import written

COUNTY = "990101"
PASSWORD = "gezhi-test-0"
SINCE = date(2020, 1, 1)
SETTING_UP = system("tests")
# A working Tuesday morning in the city, 09:00.
TUESDAY = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)

WEST, SOUTH, SIDE = 106.9, 35.6, 0.02
TOWN, OTHER = "990101101", "990101102"
VILLAGE, SECOND = "990101101201", "990101101202"
FAR_VILLAGE = "990101102201"
GRID, GRID_2 = f"{VILLAGE}001", f"{VILLAGE}002"

# Each grid is a square; column by column from the west.
_GRIDS = [GRID, GRID_2, f"{SECOND}001", f"{SECOND}002", f"{FAR_VILLAGE}001"]
_NAMES = {
    COUNTY: "朔渭县",
    TOWN: "河湾镇",
    OTHER: "石坪镇",
    VILLAGE: "柳树村",
    SECOND: "新庄村",
    FAR_VILLAGE: "高塬村",
}

# login: (name, unit, role)
_PEOPLE = {
    "cun": ("村小慧", f"centre-{VILLAGE}", "receptionist"),
    "zhen": ("镇小明", f"centre-{TOWN}", "receptionist"),
    "xian": ("县小军", f"centre-{COUNTY}", "receptionist"),
    "bie": ("别小宝", f"centre-{OTHER}", "receptionist"),
    "wang": ("王网格", f"grid-{GRID}", "grid_worker"),
    "shui": ("水小青", "dept-water", "handler"),
    "shuiba": ("水小八", "dept-water", "handler"),
    "lu": ("路小平", "dept-transport", "handler"),
    "du": ("督小严", f"centre-{COUNTY}", "supervisor"),
    "zhendu": ("镇督办", f"centre-{TOWN}", "supervisor"),
    "fang": ("访小真", f"centre-{COUNTY}", "return_visitor"),
    "ling": ("领小导", f"centre-{COUNTY}", "leader"),
    "guan": ("管小安", f"centre-{COUNTY}", "administrator"),
    "an": ("安小全", f"centre-{COUNTY}", "security_administrator"),
    "shen": ("审小计", f"centre-{COUNTY}", "auditor"),
    "dui": ("对小接", f"centre-{COUNTY}", "integrator"),
}


@dataclass
class County:
    """The small county: its units by code, its people's actors by login."""

    code: str
    units: dict[str, Unit]
    accounts: dict[str, Account]
    _actors: dict[str, Actor] = field(default_factory=dict)

    def unit(self, code: str) -> UUID:
        return self.units[code].id

    def actor(self, login: str) -> Actor:
        if login not in self._actors:
            self._actors[login] = people_reads.actor_for(self.accounts[login])
        return self._actors[login]

    def path_of(self, area: str) -> str:
        return area


def point_in(grid: str) -> tuple[float, float]:
    """The middle of a grid's square."""
    return WEST + (_GRIDS.index(grid) + 0.5) * SIDE, SOUTH + SIDE / 2


def build_county() -> County:
    """Put the small county into the database through the rooms' own acts."""
    areas = [NewArea(code, name) for code, name in _NAMES.items()]
    areas += [NewArea(code, f"第{at + 1}网格") for at, code in enumerate(_GRIDS)]
    made = {area.path: area for area in places.add_areas(areas, on=SINCE, actor=SETTING_UP)}
    squares = [
        box(WEST + at * SIDE, SOUTH, WEST + (at + 1) * SIDE, SOUTH + SIDE) for at in range(5)
    ]
    outlines = [(made[code].id, square) for code, square in zip(_GRIDS, squares, strict=True)]
    outlines += [
        (made[COUNTY].id, box(WEST, SOUTH, WEST + 5 * SIDE, SOUTH + SIDE)),
        (made[TOWN].id, box(WEST, SOUTH, WEST + 4 * SIDE, SOUTH + SIDE)),
        (made[OTHER].id, squares[4]),
        (made[VILLAGE].id, box(WEST, SOUTH, WEST + 2 * SIDE, SOUTH + SIDE)),
        (made[SECOND].id, box(WEST + 2 * SIDE, SOUTH, WEST + 4 * SIDE, SOUTH + SIDE)),
        (made[FAR_VILLAGE].id, squares[4]),
    ]
    places.set_boundaries(outlines, on=SINCE, actor=SETTING_UP)
    units = people.add_units(_new_units(), county=COUNTY, actor=SETTING_UP)
    people.add_accounts_with_posts(
        [
            NewPerson(login, name, (NewPost(unit, role),))
            for login, (name, unit, role) in _PEOPLE.items()
        ],
        county=COUNTY,
        password_hash=make_password(PASSWORD),
        must_change_password=False,
        valid_from=SINCE,
        actor=SETTING_UP,
    )
    rulebook.ensure_default(COUNTY, actor=SETTING_UP)
    accounts = {account.login: account for account in Account.objects.all()}
    return County(COUNTY, dict(units), accounts)


def _new_units() -> list[NewUnit]:
    units = [
        NewUnit(f"centre-{path}", "centre", f"{name}综治中心", path)
        for path, name in _NAMES.items()
    ]
    units += [NewUnit(f"grid-{path}", "grid", f"{path[-3:]}网格", path) for path in _GRIDS]
    units += [
        NewUnit("dept-water", "department", "水务局", COUNTY, phone="0930-1234567"),
        NewUnit("dept-transport", "department", "交通运输局", COUNTY),
        NewUnit("dept-cityadmin", "department", "城市管理执法局", COUNTY),
        NewUnit(f"station-{TOWN}-enforcement", "station", "河湾镇综合执法队", TOWN),
    ]
    return units


def plain_reason(kind: str) -> str:
    """A reason of this kind that says enough without words."""
    known = rulebook_reads.current(COUNTY).reasons(kind).items()
    return next(code for code, reason in known if not reason.needs_words)


@pytest.fixture
def county(db: None) -> County:
    """The small county, in this test's transaction."""
    return _county()


@pytest.fixture
def committed(transactional_db: None) -> County:
    """The small county, committed, so that other connections and a server's threads see it."""
    return _county()


# The county as it was built first, and its rows by their tables, as COPY writes them.
_built: tuple[County, dict[str, bytes]] | None = None


def _county() -> County:
    """Built once by each process; after that its rows are put back, in a sixth of the time."""
    global _built  # noqa: PLW0603  # a process's own
    place_reads.forget(COUNTY)
    rulebook_reads.forget(COUNTY)  # for a second it would be the last test's
    people_reads.forget_units()
    if _built is None:
        is_first = not _rows()
        built = build_county()
        if is_first:  # nothing is there that another fixture wrote
            _built = deepcopy(built), _rows()
        return built
    county, rows = _built
    with transaction.atomic(), connection.cursor() as cursor:
        for table, said in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                copy.write(said)
    return deepcopy(county)


def _rows() -> dict[str, bytes]:
    """All rows of the tables that have any."""
    found = {}
    for table in written():
        with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
            if said := b"".join(bytes(part) for part in copy):
                found[table] = said
    return found


@pytest.fixture
def login(county: County, settings: Any) -> Callable[[str], Client]:
    """A signed-in browser of somebody of the cast: `login("zhen")`.

    It stays signed in however far a test moves the clock; how sessions end is people's to test.
    """
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 60 * 24 * 20_000, 24 * 20_000

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(county.accounts[name], backend="gezhi.site.sessions.AccountBackend")
        return client

    return sign_in


@pytest.fixture
def key(county: County) -> Callable[[str], str]:
    """An API key of somebody of the cast: `key("zhen")` gives the token."""

    def make(name: str) -> str:
        made = people.make_key(
            account=county.accounts[name].id, name=f"key of {name}", actor=SETTING_UP
        )
        return str(made.token)

    return make


@pytest.fixture
def rita() -> Client:
    """A resident's browser: signed in nowhere."""
    return Client()


def report_leak(*, channel: str = "portal", at: str = GRID) -> cases.Reported:
    """A burst water pipe in a grid, as a resident reports it."""
    lon, lat = point_in(at)
    return cases.report(
        county=COUNTY,
        what="村口自来水管破裂，路上全是水，已经半天没人管",
        where=cases.Where(lon=lon, lat=lat, place="柳树村村口"),
        channel=channel,
        contact=cases.Contact(name="李秀兰", phone="13812345678", address="柳树村三社12号"),
        actor=NOBODY,
    )


def voice_of(reported: cases.Reported) -> Actor:
    """The reporter, having shown the tracking code."""
    report = reported.report.id
    return Actor(label=f"report:{report}", kind="resident", proven=frozenset({report}))


@pytest.fixture
def reported(county: County) -> cases.Reported:
    """A report that has just come in at the village centre."""
    return report_leak()


@pytest.fixture
def case(reported: cases.Reported) -> Case:
    """The case of that report, waiting to be accepted."""
    return reported.case


@pytest.fixture
def handled(county: County, case: Case) -> Case:
    """The case accepted by the village, sent to the water department and signed there."""
    category = case.proposed_category
    cases.accept(case.id, category=category, actor=county.actor("cun"))
    cases.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    return cases.sign(case.id, actor=county.actor("shui"))
