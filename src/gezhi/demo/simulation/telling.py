"""What many residents would say, one after another: words, place, kind, where. Nothing is sent."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gezhi.demo.simulation.matters import choose_matter, compose
from gezhi.demo.simulation.spots import Spots


class Telling(NamedTuple):
    """One report; the point is WGS-84."""

    what: str
    place: str
    category: str
    path: str
    lon: float
    lat: float


def tellings(county: str, *, seed: int) -> Iterator[Telling]:
    """Reports from all over the county, without end; the same seed, the same reports."""
    chance, spots = np.random.default_rng(seed), Spots(county)
    while True:
        spot = spots.draw(chance)
        matter = choose_matter(in_town=spot.in_town, chance=chance)
        what = compose(matter, in_town=spot.in_town, chance=chance)
        yield Telling(what, spot.words, matter.category, spot.path, spot.lon, spot.lat)
