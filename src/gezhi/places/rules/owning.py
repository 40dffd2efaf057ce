"""Named grounds inside a county, and what is laid down for them: the innermost goes first. Pure."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import shapely
from django.utils.translation import gettext_lazy
from shapely.geometry.base import BaseGeometry

# What the program lays down itself has a code for a reason, which pages tell in their language.
BY_ROOT_CAUSE = "root_cause"
_REASONS = {BY_ROOT_CAUSE: gettext_lazy("治本事项的牵头单位")}
_DEGREE = 111_195.0  # metres
_LEVELS = (15, 12, 9, 6, 4)  # digits of the paths of areas, from the grid out

# A name of two signs is the end of many another: 东街 of 河东街.
_BEFORE = re.compile(r"(?:^|[^\u4e00-\u9fff]|[在到从于至和与跟及的是由经村镇乡区县市])$")
_HOME = re.compile(r"(?:(?:我们?|俺|本人)(?:是|家?住在?|家在)|家住在?)[^,，。;；\s]{0,12}$")
_ASIDE = re.compile(
    r"(?:的|那|这)?(?:正|斜)?(?:对面|对过|对门|附近|旁|边上|周边|周围|一带|隔壁|以外|外面|[后前背]面|[东西南北]侧)"
    r"|到|至|道(?!路)|人[,，。]"
)


class ZoneKind(StrEnum):
    """What a named ground is."""

    ESTATE = "estate"
    MARKET = "market"
    PARK = "park"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    PLANT = "plant"
    ROAD = "road"
    RIVER = "river"
    OTHER = "other"


ZONE_KINDS = tuple(ZoneKind)


@dataclass(frozen=True)
class NewOwner:
    """What is to be laid down: for a zone, or for the area at `path`, a unit by its code.

    `asset` and `category` (or a group of categories) are "" where it holds for any.
    """

    unit: str
    reason: str
    path: str = ""
    zone: UUID | None = None
    asset: str = ""
    category: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class Held(NamedTuple):
    """A unit that has something, from a day up to, not with, another; None is no end yet."""

    unit: str
    since: date
    until: date | None

    def meets(self, other: "Held") -> bool:
        """Whether there is a day on which both hold."""
        first_over = min(self.until or date.max, other.until or date.max)
        return max(self.since, other.since) < first_over


class Ground(NamedTuple):
    """A named ground that is in force; `size` tells which of two lies in the other."""

    id: UUID
    kind: str
    name: str
    path: str
    size: float


class Owner(NamedTuple):
    """Who answers for things of a kind, or matters of a kind, on a ground or in an area."""

    id: UUID
    asset: str
    category: str
    unit: str
    reason: str


def fits(owner: Owner, *, asset: str, category: str) -> bool:
    """Whether it is laid down for such a thing and such a matter."""
    group = category.partition(".")[0]
    return owner.asset in ("", asset) and owner.category in ("", category, group)


def reason_words(reason: str) -> str:
    """On what it rests, as it was written or in words for the code."""
    return str(_REASONS.get(reason, reason))


def exactness(owner: Owner) -> tuple[bool, bool, bool]:
    """Of two for one ground the one that says more goes first: category, then thing, then group."""
    is_category = "." in owner.category
    return is_category, bool(owner.asset), bool(owner.category)


def is_said(name: str, words: str) -> bool:
    """Whether words say that something is at a place of this name.

    Not beside it or opposite, not where the reporter is at home, not as a piece of another name.
    """
    for found in re.finditer(re.escape(name), words):
        before, after = words[max(0, found.start() - 24) : found.start()], found.end()
        is_whole = len(name) > 2 or _BEFORE.search(before[-1:])
        if is_whole and not _HOME.search(before) and not _ASIDE.match(words, after):
            return True
    return False


def paths_outwards(path: str) -> Iterator[str]:
    """The path of an area and of each around it, the innermost first."""
    return (path[:digits] for digits in _LEVELS if len(path) >= digits)


def corridor(line: BaseGeometry, metres: float) -> BaseGeometry:
    """The strip of land within `metres` of a line in degrees, or the round one about a point."""
    wide = math.cos(math.radians(line.centroid.y)) or 1.0
    flat = shapely.transform(line, lambda points: points * [_DEGREE * wide, _DEGREE])
    ends = (
        shapely.BufferCapStyle.round if line.geom_type == "Point" else shapely.BufferCapStyle.flat
    )
    strip = flat.buffer(metres, cap_style=ends, quad_segs=4)
    return shapely.transform(strip, lambda points: points / [_DEGREE * wide, _DEGREE])
