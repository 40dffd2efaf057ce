"""Rules of places as tables and as properties."""

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from gezhi.places import rules
from gezhi.places.errors import CodeWrong, CoordinatesWrong, DatumUnknown, OutlinesUnreadable
from gezhi.places.rules import Change, Datum, Kind, Level, Plan
from gezhi.places.rules import relief as relief_rules
from gezhi.places.rules.changes import stem_of
from gezhi.places.rules.datum import array_to_wgs84, metres_between

IN_CHINA = {
    "lon": st.floats(min_value=74, max_value=134.5),
    "lat": st.floats(min_value=18.5, max_value=53),
}


# -- datums ---------------------------------------------------------------------------------

# Points published with eviltransform (GCJ-02) and coordtransform (BD-09).
PUBLISHED = [
    ("gcj02", (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ("gcj02", (113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ("gcj02", (116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ("gcj02", (116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]


@pytest.mark.parametrize(("datum", "wgs", "shifted"), PUBLISHED)
def test_the_shift_is_the_published_one(
    datum: Datum, wgs: tuple[float, float], shifted: tuple[float, float]
) -> None:
    assert metres_between(*rules.from_wgs84(*wgs, Datum(datum)), *shifted) < 0.01


def test_bd09_is_the_published_second_shift_on_gcj02() -> None:
    wgs = rules.to_wgs84(116.404, 39.915, Datum.GCJ02)
    there = rules.from_wgs84(*wgs, Datum.BD09)
    assert metres_between(*there, 116.41036949371029, 39.92133699351021) < 0.01


@given(datum=st.sampled_from(Datum), **IN_CHINA)
def test_there_and_back_is_within_a_metre_in_china(datum: Datum, lon: float, lat: float) -> None:
    shifted = rules.from_wgs84(lon, lat, datum)
    assert metres_between(lon, lat, *rules.to_wgs84(*shifted, datum)) < 0.01
    if datum in {Datum.GCJ02, Datum.BD09}:
        assert 10 < metres_between(lon, lat, *shifted) < 3000


@given(
    datum=st.sampled_from(Datum),
    lon=st.floats(min_value=-180, max_value=71),
    lat=st.floats(min_value=-90, max_value=90),
)
def test_nothing_is_shifted_outside_china(datum: Datum, lon: float, lat: float) -> None:
    assert rules.from_wgs84(lon, lat, datum) == (lon, lat)
    assert rules.to_wgs84(lon, lat, datum) == (lon, lat)


@given(datum=st.sampled_from(Datum), **IN_CHINA)
def test_many_points_are_converted_like_one(datum: Datum, lon: float, lat: float) -> None:
    points = array_to_wgs84(np.array([[lon, lat], [2.35, 48.85]]), datum)
    assert metres_between(points[0, 0], points[0, 1], *rules.to_wgs84(lon, lat, datum)) < 0.01
    assert tuple(points[1]) == (2.35, 48.85)


@pytest.mark.parametrize("point", [(181, 30), (100, 91), (math.nan, 30), (100, math.inf)])
def test_what_is_no_coordinate_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(CoordinatesWrong):
        rules.to_wgs84(*point, Datum.GCJ02)


def test_datums_are_known_by_all_their_spellings() -> None:
    assert rules.datum_of("GCJ-02") is Datum.GCJ02
    assert rules.datum_of("bd_09") is Datum.BD09
    with pytest.raises(DatumUnknown) as refusal:
        rules.datum_of("epsg:3857")
    assert "wgs84" in refusal.value.allowed


# -- codes ----------------------------------------------------------------------------------

CODES = [
    ("990101", "990101", Level.COUNTY, Kind.COUNTY, "9901"),
    ("990101000000", "990101", Level.COUNTY, Kind.COUNTY, "9901"),
    ("990100000000", "9901", Level.CITY, Kind.CITY, ""),
    ("990101101", "990101101", Level.TOWN, Kind.TOWN, "990101"),
    ("990101101000", "990101101", Level.TOWN, Kind.TOWN, "990101"),
    ("990101101001", "990101101001", Level.VILLAGE, Kind.COMMUNITY, "990101101"),
    ("990101101201", "990101101201", Level.VILLAGE, Kind.VILLAGE, "990101101"),
    ("990101101498", "990101101498", Level.VILLAGE, Kind.COMMUNITY, "990101101"),
    ("990101101598", "990101101598", Level.VILLAGE, Kind.VILLAGE, "990101101"),
    ("990101101201001", "990101101201001", Level.GRID, Kind.GRID, "990101101201"),
    ("990101101201901", "990101101201901", Level.GRID, Kind.EXCLUSIVE, "990101101201"),
]


@pytest.mark.parametrize(("code", "path", "level", "kind", "parent"), CODES)
def test_a_code_tells_path_level_kind_and_parent(
    code: str, path: str, level: Level, kind: str, parent: str
) -> None:
    assert rules.path_of(code) == path
    assert rules.level_of(path) is level
    assert rules.kind_of(path) is kind
    assert rules.parent_path(path) == parent
    assert rules.is_inside(path, parent)
    assert rules.county_of(path) == ("990100" if level is Level.CITY else "990101")


@pytest.mark.parametrize(
    "code", ["", "9901", "99010", "9901011", "99010a", "990000", "９９０１０１", "099010"]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(CodeWrong):
        rules.path_of(code)


@pytest.mark.parametrize(
    ("group", "kind"),
    [("001", "street"), ("099", "street"), ("100", "town"), ("199", "town"),
     ("200", "township"), ("399", "township"), ("400", "special")],
)  # fmt: skip
def test_the_third_group_tells_the_kind_of_town(group: str, kind: str) -> None:
    assert rules.town_kind(f"990101{group}") == kind


@pytest.mark.parametrize(
    ("path", "name", "short"),
    [
        ("990101101201", "相公村村委会", "相公村"),
        ("990101101201", "上河村民委员会", "上河村"),
        ("990101101201", "上河村委会", "上河村"),
        ("990101101001", "中山路社区居委会", "中山路社区"),
        ("990101101001", "南街居民委员会", "南街社区"),
        ("990101001", "昭仁街道办事处", "昭仁街道"),
        ("990101101", "柳泉镇", "柳泉镇"),
    ],
)
def test_short_names_leave_out_the_office(path: str, name: str, short: str) -> None:
    assert rules.short_name_of(name, path) == short


def test_steps_lead_from_the_top_down() -> None:
    assert rules.steps_of("990101101201001") == (
        "9901", "990101", "990101101", "990101101201", "990101101201001",
    )  # fmt: skip


# -- changes of divisions -------------------------------------------------------------------


def test_codes_that_swap_their_bearers_move_all_at_once() -> None:
    moves = [("990101201", "990101104"), ("990101200", "990101201")]
    assert rules.rewrite_path("990101200205", moves) == "990101201205"
    assert rules.rewrite_path("990101201205", moves) == "990101104205"
    swap = [("990101201", "990101200"), ("990101200", "990101201")]
    assert rules.rewrite_path("990101200205001", swap) == "990101201205001"
    assert rules.rewrite_path("990101201205001", swap) == "990101200205001"


def test_the_longest_prefix_decides_and_others_are_left_alone() -> None:
    moves = [("990101203", "990101100"), ("990101203201", "990101100240")]
    assert rules.rewrite_path("990101203201002", moves) == "990101100240002"
    assert rules.rewrite_path("990101203202002", moves) == "990101100202002"
    assert rules.rewrite_path("990101", moves) == "990101"
    assert rules.rewrite_path("", moves) == ""


_groups = st.integers(min_value=100, max_value=999).map(lambda n: f"990101{n}")


@given(st.lists(_groups, min_size=1, max_size=8, unique=True), st.data())
def test_any_permutation_of_codes_loses_no_path(codes: list[str], data: Any) -> None:
    moves = list(zip(codes, data.draw(st.permutations(codes)), strict=True))
    paths = [code + tail for code in codes for tail in ("", "201", "201001")]
    moved = [rules.rewrite_path(path, moves) for path in paths]
    back = [(new, old) for old, new in moves]
    assert sorted(moved) == sorted(paths)
    assert [rules.rewrite_path(path, back) for path in moved] == paths


def plan(*rows: tuple[str, str, str], successors: dict[str, str] | None = None) -> Plan:
    changes = [Change(n, *row) for n, row in enumerate(rows, start=1)]
    return rules.plan_changes(changes, successors or {})


def test_a_township_raised_to_a_town_is_the_same_place() -> None:
    found = plan(("620922203", "西湖乡", ""), ("620922106", "", "西湖镇"))
    assert [(p.old_code, p.new_code) for p in found.pairs] == [("620922203", "620922106")]
    assert not found.undecided
    assert not found.new


def test_a_code_that_changed_its_bearer_is_not_a_rename() -> None:
    found = plan(
        ("620103104", "", "黄峪镇"),
        ("620103200", "魏岭乡", ""),
        ("620103201", "黄峪乡", "魏岭乡"),
    )
    assert {(p.old_code, p.new_code) for p in found.pairs} == {
        ("620103201", "620103104"),
        ("620103200", "620103201"),
    }


def test_a_typo_mended_under_the_same_code_is_a_rename() -> None:
    found = plan(("610428108", "枣元镇", "枣园镇"))
    assert [(p.old_code, p.new_code, p.new_name) for p in found.pairs] == [
        ("610428108", "610428108", "枣园镇")
    ]


def test_a_code_with_two_unlike_names_must_be_decided() -> None:
    rows = [("990101200", "上河乡", "白石乡")]
    assert [each.code for each in plan(*rows).undecided] == ["990101200"]
    decided = plan(*rows, successors={"990101200": "990101200"})
    assert [p.new_name for p in decided.pairs] == ["白石乡"]


def test_a_town_that_went_to_another_county_is_found_by_its_whole_name() -> None:
    found = plan(("620122102", "忠和镇", ""), ("620105100", "", "忠和镇"))
    assert [(p.old_code, p.new_code) for p in found.pairs] == [("620122102", "620105100")]
    alike = plan(("620122102", "忠和乡", ""), ("620105100", "", "忠和镇"))
    assert [each.suggestions for each in alike.undecided] == [("620105100",)]


def test_two_candidates_are_never_guessed_between() -> None:
    found = plan(
        ("990101200", "城关乡", ""), ("990101100", "", "城关镇"), ("990101001", "", "城关街道")
    )
    assert not found.pairs
    assert set(found.undecided[0].suggestions) == {"990101100", "990101001"}


def test_two_towns_put_into_one_new_town_are_merged() -> None:
    found = plan(
        ("990101200", "上河乡", ""),
        ("990101201", "下河乡", ""),
        ("990101105", "", "两河镇"),
        successors={"990101200": "990101105", "990101201": "990101105"},
    )
    assert [(m.code, m.into) for m in found.merges] == [
        ("990101200", "990101105"),
        ("990101201", "990101105"),
    ]
    assert [change.code for change in found.new] == ["990101105"]
    paths = {"990101200201", "990101201201", "990101201001"}
    moves = rules.moves_of(found, paths)
    moved = [rules.rewrite_path(path, moves) for path in sorted(paths)]
    assert moved == ["990101105201", "990101105001", "990101105202"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("西湖乡", "西湖"),
        ("昭仁街道办事处", "昭仁"),
        ("腰站子东乡族乡", "腰站子东乡族"),
        ("镇", "镇"),
    ],
)
def test_stems_leave_out_the_rank(name: str, stem: str) -> None:
    assert stem_of(name) == stem


# -- tables ---------------------------------------------------------------------------------

VILLAGES = "\ufeff县级码,县级,乡镇,12位码,名称,层级\n990101,某县,,990101000000,某县,county\n"
VONNG = "990101101000,990101000000,柳泉镇,town,4,990101,,0999,,f,f,f,,,,某省,某市,某县,柳泉镇,\n"
STREETS = 'code,name,areaCode,provinceCode,cityCode\n990101101,"柳泉镇",990101,99,9901\n'


@pytest.mark.parametrize(
    ("text", "kind", "path", "name"),
    [
        (VILLAGES, "villages", "990101", "某县"),
        (VONNG, "vonng", "990101101", "柳泉镇"),
        (STREETS, "streets", "990101101", "柳泉镇"),
    ],
)
def test_the_published_tables_are_told_apart(text: str, kind: str, path: str, name: str) -> None:
    for data in (text, text.encode(), text.removeprefix("\ufeff").encode("gb18030")):
        table = rules.read_divisions(data)
        assert (table.kind, table.rows[0].path, table.rows[0].name) == (kind, path, name)
        assert not table.errors


def test_lines_that_cannot_be_read_are_told_with_number_and_reason() -> None:
    table = rules.read_divisions("code,name\n990101,甲县\n99x,乙\n\n990101101,\n990101102\n")
    assert table.lines == 4
    assert [(e.line, e.reason) for e in table.errors] == [
        (3, "code_wrong"), (5, "name_wrong"), (6, "cells_missing"),
    ]  # fmt: skip


# -- outlines -------------------------------------------------------------------------------


def test_a_bow_tie_is_mended_and_said_so() -> None:
    land, wrong = rules.mend(Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))
    assert land is not None
    assert land.is_valid
    assert land.area == pytest.approx(0.5)
    assert "Self-intersection" in wrong


def test_a_sound_ring_is_left_alone_and_a_line_is_refused() -> None:
    square = Polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
    assert rules.mend(square) == (square, "")
    assert rules.mend(LineString([(0, 0), (1, 1)]))[0] is None
    assert rules.mend(Polygon([(0, 0), (1, 1), (2, 2)]))[0] is None


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "{}",
        '{"type": "Point", "coordinates": [1, 2]}',
        '{"type": "FeatureCollection", "UTF8Encoding": true, "features": []}',
    ],
)
def test_what_is_no_outline_file_is_refused(data: Any) -> None:
    with pytest.raises(OutlinesUnreadable):
        rules.read_outlines(data)


def test_outlines_are_known_by_the_code_they_carry() -> None:
    ring = [[[0, 0], [1, 0], [1, 1], [0, 0]]]
    shape = {"type": "Polygon", "coordinates": ring}
    data = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": "990101", "properties": {}, "geometry": shape},
            {"type": "Feature", "properties": {"adcode": 990101101}, "geometry": shape},
            {"type": "Feature", "properties": {}, "geometry": shape},
            {"type": "Feature", "id": "990102", "geometry": {"type": "Point", "coordinates": [1]}},
            "nonsense",
        ],
    }
    outlines, errors = rules.read_outlines(data)
    assert [each.path for each in outlines] == ["990101", "990101101"]
    assert [(e.line, e.reason) for e in errors] == [
        (3, "code_wrong"), (4, "geometry_wrong"), (5, "geometry_wrong"),
    ]  # fmt: skip
    bare, _errors = rules.read_outlines(shape, code="990101")
    assert bare[0].path == "990101"


def test_an_outline_in_gcj02_lands_where_its_points_land() -> None:
    ring = Polygon([(104.0, 36.0), (104.1, 36.0), (104.1, 36.1)])
    moved = rules.to_wgs84_geometry(ring, Datum.GCJ02)
    pairs = zip(shapely.get_coordinates(moved), shapely.get_coordinates(ring), strict=True)
    for there, (lon, lat) in pairs:
        assert there == pytest.approx(rules.to_wgs84(lon, lat, Datum.GCJ02), abs=1e-8)


# -- relief ---------------------------------------------------------------------------------


@given(st.floats(min_value=-400, max_value=8848))
def test_terrarium_keeps_heights_to_a_hundredth_of_a_metre(height: float) -> None:
    red, green, blue = (int(v) for v in relief_rules.terrarium(np.array([height]))[0])
    assert red * 256 + green + blue / 256 - 32768 == pytest.approx(height, abs=1 / 256)


def test_a_slope_is_sampled_as_a_slope() -> None:
    heights = np.repeat(np.arange(100, dtype=np.float32)[None, :] * 10, 50, axis=0)
    dem = relief_rules.Dem(104.0, 36.0, 105.0, 36.5, heights)
    lon = np.array([104.005, 104.5, 104.995, 110.0])
    found = relief_rules.sample(dem, lon, np.full(4, 36.2))
    assert found == pytest.approx([0, 495, 990, 990])


def test_tiles_beyond_the_heights_are_none() -> None:
    dem = relief_rules.Dem(104.0, 36.0, 105.0, 36.5, np.zeros((4, 4), dtype=np.float32))
    assert relief_rules.touches(dem, 0, 0, 0)
    assert not relief_rules.touches(dem, 10, 0, 0)
    west, south, east, north = relief_rules.tile_bounds(9, 404, 200)
    assert shapely.box(west, south, east, north).area > 0
    assert relief_rules.tile(dem, 9, 404, 200).shape == (256, 256, 3)


def _heights_of(tile: Any) -> Any:
    red, green, blue = (tile[..., at].astype(float) for at in range(3))
    return red * 256 + green + blue / 256 - 32768


def _hills(metres: float = 120) -> relief_rules.Dem:
    east, south = np.meshgrid(np.linspace(0, 40, 512), np.linspace(0, 30, 512))
    heights = 1500 + metres * np.sin(east) * np.cos(south / 1.7)
    return relief_rules.Dem(104.0, 36.0, 104.6, 36.5, heights.astype(np.float32))


@pytest.mark.parametrize("zoom", [10, 11, 12, 13])
def test_two_tiles_meet_without_an_edge(zoom: int) -> None:
    """The step from the last column of a tile to the first of the next is one like the others."""
    x = int((104.3 + 180) / 360 * 2**zoom)
    y = int((1 - np.arcsinh(np.tan(np.radians(36.25))) / np.pi) / 2 * 2**zoom)
    both = np.hstack([_heights_of(relief_rules.tile(_hills(), zoom, x + at, y)) for at in (0, 1)])
    bend = np.abs(np.diff(both, n=2, axis=1))
    assert bend[:, 254:256].max() <= bend.max(axis=0).max()
    assert bend[:, 254:256].mean() == pytest.approx(bend[:, 200:312].mean(), rel=0.5)


def test_between_cells_the_slope_goes_on() -> None:
    """Drawn straight from cell to cell, slopes would jump at every cell and show as facets."""
    dem = _hills(metres=6000)  # steep, so that the tile's small steps don't count
    heights = _heights_of(relief_rules.tile(dem, 15, 25888, 12884))
    assert len(np.unique(heights)) > 50
    bend = np.abs(np.diff(heights, n=2, axis=1)).max()
    lon = 360 * (25888 + (np.arange(256) + 0.5) / 256) / 2**15 - 180
    straight = relief_rules.sample(dem, lon, np.full(256, 36.25))
    assert bend < np.abs(np.diff(straight, n=2)).max()


@pytest.mark.parametrize(("cells", "zoom"), [(512, 11), (64, 8), (40_000, 15)])
def test_tiles_are_no_finer_than_the_heights_need(cells: int, zoom: int) -> None:
    heights = np.zeros((1, cells), dtype=np.float32)
    assert relief_rules.deepest_zoom(relief_rules.Dem(104.0, 36.0, 104.6, 36.5, heights)) == zoom
