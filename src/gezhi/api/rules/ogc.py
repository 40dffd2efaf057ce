"""What a client of OGC API - Features asks for, read from the texts it sends. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from gezhi.api.errors import ArgumentWrong
from gezhi.base.days import FIRST, LAST

LIMIT, MOST = 10, 1000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
    for name in ("core", "oas30", "html", "geojson")
)
JSON, HTML = "json", "html"
# What the fields are called to people; programs know them by their codes.
FIELD_NAMES: Mapping[str, Promise] = {
    "name": _lazy("名称"),
    "short_name": _lazy("简称"),
    "level": _lazy("级别"),
    "kind": _lazy("种类"),
    "households": _lazy("户数"),
    "population": _lazy("人口"),
    "valid_from": _lazy("生效日期"),
    "status": _lazy("状态"),
    "status_notes": _lazy("办理情况"),
    "service_name": _lazy("类别"),
    "service_code": _lazy("类别代码"),
    "description": _lazy("内容"),
    "agency_responsible": _lazy("承办单位"),
    "service_notice": _lazy("承诺"),
    "requested_datetime": _lazy("上报时间"),
    "updated_datetime": _lazy("最近变动"),
    "expected_datetime": _lazy("预计办结"),
    "address": _lazy("地点"),
    "address_id": _lazy("区划代码"),
    "media_url": _lazy("照片"),
    "state": _lazy("所处环节"),
    "coordinates": _lazy("经纬度"),
}
_OPEN = ("", "..")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII)
Args = Mapping[str, str]


@dataclass(frozen=True)
class Box:
    """West, south, east, north; the west lies east of the east where it spans the date line."""

    west: float
    south: float
    east: float
    north: float

    @property
    def halves(self) -> list[tuple[float, float, float, float]]:
        """One box, or two where it spans the date line."""
        if self.west <= self.east:
            return [(self.west, self.south, self.east, self.north)]
        return [
            (self.west, self.south, 180.0, self.north),
            (-180.0, self.south, self.east, self.north),
        ]


@dataclass(frozen=True)
class Asked:
    """One page of a collection: where, when (both ends count), how many, after what."""

    box: Box | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = LIMIT
    cursor: str = ""


def check_names(args: Args, known: Collection[str]) -> None:
    """A parameter nobody reads is refused, as the standard asks: so a typing error is seen."""
    for name in args:
        if name not in known:
            raise ArgumentWrong(name=name[:48], why=_("没有这个参数。"))


def read_format(asked: str, accept: str) -> str:
    """JSON or HTML: by `f`, else by what the client would rather have."""
    if asked:
        if asked not in (JSON, HTML):
            raise ArgumentWrong(name="f", why=_("只能是 json、html。"))
        return asked
    first = accept.partition(",")[0].partition(";")[0].strip().lower()
    return HTML if first in ("text/html", "application/xhtml+xml") else JSON


def read_page(args: Args) -> Asked:
    """The question to a collection's items."""
    since, until = _read_interval(args.get("datetime", ""))
    return Asked(
        _read_box(args["bbox"]) if "bbox" in args else None,
        since,
        until,
        _read_limit(args["limit"]) if "limit" in args else LIMIT,
        args.get("cursor", ""),
    )


def _read_limit(text: str) -> int:
    """More than there may be is as many as there may be."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) > 0):
        why = _("应为 1 到 %(most)s 的整数。") % {"most": MOST}
        raise ArgumentWrong(name="limit", why=why)
    return min(int(text), MOST)


def _read_box(text: str) -> Box:
    """Four numbers, or six with heights, which say nothing here."""
    wrong = ArgumentWrong(name="bbox", why=_("应为西、南、东、北四个数，用逗号隔开（WGS-84）。"))
    try:
        numbers = [float(each) for each in text.split(",")]
    except ValueError:
        raise wrong from None
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(isfinite, numbers)):
        raise wrong
    west, south, east, north = numbers
    is_on_earth = abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90
    if not is_on_earth:
        raise wrong
    return Box(west, south, east, north)


def _read_interval(text: str) -> tuple[datetime | None, datetime | None]:
    """A moment, or two with a stroke between them, one of which may be open."""
    if not text:
        return None, None
    first, stroke, last = text.partition("/")
    if not stroke:
        return _read_moment(first), _read_moment(first, is_end=True)
    if first in _OPEN and last in _OPEN:
        return None, None
    since = None if first in _OPEN else _read_moment(first)
    until = None if last in _OPEN else _read_moment(last, is_end=True)
    if since and until and until < since:
        raise _wrong_moment()
    return since, until


def _read_moment(text: str, *, is_end: bool = False) -> datetime:
    """A moment of RFC 3339; a day alone is all of it, in UTC."""
    # The plus of an offset that was not escaped arrives as a blank.
    text = text.upper().replace(" ", "+")
    is_day = len(text) == len("2026-11-22")
    try:
        found = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not FIRST.year < found.year < LAST.year:
        raise _wrong_moment()
    if is_day and is_end:
        found += timedelta(days=1, microseconds=-1)
    return found.replace(tzinfo=UTC) if is_day else found.astimezone(UTC)


def _wrong_moment() -> ArgumentWrong:
    return ArgumentWrong(
        name="datetime",
        why=_("应为时间或区间，例如 2026-11-22T09:00:00Z、2026-11-01T00:00:00Z/..。"),
    )
