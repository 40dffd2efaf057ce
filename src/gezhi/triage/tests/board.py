"""Reports for tests of topics: one matter of several words, and others beside it."""

from datetime import datetime, timedelta

from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from tests.cast import COUNTY, GRID, point_in

WATER = (
    "柳树村自来水发黄，烧开还有铁锈味，不敢给孩子喝",
    "柳树村的自来水又黄又浑，水壶里全是铁锈味",
    "请查一查柳树村自来水发黄的原因，有铁锈味",
    "柳树村村民反映自来水发黄已经一周",
)
ROAD = (
    "高塬村小学门口道路塌陷，接送孩子要绕行",
    "高塬村小学门口的道路塌陷一个大坑没人修",
    "高塬村小学门口道路塌陷三天了，很危险",
)


def tell(
    what: str,
    *,
    at: str = GRID,
    opened_at: datetime,
    category: str = "",
    is_secret: bool = False,
) -> Case:
    """A report from a grid (or from an area, by its path)."""
    if len(at) == 15:
        lon, lat = point_in(at)
        where = cases.Where(lon=lon, lat=lat)
    else:
        where = cases.Where(path=at)
    reported = cases.report(
        county=COUNTY,
        what=what,
        where=where,
        channel="portal",
        contact=cases.Contact(is_secret=is_secret),
        category=category,
        opened_at=opened_at,
        actor=NOBODY,
    )
    found: Case = reported.case
    return found


def tell_all(
    texts: tuple[str, ...],
    *,
    at: str = GRID,
    now: datetime,
    category: str = "utility.water.quality",
) -> list[Case]:
    """These reports, a day apart, the last one a day ago."""
    return [
        tell(text, at=at, opened_at=now - timedelta(days=ago), category=category)
        for ago, text in zip(range(len(texts), 0, -1), texts, strict=True)
    ]
