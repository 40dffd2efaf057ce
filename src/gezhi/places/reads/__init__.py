"""Reading places: areas, where a point lies, what maps draw."""

from gezhi.places.reads.areas import (
    area,
    area_by_code,
    areas_by_paths,
    areas_under,
    boundary_of,
    counties_to_change,
    outline,
    outlines_of,
    revision,
    search_areas,
    successor_of,
    today,
    village_of,
)
from gezhi.places.reads.locating import Place, forget, locate, neighbours, place_at
from gezhi.places.reads.maps import elevation, layer, overview, terrain_tile
from gezhi.places.reads.saying import names_along, words_for, words_of
from gezhi.places.reads.standing import area_by_path, hold, root

__all__ = [
    "Place",
    "area",
    "area_by_code",
    "area_by_path",
    "areas_by_paths",
    "areas_under",
    "boundary_of",
    "counties_to_change",
    "elevation",
    "forget",
    "hold",
    "layer",
    "locate",
    "names_along",
    "neighbours",
    "outline",
    "outlines_of",
    "overview",
    "place_at",
    "revision",
    "root",
    "search_areas",
    "successor_of",
    "terrain_tile",
    "today",
    "village_of",
    "words_for",
    "words_of",
]
