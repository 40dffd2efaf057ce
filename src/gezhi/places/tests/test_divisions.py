"""Importing divisions and outlines and carrying changes through, on generated data."""

import json
from datetime import date
from typing import Any

import pytest
import shapely

from gezhi.base import fact as facts_of_the_house
from gezhi.base.actor import Actor, Post
from gezhi.base.ids import new_id
from gezhi.base.refusal import NotAllowed
from gezhi.places import actions, reads
from gezhi.places.errors import (
    ChangesDoNotFit,
    DatesOutOfOrder,
    DivisionsUnreadable,
    DivisionUnknown,
    SuccessorsNeeded,
)
from gezhi.places.facts import DivisionsChanged
from gezhi.places.models import Area, AreaCode, Feature, Responsibility, Succession
from gezhi.places.rules import Datum, NewArea, NewOwner, from_wgs84
from gezhi.places.tests.county import START
from gezhi.record.models import Line

ON = date(2023, 1, 1)
A, B = "990101", "990102"
TABLE = f"""code,name
{A},甲县
{A}200,黄石乡
{A}201,白石乡
{A}202,上河乡
{A}100,城关镇
{A}400,红星农场
{A}200201,黄石村村委会
{A}201201,白石村村委会
{A}202201,上河村村委会
{A}202202,下河村村委会
{A}100201,城东村村委会
{A}400500,一队
{B},乙县
{B}100,城关镇
{B}100201,城南村村委会
"""


@pytest.fixture
def two_counties(db: None, actor: Actor) -> None:
    actions.import_divisions(TABLE, on=START, actor=actor)
    grid = NewArea(f"{A}200201001", "黄石一网格")
    actions.add_areas([grid], on=START, actor=actor)


def standing() -> dict[str, str]:
    return dict(Area.objects.filter(valid_to=None).values_list("path", "name"))


# -- import ---------------------------------------------------------------------------------


def test_an_import_adds_all_and_a_second_one_nothing(db: None, actor: Actor) -> None:
    first = actions.import_divisions(TABLE, on=START, actor=actor)
    again = actions.import_divisions(TABLE.encode("gb18030"), on=ON, actor=actor)
    assert (first.added, first.known, first.errors) == (15, 0, ())
    assert (again.added, again.known, again.errors) == (0, 15, ())
    assert reads.area_by_path(A, f"{A}200201").short_name == "黄石村"


def test_wrong_lines_are_told_and_the_others_go_in(db: None, actor: Actor) -> None:
    table = TABLE + f"{A}999201,孤村\n{A}100,城关乡\n990101x,坏\n{A}100201,城东村村委会\n"
    report = actions.import_divisions(table, on=START, actor=actor)
    assert report.added + report.known + len(report.errors) == report.lines == 19
    assert [(e.line, e.reason) for e in report.errors] == [
        (17, "parent_missing"), (18, "repeated"), (19, "code_wrong"),
    ]  # fmt: skip
    later = actions.import_divisions(f"code,name\n{A}100,东关镇\n", on=ON, actor=actor)
    assert [e.reason for e in later.errors] == ["name_differs"]
    assert reads.area_by_path(A, f"{A}100").name == "城关镇"


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", "a,b,c\n1,2,3\n"])
def test_what_is_no_table_is_refused(db: None, actor: Actor, data: Any) -> None:
    with pytest.raises(DivisionsUnreadable):
        actions.import_divisions(data, on=START, actor=actor)


def test_only_who_manages_the_county_may_import_it(db: None) -> None:
    post = Post(new_id(), "administrator", A, frozenset({"area.manage"}))
    with pytest.raises(NotAllowed):
        actions.import_divisions(TABLE, on=START, actor=Actor("account:x", "staff", posts=(post,)))
    assert not Area.objects.exists()


# -- changes --------------------------------------------------------------------------------

SWAP = f"""county,code,before,after,what
{A},{A}103,,黄石镇,new
{A},{A}200,黄石乡,白石乡,reused
{A},{A}201,白石乡,,gone
"""


def test_a_code_that_changes_its_bearer_takes_nobody_along(
    two_counties: None, actor: Actor
) -> None:
    yellow, white = reads.area_by_path(A, f"{A}200"), reads.area_by_path(A, f"{A}201")
    report = actions.change_divisions(SWAP, on=ON, actor=actor)
    assert set(report.moves) == {(f"{A}200", f"{A}103"), (f"{A}201", f"{A}200")}
    assert reads.area_by_path(A, f"{A}103").id == yellow.id
    assert reads.area_by_path(A, f"{A}200").id == white.id
    names = standing()
    assert names[f"{A}103"] == "黄石镇"
    assert names[f"{A}103201001"] == "黄石一网格"
    assert names[f"{A}200201"] == "白石村村委会"
    assert f"{A}201" not in names
    assert reads.area_by_path(A, f"{A}103201").parent_id == yellow.id


def test_codes_are_dated_and_lead_to_their_bearer(two_counties: None, actor: Actor) -> None:
    yellow = reads.area_by_path(A, f"{A}200").id
    actions.change_divisions(SWAP, on=ON, actor=actor)
    assert reads.area_by_code(f"{A}200", on=date(2022, 12, 31)).id == yellow
    assert reads.area_by_code(f"{A}200", on=ON).id != yellow
    assert reads.area_by_code(f"{A}103201001", on=ON).code == f"{A}103201001"
    kinds = Succession.objects.filter(before_code=f"{A}200").values_list("after_code", "kind")
    assert list(kinds) == [(f"{A}103", "recoded")]


def test_a_second_run_changes_nothing(two_counties: None, actor: Actor) -> None:
    actions.change_divisions(SWAP, on=ON, actor=actor)
    before, codes = standing(), AreaCode.objects.count()
    report = actions.change_divisions(SWAP, on=ON, actor=actor)
    assert (report.already, report.moves) == (3, ())
    assert (standing(), AreaCode.objects.count()) == (before, codes)


def test_the_table_of_before_the_change_is_still_known(two_counties: None, actor: Actor) -> None:
    actions.change_divisions(SWAP, on=ON, actor=actor)
    report = actions.import_divisions(TABLE, on=ON, actor=actor)
    assert (report.added, report.known, report.errors) == (0, 15, ())


GONE = f"{A},{A}202,上河乡,,gone\n{A},{A}400,红星农场,,gone\n"


def test_an_end_without_a_successor_is_refused_with_what_must_be_decided(
    two_counties: None, actor: Actor
) -> None:
    before = standing()
    with pytest.raises(SuccessorsNeeded) as refusal:
        actions.change_divisions(GONE, on=ON, successors={f"{A}400": f"{A}400"}, actor=actor)
    assert refusal.value.allowed == (f"{A}202",)
    assert "上河乡" in str(refusal.value)
    assert standing() == before


def test_a_merged_town_brings_its_villages_and_free_numbers_are_found(
    two_counties: None, actor: Actor
) -> None:
    ended = reads.area_by_path(A, f"{A}202")
    village = reads.area_by_path(A, f"{A}202201")
    successors = {f"{A}202": f"{A}100", f"{A}400": f"{A}400"}
    report = actions.change_divisions(GONE, on=ON, successors=successors, actor=actor)
    assert report.plan.stays == (f"{A}400",)
    names = standing()
    assert names[f"{A}100201"] == "城东村村委会"
    assert names[f"{A}100202"] == "上河村村委会"
    assert names[f"{A}100203"] == "下河村村委会"
    assert names[f"{A}400"] == "红星农场"
    ended.refresh_from_db()
    assert (ended.valid_to, ended.path) == (ON, f"{A}100")
    assert reads.successor_of(ended.id).path == f"{A}100"
    assert reads.successor_of(village.id).path == f"{A}100202"


def test_two_towns_become_a_new_one(two_counties: None, actor: Actor) -> None:
    table = f"{A},{A}200,黄石乡,,\n{A},{A}201,白石乡,,\n{A},{A}104,,双石镇,\n"
    successors = {f"{A}200": f"{A}104", f"{A}201": f"{A}104"}
    actions.change_divisions(table, on=ON, successors=successors, actor=actor)
    names = standing()
    assert names[f"{A}104"] == "双石镇"
    assert {names[f"{A}104201"], names[f"{A}104202"]} == {"黄石村村委会", "白石村村委会"}
    assert names[f"{A}104201001"] == "黄石一网格"


def test_a_town_moves_to_another_county_with_all_below(two_counties: None, actor: Actor) -> None:
    table = f"{A},{A}202,上河乡,,gone\n{B},{B}200,,上河乡,new\n"
    town = reads.area_by_path(A, f"{A}202").id
    zone = actions.add_zone(
        "河边小区", "estate", path=f"{A}202202", county=A, on=START, actor=actor
    )
    for new in (NewOwner("water", "合同", zone=zone.id), NewOwner("water", "合同", path=f"{A}202")):
        actions.add_responsibility(new, county=A, actor=actor)
    actions.change_divisions(table, on=ON, actor=actor)
    moved = reads.area_by_path(B, f"{B}200")
    assert (moved.id, moved.county) == (town, B)
    assert moved.parent_id == reads.root(B).id
    assert reads.area_by_path(B, f"{B}200202").county == B
    assert reads.zone(B, zone.id).county == B, "what lies there is found there"
    assert set(Responsibility.objects.values_list("county", flat=True)) == {B}
    line = Line.objects.get(kind="divisions_changed")
    assert line.data["counties"] == [A, B]
    assert line.data["moves"] == [[f"{A}202", f"{B}200"]]


@pytest.mark.parametrize(
    "table",
    [
        f"{A},{A}209,没有乡,,gone\n{A},{A}109,,没有镇,new\n",
        f"{A},{A}200,黑石乡,,gone\n{A},{A}109,,黑石镇,new\n",
        f"{A},{A}200,黄石乡,,gone\n{A},{A}100,,黄石镇,new\n",
    ],
)
def test_a_table_that_does_not_fit_is_refused_whole(
    two_counties: None, actor: Actor, table: str
) -> None:
    before = standing()
    with pytest.raises(ChangesDoNotFit):
        actions.change_divisions(table, on=ON, actor=actor)
    assert standing() == before


def test_a_successor_that_will_not_stand_is_refused(two_counties: None, actor: Actor) -> None:
    table = f"{A},{A}202,上河乡,,gone\n"
    with pytest.raises(ChangesDoNotFit):
        actions.change_divisions(table, on=ON, successors={f"{A}202": f"{A}777"}, actor=actor)


def test_a_change_before_what_it_changes_is_refused(two_counties: None, actor: Actor) -> None:
    with pytest.raises(DatesOutOfOrder):
        actions.change_divisions(SWAP, on=START, actor=actor)


def test_counties_that_are_not_held_are_none_of_our_business(
    two_counties: None, actor: Actor
) -> None:
    report = actions.change_divisions("990199,990199200,远乡,,gone\n", on=ON, actor=actor)
    assert (report.elsewhere, report.moves) == (1, ())


def test_rooms_above_rewrite_their_rows_in_the_same_transaction(
    two_counties: None, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table of another room is played by map features, whose names hold paths here."""
    paths = [A, f"{A}200201001", f"{A}201201", f"{A}202", f"{B}100"]
    Feature.objects.bulk_create(
        Feature(county=path[:6], kind="place", name=path, geometry=b"") for path in paths
    )

    def follow(fact: DivisionsChanged, *, actor: Actor, now: object) -> None:
        actions.rewrite_paths(Feature.objects.all(), fact.moves, path="name", county="county")

    monkeypatch.setitem(facts_of_the_house._reactions, DivisionsChanged, [follow])
    table = SWAP + f"{A},{A}202,上河乡,,gone\n{B},{B}200,,上河乡,new\n"
    actions.change_divisions(table, on=ON, actor=actor)
    rows = set(Feature.objects.values_list("name", "county"))
    assert rows == {
        (A, A), (f"{A}103201001", A), (f"{A}200201", A), (f"{B}200", B), (f"{B}100", B),
    }  # fmt: skip


# -- outlines -------------------------------------------------------------------------------


def outlines(*features: tuple[str, object]) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "id": code, "properties": {}, "geometry": geometry}
                for code, geometry in features
            ],
        }
    )


def ring(*points: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[*points, points[0]]]}


def test_outlines_are_converted_repaired_and_reported(two_counties: None, actor: Actor) -> None:
    corners = [(104.0, 36.0), (104.2, 36.0), (104.2, 36.2), (104.0, 36.2)]
    shifted = [from_wgs84(*corner, Datum.GCJ02) for corner in corners]
    data = outlines(
        (A, ring(*shifted)),
        (f"{A}100", ring(shifted[0], shifted[2], shifted[1], shifted[3])),
        (f"{A}777", ring(*shifted)),
        (f"{A}200", {"type": "Point", "coordinates": [104, 36]}),
    )
    report = actions.import_outlines(data, datum=Datum.GCJ02, on=ON, actor=actor)
    assert (report.outlines, report.set, report.unchanged) == (4, 2, 0)
    assert [path for path, _why in report.repaired] == [f"{A}100"]
    assert [(e.line, e.reason) for e in report.errors] == [
        (3, "division_unknown"), (4, "geometry_wrong"),
    ]  # fmt: skip
    there = reads.outline(reads.root(A).id)
    assert there is not None
    assert shapely.hausdorff_distance(there, shapely.Polygon(corners)) < 1e-7
    boundary = reads.boundary_of(reads.root(A).id)
    assert boundary is not None
    assert boundary.source_datum == "gcj02"
    again = actions.import_outlines(data, datum=Datum.GCJ02, on=ON, actor=actor)
    assert (again.set, again.unchanged) == (0, 2)


def test_a_code_that_nobody_bears_any_more_is_unknown_from_that_day(
    two_counties: None, actor: Actor
) -> None:
    actions.change_divisions(SWAP, on=ON, actor=actor)
    with pytest.raises(DivisionUnknown):
        reads.area_by_code(f"{A}201", on=ON)
