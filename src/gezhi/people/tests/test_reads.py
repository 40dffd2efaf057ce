"""Which unit answers for a place, and that asking costs no query."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from gezhi.base.actor import NOBODY
from gezhi.base.refusal import NotFound
from gezhi.people import actions, errors, reads
from gezhi.people.models import Account, Post, Unit
from gezhi.people.reads import covering
from gezhi.people.tests.county import (
    AREAS,
    COUNTY,
    GRID,
    HOUSE,
    OTHER_TOWN,
    TOWN,
    UNITS,
    VILLAGE,
    House,
)
from gezhi.places import actions as places


@pytest.mark.parametrize(
    ("path", "level", "code"),
    [
        (GRID, None, "centre-990101101201"),
        (VILLAGE, None, "centre-990101101201"),
        (TOWN, None, "centre-990101101"),
        ("990101102201", None, "centre-990101102"),
        (COUNTY, None, "centre-990101"),
        (GRID, "town", "centre-990101101"),
        (GRID, "county", "centre-990101"),
    ],
)
def test_the_lowest_centre_that_covers_a_place_answers(
    house: House, path: str, level: str | None, code: str
) -> None:
    assert reads.centre_for(path, county=COUNTY, level=level).code == code


def test_where_no_centre_stands_it_says_so(house: House) -> None:
    with pytest.raises(errors.CentreMissing):
        reads.centre_for("990202", county="990202")
    with pytest.raises(errors.CentreMissing):
        reads.centre_for(OTHER_TOWN, county=COUNTY, level="village")


def test_a_closed_centre_is_passed_over(house: House) -> None:
    actions.close_unit(house.units["centre-990101101201"].id, actor=HOUSE)
    assert reads.centre_for(GRID, county=COUNTY).code == "centre-990101101"
    assert [child.code for child in reads.children_centres(house.units["centre-990101101"])] == []


@pytest.mark.parametrize(
    ("code", "above"),
    [
        ("grid-990101101201001", "centre-990101101201"),
        ("centre-990101101201", "centre-990101101"),
        ("centre-990101101", "centre-990101"),
        ("station-990101101-police", "centre-990101101"),
        ("dept-water", "centre-990101"),
        ("centre-990101", None),
    ],
)
def test_the_centre_above(house: House, code: str, above: str | None) -> None:
    found = reads.parent_centre(house.units[code])
    assert (found.code if found else None) == above


def test_the_centres_below(house: House) -> None:
    below = reads.children_centres(house.units["centre-990101"])
    assert [unit.code for unit in below] == ["centre-990101101", "centre-990101102"]


def test_units_that_cover_a_place_come_lowest_first(house: House) -> None:
    found = [unit.code for unit in reads.units_covering(GRID, county=COUNTY)]
    assert found == [
        "grid-990101101201001",
        "centre-990101101201",
        "centre-990101101",
        "station-990101101-police",
        "centre-990101",
        "dept-water",
    ]
    only = reads.units_covering(GRID, county=COUNTY, kinds=("station", "department"))
    assert [unit.code for unit in only] == ["station-990101101-police", "dept-water"]


def test_names_of_units_are_the_short_ones(house: House) -> None:
    water, county = house.units["dept-water"], house.units["centre-990101"]
    assert reads.unit_names([water.id, county.id]) == {
        water.id: "水务局",
        county.id: "清河县综治中心",
    }


def test_asking_for_units_costs_no_query(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reads.unit(house.units["dept-water"].id)
    with django_assert_num_queries(0):
        for _time in range(200):
            centre = reads.centre_for(GRID, county=COUNTY)
            reads.parent_centre(centre)
            reads.units_covering(GRID, county=COUNTY)


def test_an_actor_costs_one_query(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = Account.objects.get(login="rita")
    with django_assert_num_queries(1):
        actor = reads.actor_for(account)
    assert actor.label == f"account:{account.id}"
    assert actor.units == {house.units["centre-990101101"].id}


def test_a_rolled_back_unit_is_forgotten(house: House) -> None:
    new: dict[str, Any] = {
        "county": COUNTY,
        "path": TOWN,
        "kind": "station",
        "name": "x",
        "actor": HOUSE,
    }
    with transaction.atomic():
        actions.add_unit(code="station-x", **new)
        assert reads.unit_by_code(COUNTY, "station-x")
        transaction.set_rollback(True)
    with pytest.raises(NotFound):
        reads.unit_by_code(COUNTY, "station-x")


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_a_change_once_it_looks_at_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(covering, "_CHECK_EVERY", 3600.0)
    places.add_areas(AREAS, on=date(2020, 1, 1), actor=HOUSE)
    made = actions.add_units(UNITS, county=COUNTY, actor=HOUSE)
    water = made["dept-water"]
    assert reads.unit(water.id).name == "县水务局"
    # As another process would: the rows change, this process is not told.
    Unit.objects.filter(id=water.id).update(name="县水利局")
    assert reads.unit(water.id).name == "县水务局"
    monkeypatch.setattr(covering, "_CHECK_EVERY", 0.0)
    assert reads.unit(water.id).name == "县水务局"
    with monkeypatch.context() as deaf:
        deaf.setattr(reads, "forget_units", lambda: None)
        actions.change_unit(water.id, phone="12345", actor=HOUSE)
    assert (reads.unit(water.id).name, reads.unit(water.id).phone) == ("县水利局", "12345")


def test_administrators_see_their_area_and_others_see_nothing(house: House) -> None:
    def seen(login: str) -> set[str]:
        return set(reads.accounts(house.actor(login)).values_list("login", flat=True))

    assert seen("ada") == set(house.accounts)
    assert seen("sven") == set(house.accounts)
    assert seen("tom") == seen("thea") == {"tom", "thea", "rita", "gina"}
    assert seen("odin") == set()
    assert seen("rita") == set()
    assert not reads.accounts(NOBODY).exists()
    assert not reads.units(house.actor("hans")).exists()


def test_accounts_are_found_by_name_login_unit_and_role(house: House) -> None:
    ada = house.actor("ada")

    def found(**filters: Any) -> list[str]:
        rows = reads.search_accounts(ada, closed=False, **filters)
        return [account.login for account in rows]

    assert found(words="任丽") == ["rita"]
    assert found(words="GIN") == ["gina"]
    assert found(words="水务") == ["hans"]
    assert found(role="leader") == ["vera"]
    assert sorted(found(area=TOWN)) == ["gina", "rita", "thea", "tom"]
    assert found(no_post=True) == []
    Post.objects.filter(account__login="gina").update(valid_to=reads.today())
    assert found(no_post=True) == ["gina"]


def test_a_list_of_accounts_costs_the_same_for_two_and_for_all(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for words in ("任丽", ""):
        with django_assert_num_queries(2):
            list(reads.search_accounts(HOUSE, words=words, closed=False))


def test_a_demo_account_for_each_role_and_level(house: House) -> None:
    shown = [(role, account.login) for role, account in reads.demo_accounts(COUNTY)]
    assert shown == [
        ("grid_worker", "gina"),
        ("receptionist", "rita"),
        ("handler", "hans"),
        ("leader", "vera"),
        ("administrator", "ada"),
        ("administrator", "tom"),
        ("security_administrator", "sven"),
        ("security_administrator", "thea"),
        ("auditor", "odin"),
    ]


def test_staff_and_names(house: House) -> None:
    posts = reads.staff_of(house.units["centre-990101101"])
    assert [(post.role, post.account.login) for post in posts] == [
        ("administrator", "tom"),
        ("receptionist", "rita"),
        ("security_administrator", "thea"),
    ]
    rita = house.accounts["rita"].id
    assert reads.account_names([rita]) == {rita: "任丽"}
    assert reads.person_name(f"account:{rita}") == "任丽"
    assert reads.person_name("system:rulebook") == ""
