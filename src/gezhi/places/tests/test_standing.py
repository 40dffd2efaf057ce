"""The area at a path is kept in memory, and never longer than it is true."""

from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from gezhi.base.actor import Actor
from gezhi.places import actions, reads
from gezhi.places.errors import DivisionUnknown
from gezhi.places.models import Area
from gezhi.places.tests.county import COUNTY, make_county
from gezhi.places.tests.test_areas import GRID, LATER, StillClock

TOWN, MOVED, NEW = GRID[:9], f"{COUNTY}150", f"{GRID[:12]}099"


@pytest.mark.django_db(transaction=True)
def test_asked_again_it_costs_nothing_and_nobody_changes_the_kept_one(
    actor: Actor, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    make_county(actor, bends=0)
    monkeypatch.setattr(reads.standing, "time", StillClock(now=1000.0))
    first = reads.area_by_path(COUNTY, GRID)
    first.name = "别处"
    with django_assert_num_queries(0):
        again = reads.area_by_path(COUNTY, GRID)
    assert (again.id, again.name) == (first.id, "第1网格")
    assert again == Area.objects.get(path=GRID)


@pytest.mark.django_db(transaction=True)
def test_a_change_elsewhere_shows_within_a_second(
    actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_county(actor, bends=0)
    still = StillClock(now=1000.0)
    monkeypatch.setattr(reads.standing, "time", still)
    assert reads.area_by_path(COUNTY, TOWN).name == "镇00镇"
    monkeypatch.setattr(
        "gezhi.places.actions.areas.forget_on_commit", lambda county: lambda: None
    )  # the other process can't tell this one

    def elsewhere() -> None:
        actions.change_divisions(
            f"试县,{MOVED},,镇00镇\n试县,{TOWN},镇00镇,\n", on=LATER, actor=actor
        )
        connection.close()

    thread = Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert reads.area_by_path(COUNTY, TOWN).name == "镇00镇"  # still within the second
    still.now += reads.locating.LOOK_AGAIN
    assert reads.area_by_path(COUNTY, MOVED).name == "镇00镇"
    with pytest.raises(DivisionUnknown):
        reads.area_by_path(COUNTY, TOWN)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_kept(actor: Actor) -> None:
    make_county(actor, bends=0)

    def add_and_fail() -> None:
        with transaction.atomic():
            actions.add_area(NEW, "第99网格", on=LATER, actor=actor)
            assert reads.area_by_path(COUNTY, NEW).name == "第99网格"
            raise InterruptedError

    with pytest.raises(InterruptedError):
        add_and_fail()
    with pytest.raises(DivisionUnknown):
        reads.area_by_path(COUNTY, NEW)


@pytest.mark.django_db(transaction=True)
def test_an_area_of_another_county_is_not_found(actor: Actor) -> None:
    make_county(actor, bends=0)
    with pytest.raises(DivisionUnknown):
        reads.area_by_path("990102", GRID)
