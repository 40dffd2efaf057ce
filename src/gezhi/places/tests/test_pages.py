"""Map layers through the door: public, small, kept by browsers, refused in words."""

import io
import json
from datetime import timedelta

import numpy as np
import pytest
import shapely
from django.test import Client
from numpy.typing import NDArray
from PIL import Image
from pytest_django.fixtures import Settings
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.places import actions, reads, rules
from gezhi.places.errors import FeatureWrong, ReliefWrong
from gezhi.places.rules import Datum, NewFeature
from gezhi.places.tests.county import COUNTY, County, make_county

GRID = f"{COUNTY}100201001"
BOUNDS = (103.9, 35.9, 104.5, 36.5)


@pytest.fixture(autouse=True)
def own_county(settings: Settings) -> None:
    settings.COUNTY = COUNTY


def shapes_of(body: bytes) -> dict[str, BaseGeometry]:
    return {
        each["properties"]["path"]: shapely.geometry.shape(each["geometry"])
        for each in json.loads(body)["features"]
    }


def test_areas_of_a_level_are_shown_to_anybody(client: Client, county: County) -> None:
    answer = client.get("/map/areas.geojson", {"level": "town"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/geo+json")
    towns = json.loads(answer.content)["features"]
    assert [each["properties"]["name"] for each in towns] == [f"镇0{n}镇" for n in range(4)]
    assert towns[0]["id"] == int(f"{COUNTY}100")
    inside = client.get("/map/areas.geojson", {"level": "grid", "in": f"{COUNTY}100201"})
    assert len(json.loads(inside.content)["features"]) == 17


def test_a_county_of_249_crooked_grids_fits_and_keeps_common_edges(
    client: Client, db: None, actor: Actor
) -> None:
    made = make_county(actor, bends=40)
    raw = len(shapely.get_coordinates(list(made.outlines.values()))) * 20
    assert raw > 600_000
    body = client.get("/map/areas.geojson", {"level": "grid"}).content
    assert len(body) < 300_000
    shapes = {path: each for path, each in shapes_of(body).items() if not path.endswith("901")}
    assert len(shapes) == 256
    assert all(shape.is_valid for shape in shapes.values())
    assert shapely.coverage_is_valid(list(shapes.values()), gap_width=1e-7)
    for path, shape in shapes.items():
        whole = made.outlines[path]
        assert shape.symmetric_difference(whole).area < whole.area * 0.1
    assert all(round(x, 6) == x for x in shapely.get_coordinates(list(shapes.values())).ravel())


def test_a_browser_asks_again_and_is_told_when_nothing_changed(
    client: Client, county: County, actor: Actor
) -> None:
    address = "/map/areas.geojson?level=village"
    first = client.get(address)
    assert first["Cache-Control"] == "public, no-cache"
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    v = str(reads.revision(COUNTY))
    assert "immutable" in client.get(f"{address}&v={v}")["Cache-Control"]
    moved = shapely.affinity.translate(county.outlines[f"{COUNTY}100201"], 0.001)
    actions.set_boundary(county.areas[f"{COUNTY}100201"].id, moved, on=reads.today(), actor=actor)
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed.content != first.content


def test_a_boundary_of_tomorrow_is_not_shown_today(
    client: Client, county: County, actor: Actor
) -> None:
    first = client.get("/map/areas.geojson?level=village").content
    village = county.areas[f"{COUNTY}100201"]
    moved = shapely.affinity.translate(county.outlines[village.path], 0.001)
    tomorrow = reads.today() + timedelta(days=1)
    actions.set_boundary(village.id, moved, on=tomorrow, actor=actor)
    assert client.get("/map/areas.geojson?level=village").content == first
    with clock.standing_at(clock.now() + timedelta(days=1)):
        assert client.get("/map/areas.geojson?level=village").content != first


def test_roads_water_buildings_and_names_are_layers(
    client: Client, county: County, actor: Actor
) -> None:
    square = Polygon([(104.1, 36.1), (104.1005, 36.1), (104.1005, 36.1005), (104.1, 36.1005)])
    features = [
        NewFeature("road", LineString([(104.0, 36.0), (104.123456789, 36.1)]), "迎宾路", rank=1),
        NewFeature("water", LineString([(104.0, 36.2), (104.3, 36.2)]), "清水河"),
        NewFeature("building", square, height=18.04),
        NewFeature("place", Point(104.1, 36.1), "东关"),
    ]
    assert actions.add_features(COUNTY, features, actor=actor) == 4
    assert actions.add_features(COUNTY, features[:1], replace=True, actor=actor) == 1
    roads = json.loads(client.get("/map/roads.geojson").content)["features"]
    assert [each["properties"] for each in roads] == [{"rank": 1, "name": "迎宾路"}]
    assert roads[0]["geometry"]["coordinates"][-1] == [104.123457, 36.1]
    houses = json.loads(client.get("/map/buildings.geojson").content)["features"]
    assert houses[0]["properties"] == {"height": 18.0}
    overview = client.get("/map/county.json").json()
    assert overview["layers"] == ["roads", "water", "buildings", "places"]
    assert overview["bounds"] == pytest.approx(county.outlines[COUNTY].bounds, abs=1e-6)


def test_too_many_buildings_leave_out_the_smallest_and_say_so(
    client: Client, county: County, actor: Actor
) -> None:
    spots = np.random.default_rng(1).uniform(0, 0.3, (4000, 2))
    features = [
        NewFeature("building", Point(104 + x, 36 + y).buffer(0.0001 + 1e-8 * n, 4), height=6)
        for n, (x, y) in enumerate(spots)
    ]
    actions.add_features(COUNTY, features, actor=actor)
    body = client.get("/map/buildings.geojson").content
    shown = json.loads(body)
    assert len(body) <= 300_000
    assert shown["left_out"] == 4000 - len(shown["features"])
    assert len(shown["features"]) > 1000


@pytest.mark.parametrize(
    "feature",
    [
        NewFeature("bridge", Point(104, 36)),
        NewFeature("road", LineString()),
        NewFeature("road", LineString([(0, 0), (0, 91)])),
        NewFeature("place", Point(104, 36), "长" * 61),
        NewFeature("building", Point(104, 36).buffer(0.001), height=float("nan")),
    ],
)
def test_a_wrong_feature_is_refused_with_its_number(
    county: County, actor: Actor, feature: NewFeature
) -> None:
    good = NewFeature("place", Point(104, 36), "东关")
    with pytest.raises(FeatureWrong, match="2"):
        actions.add_features(COUNTY, [good, feature], actor=actor)


def test_relief_comes_as_terrain_tiles_with_true_heights(
    client: Client, county: County, actor: Actor
) -> None:
    rows, columns = 60, 60
    west_east = np.linspace(1000, 2000, columns, dtype=np.float32)
    actions.set_relief(COUNTY, np.tile(west_east, (rows, 1)), bounds=BOUNDS, actor=actor)
    z, x, y = 11, 1616, 801
    answer = client.get(f"/map/relief/{z}/{x}/{y}.png")
    assert answer.status_code == 200
    picture = np.asarray(Image.open(io.BytesIO(answer.content))).astype(int)
    assert picture.shape == (256, 256, 3)
    heights = picture[..., 0] * 256 + picture[..., 1] + picture[..., 2] / 256 - 32768
    lon = (x + 128.5 / 256) / 2**z * 360 - 180
    expected = reads.elevation(lon, 36.1, county=COUNTY, revision=reads.revision(COUNTY))
    assert heights[100, 128] == pytest.approx(expected, abs=1 / 16)
    slope = (heights[100, 200] - heights[100, 50]) / 150
    metres_per_pixel = 1000 / (BOUNDS[2] - BOUNDS[0]) * 360 / 2**z / 256
    assert slope == pytest.approx(metres_per_pixel, rel=0.05)
    assert client.get("/map/relief/11/0/0.png").status_code == 404
    assert client.get("/map/relief/3/9/9.png").status_code == 404
    overview = client.get("/map/county.json").json()
    assert (overview["relief"], overview["relief_zoom"]) == (list(BOUNDS), 8)
    asked = f"/map/relief/{z}/{x}/{y}.png?v={overview['revision']}"
    assert "immutable" in client.get(asked)["Cache-Control"]


@pytest.mark.parametrize(
    ("heights", "bounds"),
    [
        (np.zeros(5, dtype=np.float32), BOUNDS),
        (np.zeros((5, 5), dtype=np.float32), (104.5, 35.9, 103.9, 36.5)),
        (np.full((5, 5), np.nan, dtype=np.float32), BOUNDS),
    ],
)
def test_wrong_heights_are_refused(
    county: County,
    actor: Actor,
    heights: NDArray[np.float32],
    bounds: tuple[float, float, float, float],
) -> None:
    with pytest.raises(ReliefWrong):
        actions.set_relief(COUNTY, heights, bounds=bounds, actor=actor)


def test_a_point_is_told_in_words_whatever_its_datum(client: Client, county: County) -> None:
    lon, lat = county.inside(GRID)
    for datum in Datum:
        there = rules.from_wgs84(lon, lat, datum)
        answer = client.get(
            "/map/locate", {"lon": f"{there[0]}", "lat": f"{there[1]}", "datum": datum}
        )
        found = answer.json()
        assert (answer.status_code, found["path"]) == (200, GRID)
        assert found["words"] == "镇00镇 · 村201村 · 第1网格"
        assert found["names"] == ["试县", "镇00镇", "村201村", "第1网格"]
        assert found["lon"] == pytest.approx(lon, abs=2e-6)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"lon": "103", "lat": "36"}, 422, "place_outside_county"),
        ({"lon": "abc", "lat": "36"}, 422, "coordinates_wrong"),
        ({"lon": "nan", "lat": "36"}, 422, "coordinates_wrong"),
        ({"lon": "104"}, 422, "coordinates_wrong"),
        ({"lon": "104", "lat": "36", "datum": "mars"}, 422, "datum_unknown"),
        ({"lon": "104", "lat": "36", "in": "x"}, 422, "division_code_wrong"),
    ],
)
def test_a_wrong_question_is_answered_in_words(
    client: Client, county: County, query: dict[str, str], status: int, code: str
) -> None:
    answer = client.get("/map/locate", query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(answer.json()["message"]) > 5


@pytest.mark.parametrize(
    "address",
    ["/map/areas.geojson?level=planet", "/map/areas.geojson?in=%00", "/map/county.json?in=99"],
)
def test_wrong_addresses_of_layers_are_refused(
    client: Client, county: County, address: str
) -> None:
    assert client.get(address).status_code == 422


def test_a_county_without_anything_has_empty_layers(client: Client, db: None) -> None:
    assert json.loads(client.get("/map/roads.geojson").content)["features"] == []
    assert json.loads(client.get("/map/areas.geojson").content)["features"] == []
    assert client.get("/map/county.json").status_code == 422
    assert client.post("/map/locate").status_code in {403, 405}
