"""Puts the county together: land, outline, town, divisions and what is drawn on the map."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from gezhi.demo.county import names
from gezhi.demo.county.divisions import Division, name_divisions
from gezhi.demo.county.features import Feature, Ground, draw_features
from gezhi.demo.county.land import HEIGHT, WIDTH, make_land
from gezhi.demo.county.mesh import Mesh, draw_outline, make_mesh
from gezhi.demo.county.naming import Named, draw_names
from gezhi.demo.county.plane import degrees_of
from gezhi.demo.county.regions import divide
from gezhi.demo.county.town import TownPlan, plan_town


@dataclass(frozen=True)
class County:
    """The county as drawn: everything about it that is not a person or a unit."""

    seed: int
    code: str
    name: str
    divisions: tuple[Division, ...]
    features: tuple[Feature, ...]
    names: tuple[Named, ...]
    relief: NDArray[np.float32]  # metres, row 0 in the north
    bounds: tuple[float, float, float, float]  # of the relief: west, south, east, north


def draw_county(seed: int) -> County:
    """The county of `seed`; about ten seconds of work."""
    chance = [np.random.default_rng([seed, number]) for number in range(8)]
    land = make_land(chance[0])
    plan = plan_town(land, chance[1])
    land = replace(
        land,
        streams=tuple(
            replace(stream, points=plan.settled(stream.points)) for stream in land.streams
        ),
    )
    outline = draw_outline(chance[2])
    streets = [street.points for street in plan.streets] + list(plan.borders)
    mesh = make_mesh(outline, plan.extent, streets, chance[3])
    layout = divide(mesh, land, plan.extent, chance[4])
    blocks = _blocks(mesh, plan)
    divisions = name_divisions(layout, _lots(blocks, plan), chance[5])
    ground = Ground(land, outline, plan, blocks, divisions)
    features = draw_features(ground, chance[6])
    streets = [street.points for street in plan.streets]
    called = draw_names(blocks, plan.water, divisions, streets, chance[7])
    corners = np.array([[-WIDTH / 2, -HEIGHT / 2], [WIDTH / 2, HEIGHT / 2]])
    west, south, east, north = degrees_of(corners).ravel().tolist()
    bounds = (west, south, east, north)
    return County(
        seed, names.CODE, names.COUNTY[0], divisions, features, called, land.heights, bounds
    )


def _blocks(mesh: Mesh, plan: TownPlan) -> list[Polygon]:
    """Street blocks that are land, in the order of the mesh."""
    faces = [mesh.faces[number] for number in np.flatnonzero(mesh.is_urban)]
    return [face for face in faces if shapely.area(face.intersection(plan.water)) < 0.2 * face.area]


def _lots(blocks: list[Polygon], plan: TownPlan) -> list[Polygon]:
    """Blocks for schools, hospitals and the market: apart, and not in the very middle."""
    spots = np.array([block.centroid.coords[0] for block in blocks])
    off = np.hypot(*(spots - plan.middle).T)
    chosen: list[int] = []
    for number in np.argsort(np.abs(off - 700), kind="stable").tolist():
        apart = [float(np.hypot(*(spots[number] - spots[other]))) for other in chosen]
        if min(apart, default=1e9) > 380:
            chosen.append(number)
    return [blocks[number].buffer(-14) for number in chosen]


def digest_of(county: County) -> str:
    """SHA-256 over everything that was drawn: equal for equal seeds, on every run."""
    lines = hashlib.sha256()
    for one in county.divisions:
        numbers = (one.people, one.households, one.seat)
        lines.update(repr((one.code, one.kind, one.name, one.short_name, numbers)).encode())
        lines.update(shapely.to_wkb(one.outline))
    for thing in county.features:
        lines.update(repr((thing.kind, thing.name, thing.height, thing.rank)).encode())
        lines.update(shapely.to_wkb(thing.geometry))
    for one_name in county.names:
        lines.update(repr(one_name).encode())
    lines.update(county.relief.tobytes())
    return lines.hexdigest()
