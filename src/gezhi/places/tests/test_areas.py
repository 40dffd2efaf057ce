"""Areas, boundaries, locating: through the acts, on a real database."""

import random
import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Thread

import pytest
import shapely
from django.db import IntegrityError, connection, transaction
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from gezhi.base import clock
from gezhi.base.actor import Actor, Post
from gezhi.base.ids import new_id
from gezhi.base.refusal import NotAllowed, Refusal
from gezhi.places import actions, reads, rules
from gezhi.places.errors import (
    AreaKindWrong,
    AreaNameMissing,
    CodeTaken,
    DatesOutOfOrder,
    DivisionUnknown,
    OutlineWrong,
    OutsideCounty,
    ParentMissing,
)
from gezhi.places.models import Area, Boundary
from gezhi.places.rules import NewArea
from gezhi.places.tests.county import COUNTY, START, STEP, County, make_county

LATER = date(2023, 1, 1)
GRID = f"{COUNTY}100201001"


# -- areas ----------------------------------------------------------------------------------


def test_areas_know_level_kind_parent_and_short_name(county: County) -> None:
    grid = reads.area_by_path(COUNTY, GRID)
    assert (grid.level, grid.kind, grid.county) == ("grid", "grid", COUNTY)
    village = reads.village_of(GRID)
    assert village is not None
    assert (village.id, village.short_name) == (grid.parent_id, "村201村")
    assert reads.root(COUNTY).parent is None
    assert reads.words_for(GRID) == "镇00镇 · 村201村 · 第1网格"
    assert reads.names_along(GRID)[0] == "试县"


def test_inside_is_a_prefix_and_comes_from_the_index(county: County) -> None:
    under = reads.areas_under(f"{COUNTY}100", county=COUNTY)
    assert {each.level for each in under} == {"town", "village", "grid"}
    assert under.filter(kind="grid").count() == 64
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = under.explain()
    # Under a C collation the unique index serves as well; elsewhere only the one made for it.
    assert re.search(r"Index Cond: .*path\)::text ~?>=", plan), plan


def test_four_hundred_areas_are_added_within_seconds(db: None, actor: Actor) -> None:
    new = [NewArea(COUNTY, "试县"), NewArea(f"{COUNTY}100", "柳泉镇")]
    new += [NewArea(f"{COUNTY}100{201 + n}", f"村{n}") for n in range(100)]
    new += [
        NewArea(f"{COUNTY}100{201 + n}{g:03d}", f"网格{g}") for n in range(100) for g in (1, 2, 3)
    ]
    start = time.process_time()
    actions.add_areas(new, on=START, actor=actor)
    assert time.process_time() - start < 10  # a tenth of a second here; machines differ
    assert Area.objects.count() == len(new) == 402


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (NewArea(f"{COUNTY}100", "又一镇"), CodeTaken),
        (NewArea(f"{COUNTY}999201", "孤村"), ParentMissing),
        (NewArea(f"{COUNTY}105", " "), AreaNameMissing),
        (NewArea(f"{COUNTY}105", "长" * 61), AreaNameMissing),
        (NewArea(f"{COUNTY}105", "镇", kind="grid"), AreaKindWrong),
    ],
)
def test_an_area_that_does_not_fit_is_refused_and_nothing_is_kept(
    county: County, actor: Actor, new: NewArea, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        actions.add_areas([NewArea(f"{COUNTY}108", "好镇"), new], on=START, actor=actor)
    assert not Area.objects.filter(path=f"{COUNTY}108").exists()


def test_only_who_manages_areas_there_may_add_them(county: County) -> None:
    post = Post(new_id(), "administrator", f"{COUNTY}100", frozenset({"area.manage"}))
    clerk = Actor("account:x", "staff", posts=(post,))
    actions.add_area(f"{COUNTY}100250", "新村", on=START, actor=clerk)
    with pytest.raises(NotAllowed):
        actions.add_area(f"{COUNTY}101250", "新村", on=START, actor=clerk)


def test_two_standing_areas_never_share_a_path(county: County) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.create(
            county=COUNTY, level="grid", kind="grid", code=GRID, name="x", short_name="x",
            path=GRID, valid_from=START,
        )  # fmt: skip


def test_people_are_counted_per_area(county: County, actor: Actor) -> None:
    grid = county.areas[GRID]
    actions.count_people({grid.id: (210, 640)}, county=COUNTY, actor=actor)
    assert reads.area(grid.id).population == 640


def test_areas_are_found_by_words_and_by_code(county: County) -> None:
    assert reads.search_areas("镇00", COUNTY)[0].path == f"{COUNTY}100"
    assert reads.search_areas("第3 网格", COUNTY, level="grid")
    assert reads.search_areas(f"{COUNTY}100201", COUNTY)[0].level == "village"
    assert reads.search_areas("没有这个", COUNTY) == []
    assert len(reads.search_areas("\0网格", COUNTY)) == 20


def test_an_unknown_area_is_refused_by_name(county: County) -> None:
    with pytest.raises(DivisionUnknown, match="990101777"):
        reads.area_by_path(COUNTY, "990101777")


# -- boundaries and locating ----------------------------------------------------------------


def test_every_grid_is_found_from_a_point_inside_it(county: County) -> None:
    for path in county.outlines:
        if len(path) == 15 and not path.endswith("901"):
            place = reads.locate(*county.inside(path), county=COUNTY)
            assert place is not None
            assert (place.path, place.area) == (path, county.areas[path].id)


def test_a_point_in_a_school_lies_in_its_grid_and_in_the_school(county: County) -> None:
    place = reads.place_at(*county.inside(f"{COUNTY}100201901"), county=COUNTY)
    assert place.path == GRID
    assert place.exclusive == county.areas[f"{COUNTY}100201901"].id
    assert place.exclusive_path == f"{COUNTY}100201901"


def test_a_point_outside_the_county_is_nowhere(county: County) -> None:
    assert reads.locate(103.0, 36.1, county=COUNTY) is None
    with pytest.raises(OutsideCounty):
        reads.place_at(103.0, 36.1, county=COUNTY)
    assert reads.locate(104.1, 36.1, county="990102") is None


def test_a_point_on_a_common_edge_always_lies_in_the_same_grid(county: County) -> None:
    corner = Point(104.0 + 3 * STEP, 36.0 + 3 * STEP)
    touching = [p for p, shape in county.outlines.items() if len(p) == 15 and shape.touches(corner)]
    place = reads.place_at(corner.x, corner.y, county=COUNTY)
    assert len(touching) == 4
    assert place.path == min(touching)


def test_a_sliver_belongs_to_the_next_grid_and_a_hole_to_the_village(
    county: County, actor: Actor
) -> None:
    whole = county.outlines[GRID]
    x, y = whole.centroid.x, whole.centroid.y
    east = shapely.box(x, 0, 180, 90)
    actions.set_boundary(county.areas[GRID].id, whole.intersection(east), on=LATER, actor=actor)
    near = reads.place_at(x - 0.001, y, county=COUNTY)
    assert (near.path, near.level) == (GRID, "grid")
    far = reads.place_at(x - 0.004, y, county=COUNTY)
    assert (far.path, far.level) == (f"{COUNTY}100201", "village")


def test_a_point_is_located_in_less_than_two_milliseconds(county: County) -> None:
    index = reads.locating.build_index(COUNTY, day=date(2024, 1, 1))
    spots = random.Random(3)
    points = [(104 + spots.random() * 0.32, 36 + spots.random() * 0.32) for _ in range(2000)]
    start = time.process_time()
    found = [index.find(*point, top=6) for point in points]
    each = (time.process_time() - start) / len(points)
    assert sum(place is not None for place in found) > 1900
    assert each < 0.002  # a tenth of a millisecond here; machines differ


def test_a_new_boundary_counts_from_its_day_on(county: County, actor: Actor) -> None:
    a, b = county.areas[GRID], county.areas[f"{COUNTY}100201002"]
    spot = county.inside(GRID)
    actions.set_boundaries(
        [(a.id, county.outlines[b.path]), (b.id, county.outlines[a.path])], on=LATER, actor=actor
    )
    for moment, there in ((datetime(2022, 12, 31, 15, tzinfo=UTC), a),
                          (datetime(2022, 12, 31, 17, tzinfo=UTC), b)):  # fmt: skip
        with clock.standing_at(moment):
            assert reads.place_at(*spot, county=COUNTY).area == there.id


def test_a_boundary_set_twice_is_set_once(county: County, actor: Actor) -> None:
    pair = (county.areas[GRID].id, county.outlines[GRID])
    assert actions.set_boundaries([pair], on=LATER, actor=actor) == 0
    other = (pair[0], county.outlines[f"{COUNTY}100201002"])
    assert actions.set_boundaries([other], on=LATER, actor=actor) == 1
    assert actions.set_boundaries([pair], on=LATER, actor=actor) == 1
    rows = Boundary.objects.filter(area=pair[0]).order_by("valid_from")
    assert [(row.valid_from, row.valid_to) for row in rows] == [(START, LATER), (LATER, None)]
    with pytest.raises(DatesOutOfOrder):
        actions.set_boundaries([other], on=START, actor=actor)


@pytest.mark.parametrize(
    "shape",
    [Polygon(), Polygon([(0, 0), (1, 1), (2, 2)]), Polygon([(200, 0), (201, 0), (201, 1)]),
     Point(104, 36)],
)  # fmt: skip
def test_what_is_no_outline_is_refused(county: County, actor: Actor, shape: BaseGeometry) -> None:
    with pytest.raises(OutlineWrong):
        actions.set_boundary(county.areas[GRID].id, shape, on=LATER, actor=actor)


def test_neighbours_share_an_edge(county: County) -> None:
    mine = county.outlines[GRID]
    found = {reads.area(each).path for each in reads.neighbours(county.areas[GRID].id)}
    assert found == {
        path
        for path, shape in county.outlines.items()
        if len(path) == 15 and path[-3:] != "901" and path != GRID and shape.touches(mine)
    }


@dataclass
class StillClock:
    """Stands in for the module `time`, and goes on only when told to."""

    now: float

    def monotonic(self) -> float:
        return self.now


@pytest.mark.django_db(transaction=True)
def test_a_change_in_one_process_shows_in_another_within_a_second(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(actor, bends=0)
    spot = county.inside(GRID)
    still = StillClock(now=1000.0)  # a slow machine may take longer than the second
    monkeypatch.setattr(reads.locating, "time", still)
    assert reads.place_at(*spot, county=COUNTY).path == GRID
    forgotten: list[str] = []
    monkeypatch.setattr(reads.locating, "forget_on_commit", lambda county: None)
    monkeypatch.setattr(
        "gezhi.places.actions.areas.forget_on_commit", lambda c: lambda: forgotten.append(c)
    )  # the other process can't tell this one

    def elsewhere() -> None:
        whole, other = county.outlines[GRID], county.areas[f"{COUNTY}100201002"]
        away = county.outlines[other.path]
        pairs = [(county.areas[GRID].id, away), (other.id, whole)]
        actions.set_boundaries(pairs, on=LATER, actor=actor)
        connection.close()

    thread = Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert forgotten == [COUNTY]
    assert reads.place_at(*spot, county=COUNTY).path == GRID  # still within the second
    still.now += reads.locating.LOOK_AGAIN
    assert reads.place_at(*spot, county=COUNTY).path == f"{COUNTY}100201002"


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_seen_by_others(actor: Actor) -> None:
    county = make_county(actor, bends=0)
    spot = county.inside(GRID)
    away = county.outlines[f"{COUNTY}100201002"]

    def change_and_fail() -> None:
        with transaction.atomic():
            actions.set_boundary(county.areas[GRID].id, away, on=LATER, actor=actor)
            assert reads.place_at(*spot, county=COUNTY).level == "village"
            raise InterruptedError

    with pytest.raises(InterruptedError):
        change_and_fail()
    assert reads.place_at(*spot, county=COUNTY).path == GRID


def test_h3_cell_of_a_place_is_that_of_its_point(county: County) -> None:
    lon, lat = county.inside(GRID)
    assert reads.place_at(lon, lat, county=COUNTY).h3 == rules.h3_cell(lon, lat)
