"""The demo county says whose things are, on grounds that lie in it."""

from gezhi.demo.county import County
from gezhi.demo.county.owners import plan_keepers, plan_keepers_crew, plan_owners


def test_estates_roads_and_the_river_have_their_keepers(drawn: County) -> None:
    grounds, owners = plan_owners(drawn)
    kinds = [one.kind for one in grounds]
    assert kinds.count("estate") == 15
    assert {"market", "park", "road", "river"} <= set(kinds)
    assert len({one.name for one in grounds}) == len(grounds)
    west, south, east, north = drawn.bounds
    for one in grounds:
        assert one.shape.is_valid
        assert not one.shape.is_empty
        x1, y1, x2, y2 = one.shape.bounds
        assert west < x1 < x2 < east
        assert south < y1 < y2 < north
    keepers = {unit.code for unit in plan_keepers()} | {"dept-transport", "dept-water"}
    assert {one.unit for one in owners} == keepers, "everybody has something to keep"
    assert {one.ground for one in owners} == {one.name for one in grounds}


def test_the_same_seed_gives_the_same_people(drawn: County) -> None:
    keepers = plan_keepers()
    assert plan_keepers_crew(keepers, drawn.seed) == plan_keepers_crew(keepers, drawn.seed)
