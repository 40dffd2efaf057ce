"""Who is at work: by the roster, without one, heads, and who is told so."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from gezhi.base import clock
from gezhi.base.refusal import NotFound
from gezhi.people import actions, reads
from gezhi.people.models import Post
from gezhi.people.rules import Role
from gezhi.people.tests.county import House
from gezhi.people.tests.duty import (
    NIGHT,
    NOW,
    TOWN_CENTRE,
    fill,
    ids_of,
    in_hours,
    new_shift,
    present,
    take_leave,
    unit_of,
    with_crew,
)
from gezhi.record.models import Line


@pytest.fixture(autouse=True)
def _standing_clock() -> Any:
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def crew(house: House) -> House:
    return with_crew(house)


def test_without_a_roster_everybody_of_the_role_is_at_work_who_is_not_on_leave(
    crew: House,
) -> None:
    assert present(crew, NOW) == ["r1", "r2", "r3", "rita"]
    assert present(crew, NOW, Role.SUPERVISOR) == []
    take_leave(crew, "r2", in_hours(-1), in_hours(8), substitute=crew.accounts["tom"].id)
    # Tom stands in though he is no receptionist.
    assert present(crew, NOW) == ["r1", "tom", "r3", "rita"]
    assert present(crew, in_hours(8)) == ["r1", "r2", "r3", "rita"]


def test_a_roster_round_the_clock_names_who_is_at_work_at_night(crew: House) -> None:
    fill(crew, new_shift(crew), "r1", "r2")
    fill(crew, new_shift(crew, "夜班", NIGHT), "r3", "rita")
    assert present(crew, NOW) == ["r1"]
    assert present(crew, in_hours(12)) == ["r3"]
    assert present(crew, in_hours(22)) == ["r3"]
    assert present(crew, in_hours(23)) == ["r2"]
    # Tom administers; the receptionists' roster says nothing of him.
    assert present(crew, in_hours(12), Role.ADMINISTRATOR) == ["tom"]


def test_a_gap_in_the_roster_is_nobody_and_a_day_beyond_it_everybody(crew: House) -> None:
    fill(crew, new_shift(crew), "r1", days=1)
    assert present(crew, in_hours(11)) == []
    assert present(crew, in_hours(15)) == ["r1", "r2", "r3", "rita"]


def test_who_has_left_or_is_closed_is_not_at_work(crew: House) -> None:
    fill(crew, new_shift(crew), "r1", "r2", at_once=2)
    post = Post.objects.get(account=crew.accounts["r1"])
    actions.end_post(post.id, actor=crew.actor("thea"))
    assert present(crew, NOW) == ["r2"]
    actions.change_account(crew.accounts["r3"].id, is_active=False, actor=crew.actor("tom"))
    take_leave(crew, "r2", NOW, in_hours(4), substitute=crew.accounts["rita"].id)
    assert present(crew, NOW) == ["rita"]
    actions.change_account(crew.accounts["rita"].id, is_active=False, actor=crew.actor("tom"))
    assert present(crew, NOW) == []


def test_heads_are_found_by_their_mark_and_replaced_when_away(crew: House) -> None:
    unit, r1, rita = unit_of(crew), *ids_of(crew, "r1", "rita")
    assert reads.head_names([unit]) == {}
    assert reads.on_duty(unit, roles=None, heads=True, at=NOW) == []
    actions.name_head(Post.objects.get(account=r1).id, actor=crew.actor("thea"))
    assert reads.head_names([unit]) == {unit: ["受理1"]}
    assert reads.on_duty(unit, roles=None, heads=True, at=NOW) == [r1]
    take_leave(crew, "r1", NOW, in_hours(4), substitute=rita)
    assert reads.on_duty(unit, roles=None, heads=True, at=NOW) == [rita]
    fact = Line.objects.get(kind="head_named").data
    assert (fact["account"], fact["is_head"]) == (str(r1), True)
    actions.name_head(Post.objects.get(account=r1).id, is_head=False, actor=crew.actor("thea"))
    assert reads.head_names([unit]) == {}
    with pytest.raises(NotFound):
        actions.name_head(Post.objects.get(account=r1).id, actor=crew.actor("rita"))


def test_each_unit_is_asked_for_once_however_many_moments_are_looked_at(
    crew: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fill(crew, new_shift(crew), "r1", "r2")
    take_leave(crew, "r1", in_hours(1), in_hours(2), substitute=crew.accounts["r3"].id)
    take_leave(crew, "r1", in_hours(3), in_hours(4))
    moments = [in_hours(half / 2) for half in range(10)]
    alone = [reads.on_duty(unit_of(crew), roles=None, at=at) for at in moments]
    staffing = reads.Staffing(moments[0], moments[-1])
    with django_assert_num_queries(2):
        together = [staffing.at_work(unit_of(crew), roles=None, at=at) for at in moments]
    assert together == alone
    names = {account.id: login for login, account in crew.accounts.items()}
    found = [names[id] for at_work in together for id in at_work if names[id] != "r2"]
    assert set(found) == {"r1", "r3"}, "before, instead of, between"
    with pytest.raises(ValueError, match="asked for"):
        staffing.at_work(unit_of(crew), roles=None, at=in_hours(9))


def test_everybody_of_a_unit_without_a_roster_is_at_work_and_no_one_else(crew: House) -> None:
    fill(crew, new_shift(crew), "r1", "r2")
    take_leave(crew, "r1", NOW, in_hours(4), substitute=crew.accounts["r3"].id)
    names = {account.id: login for login, account in crew.accounts.items()}
    assert {
        code: [names[id] for id in reads.on_duty(unit.id, roles=None, at=NOW)]
        for code, unit in crew.units.items()
    } == {
        "centre-990101": ["ada", "odin", "sven"],
        TOWN_CENTRE: ["r3"],
        "centre-990101102": ["vera"],
        "centre-990101101201": [],
        "grid-990101101201001": ["gina"],
        "dept-water": ["hans"],
        "station-990101101-police": [],
    }


def test_who_is_on_duty_is_shown_to_the_staff_and_to_those_above_alone(crew: House) -> None:
    fill(crew, new_shift(crew), "r1")
    take_leave(crew, "r1", NOW, in_hours(4), substitute=crew.accounts["r3"].id)
    for login in ("rita", "tom", "ada"):
        shown = reads.who_is_on_duty(crew.actor(login), unit_of(crew), NOW)
        assert [(one.name, one.shift, one.instead_of) for one in shown] == [
            ("受理3", "白班", "受理1")
        ]
    for login in ("hans", "gina", "vera"):
        with pytest.raises(NotFound):
            reads.who_is_on_duty(crew.actor(login), unit_of(crew), NOW)
