"""The public list: look-alikes of a week are one line, and no case is lost between pages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from gezhi.cases.models import Case
from tests.cast import GRID, GRID_2, TOWN, County, report_leak

# Monday morning in the city: the week begins.
MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
LIGHT, WATER = "utility.lamp", "utility.water.pipe"


def public(at: datetime, *, category: str = LIGHT, path: str = GRID, what: str = "路灯不亮") -> str:
    """A reviewed case, as it stands in the table; how it came there is not told here."""
    case = report_leak().case
    Case.objects.filter(id=case.id).update(
        is_public=True, opened_at=at, category=category, path=path, what=what
    )
    return str(case.number)


def numbers_on(page: str) -> list[str]:
    return re.findall(r'class="gz-item" href="/track/([^/]+)/"', page)


def walk(rita: Client, address: str = "/cases/") -> list[str]:
    """The lines of all pages, by their number, as links lead from one to the next."""
    seen = []
    while address:
        page = rita.get(address).content.decode()
        seen += numbers_on(page)
        found = re.search(r'href="([^"]+)">下一页', page)
        address = "/cases/" + found.group(1).replace("&amp;", "&") if found else ""
        assert len(seen) < 200
    return seen


def test_twenty_lights_of_one_place_are_one_line_that_opens_to_them(
    county: County, rita: Client
) -> None:
    lights = [public(MONDAY + timedelta(hours=at)) for at in range(22)]
    leak = public(MONDAY + timedelta(hours=5, minutes=30), category=WATER, what="水管漏水")
    page = rita.get("/cases/").content.decode()
    assert numbers_on(page) == [lights[-1], leak]
    assert "一共 22 件" in page
    assert "河湾镇 · 柳树村 · 第1网格" in page
    assert numbers_on(rita.get("/").content.decode()) == [lights[-1], leak]
    assert walk(rita, f"/cases/?alike={lights[-1]}") == lights[::-1]
    assert walk(rita, f"/cases/?alike={leak}") == [leak]


@pytest.mark.parametrize(
    "other",
    [
        {"at": MONDAY - timedelta(hours=12)},
        {"at": MONDAY, "category": WATER},
        {"at": MONDAY, "path": GRID_2},
    ],
)
def test_another_week_kind_or_place_is_another_line(
    county: County, rita: Client, other: dict[str, object]
) -> None:
    first = public(MONDAY + timedelta(hours=1))
    second = public(**other)  # type: ignore[arg-type]  # a table of keywords
    assert walk(rita) == [first, second]


@pytest.mark.parametrize("unknown", [{"category": ""}, {"path": TOWN}])
def test_where_kind_or_village_is_not_known_nothing_is_alike(
    county: County, rita: Client, unknown: dict[str, str]
) -> None:
    both = [public(MONDAY + timedelta(hours=at), **unknown) for at in (0, 1)]
    assert walk(rita) == both[::-1]


def test_pages_lose_nothing_also_where_cases_come_in_between(county: County, rita: Client) -> None:
    """Every case is on a line or behind one; a case that comes later moves its line to the top."""
    for at in range(60):
        day = MONDAY - timedelta(days=at, hours=at % 5)
        for _again in range(1 + at % 3 // 2):  # some lines stand for two of the same moment
            public(day, category=LIGHT if at % 2 else WATER, path=GRID if at % 3 else GRID_2)
    there = set(Case.objects.values_list("number", flat=True))
    page = rita.get("/cases/").content.decode()
    seen = numbers_on(page)
    late = public(MONDAY + timedelta(days=8))
    rest = re.search(r'href="([^"]+)">下一页', page)
    assert rest
    lines = seen + walk(rita, "/cases/" + rest.group(1).replace("&amp;", "&"))
    assert len(lines) == len(set(lines))
    assert late not in lines
    behind = [each for line in lines for each in walk(rita, f"/cases/?alike={line}")]
    assert sorted(behind) == sorted(there)


def test_a_line_around_a_point_opens_to_those_around_the_point(
    county: County, rita: Client
) -> None:
    near, far = public(MONDAY), public(MONDAY + timedelta(hours=1))
    Case.objects.filter(number=far).update(h3="89312c1a9afffff", lon=104.0, lat=36.0)
    here = Case.objects.get(number=near)
    around = f"lon={here.lon}&lat={here.lat}"
    assert numbers_on(rita.get(f"/cases/?{around}").content.decode()) == [near]
    assert walk(rita, f"/cases/?alike={near}&{around}") == [near]
    assert walk(rita, f"/cases/?alike={near}") == [far, near]
    assert rita.get(f"/cases/?alike={far}&{around}").status_code == 404


def test_what_is_not_public_opens_to_nothing(county: County, rita: Client) -> None:
    hidden = report_leak().case.number
    for address in (f"/cases/?alike={hidden}", "/cases/?alike=000000-000000"):
        assert rita.get(address).status_code == 404
    assert rita.get("/cases/?cursor=x").status_code == 422
    assert rita.get("/cases/?page=7").status_code == 200


def test_a_line_is_told_in_english_too(county: County, rita: Client) -> None:
    for at in range(2):
        public(MONDAY + timedelta(hours=at))
    rita.post("/language/", {"language": "en", "next": "/"})
    page = rita.get("/cases/").content.decode()
    assert "2 reports of" in page
    assert "河湾镇 · 柳树村 · grid 1" in page
