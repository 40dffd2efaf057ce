"""Names that people use for places: what kinds there are, and a table of them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

LONGEST_NAME = 60
MOST_METRES = 20_000
MOST_IMPORTED = 5_000  # names of one table: two seconds, in which nobody else may change places


class NameKind(StrEnum):
    """What it is that has the name."""

    ESTATE = "estate"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    MARKET = "market"
    SQUARE = "square"
    ROAD = "road"
    BRIDGE = "bridge"
    BUILDING = "building"
    HAMLET = "hamlet"
    OTHER = "other"


NAME_KINDS = tuple(NameKind)
NAME_KIND_NAMES: Mapping[str, Promise] = {
    NameKind.ESTATE: _("小区"),
    NameKind.SCHOOL: _("学校"),
    NameKind.HOSPITAL: _("医院诊所"),
    NameKind.MARKET: _("市场商店"),
    NameKind.SQUARE: _("广场公园"),
    NameKind.ROAD: _("道路街巷"),
    NameKind.BRIDGE: _("桥"),
    NameKind.BUILDING: _("建筑"),
    NameKind.HAMLET: _("村组聚落"),
    NameKind.OTHER: _("其他"),
}
# How far from its point a place of the kind may reach, in metres, where nobody says otherwise.
REACH: Mapping[str, int] = {
    NameKind.ESTATE: 200,
    NameKind.SCHOOL: 150,
    NameKind.HOSPITAL: 120,
    NameKind.MARKET: 120,
    NameKind.SQUARE: 120,
    NameKind.ROAD: 400,
    NameKind.BRIDGE: 60,
    NameKind.BUILDING: 60,
    NameKind.HAMLET: 400,
    NameKind.OTHER: 100,
}


@dataclass(frozen=True)
class NewName:
    """A name to be added: with a point, or the path of the area it lies in, or both."""

    name: str
    kind: str
    path: str = ""
    lon: float | None = None
    lat: float | None = None
    metres: int = 0


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """Something with a name: an area, a thing of the map, or what people call a place.

    `path` is the smallest area that holds all of it, `kind` what it is (an area's kind, a
    feature's, or one of `NameKind`), `metres` how far from its point it reaches, `course` where
    a road or river runs, `passes` the villages it runs through, if several. `is_waiting`: nobody
    has confirmed the name; it counts only for who says the village.
    """

    name: str
    kind: str
    path: str
    point: tuple[float, float] | None = None  # WGS-84
    metres: float = 0.0
    short: str = ""
    course: BaseGeometry | None = None
    passes: tuple[str, ...] = ()
    is_waiting: bool = False


def clean_name(typed: str) -> str:
    """A name as it is kept: no blanks around or doubled in it."""
    return re.sub(r"\s+", " ", typed).strip()


def kind_of_name(typed: str) -> str:
    """The kind that a cell of a table names, by its word or its code; "" for an unknown one."""
    typed = typed.strip()
    for kind, words in NAME_KIND_NAMES.items():
        if typed in (str(words), kind):
            return str(kind)
    return "" if typed else NameKind.OTHER.value


# What a table's column is called, ours first.
NAME_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("名称", "地名", "name"),
    "kind": ("类型", "种类", "kind"),
    "path": ("区划代码", "代码", "path", "code"),
    "lon": ("经度", "lon", "lng", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
    "metres": ("范围（米）", "范围", "metres"),
}


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Which column of a table holds what."""
    found = {}
    for field, words in NAME_COLUMNS.items():
        at = next((at for at, cell in enumerate(header) if cell.strip().lower() in words), None)
        if at is not None:
            found[field] = at
    return found


def new_name_of(cells: Mapping[str, str]) -> tuple[NewName | None, str]:
    """The name a row tells, or None and the reason's code."""
    name, kind = clean_name(cells.get("name", "")), kind_of_name(cells.get("kind", ""))
    if not 2 <= len(name) <= LONGEST_NAME:
        return None, "name_wrong"
    if not kind:
        return None, "kind_unknown"
    try:
        lon, lat = (float(cells[key]) if cells.get(key) else None for key in ("lon", "lat"))
        metres = int(float(cells.get("metres") or 0))
    except (ValueError, OverflowError):
        return None, "number_wrong"
    path = cells.get("path", "").strip()
    if (lon is None) != (lat is None) or (lon is None and not path):
        return None, "place_missing"
    return NewName(name, kind, path, lon, lat, metres), ""
