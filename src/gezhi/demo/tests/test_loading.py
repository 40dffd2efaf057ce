"""The county in the database: complete, once, and every demo account may do what it is for."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils.translation import override

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.demo import actions, reads
from gezhi.demo.county import County
from gezhi.demo.rules import PASSWORD, SINCE
from gezhi.demo.simulation.calling import ARTICLES, CALLS
from gezhi.hotline import reads as hotline
from gezhi.people import reads as people
from gezhi.people.models import Account, Duty, Leave, Post, Rota, Shift
from gezhi.people.rules import Role
from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import resolve_body

COUNTY = "990101"


@pytest.mark.django_db
def test_the_whole_county_is_loaded_once(drawn: County) -> None:
    assert actions.load_county(drawn)
    assert not actions.load_county(drawn)

    posts = Counter(Post.objects.values_list("role", flat=True))
    assert posts["grid_worker"] == 249 + 1_882
    units = Counter(unit.kind for unit in people.units_under(COUNTY, county=COUNTY))
    assert units["centre"] == 1 + 8 + 140
    assert units["grid"] == 249 + 12
    assert units["department"] == 22
    assert Account.objects.count() == sum(posts.values())

    _every_grid_is_found_and_served(drawn)
    _every_route_ends_at_a_unit(drawn)
    _demo_accounts_can_sign_in_and_act()
    _another_system_can_be_told()
    _centres_are_staffed_round_the_clock()
    _the_hotline_is_alive()
    _an_older_home_gets_its_rosters_once(drawn)


def _the_hotline_is_alive() -> None:
    """Articles to answer from, and the calls of a day: one is at hand, the rest are settled."""
    assert (actions.fill_articles(), actions.fill_articles()) == (len(ARTICLES), 0)
    assert (actions.fill_calls(), actions.fill_calls()) == (len(CALLS), 0)
    agent = people.actor_for(Account.objects.get(login="shouli"))
    outcomes = Counter(call.outcome for call in hotline.calls(agent))
    assert outcomes == {"answered": 3, "opened": 2, "joined": 1, "dropped": 1, "": 1}
    (call,) = hotline.at_hand(agent)
    assert hotline.said_in(call)["what"]
    assert hotline.caller_of(agent, call.phone, besides=call.id).calls == 1
    assert hotline.fitting(agent, hotline.said_in(call)["what"])


def _an_older_home_gets_its_rosters_once(drawn: County) -> None:
    """One that was loaded before there were rosters, in which people changed things since."""
    planned = set(_rosters())
    for rows in (Duty, Rota, Shift, Leave):
        rows.objects.all().delete()
    Post.objects.update(is_head=False)
    moved = Account.objects.get(login="xiangzhen")
    gone = Post.objects.get(account=moved)
    Post.objects.filter(pk=gone.pk).update(valid_to=SINCE)
    assert not actions.load_county(drawn)
    now = set(_rosters())
    assert {unit for unit, _name, _people in now} == {unit for unit, _name, _people in planned}
    mine = [people for unit, _name, people in now if unit == gone.unit.code]
    assert mine
    assert not any("xiangzhen" in people for people in mine)
    assert [people for unit, _n, people in now if unit == f"centre-{COUNTY}"]
    centres = {unit.id for unit in people.units_under(COUNTY, county=COUNTY, kinds=("centre",))}
    assert people.head_names(centres).keys() == centres
    assert Leave.objects.count() >= 5

    kept = Rota.objects.first()
    assert kept
    Rota.objects.exclude(pk=kept.pk).delete()
    head = Post.objects.filter(is_head=True).first()
    assert head
    Post.objects.filter(is_head=True).exclude(pk=head.pk).update(is_head=False)
    assert not actions.load_county(drawn)
    assert list(Rota.objects.all()) == [kept], "what people changed stays"
    assert list(Post.objects.filter(is_head=True)) == [head]


def _rosters() -> list[tuple[str, str, tuple[str, ...]]]:
    logins = dict(Account.objects.values_list("id", "login"))
    return [
        (rota.shift.unit.code, rota.shift.name, tuple(logins[each] for each in rota.people))
        for rota in Rota.objects.select_related("shift__unit")
    ]


def _centres_are_staffed_round_the_clock() -> None:
    """At any hour of the history and the weeks ahead, one receptionist in the county and towns."""
    units = people.units_under(COUNTY, county=COUNTY, kinds=("centre",))
    staffed = [unit.id for unit in units if unit.level in ("county", "town")]
    now = clock.now()
    assert len(staffed) == 9
    for hours in range(-60 * 24, 27 * 24, 7 * 24 + 5):
        at = now + timedelta(hours=hours)
        away = Leave.objects.filter(starts__lte=at, ends__gt=at).values("account")
        for unit in staffed:
            present = people.on_duty(unit, roles={Role.RECEPTIONIST}, at=at)
            assert len(present) <= 1
            assert present or Duty.objects.filter(unit=unit, account__in=away).exists()
    centres = {unit.id for unit in units}
    assert people.head_names(centres).keys() == centres
    assert Leave.objects.count() >= 6
    assert {rota.goes_on for rota in Rota.objects.all()} == {True}


def _every_grid_is_found_and_served(drawn: County) -> None:
    for one in drawn.divisions:
        if one.level != "grid":
            continue
        found = places.locate(*one.seat, county=COUNTY)
        assert found is not None
        place = found.exclusive_path or found.path
        if one.kind == "exclusive":
            assert place == one.code
        else:
            assert found.path == one.code
        assert people.centre_for(place, county=COUNTY).path == one.code[:12]


def _every_route_ends_at_a_unit(drawn: County) -> None:
    book = rulebook.current(COUNTY)
    town = next(one for one in drawn.divisions if one.level == "town")
    grid = next(one for one in drawn.divisions if one.kind == "grid")
    for key in book.categories:
        for level in ("village", "town", "county"):
            for body in book.route(key, area_kind="village", level=level).bodies:
                code = resolve_body(body, town=town.code, grid=grid.code)
                assert code
                assert people.unit_by_code(COUNTY, code).is_active


def _demo_accounts_can_sign_in_and_act() -> None:
    for demo in reads.accounts():
        account = Account.objects.get(login=demo.login)
        assert account.check_password(PASSWORD), demo.login
        actor = people.actor_for(account)
        assert [post.role for post in actor.posts] == [demo.role]
        assert people.unit(actor.posts[0].unit).code == demo.unit
        assert str(demo.task) in demo.who
        with override("en"):
            assert demo.who == f"{demo.title}: {demo.task}"
            assert demo.who.isascii()
    assert people.accounts(system("tests")).filter(login="admin").exists()


def _another_system_can_be_told() -> None:
    """Its account has no password; a home that was loaded before there was one gets it too."""
    for _each in range(2):
        (program,) = people.programs_of(COUNTY)
        assert (program.login, program.has_usable_password()) == ("pingtai", False)
        assert people.actor_for(program).paths("case.read_area") == {COUNTY}
        Post.objects.filter(account=program).delete()
        program.delete()
        assert not actions.load_county()


@pytest.mark.django_db
def test_a_public_demo_leaves_no_account_with_the_known_password(drawn: County) -> None:
    actions.load_county(drawn)
    assert actions.set_passwords("kept to ourselves") == Account.objects.count()
    for account in Account.objects.filter(login__in=["admin", "y00040"]):
        assert account.check_password("kept to ourselves")
        assert not account.check_password(PASSWORD)
