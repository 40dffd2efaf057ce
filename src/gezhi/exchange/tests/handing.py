"""Cases handed to a peer, by the small county."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.cases import actions as cases
from gezhi.cases.models import Case, HistoryLine
from tests.cast import COUNTY, GRID, SETTING_UP, County, point_in

PLAIN = "env.noise"  # asks for no proof


def report(what: str = "路面塌了一个坑，我的电话 13812345678", *, is_secret: bool = False) -> Case:
    lon, lat = point_in(GRID)
    return cases.report(
        county=COUNTY, what=what, where=cases.Where(lon=lon, lat=lat, place="柳树村村口"),
        channel="portal", actor=NOBODY,
        contact=cases.Contact(name="李秀兰", phone="13812345678", is_secret=is_secret),
    ).case  # fmt: skip


def hand_over(county: County, case: Case | None = None, category: str = PLAIN) -> Case:
    """Accepted, and assigned to the unit another city stands for."""
    case = case or report()
    cases.accept(case.id, category=category, actor=SETTING_UP)
    return cases.assign(case.id, unit=county.unit("dept-transport"), actor=SETTING_UP)


def acts_of(case: Case) -> list[str]:
    return list(HistoryLine.objects.filter(case=case).order_by("seq").values_list("act", flat=True))


def later(**more: float) -> Any:
    return clock.now() + timedelta(**more)


def photo() -> bytes:
    kept = BytesIO()
    Image.new("RGB", (320, 240), (90, 120, 40)).save(kept, "JPEG")
    return kept.getvalue()
