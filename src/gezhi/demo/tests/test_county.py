"""The county as drawn: complete, tiled without gaps, numbered by the rules, always the same."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from gezhi.demo.county import County, Division, digest_of
from gezhi.demo.county.plane import Geometry, metres_of
from gezhi.demo.rules import SEED

REAL_DIVISIONS = Path(__file__).parents[5] / "shared" / "data" / "divisions"


@pytest.fixture
def county(drawn: County) -> County:
    return drawn


def of_kind(county: County, kind: str) -> list[Division]:
    return [one for one in county.divisions if one.kind == kind]


def test_the_same_seed_draws_the_same_bytes_in_another_process(county: County) -> None:
    program = (
        "from gezhi.demo.county import digest_of, draw_county\n"
        f"print(digest_of(draw_county({SEED})), end='')"
    )
    env = {**os.environ, "PYTHONHASHSEED": "4711"}
    again = subprocess.run(  # noqa: S603 - our own program, no input from outside
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert again.stdout == digest_of(county)


def test_it_has_the_size_of_a_real_county(county: County) -> None:
    assert Counter(one.kind for one in county.divisions) == {
        "county": 1,
        "town": 8,
        "village": 133,
        "community": 7,
        "grid": 249,
        "exclusive": 12,
    }
    shape = shapely.transform(county.divisions[0].outline, metres_of)
    assert shapely.area(shape) == pytest.approx(1_100e6, rel=0.01)
    assert sum(one.people for one in county.divisions) == 149_000
    assert sum(one.households for one in county.divisions) == 52_000


def test_people_are_counted_in_grids_only(county: County) -> None:
    counted = {one.kind for one in county.divisions if one.people}
    assert counted == {"grid", "exclusive"}
    assert all(one.people > 0 for one in of_kind(county, "grid"))


def test_general_grids_tile_their_village_and_villages_tile_the_county(county: County) -> None:
    by_code = {one.code: one for one in county.divisions}
    for levels in ((("grid",), 12), (("village", "community"), 9), (("town",), 6)):
        kinds, digits = levels
        parts: dict[str, list[Geometry]] = {}
        for one in county.divisions:
            if one.kind in kinds:
                parts.setdefault(one.code[:digits], []).append(one.outline)
        for code, inside in parts.items():
            union = shapely.union_all(inside)
            whole = by_code[code].outline
            assert shapely.area(shapely.symmetric_difference(union, whole)) < 1e-9, code
            overlap = sum(shape.area for shape in inside) - union.area
            assert abs(overlap) < 1e-9, code


def test_all_outlines_are_valid_and_grids_are_a_coverage(county: County) -> None:
    assert all(one.outline.is_valid and not one.outline.is_empty for one in county.divisions)
    grids = np.array([one.outline for one in of_kind(county, "grid")])
    assert shapely.coverage_is_valid(grids)


def test_codes_follow_the_statistical_rules(county: County) -> None:
    codes = [one.code for one in county.divisions]
    assert len(set(codes)) == len(codes)
    for one in county.divisions:
        assert one.parent == one.code[: {6: 0, 9: 6, 12: 9, 15: 12}[len(one.code)]]
        last = int(one.code[-3:])
        if one.kind == "community":
            assert 1 <= last < 200
        elif one.kind == "village":
            assert 200 <= last < 400
        elif one.kind == "exclusive":
            assert last > 900
        elif one.kind == "town":
            low = {"道": 1, "镇": 100, "乡": 200}[one.name[-1]]
            assert low <= last < low + 99


def test_grids_are_numbered_from_west_to_east_without_gaps(county: County) -> None:
    inside: dict[str, list[Division]] = {}
    for one in of_kind(county, "grid"):
        inside.setdefault(one.parent, []).append(one)
    for grids in inside.values():
        ordered = sorted(grids, key=lambda one: one.code)
        assert [int(one.code[-3:]) for one in ordered] == list(range(1, len(grids) + 1))
        wests = [one.outline.centroid.x for one in ordered]
        assert wests == sorted(wests)


def test_an_exclusive_grid_lies_inside_one_village_and_one_general_grid(county: County) -> None:
    by_code = {one.code: one for one in county.divisions}
    grids = of_kind(county, "grid")
    for one in of_kind(county, "exclusive"):
        assert by_code[one.parent].outline.covers(one.outline), one.name
        assert sum(grid.outline.intersects(one.outline) for grid in grids) == 1, one.name


def test_names_are_given_once(county: County) -> None:
    for kind in ("town", "village", "community", "grid", "exclusive"):
        names = [one.name for one in of_kind(county, kind)]
        assert len(set(names)) == len(names)


@pytest.mark.skipif(not REAL_DIVISIONS.is_dir(), reason="real divisions are not on this machine")
def test_county_and_towns_bear_no_real_name(county: County) -> None:
    real = "".join(
        path.read_text(encoding="utf-8") for path in sorted(REAL_DIVISIONS.glob("*.csv"))
    )
    for one in county.divisions[:9]:
        assert one.name not in real, one.name


def test_seats_lie_in_their_division_and_outside_the_river(county: County) -> None:
    for one in county.divisions:
        assert one.outline.covers(shapely.Point(one.seat)), one.name


def test_the_main_river_runs_downhill_from_west_to_east(county: County) -> None:
    west, south, east, north = county.bounds
    rows, columns = county.relief.shape
    river = [
        shapely.get_coordinates(one.geometry)
        for one in county.features
        if one.kind == "water" and one.rank == 1 and "Line" in one.geometry.geom_type
    ]
    points = np.vstack(river)
    points = points[np.argsort(points[:, 0])]
    column = ((points[:, 0] - west) / (east - west) * columns).astype(int)
    row = ((north - points[:, 1]) / (north - south) * rows).astype(int)
    bed = county.relief[row, column]
    upper, lower = bed[: len(bed) // 5].mean(), bed[-len(bed) // 5 :].mean()
    assert upper - lower > 40
    ridge = np.percentile(county.relief, 75)
    assert ridge - bed.mean() > 80


def test_all_roads_are_one_network(county: County) -> None:
    roads = [one.geometry for one in county.features if one.kind == "road"]
    merged = shapely.union_all(shapely.buffer(np.array(roads), 0.0009, quad_segs=2))
    parts = shapely.get_parts(merged)
    assert max(part.area for part in parts) / merged.area > 0.985
    reached = max(parts, key=lambda part: part.area)
    for town in of_kind(county, "town"):
        assert shapely.Point(town.seat).distance(reached) < 0.004, town.name


def test_town_and_villages_are_built(county: County) -> None:
    houses = [one for one in county.features if one.kind == "building"]
    assert all(one.height > 0 for one in houses)
    communities = shapely.union_all([one.outline for one in of_kind(county, "community")])
    shapely.prepare(communities)
    in_town = sum(communities.covers(one.geometry.centroid) for one in houses)
    assert in_town > 1_200
    assert len(houses) - in_town > 3_000
    tree = shapely.STRtree([one.geometry for one in houses])
    empty = [
        one.name
        for one in of_kind(county, "village")
        if len(tree.query(one.outline, predicate="intersects")) < 5
    ]
    assert not empty
