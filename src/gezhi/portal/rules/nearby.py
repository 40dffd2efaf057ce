"""Which H3 cells must be looked through to miss nothing within some metres of a point."""

import h3

RESOLUTION = 9
# The shortest way across one ring of cells at resolution 9, a little under, to be safe.
_RING_METRES = 250


def cells_around(lon: float, lat: float, metres: int) -> frozenset[str]:
    """The point's cell and as many rings around it as the radius may reach into."""
    cell = h3.latlng_to_cell(lat, lon, RESOLUTION)
    return frozenset(h3.grid_disk(cell, 1 + metres // _RING_METRES))
