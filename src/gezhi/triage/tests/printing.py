"""What tests of "the same as" share: reports here and there, and the follower that prints them."""

from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.record.models import Line
from gezhi.triage import followers
from tests.cast import COUNTY, GRID, point_in

LEAK = "金桂花园门口自来水管爆了，水一直往外冒，半天没人来修"
LEAK_AGAIN = "金桂花园小区大门口的自来水管爆了，水一直往外流，请尽快来修"
METRES_EAST = 90_500  # of a degree, where the county lies


def report_at(what: str, *, grid: str = GRID, east: float = 0, is_secret: bool = False) -> Case:
    """A case with a point, some metres east of the middle of a grid."""
    lon, lat = point_in(grid)
    return _report(what, cases.Where(lon=lon + east / METRES_EAST, lat=lat), is_secret=is_secret)


def report_in(what: str, path: str) -> Case:
    """A case without a point, of an area."""
    return _report(what, cases.Where(path=path), is_secret=False)


def _report(what: str, where: cases.Where, *, is_secret: bool) -> Case:
    contact = cases.Contact(phone="13812345678", is_secret=is_secret)
    made = cases.report(
        county=COUNTY, what=what, where=where, channel="desk", contact=contact, actor=NOBODY
    )
    print_all()
    return made.case


def print_all() -> None:
    """Let the follower hear the whole book, as it may at any time."""
    followers.keep_prints(list(Line.objects.order_by("id")))
