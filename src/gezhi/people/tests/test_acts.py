"""Acts on units, accounts, posts and keys: what they do, and what they refuse."""

import time
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from gezhi.base import clock
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.people import actions, errors, reads
from gezhi.people.actions import NewPerson, NewPost, NewUnit
from gezhi.people.models import Account, ApiKey, Post, Unit
from gezhi.people.tests.county import (
    COUNTY,
    GRID,
    HOUSE,
    OTHER_TOWN,
    PASSWORD,
    TOWN,
    VILLAGE,
    House,
)
from gezhi.places import actions as places
from gezhi.places.errors import DivisionUnknown
from gezhi.places.rules import Change
from gezhi.record.models import Line

DEPT: dict[str, Any] = {"county": COUNTY, "path": TOWN, "kind": "station", "name": "柳林供电所"}


def test_an_administrator_adds_a_unit_with_the_level_of_its_area(house: House) -> None:
    unit = actions.add_unit(code="station-power", **DEPT, actor=house.actor("tom"))
    assert (unit.level, unit.path) == ("town", TOWN)
    assert reads.unit_by_code(COUNTY, "station-power").name == "柳林供电所"
    line = Line.objects.get(kind="unit_added")
    assert line.data == {"unit": str(unit.id), "code": "station-power", "path": TOWN}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"path": OTHER_TOWN}, NotAllowed),
        ({"path": TOWN + "999"}, DivisionUnknown),
        ({"kind": "palace"}, errors.ValueWrong),
        ({"code": "Big Code"}, errors.UnitCodeWrong),
        ({"code": "station-990101101-police"}, errors.UnitCodeTaken),
        ({"name": "  "}, errors.ValueWrong),
        ({"name": "字" * 81}, errors.ValueWrong),
        ({"phone": "1\x002"}, errors.ValueWrong),
        ({"phone": "村口小卖部"}, errors.PhoneWrong),
        ({"kind": "centre"}, errors.CentreTaken),
        ({"parent": uuid4()}, NotFound),
    ],
)
def test_a_unit_is_refused_and_nothing_is_written(
    house: House, change: dict[str, Any], refusal: type[Exception]
) -> None:
    before = Unit.objects.count(), Line.objects.count()
    with pytest.raises(refusal), transaction.atomic():
        actions.add_unit(**{"code": "new-one", **DEPT, **change}, actor=house.actor("tom"))
    assert (Unit.objects.count(), Line.objects.count()) == before


def test_a_unit_changes_only_in_what_is_given(house: House) -> None:
    unit = house.units["dept-water"]
    actions.change_unit(unit.id, phone="0931-1234567", actor=house.actor("ada"))
    changed = reads.unit(unit.id)
    assert (changed.phone, changed.name) == ("0931-1234567", "县水务局")
    assert Line.objects.get(kind="unit_changed").data["fields"] == ["phone"]


def test_a_change_that_changes_nothing_leaves_no_fact(house: House) -> None:
    unit = house.units["dept-water"]
    actions.change_unit(unit.id, name="县水务局", actor=house.actor("ada"))
    assert not Line.objects.filter(kind="unit_changed").exists()


def test_a_unit_does_not_stand_below_itself_or_beside_its_area(house: House) -> None:
    county, village = house.units["centre-990101"], house.units["centre-990101101201"]
    other = house.units["centre-990101102"]
    for id, parent in ((county.id, county.id), (village.id, other.id)):
        with pytest.raises(errors.ParentWrong):
            actions.change_unit(id, parent=parent, actor=house.actor("ada"))


def test_a_town_administrator_does_not_see_the_county_department(house: House) -> None:
    with pytest.raises(NotFound):
        actions.change_unit(house.units["dept-water"].id, name="x", actor=house.actor("tom"))


def test_a_unit_closes_only_when_nobody_works_there_and_opens_again(house: House) -> None:
    grid, police = house.units["grid-990101101201001"], house.units["station-990101101-police"]
    with pytest.raises(errors.UnitHasStaff) as refused:
        actions.close_unit(grid.id, actor=house.actor("ada"))
    assert "1" in str(refused.value)
    actions.close_unit(police.id, actor=house.actor("ada"))
    assert police.id not in {unit.id for unit in reads.units_covering(TOWN, county=COUNTY)}
    with pytest.raises(errors.UnitClosedAlready):
        actions.close_unit(police.id, actor=house.actor("ada"))
    actions.reopen_unit(police.id, actor=house.actor("ada"))
    assert police.id in {unit.id for unit in reads.units_covering(TOWN, county=COUNTY)}


def test_a_new_person_gets_a_one_time_password_and_no_rights_before_changing_it(
    house: House,
) -> None:
    made = actions.add_account(
        county=COUNTY, path=TOWN, login=" Sue ", name="苏月", actor=house.actor("tom")
    )
    actions.give_post(
        account=made.account.id,
        unit=house.units["centre-990101101"].id,
        role="supervisor",
        actor=house.actor("thea"),
    )
    account = Account.objects.get(login="sue")
    assert account.check_password(made.password)
    assert reads.actor_for(account).posts == ()
    new = actions.change_own_password(
        old=made.password, new="a new long one", actor=reads.actor_for(account)
    )
    assert reads.actor_for(new).may("case.approve", path=VILLAGE)
    assert not reads.actor_for(new).may("case.approve", path=OTHER_TOWN)


@pytest.mark.parametrize(
    ("login", "name", "refusal"),
    [
        ("rita", "又一个", errors.LoginTaken),
        ("RITA", "又一个", errors.LoginTaken),
        ("张三", "张三", errors.LoginWrong),
        ("zhang3", " ", errors.ValueWrong),
    ],
)
def test_an_account_is_refused(
    house: House, login: str, name: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        actions.add_account(
            county=COUNTY, path=TOWN, login=login, name=name, actor=house.actor("tom")
        )


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("wrong", "a new long one", errors.OldPasswordWrong),
        (PASSWORD, "short", errors.PasswordShort),
        (PASSWORD, "password123", errors.PasswordWeak),
        (PASSWORD, PASSWORD, errors.PasswordSame),
    ],
)
def test_a_password_change_is_refused(
    house: House, old: str, new: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        actions.change_own_password(old=old, new=new, actor=house.actor("rita"))
    assert Account.objects.get(login="rita").check_password(PASSWORD)


def test_a_town_administrator_may_not_reset_the_password_of_somebody_with_a_county_post(
    house: House,
) -> None:
    rita = house.accounts["rita"]
    actions.give_post(
        account=rita.id,
        unit=house.units["centre-990101"].id,
        role="receptionist",
        actor=house.actor("sven"),
    )
    with pytest.raises(NotAllowed):
        actions.reset_password(rita.id, actor=house.actor("tom"))
    password = actions.reset_password(rita.id, actor=house.actor("ada"))
    assert Account.objects.get(login="rita").check_password(password)


def test_a_post_gives_no_rights_beyond_the_givers_area(house: House) -> None:
    gina = house.accounts["gina"].id
    for code in ("centre-990101", "dept-water", "centre-990101102"):
        with pytest.raises(NotAllowed):
            actions.give_post(
                account=gina,
                unit=house.units[code].id,
                role="administrator",
                actor=house.actor("thea"),
            )
    # A small path does not open a unit above: a post in a unit reaches what the unit holds.
    with pytest.raises(NotAllowed):
        actions.give_post(
            account=gina,
            unit=house.units["centre-990101"].id,
            role="receptionist",
            path=TOWN,
            actor=house.actor("thea"),
        )


def test_a_receptionist_gives_no_posts(house: House) -> None:
    with pytest.raises(NotAllowed):
        actions.give_post(
            account=house.accounts["gina"].id,
            unit=house.units["centre-990101101"].id,
            role="receptionist",
            actor=house.actor("rita"),
        )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"path": OTHER_TOWN}, errors.PostAreaWrong),
        ({"role": "emperor"}, errors.ValueWrong),
        ({"role": "receptionist"}, errors.PostTaken),
        ({"valid_from": date(2026, 2, 2), "valid_to": date(2026, 2, 2)}, errors.PostDatesWrong),
    ],
)
def test_a_post_is_refused(house: House, change: dict[str, Any], refusal: type[Exception]) -> None:
    values = {"role": "supervisor", **change}
    with pytest.raises(refusal):
        actions.give_post(
            account=house.accounts["rita"].id,
            unit=house.units["centre-990101101"].id,
            **values,
            actor=house.actor("sven"),
        )


def test_a_post_over_a_part_of_the_area_reaches_that_part(house: House) -> None:
    actions.give_post(
        account=house.accounts["vera"].id,
        unit=house.units["centre-990101101"].id,
        role="supervisor",
        path=VILLAGE,
        actor=house.actor("sven"),
    )
    vera = house.actor("vera")
    assert vera.may("case.approve", path=GRID)
    assert not vera.may("case.approve", path=TOWN)


def test_a_post_of_the_future_gives_nothing_yet_and_an_ended_one_nothing_more(house: House) -> None:
    day = reads.today() + timedelta(days=3)
    post = actions.give_post(
        account=house.accounts["vera"].id,
        unit=house.units["centre-990101102"].id,
        role="supervisor",
        valid_from=day,
        actor=house.actor("sven"),
    )
    assert not house.actor("vera").may("case.approve")
    with clock.standing_at(clock.now() + timedelta(days=3)):
        assert house.actor("vera").may("case.approve")
        actions.end_post(post.id, actor=house.actor("sven"))
        assert not house.actor("vera").may("case.approve")
        with pytest.raises(errors.PostEndedAlready):
            actions.end_post(post.id, actor=house.actor("sven"))


def test_nobody_serves_themselves_and_the_last_administrator_stays(house: House) -> None:
    ada, sven = house.accounts["ada"], house.accounts["sven"]
    with pytest.raises(errors.OwnAccount):
        actions.end_post(Post.objects.get(account=sven).id, actor=house.actor("sven"))
    with pytest.raises(errors.OwnAccount):
        actions.change_account(ada.id, is_active=False, actor=house.actor("ada"))
    with pytest.raises(errors.OwnAccount):
        actions.give_post(
            account=sven.id,
            unit=house.units["centre-990101101"].id,
            role="security_administrator",
            actor=house.actor("sven"),
        )
    for login in ("ada", "sven", "odin"):
        with pytest.raises(errors.LastAdministrator):
            actions.end_post(Post.objects.get(account__login=login).id, actor=HOUSE)
        with pytest.raises(errors.LastAdministrator):
            actions.change_account(house.accounts[login].id, is_active=False, actor=HOUSE)
    # Tom's town is covered by Ada too.
    actions.end_post(Post.objects.get(account=house.accounts["tom"]).id, actor=house.actor("sven"))
    assert not house.actor("tom").may("account.manage")


def test_a_closed_account_is_nobody_and_gets_nothing(house: House) -> None:
    gina = house.accounts["gina"].id
    actions.change_account(gina, is_active=False, actor=house.actor("tom"))
    assert house.actor("gina").kind == "resident"
    for act in (
        lambda: actions.reset_password(gina, actor=house.actor("tom")),
        lambda: actions.make_key(account=gina, name="x", actor=house.actor("thea")),
        lambda: actions.give_post(
            account=gina,
            unit=house.units["centre-990101101"].id,
            role="handler",
            actor=house.actor("thea"),
        ),
    ):
        with pytest.raises(errors.AccountClosed):
            act()


def test_a_key_acts_with_the_posts_of_its_account_until_it_is_revoked(house: House) -> None:
    made = actions.make_key(account=house.accounts["rita"].id, name="热线", actor=HOUSE)
    actor = actions.use_key(made.token)
    assert actor is not None
    assert (actor.label, actor.kind) == (f"key:{made.key.id}", "key")
    assert actor.may("case.accept", path=TOWN)
    assert bytes(ApiKey.objects.get().digest) != made.token.encode()
    actions.revoke_key(made.key.id, actor=house.actor("thea"))
    assert actions.use_key(made.token) is None
    with pytest.raises(errors.KeyRevokedAlready):
        actions.revoke_key(made.key.id, actor=house.actor("thea"))


def test_a_wrong_secret_with_a_right_prefix_opens_nothing(house: House) -> None:
    made = actions.make_key(account=house.accounts["rita"].id, name="热线", actor=HOUSE)
    last = "0" if made.token[-1] != "0" else "1"
    assert reads.actor_for_key(made.token[:-1] + last) is None
    for nothing in ("", "gz_00000000_" + "0" * 48, "é" * 60, "gz_\x00"):
        assert reads.actor_for_key(nothing) is None


def test_a_key_used_often_costs_no_query_and_its_use_is_noted_once_a_minute(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = actions.make_key(account=house.accounts["rita"].id, name="热线", actor=HOUSE)
    actions.use_key(made.token)
    first = ApiKey.objects.get().last_used
    assert first is not None
    with django_assert_num_queries(0):
        for _time in range(100):
            assert actions.use_key(made.token)
    with clock.standing_at(first + timedelta(seconds=61)):
        actions.use_key(made.token)
    assert ApiKey.objects.get().last_used == first + timedelta(seconds=61)


def test_a_division_that_gets_a_new_code_takes_its_units_posts_and_accounts_along(
    house: House,
) -> None:
    places.change_divisions(
        [
            Change(1, TOWN, "柳林镇", ""),
            Change(2, "990101103", "", "柳林镇"),
        ],
        on=date(2026, 6, 1),
        successors={TOWN: "990101103"},
        actor=HOUSE,
    )
    moved = "990101103"
    assert reads.unit(house.units["centre-990101101"].id).path == moved
    assert reads.unit(house.units["grid-990101101201001"].id).path == moved + "201001"
    assert reads.centre_for(moved + "201", county=COUNTY).code == "centre-990101101201"
    assert house.actor("rita").may("case.accept", path=moved)
    assert not house.actor("rita").may("case.accept", path=TOWN)
    assert Account.objects.get(login="gina").path == moved + "201001"


def test_thousands_are_added_in_seconds(house: House) -> None:
    grids = [NewUnit(f"company-{at}", "company", f"服务单位{at}", VILLAGE) for at in range(400)]
    people = [
        NewPerson(
            f"w{at:04}",
            f"网格员{at}",
            (NewPost(f"company-{at % 400}", "handler"), NewPost("dept-water", "handler")),
        )
        for at in range(2500)
    ]
    start = time.process_time()
    actions.add_units(grids, county=COUNTY, actor=HOUSE)
    made = actions.add_accounts_with_posts(
        people, county=COUNTY, password_hash=make_password("x"), actor=HOUSE
    )
    assert time.process_time() - start < 40  # two seconds here; machines differ
    assert len(made) == 2500
    assert Post.objects.count() == 5000 + len(house.accounts)
    assert Line.objects.filter(kind="staff_added", data__posts=5000).count() == 1


@pytest.mark.parametrize(
    "people",
    [
        [NewPerson("rita", "又一个", ())],
        [NewPerson("twin", "一", ()), NewPerson("Twin", "二", ())],
        [NewPerson("good", "一", ()), NewPerson("bad name", "二", ())],
        [NewPerson("good", "一", (NewPost("dept-fire", "handler"),))],
        [NewPerson("good", "一", (NewPost("dept-water", "emperor"),))],
    ],
)
def test_many_are_added_all_or_none(house: House, people: list[NewPerson]) -> None:
    before = Account.objects.count(), Post.objects.count()
    with pytest.raises((errors.LoginTaken, errors.LoginWrong, NotFound, errors.ValueWrong)):
        actions.add_accounts_with_posts(
            people, county=COUNTY, password_hash=make_password("x"), actor=HOUSE
        )
    assert (Account.objects.count(), Post.objects.count()) == before
