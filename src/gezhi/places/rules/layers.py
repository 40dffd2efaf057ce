"""Kinds of things drawn on a map under the cases. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry


class FeatureKind(StrEnum):
    """What a feature of the map is."""

    ROAD = "road"
    WATER = "water"
    BUILDING = "building"
    PLACE = "place"


FEATURE_KINDS = tuple(FeatureKind)


@dataclass(frozen=True)
class NewFeature:
    """A feature to be added; `height` in metres for buildings, `rank` 1 (main) to 5 for roads."""

    kind: str
    geometry: BaseGeometry
    name: str = ""
    height: float = 0.0
    rank: int = 3
