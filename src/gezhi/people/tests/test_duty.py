"""Rosters, leave and heads of units: acts and what reads make of them."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from pytest_django import DjangoAssertNumQueries

from gezhi.base import clock
from gezhi.base.refusal import NotFound, Refusal
from gezhi.people import actions, errors, jobs, reads
from gezhi.people.actions import NewPerson, NewPost, NewRota
from gezhi.people.models import Duty, Leave, Post, Rota, Shift
from gezhi.people.rules import Role
from gezhi.people.tests import county
from gezhi.people.tests.county import COUNTY, HOUSE, PASSWORD, House
from gezhi.record.models import Line

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # Monday, 09:00 in the city
TOWN_CENTRE = "centre-990101101"
DAY, NIGHT = (time(8), time(20)), (time(20), time(8))


@pytest.fixture
def crew(house: House) -> House:
    """The town's centre with four receptionists; the clock stands on a Monday morning."""
    return _with_crew(house)


def _with_crew(house: House) -> House:
    new = [
        NewPerson(f"r{at}", f"受理{at}", (NewPost(TOWN_CENTRE, "receptionist"),))
        for at in (1, 2, 3)
    ]
    made = actions.add_accounts_with_posts(
        new,
        county=COUNTY,
        password_hash=PASSWORD,
        must_change_password=False,
        valid_from=date(2020, 1, 1),
        actor=HOUSE,
    )
    return House(house.units, {**house.accounts, **made})


@pytest.fixture(autouse=True)
def _standing_clock() -> Any:
    with clock.standing_at(NOW):
        yield


def _unit(house: House) -> UUID:
    return house.units[TOWN_CENTRE].id


def _ids(house: House, *logins: str) -> list[UUID]:
    return [house.accounts[login].id for login in logins]


def _shift(house: House, name: str = "白班", hours: tuple[time, time] = DAY) -> Shift:
    return actions.add_shift(
        unit=_unit(house), name=name, starts=hours[0], ends=hours[1], actor=house.actor("tom")
    )


def _present(house: House, at: datetime, role: Role = Role.RECEPTIONIST) -> list[str]:
    names = {account.id: login for login, account in house.accounts.items()}
    return [names[id] for id in reads.on_duty(_unit(house), roles={role}, at=at)]


def _fill(house: House, shift: Shift, *logins: str, **more: Any) -> int:
    values: dict[str, Any] = {"first": MONDAY, "days": 7, **more}
    return actions.fill_duties(
        shift.id, people=_ids(house, *logins), actor=house.actor("tom"), **values
    )


def _leave(house: House, login: str, first: datetime, last: datetime, **more: Any) -> Leave:
    by = more.pop("by", login)
    values = {"kind": "leave", **more}
    return actions.take_leave(
        account=house.accounts[login].id,
        starts=first,
        ends=last,
        actor=house.actor(by),
        **values,
    )


def _hours(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


# --- who is at work ------------------------------------------------------------------------------


def test_without_a_roster_everybody_of_the_role_is_at_work_who_is_not_on_leave(
    crew: House,
) -> None:
    assert _present(crew, NOW) == ["r1", "r2", "r3", "rita"]
    assert _present(crew, NOW, Role.SUPERVISOR) == []
    _leave(crew, "r2", _hours(-1), _hours(8), substitute=crew.accounts["tom"].id)
    # Tom stands in though he is no receptionist.
    assert _present(crew, NOW) == ["r1", "tom", "r3", "rita"]
    assert _present(crew, _hours(8)) == ["r1", "r2", "r3", "rita"]


def test_a_roster_round_the_clock_names_who_is_at_work_at_night(crew: House) -> None:
    _fill(crew, _shift(crew), "r1", "r2")
    _fill(crew, _shift(crew, "夜班", NIGHT), "r3", "rita")
    assert _present(crew, NOW) == ["r1"]
    assert _present(crew, _hours(12)) == ["r3"]
    assert _present(crew, _hours(22)) == ["r3"]
    assert _present(crew, _hours(23)) == ["r2"]
    # Tom administers; the receptionists' roster says nothing of him.
    assert _present(crew, _hours(12), Role.ADMINISTRATOR) == ["tom"]


def test_a_gap_in_the_roster_is_nobody_and_a_day_beyond_it_everybody(crew: House) -> None:
    _fill(crew, _shift(crew), "r1", days=1)
    assert _present(crew, _hours(11)) == []
    assert _present(crew, _hours(15)) == ["r1", "r2", "r3", "rita"]


def test_who_has_left_or_is_closed_is_not_at_work(crew: House) -> None:
    _fill(crew, _shift(crew), "r1", "r2", at_once=2)
    post = Post.objects.get(account=crew.accounts["r1"])
    actions.end_post(post.id, actor=crew.actor("tom"))
    assert _present(crew, NOW) == ["r2"]
    actions.change_account(crew.accounts["r3"].id, is_active=False, actor=crew.actor("tom"))
    _leave(crew, "r2", NOW, _hours(4), substitute=crew.accounts["rita"].id)
    assert _present(crew, NOW) == ["rita"]
    actions.change_account(crew.accounts["rita"].id, is_active=False, actor=crew.actor("tom"))
    assert _present(crew, NOW) == []


def test_heads_are_found_by_their_mark_and_replaced_when_away(crew: House) -> None:
    unit, r1, rita = _unit(crew), *_ids(crew, "r1", "rita")
    assert reads.head_of(unit) is None
    assert reads.on_duty(unit, roles=None, heads=True, at=NOW) == []
    actions.name_head(Post.objects.get(account=r1).id, actor=crew.actor("tom"))
    assert reads.head_of(unit) == r1
    assert reads.head_names([unit]) == {unit: ["受理1"]}
    assert reads.on_duty(unit, roles=None, heads=True, at=NOW) == [r1]
    _leave(crew, "r1", NOW, _hours(4), substitute=rita)
    assert reads.on_duty(unit, roles=None, heads=True, at=NOW) == [rita]
    fact = Line.objects.get(kind="head_named").data
    assert (fact["account"], fact["is_head"]) == (str(r1), True)
    actions.name_head(Post.objects.get(account=r1).id, is_head=False, actor=crew.actor("tom"))
    assert reads.head_of(unit) is None
    with pytest.raises(NotFound):
        actions.name_head(Post.objects.get(account=r1).id, actor=crew.actor("rita"))


def test_many_units_cost_as_much_as_one(
    crew: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _fill(crew, _shift(crew), "r1", "r2")
    _leave(crew, "r1", NOW, _hours(4), substitute=crew.accounts["r3"].id)
    units = [unit.id for unit in crew.units.values()]
    with django_assert_num_queries(2):
        found = reads.on_duty_of(units, roles=None, at=NOW)
    with django_assert_num_queries(2):
        assert reads.on_duty(_unit(crew), roles=None, at=NOW) == found[_unit(crew)]
    assert set(found) == set(units)
    names = {account.id: login for login, account in crew.accounts.items()}
    assert {code: [names[id] for id in found[unit.id]] for code, unit in crew.units.items()} == {
        "centre-990101": ["ada"],
        TOWN_CENTRE: ["r3"],
        "centre-990101102": ["vera"],
        "centre-990101101201": [],
        "grid-990101101201001": ["gina"],
        "dept-water": ["hans"],
        "station-990101101-police": [],
    }


def test_who_is_on_duty_is_shown_to_the_staff_and_to_those_above_alone(crew: House) -> None:
    _fill(crew, _shift(crew), "r1")
    _leave(crew, "r1", NOW, _hours(4), substitute=crew.accounts["r3"].id)
    for login in ("rita", "tom", "ada"):
        shown = reads.who_is_on_duty(crew.actor(login), _unit(crew), NOW)
        assert [(one.name, one.shift, one.instead_of) for one in shown] == [
            ("受理3", "白班", "受理1")
        ]
    for login in ("hans", "gina", "vera"):
        with pytest.raises(NotFound):
            reads.who_is_on_duty(crew.actor(login), _unit(crew), NOW)


# --- the roster ----------------------------------------------------------------------------------


def test_a_cell_is_set_and_emptied_and_the_book_holds_ids(crew: House) -> None:
    shift, tom = _shift(crew), crew.actor("tom")
    r1, r2 = _ids(crew, "r1", "r2")
    actions.set_duty(shift.id, day=MONDAY, people=[r1, r2, r1], actor=tom)
    assert {duty.account_id for duty in Duty.objects.all()} == {r1, r2}
    fact = Line.objects.get(kind="duty_changed").data
    assert fact["unit"] == str(_unit(crew))
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
    shift = _shift(crew)
    with pytest.raises(refusal):
        actions.set_duty(
            shift.id,
            day=change.get("day", MONDAY),
            people=_ids(crew, *change.get("people", ["r1"])),
            actor=crew.actor(change.get("actor", "tom")),
        )
    assert not Duty.objects.exists()


def test_a_running_night_may_still_be_changed_the_one_before_not(crew: House) -> None:
    night = _shift(crew, "夜班", NIGHT)
    with clock.standing_at(_hours(22)):  # Tuesday, 07:00
        actions.set_duty(night.id, day=MONDAY, people=_ids(crew, "r1"), actor=crew.actor("tom"))
        assert _present(crew, _hours(22)) == ["r1"]
    with clock.standing_at(_hours(23)), pytest.raises(errors.DutyOver):
        actions.set_duty(night.id, day=MONDAY, people=[], actor=crew.actor("tom"))


def test_people_take_turns_in_place_of_what_was_there(crew: House) -> None:
    shift = _shift(crew)
    _fill(crew, shift, "rita", days=14)
    assert _fill(crew, shift, "r1", "r2", "r3", days=7, turn_days=2, weekdays="12345") == 5
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
    shift = _shift(crew)
    _fill(crew, shift, "r1")
    with pytest.raises(refusal):
        _fill(crew, shift, "r1", "r2", **change)
    assert Duty.objects.count() == 7
    with pytest.raises(errors.ValueWrong):
        _fill(crew, shift)


def test_a_week_is_copied_to_the_next_and_keeps_what_stands_there(crew: House) -> None:
    day, night, tom = _shift(crew), _shift(crew, "夜班", NIGHT), crew.actor("tom")
    _fill(crew, day, "r1", "r2")
    _fill(crew, night, "r3", days=1)
    next_monday = MONDAY + timedelta(days=7)
    actions.set_duty(day.id, day=next_monday, people=_ids(crew, "rita"), actor=tom)
    unit = _unit(crew)
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
    shift, tom = _shift(crew), crew.actor("tom")
    _fill(crew, shift, "r1", "r2", days=3)
    one, other, third = Duty.objects.order_by("day")
    actions.swap_duties(one.id, other.id, actor=tom)
    assert list(Duty.objects.order_by("day").values_list("account__login", flat=True)) == [
        "r2", "r1", "r1"
    ]  # fmt: skip
    for pair in ((other.id, third.id), (one.id, one.id)):  # one person; one cell
        with pytest.raises(errors.DutySame):
            actions.swap_duties(*pair, actor=tom)
    with clock.standing_at(_hours(12)), pytest.raises(errors.DutyOver):
        actions.swap_duties(one.id, third.id, actor=tom)
    with pytest.raises(NotFound):
        actions.swap_duties(one.id, third.id, actor=crew.actor("rita"))
    with pytest.raises(NotFound):
        actions.swap_duties(one.id, uuid4(), actor=tom)


def test_a_shift_is_set_up_once_and_closed_with_what_is_ahead(crew: House) -> None:
    shift, tom = _shift(crew), crew.actor("tom")
    with pytest.raises(errors.ShiftTaken):
        _shift(crew)
    with pytest.raises(errors.ValueWrong):
        _shift(crew, name=" ")
    with pytest.raises(NotFound):
        actions.add_shift(
            unit=crew.units["dept-water"].id, name="x", starts=time(8), ends=time(9), actor=tom
        )
    _fill(crew, shift, "r1", goes_on=True)
    with clock.standing_at(_hours(24)):
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
        _shift(crew)  # the name is free again


def test_a_roster_goes_on_by_itself_where_that_is_switched_on(crew: House) -> None:
    day, night, tom = _shift(crew), _shift(crew, "夜班", NIGHT), crew.actor("tom")
    with pytest.raises(errors.RotaMissing):
        actions.switch_rota(day.id, goes_on=True, actor=tom)
    _fill(crew, day, "r1", "r2", "r3")
    _fill(crew, night, "rita")
    assert actions.extend_rosters(actor=HOUSE) == 0
    actions.switch_rota(day.id, goes_on=True, actor=tom)
    actions.set_duty(day.id, day=MONDAY + timedelta(days=8), people=_ids(crew, "rita"), actor=tom)
    assert actions.extend_rosters(actor=HOUSE) == 4 * 7 + 1 - 7 - 1
    turns = [
        Duty.objects.get(shift=day, day=MONDAY + timedelta(days=ahead)).account.login
        for ahead in (6, 7, 8, 9)
    ]
    assert turns == ["r1", "r2", "rita", "r1"]
    assert Line.objects.filter(kind="duty_changed", data__how="extend").count() == 1
    assert actions.extend_rosters(actor=HOUSE) == 0


def test_every_night_the_weeks_ahead_are_filled(crew: House) -> None:
    _fill(crew, _shift(crew), "r1", "r2", goes_on=True)
    jobs.extend_rosters(0)
    assert Duty.objects.count() == 4 * 7 + 1
    assert Line.objects.get(data__how="extend").actor == "system:roster"


def test_who_has_left_is_left_out_when_a_roster_goes_on(crew: House) -> None:
    day = _shift(crew)
    _fill(crew, day, "r1", "r2", goes_on=True)
    post = Post.objects.get(account=crew.accounts["r1"])
    actions.end_post(post.id, actor=crew.actor("tom"))
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
    assert _present(crew, NOW) == ["r1"]
    assert _present(crew, _hours(-24)) == ["r2"]
    assert Line.objects.get(kind="rosters_added").data["duties"] == 7


# --- leave ---------------------------------------------------------------------------------------


def test_leave_is_taken_by_the_person_or_an_administrator_in_codes(crew: House) -> None:
    own = _leave(crew, "r1", _hours(1), _hours(9), substitute=crew.accounts["r2"].id)
    fact = Line.objects.get(kind="leave_taken").data
    assert fact["account"] == str(crew.accounts["r1"].id)
    assert (fact["reason"], fact["leave"]) == ("leave", str(own.id))
    _leave(crew, "r3", _hours(1), _hours(9), by="tom", kind="training")
    for by, refusal in (("rita", NotFound), ("hans", NotFound)):
        with pytest.raises(refusal):
            _leave(crew, "r3", _hours(20), _hours(21), by=by)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"first": 2, "last": 2}, errors.LeaveMomentsWrong),
        ({"first": -5, "last": -1}, errors.LeaveMomentsWrong),
        ({"first": 1, "last": 24 * 800}, errors.LeaveMomentsWrong),
        ({"kind": "illness"}, errors.ValueWrong),
        ({"substitute": "r1"}, errors.SubstituteWrong),
        ({"substitute": "hans"}, errors.SubstituteWrong),
        ({"substitute": "r3"}, errors.SubstituteAway),
        ({"first": 49, "last": 51}, errors.LeaveOverlaps),
    ],
)
def test_leave_is_refused(crew: House, change: dict[str, Any], refusal: type[Refusal]) -> None:
    _leave(crew, "r3", _hours(5), _hours(10))
    _leave(crew, "r1", _hours(50), _hours(60))
    more: dict[str, Any] = {name: change[name] for name in ("kind",) if name in change}
    if "substitute" in change:
        more["substitute"] = crew.accounts[change["substitute"]].id
    with pytest.raises(refusal):
        _leave(crew, "r1", _hours(change.get("first", 1)), _hours(change.get("last", 9)), **more)
    assert Leave.objects.count() == 2


def test_leaves_may_touch_and_a_substitute_may_be_away_at_another_time(crew: House) -> None:
    _leave(crew, "r1", _hours(1), _hours(5))
    _leave(crew, "r1", _hours(5), _hours(9))
    _leave(crew, "r2", _hours(9), _hours(12), substitute=crew.accounts["r1"].id)
    assert Leave.objects.count() == 3


def test_leave_ends_early_and_one_not_begun_is_taken_back(crew: House) -> None:
    first = _leave(crew, "r1", _hours(-1), _hours(9))
    later = _leave(crew, "r1", _hours(10), _hours(20))
    with pytest.raises(NotFound):
        actions.end_leave(first.id, actor=crew.actor("r2"))
    assert "r1" not in _present(crew, NOW)
    actions.end_leave(first.id, actor=crew.actor("r1"))
    assert "r1" in _present(crew, NOW)
    actions.end_leave(later.id, actor=crew.actor("tom"))
    assert "r1" in _present(crew, _hours(15))
    for leave in (first, later):
        with pytest.raises(errors.LeaveEndedAlready):
            actions.end_leave(leave.id, actor=crew.actor("r1"))
    _leave(crew, "r1", _hours(12), _hours(13))  # what was taken back overlaps with nothing
    assert Line.objects.filter(kind="leave_ended").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_leaves_of_one_person_at_once_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are made to stand between looking for other leave and writing their own.

    Without the lock on the account they meet there and both are written. With it the second
    waits before it looks, so the first waits alone, goes on, and the second finds the first.
    """
    crew = _with_crew(county.build())
    between, real, seen = threading.Barrier(2), reads.leaves_between, list[str]()

    def stand_between(accounts: Sequence[UUID], starts: datetime, ends: datetime) -> Any:
        found = list(real(accounts, starts, ends))
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return real([each.account_id for each in found], starts, ends)

    monkeypatch.setattr(reads, "leaves_between", stand_between)

    def take() -> None:
        try:
            with clock.standing_at(NOW):
                _leave(crew, "r1", _hours(1), _hours(9))
            seen.append("taken")
        except errors.LeaveOverlaps:
            seen.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ["refused", "taken"]
    assert Leave.objects.count() == 1
