"""Real divisions and outlines, where the data is at hand: 1,753 areas of eleven counties."""

import csv
from datetime import date
from pathlib import Path

import pytest

from gezhi.base.actor import Actor
from gezhi.places import actions, reads, rules
from gezhi.places.actions import ImportReport
from gezhi.places.errors import SuccessorsNeeded
from gezhi.places.models import Area, Succession
from gezhi.places.rules import Datum

DATA = Path(__file__).parents[5] / "shared" / "data"
DIVISIONS, GEO = DATA / "divisions", DATA / "geo"
BEFORE, ON = date(2016, 7, 31), date(2023, 6, 30)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DIVISIONS.is_dir(), reason="real divisions are not at hand"),
]

# What only a person can know: where towns went that ended without a namesake.
SUCCESSORS = {
    "620104400": "620104001",
    "620104401": "620104002",
    "620111002": "620111001",
    "620121112": "620121113",
    "620123200": "620123104",
    "620123201": "620123107",
    "620123204": "620123213",
    "620922400": "620922400",
}


def import_2016(actor: Actor) -> ImportReport:
    data = (DIVISIONS / "villages_targets_2016.csv").read_bytes()
    return actions.import_divisions(data, on=BEFORE, actor=actor)


def test_the_divisions_of_2016_go_in_whole_and_once(actor: Actor) -> None:
    first = import_2016(actor)
    assert (first.kind, first.lines, first.added, first.errors) == ("villages", 1753, 1753, ())
    assert import_2016(actor).known == 1753
    for path in sorted(DIVISIONS.glob("vonng_*.csv")):
        report = actions.import_divisions(path.read_bytes(), on=BEFORE, actor=actor)
        assert (report.kind, report.added, report.errors) == ("vonng", 0, ())
    assert Area.objects.filter(parent=None).count() == 11


def test_the_towns_of_2023_are_told_apart_from_those_of_2016(actor: Actor) -> None:
    import_2016(actor)
    table = DIVISIONS / "modood_streets_2023_targets.csv"
    report = actions.import_divisions(table.read_bytes(), on=ON, actor=actor)
    assert report.kind == "streets"
    assert report.added + report.known + len(report.errors) == report.lines == 158
    assert {error.reason for error in report.errors} == {"name_differs"}


def test_the_changes_until_2023_ask_for_what_the_table_does_not_say(actor: Actor) -> None:
    import_2016(actor)
    table = (DIVISIONS / "town_changes_2016_2023.csv").read_bytes()
    with pytest.raises(SuccessorsNeeded) as refusal:
        actions.change_divisions(table, on=ON, actor=actor)
    assert set(refusal.value.allowed) == set(SUCCESSORS)


def test_the_changes_until_2023_lose_nothing(actor: Actor) -> None:
    import_2016(actor)
    before = {a.code: a.id for a in Area.objects.all()}
    table = (DIVISIONS / "town_changes_2016_2023.csv").read_bytes()
    report = actions.change_divisions(table, on=ON, successors=SUCCESSORS, actor=actor)

    standing = list(Area.objects.filter(valid_to=None))
    paths = {area.path for area in standing}
    assert len(paths) == len(standing)
    assert {area.code for area in standing} == paths
    assert all(area.parent is None or area.path.startswith(area.parent.path) for area in standing)
    for code, area_id in before.items():
        assert reads.area_by_code(code, on=date(2020, 1, 1)).id == area_id
        now = reads.successor_of(area_id)
        assert now.path in paths
        assert rules.rewrite_path(code, report.moves) == now.path

    # Every town of the newer list stands, under its newer name where a change gave it one.
    changed = {pair.new_code: pair.new_name for pair in report.plan.pairs}
    with (DIVISIONS / "modood_streets_2023_targets.csv").open(encoding="utf-8") as file:
        towns = {row["code"]: row["name"] for row in csv.DictReader(file)}
    standing_towns = {area.code: area.name for area in standing if area.level == "town"}
    assert set(towns) | {"620922400"} == set(standing_towns)
    assert all(standing_towns[code] == name for code, name in changed.items())

    # The three awkward ones: another county, a code with another bearer, a mended typo.
    assert reads.area_by_code("620105100", on=ON).id == before["620122102"]
    assert reads.area_by_code("620103201", on=ON).id == before["620103200"]
    assert reads.area_by_code("620103104", on=ON).id == before["620103201"]
    assert reads.area_by_code("610428108", on=ON).name == "枣园镇"
    assert Succession.objects.filter(before_code="620122102", kind="moved").exists()

    again = actions.change_divisions(table, on=ON, successors=SUCCESSORS, actor=actor)
    assert again.moves == ()
    assert import_2016(actor).known == 1753


@pytest.mark.skipif(not GEO.is_dir(), reason="real outlines are not at hand")
def test_real_outlines_go_in_and_hold_their_own_county(actor: Actor) -> None:
    import_2016(actor)
    for path in sorted(GEO.glob("echarts_*.geojson")):
        report = actions.import_outlines(
            path.read_bytes(), datum=Datum.GCJ02, on=BEFORE, actor=actor
        )
        assert (report.outlines, report.set, report.errors) == (1, 1, ()), path.name
    seats = 0
    with (DIVISIONS / "villages_targets_2016.csv").open(encoding="utf-8-sig") as file:
        for row in csv.reader(file):
            if row[5] == "county":
                spot = rules.to_wgs84(float(row[7]), float(row[8]), Datum.GCJ02)
                place = reads.locate(*spot, county=row[0])
                assert place is not None, row[1]
                seats += place.path == row[0]
    assert seats == 11
    for path in sorted(GEO.glob("vonng_fence_*.json")):
        code = path.stem.removeprefix("vonng_fence_")
        coarse = reads.outline(reads.root(code).id)
        report = actions.import_outlines(
            path.read_bytes(), datum=Datum.GCJ02, code=code, on=ON, actor=actor
        )
        fine = reads.outline(reads.root(code).id)
        assert (report.set, report.errors) == (1, ())
        assert coarse is not None
        assert fine is not None
        assert fine.is_valid
        assert coarse.intersection(fine).area / coarse.union(fine).area > 0.97
