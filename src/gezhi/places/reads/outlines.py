"""Areas with their outlines, all of a county at once: for those who draw their own maps."""

import functools
from dataclasses import dataclass
from uuid import UUID

from shapely.geometry.base import BaseGeometry

from gezhi.places.models import Area
from gezhi.places.reads.areas import areas_under, outlines_of, revision, today


@dataclass(frozen=True)
class Outlined:
    """An area that stands today and its outline; None where none was set."""

    area: Area
    shape: BaseGeometry | None


def outlined_areas(county: str) -> tuple[Outlined, ...]:
    """All of a county in the order of their codes, kept in memory until something changes."""
    return _outlined(county, revision(county), today().toordinal())


@functools.lru_cache(maxsize=2)
def _outlined(county: str, _revision: UUID | None, _day: int) -> tuple[Outlined, ...]:
    areas = list(areas_under("", county=county))
    shapes = outlines_of(areas)
    return tuple(Outlined(area, shapes.get(area.id)) for area in areas)
