"""The roster: cells, turns, weeks, swaps, shifts, and how it goes on by itself."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from gezhi.base import clock
from gezhi.base.refusal import NotFound, Refusal
from gezhi.people import actions, errors, jobs, reads
from gezhi.people.actions import NewRota
from gezhi.people.models import Duty, Post, Rota, Shift
from gezhi.people.tests.county import COUNTY, HOUSE, House
from gezhi.people.tests.duty import (
    DAY,
    MONDAY,
    NIGHT,
    NOW,
    TOWN_CENTRE,
    fill,
    ids_of,
    in_hours,
    new_shift,
    present,
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


def test_a_cell_is_set_and_emptied_and_the_book_holds_ids(crew: House) -> None:
    shift, tom = new_shift(crew), crew.actor("tom")
    r1, r2 = ids_of(crew, "r1", "r2")
    actions.set_duty(shift.id, day=MONDAY, people=[r1, r2, r1], actor=tom)
    assert {duty.account_id for duty in Duty.objects.all()} == {r1, r2}
    fact = Line.objects.get(kind="duty_changed").data
    assert fact["unit"] == str(unit_of(crew))
    assert fact["accounts"] == [str(r1), str(r2)]
    assert (fact["first"], fact["how"]) == ("2026-11-16", "set")
    actions.set_duty(shift.id, day=MONDAY, people=[r2, r1], actor=tom)  # nothing changes
    assert Line.objects.filter(kind="duty_changed").count() == 1
    actions.set_duty(shift.id, day=MONDAY, people=[], actor=tom)
    assert not Duty.objects.exists()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"day": MONDAY - timedelta(days=1)}, errors.DutyOver),
        ({"day": MONDAY + timedelta(days=367)}, errors.DutyTooFar),
        ({"day": date.max}, errors.DutyTooFar),
        ({"day": date.min}, errors.DutyOver),
        ({"people": ["hans"]}, errors.NotOfTheUnit),
        ({"actor": "rita"}, NotFound),
        ({"actor": "hans"}, NotFound),
    ],
)
def test_a_cell_is_refused(crew: House, change: dict[str, Any], refusal: type[Refusal]) -> None:
    shift = new_shift(crew)
    with pytest.raises(refusal):
        actions.set_duty(
            shift.id,
            day=change.get("day", MONDAY),
            people=ids_of(crew, *change.get("people", ["r1"])),
            actor=crew.actor(change.get("actor", "tom")),
        )
    assert not Duty.objects.exists()


def test_a_running_night_may_still_be_changed_the_one_before_not(crew: House) -> None:
    night = new_shift(crew, "夜班", NIGHT)
    with clock.standing_at(in_hours(22)):  # Tuesday, 07:00
        actions.set_duty(night.id, day=MONDAY, people=ids_of(crew, "r1"), actor=crew.actor("tom"))
        assert present(crew, in_hours(22)) == ["r1"]
    with clock.standing_at(in_hours(23)), pytest.raises(errors.DutyOver):
        actions.set_duty(night.id, day=MONDAY, people=[], actor=crew.actor("tom"))


def test_people_take_turns_in_place_of_what_was_there(crew: House) -> None:
    shift = new_shift(crew)
    fill(crew, shift, "rita", days=14)
    assert fill(crew, shift, "r1", "r2", "r3", days=7, turn_days=2, weekdays="12345") == 5
    found = Duty.objects.order_by("day").values_list("day", "account__login")
    assert [login for day, login in found if day < MONDAY + timedelta(days=7)] == [
        "r1", "r1", "r2", "r2", "r3"
    ]  # fmt: skip
    assert [login for day, login in found if day >= MONDAY + timedelta(days=7)] == ["rita"] * 7


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"days": 0}, errors.ValueWrong),
        ({"days": 367}, errors.ValueWrong),
        ({"turn_days": 0}, errors.ValueWrong),
        ({"at_once": 3}, errors.ValueWrong),
        ({"weekdays": ""}, errors.ValueWrong),
        ({"weekdays": "18"}, errors.ValueWrong),
        ({"first": MONDAY - timedelta(days=1)}, errors.DutyOver),
        ({"first": MONDAY + timedelta(days=365)}, errors.DutyTooFar),
        ({"first": date.max}, errors.DutyTooFar),
        ({"first": date.min}, errors.DutyOver),
    ],
)
def test_filling_is_refused_and_nothing_is_lost(
    crew: House, change: dict[str, Any], refusal: type[Refusal]
) -> None:
    shift = new_shift(crew)
    fill(crew, shift, "r1")
    with pytest.raises(refusal):
        fill(crew, shift, "r1", "r2", **change)
    assert Duty.objects.count() == 7
    with pytest.raises(errors.ValueWrong):
        fill(crew, shift)


def test_a_week_is_copied_to_the_next_and_keeps_what_stands_there(crew: House) -> None:
    day, night, tom = new_shift(crew), new_shift(crew, "夜班", NIGHT), crew.actor("tom")
    fill(crew, day, "r1", "r2")
    fill(crew, night, "r3", days=1)
    next_monday = MONDAY + timedelta(days=7)
    actions.set_duty(day.id, day=next_monday, people=ids_of(crew, "rita"), actor=tom)
    unit = unit_of(crew)
    assert actions.copy_week(unit, day=next_monday + timedelta(days=3), actor=tom) == 7
    copied = reads.duties(unit, first=next_monday, last=next_monday + timedelta(days=6))
    assert copied.filter(shift=day).first().account.login == "rita"  # type: ignore[union-attr]  # there is one
    assert [duty.account.login for duty in copied.filter(shift=night)] == ["r3"]
    with pytest.raises(errors.NothingToCopy):
        actions.copy_week(unit, day=next_monday, actor=tom)
    with pytest.raises(NotFound):
        actions.copy_week(unit, day=next_monday, actor=crew.actor("rita"))
    with pytest.raises(errors.NothingToCopy):
        actions.copy_week(unit, day=date.min, actor=tom)
    with pytest.raises(errors.DutyTooFar):
        actions.copy_week(unit, day=date.max, actor=tom)


def test_two_people_swap(crew: House) -> None:
    shift, tom = new_shift(crew), crew.actor("tom")
    fill(crew, shift, "r1", "r2", days=3)
    one, other, third = Duty.objects.order_by("day")
    actions.swap_duties(one.id, other.id, actor=tom)
    assert list(Duty.objects.order_by("day").values_list("account__login", flat=True)) == [
        "r2", "r1", "r1"
    ]  # fmt: skip
    for pair in ((other.id, third.id), (one.id, one.id)):  # one person; one cell
        with pytest.raises(errors.DutySame):
            actions.swap_duties(*pair, actor=tom)
    with clock.standing_at(in_hours(12)), pytest.raises(errors.DutyOver):
        actions.swap_duties(one.id, third.id, actor=tom)
    with pytest.raises(NotFound):
        actions.swap_duties(one.id, third.id, actor=crew.actor("rita"))
    with pytest.raises(NotFound):
        actions.swap_duties(one.id, uuid4(), actor=tom)


def test_a_shift_is_set_up_once_and_closed_with_what_is_ahead(crew: House) -> None:
    shift, tom = new_shift(crew), crew.actor("tom")
    with pytest.raises(errors.ShiftTaken):
        new_shift(crew)
    with pytest.raises(errors.ValueWrong):
        new_shift(crew, name=" ")
    with pytest.raises(NotFound):
        actions.add_shift(
            unit=crew.units["dept-water"].id, name="x", starts=time(8), ends=time(9), actor=tom
        )
    fill(crew, shift, "r1", goes_on=True)
    with clock.standing_at(in_hours(24)):
        actions.close_shift(shift.id, actor=tom)
        # What has begun stays on record; nothing is ahead, nothing goes on.
        days = list(Duty.objects.order_by("day").values_list("day", flat=True))
        assert days == [MONDAY, MONDAY + timedelta(days=1)]
        assert not Rota.objects.get().goes_on
        for act in (
            lambda: actions.close_shift(shift.id, actor=tom),
            lambda: actions.set_duty(shift.id, day=MONDAY, people=[], actor=tom),
            lambda: actions.switch_rota(shift.id, goes_on=True, actor=tom),
        ):
            with pytest.raises(errors.ShiftClosedAlready):
                act()
        new_shift(crew)  # the name is free again


def test_a_roster_goes_on_by_itself_where_that_is_switched_on(crew: House) -> None:
    day, night, tom = new_shift(crew), new_shift(crew, "夜班", NIGHT), crew.actor("tom")
    with pytest.raises(errors.RotaMissing):
        actions.switch_rota(day.id, goes_on=True, actor=tom)
    fill(crew, day, "r1", "r2", "r3")
    fill(crew, night, "rita")
    assert actions.extend_rosters(actor=HOUSE) == 0
    actions.switch_rota(day.id, goes_on=True, actor=tom)
    actions.set_duty(day.id, day=MONDAY + timedelta(days=8), people=ids_of(crew, "rita"), actor=tom)
    assert actions.extend_rosters(actor=HOUSE) == 4 * 7 + 1 - 7 - 1
    turns = [
        Duty.objects.get(shift=day, day=MONDAY + timedelta(days=ahead)).account.login
        for ahead in (6, 7, 8, 9)
    ]
    assert turns == ["r1", "r2", "rita", "r1"]
    assert Line.objects.filter(kind="duty_changed", data__how="extend").count() == 1
    assert actions.extend_rosters(actor=HOUSE) == 0


def test_every_night_the_weeks_ahead_are_filled(crew: House) -> None:
    fill(crew, new_shift(crew), "r1", "r2", goes_on=True)
    jobs.extend_rosters(0)
    assert Duty.objects.count() == 4 * 7 + 1
    assert Line.objects.get(data__how="extend").actor == "system:roster"


def test_who_has_left_is_left_out_when_a_roster_goes_on(crew: House) -> None:
    day = new_shift(crew)
    fill(crew, day, "r1", "r2", goes_on=True)
    post = Post.objects.get(account=crew.accounts["r1"])
    actions.end_post(post.id, actor=crew.actor("thea"))
    actions.extend_rosters(actor=HOUSE)
    ahead = Duty.objects.filter(day__gte=MONDAY + timedelta(days=7))
    assert set(ahead.values_list("account__login", flat=True)) == {"r2"}
    with clock.standing_at(NOW + timedelta(days=365)):  # the worker stood still for a year
        assert actions.extend_rosters(actor=HOUSE) == 4 * 7 + 1


def test_a_county_is_set_up_with_its_rosters_or_not_at_all(crew: House) -> None:
    rota = NewRota(TOWN_CENTRE, "白班", *DAY, ("r1", "r2"), MONDAY)
    first, last = MONDAY - timedelta(days=3), MONDAY + timedelta(days=3)

    def add(*rotas: NewRota) -> int:
        return actions.add_rosters(rotas, first=first, last=last, county=COUNTY, actor=HOUSE)

    for wrong in (
        NewRota("dept-fire", "夜班", *NIGHT, ("r1",), MONDAY),
        NewRota(TOWN_CENTRE, "夜班", *NIGHT, ("nobody",), MONDAY),
    ):
        with pytest.raises((NotFound, errors.ValueWrong)):
            add(rota, wrong)
    assert not Shift.objects.exists()
    assert add(rota) == 7
    assert present(crew, NOW) == ["r1"]
    assert present(crew, in_hours(-24)) == ["r2"]
    assert Line.objects.get(kind="rosters_added").data["duties"] == 7
