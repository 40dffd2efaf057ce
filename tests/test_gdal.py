"""GDAL, which QGIS and most programs of maps read with, reads our collections as it comes."""

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from tests.cast import COUNTY, GRID, SETTING_UP, TOWN, TUESDAY, County, point_in, report_leak

LON, LAT = point_in(GRID)
Run = Callable[..., str]


@pytest.fixture
def run(committed: County, live_server: Any) -> Run:
    """One of GDAL's programs on our landing page: `run("ogrinfo", "cases")`."""

    def call(program: str, *words: str) -> str:
        found = shutil.which(program)
        if not found:
            raise RuntimeError(f"No {program} found: run `./gezhi test`, or install gdal-bin.")
        command = [found, *words[:1], f"OAPIF:{live_server.url}/ogc/", *words[1:]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - found on the path
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    return call


@pytest.fixture
def read(run: Run, tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """The features of a collection as `ogr2ogr` copies them."""

    def copy(collection: str, *words: str) -> list[dict[str, Any]]:
        copied = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        # The file comes before what it is made from.
        run("ogr2ogr", str(copied), collection, *words)
        return list(json.loads(copied.read_text(encoding="utf-8"))["features"])

    return copy


@pytest.fixture
def published(committed: County) -> list[Case]:
    """Twelve public cases, an hour between them, and one that nobody has reviewed."""
    made = []
    for ago in range(13):
        with clock.standing_at(TUESDAY + timedelta(hours=ago)):
            case = report_leak().case
            cases.accept(case.id, category="utility.lamp", actor=SETTING_UP)
            if ago < 12:
                made.append(cases.publish(case.id, is_public=True, actor=SETTING_UP))
    return made


def ids(features: list[dict[str, Any]]) -> list[str]:
    return [each["properties"]["id"] for each in features]


def test_the_collections_are_found_with_their_kinds_of_geometry(
    run: Run, published: list[Case]
) -> None:
    listed = run("ogrinfo", "-ro")
    assert "areas (title: 区划) (Multi Polygon)" in listed
    assert "grids (title: 网格) (Multi Polygon)" in listed
    assert "cases (title: 公开的工单) (Point)" in listed


def test_how_many_there_are_where_and_of_what_kind_their_fields(
    run: Run, published: list[Case]
) -> None:
    told = run("ogrinfo", "-so", "cases")
    assert "Feature Count: 12" in told
    assert 'GEOGCRS["WGS 84"' in told
    for field in ("requested_datetime: DateTime", "service_code: String", "status: String"):
        assert field in told


@pytest.mark.parametrize("size", [1, 5, 12, 1000])
def test_pages_are_turned_to_the_last(read: Any, published: list[Case], size: int) -> None:
    found = read("cases", "-oo", f"PAGE_SIZE={size}")
    assert ids(found) == [case.number for case in reversed(published)]


def test_a_case_comes_with_what_is_told_of_it_and_where_it_is(
    read: Any, published: list[Case]
) -> None:
    found = read("cases")[-1]
    case, told = published[0], found["properties"]
    assert found["geometry"]["coordinates"] == pytest.approx([case.lon, case.lat], abs=1e-6)
    assert told["requested_datetime"].startswith("2026-11-17T01:00:00")
    assert (told["service_name"], told["service_code"]) == ("路灯照明", "utility.lamp")
    assert (told["status"], told["state"]) == ("open", "accepted")
    assert told["description"] == case.what


def test_a_box_is_asked_of_us_and_holds_what_lies_in_it(read: Any, published: list[Case]) -> None:
    near = (LON - 0.001, LAT - 0.001, LON + 0.001, LAT + 0.001)
    far = (LON + 1, LAT + 1, LON + 2, LAT + 2)
    assert ids(read("areas", "-spat", *map(str, near))) == [COUNTY, TOWN, GRID[:12]]
    assert ids(read("grids", "-spat", *map(str, near))) == [GRID]
    assert read("grids", "-spat", *map(str, far)) == []
    where = (published[0].lon or 0, published[0].lat or 0)
    around = (where[0] - 0.001, where[1] - 0.001, where[0] + 0.001, where[1] + 0.001)
    assert len(read("cases", "-spat", *map(str, around))) == 12
    assert read("cases", "-spat", *map(str, far)) == []


def test_fields_are_asked_about(read: Any, published: list[Case]) -> None:
    number = published[3].number
    assert ids(read("cases", "-where", f"id = '{number}'")) == [number]  # at its own address
    assert len(read("cases", "-where", "service_code = 'utility.lamp'")) == 12
    assert ids(read("areas", "-where", "level = 'town'"))[0] == TOWN


def test_outlines_are_those_in_force(read: Any, committed: County) -> None:
    [grid] = read("grids", "-where", f"id = '{GRID}'", "-lco", "COORDINATE_PRECISION=6")
    [[ring]] = grid["geometry"]["coordinates"]
    assert grid["geometry"]["type"] == "MultiPolygon"
    assert min(ring)[0] < LON < max(ring)[0]


def test_a_database_of_maps_takes_all_of_it(
    run: Run, published: list[Case], tmp_path: Path
) -> None:
    """A GeoPackage minds kinds of geometry and fields; GDAL would warn of what does not fit."""
    package = tmp_path / "gezhi.gpkg"
    run("ogr2ogr", str(package))
    program = shutil.which("ogrinfo") or ""
    done = subprocess.run(  # noqa: S603 - found on the path
        [program, "-so", "-al", str(package)], capture_output=True, text=True, check=True
    )
    for name, kind, count in (("areas", "Multi Polygon", 6), ("grids", "Multi Polygon", 5),
                              ("cases", "Point", 12)):  # fmt: skip
        assert f"Layer name: {name}" in done.stdout
        assert f"Geometry: {kind}\nFeature Count: {count}\n" in done.stdout
