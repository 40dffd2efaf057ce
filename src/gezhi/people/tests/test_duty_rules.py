"""Who is at work at a moment, and whose turn it is: from values alone."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.people import rules
from gezhi.people.rules import Absence, Stint, Turns

CITY = ZoneInfo("Asia/Shanghai")
AN, BAI, CHEN, DING, OUT = (UUID(int=at) for at in range(1, 6))
STAFF = (AN, BAI, CHEN, DING)
TUESDAY = date(2026, 11, 17)
EARLY, NIGHT, WHOLE = (time(8), time(16)), (time(22), time(6)), (time(8), time(8))


def _at(hour: int, minute: int = 0, *, day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), CITY).astimezone(UTC)


def _on(
    account: UUID, hours: tuple[time, time], *, day: date = TUESDAY, shift: UUID | None = None
) -> Stint:
    return Stint(account, day, *hours, shift)


def _away(
    account: UUID, first: datetime, last: datetime, *, substitute: UUID | None = None
) -> Absence:
    return Absence(account, first, last, substitute)


def _present(
    stints: list[Stint],
    absences: list[Absence],
    at: datetime,
    asked: tuple[UUID, ...] = STAFF,
) -> list[UUID]:
    return rules.people_on_duty(
        asked, staff=STAFF, stints=stints, absences=absences, at=at, zone=CITY
    )


YESTERDAY, TOMORROW = TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=1)
TWO = [_on(AN, EARLY), _on(BAI, NIGHT)]


@pytest.mark.parametrize(
    ("stints", "at", "present"),
    [
        pytest.param([], _at(3), list(STAFF), id="no roster: everybody, at any hour"),
        pytest.param(TWO, _at(7, 59), [], id="before the shift begins: a gap"),
        pytest.param(TWO, _at(8), [AN], id="with its first minute"),
        pytest.param(TWO, _at(15, 59), [AN], id="up to its last minute"),
        pytest.param(TWO, _at(16), [], id="over at its end: a gap on a day of the roster"),
        pytest.param(TWO, _at(22), [BAI], id="the night begins"),
        pytest.param(TWO, _at(5, 59, day=TOMORROW), [BAI], id="over midnight"),
        pytest.param(TWO, _at(6, day=TOMORROW), list(STAFF), id="a day without roster after it"),
        pytest.param(TWO, _at(3), [], id="the night of yesterday was nobody's"),
        pytest.param([_on(BAI, NIGHT, day=YESTERDAY)], _at(3), [BAI], id="last night's people"),
        pytest.param([_on(CHEN, WHOLE)], _at(7, day=TOMORROW), [CHEN], id="all day and night"),
        pytest.param([_on(CHEN, WHOLE)], _at(8, day=TOMORROW), list(STAFF), id="a day is a day"),
        pytest.param(
            [_on(BAI, EARLY), _on(AN, EARLY), _on(AN, NIGHT)], _at(9), [AN, BAI],
            id="in the order asked for, each once",
        ),
        pytest.param([_on(OUT, EARLY)], _at(9), list(STAFF), id="others' roster isn't theirs"),
    ],
)  # fmt: skip
def test_who_is_at_work(stints: list[Stint], at: datetime, present: list[UUID]) -> None:
    assert _present(stints, [], at) == present


def test_the_hours_are_those_of_the_city() -> None:
    """16:30 in London is half past midnight of the next day here."""
    here = datetime(2026, 11, 16, 16, 30, tzinfo=UTC)
    assert _present([_on(AN, (time(0), time(8)))], [], here) == [AN]
    assert _present([_on(AN, (time(0), time(8)), day=YESTERDAY)], [], here) == list(STAFF)


NOON, ONE = _at(12), _at(13)


@pytest.mark.parametrize(
    ("absences", "at", "present"),
    [
        pytest.param([_away(AN, NOON, ONE)], _at(11, 59), [AN], id="not away yet"),
        pytest.param([_away(AN, NOON, ONE)], NOON, [], id="away, nobody stands in"),
        pytest.param([_away(AN, NOON, ONE)], ONE, [AN], id="back at the very moment"),
        pytest.param([_away(AN, NOON, NOON)], NOON, [AN], id="a leave taken back is none"),
        pytest.param([_away(AN, NOON, ONE, substitute=CHEN)], NOON, [CHEN], id="a substitute"),
        pytest.param([_away(AN, NOON, ONE, substitute=OUT)], NOON, [], id="not of the unit"),
        pytest.param(
            [_away(AN, NOON, ONE, substitute=CHEN), _away(CHEN, NOON, ONE, substitute=DING)],
            NOON, [], id="the chain stops at a substitute who is away",
        ),
        pytest.param(
            [_away(AN, NOON, ONE, substitute=CHEN), _away(CHEN, _at(9), NOON)],
            NOON, [CHEN], id="a substitute who is back",
        ),
        pytest.param([_away(DING, NOON, ONE, substitute=BAI)], NOON, [AN], id="not on duty at all"),
    ],
)  # fmt: skip
def test_leave_on_a_roster(absences: list[Absence], at: datetime, present: list[UUID]) -> None:
    assert _present([_on(AN, EARLY)], absences, at) == present


def test_leave_without_a_roster_takes_one_person_away_and_no_substitute_comes_twice() -> None:
    away = [_away(AN, NOON, ONE, substitute=BAI)]
    assert _present([], away, NOON) == [BAI, CHEN, DING]
    assert _present([], away, NOON, asked=(AN,)) == [BAI]


def test_a_standing_says_for_whom_and_on_which_shift() -> None:
    stint = _on(AN, EARLY, shift=UUID(int=77))
    found = rules.standings(
        STAFF,
        staff=STAFF,
        stints=[stint],
        absences=[_away(AN, NOON, ONE, substitute=CHEN)],
        at=NOON,
        zone=CITY,
    )
    assert found == [rules.Standing(CHEN, stint, instead_of=AN)]


def test_a_roster_of_some_does_not_hide_the_others() -> None:
    """Where only receptionists have a roster, the supervisor is asked for as if there were none."""
    assert _present([_on(AN, EARLY)], [], _at(20), asked=(DING,)) == [DING]


hours = st.tuples(st.integers(0, 23), st.integers(0, 23)).map(lambda two: tuple(map(time, two)))
stints_of_days = st.lists(
    st.builds(
        lambda account, ahead, both: Stint(account, TUESDAY + timedelta(days=ahead), *both),
        st.sampled_from(STAFF),
        st.integers(-1, 1),
        hours,
    ),
    max_size=8,
)
moments = st.integers(0, 24 * 60 - 1).map(lambda minute: _at(0) + timedelta(minutes=minute))
absences_of_days = st.lists(
    st.builds(
        lambda account, first, length, substitute: Absence(
            account, first, first + length, substitute if substitute != account else None
        ),
        st.sampled_from(STAFF),
        moments,
        st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)),
        st.sampled_from((*STAFF, OUT, None)),
    ),
    max_size=3,
    unique_by=lambda absence: absence.account,
)


@given(stints=stints_of_days, absences=absences_of_days, at=moments)
def test_nobody_away_and_nobody_from_elsewhere_is_ever_at_work(
    stints: list[Stint], absences: list[Absence], at: datetime
) -> None:
    present = _present(stints, absences, at)
    away = {each.account for each in absences if each.starts <= at < each.ends}
    assert not away & set(present)
    assert set(present) <= set(STAFF)
    assert len(present) == len(set(present))


@given(stints=stints_of_days, at=moments)
def test_without_leave_those_on_a_running_shift_are_at_work_and_no_others(
    stints: list[Stint], at: datetime
) -> None:
    running = {stint.account for stint in stints if stint.covers(at, CITY)}
    is_kept = bool(running) or any(stint.day == TUESDAY for stint in stints)
    assert set(_present(stints, [], at)) == (running if is_kept else set(STAFF))


@given(both=hours)
def test_a_shift_takes_up_to_a_day_and_ends_after_it_begins(both: tuple[time, time]) -> None:
    starts, ends = rules.shift_window(TUESDAY, *both, CITY)
    assert timedelta() < ends - starts <= timedelta(days=1)
    assert starts.astimezone(CITY).date() == TUESDAY


# --- turns ---------------------------------------------------------------------------------------


def test_three_people_take_turns_of_two_days() -> None:
    turns = Turns((AN, BAI, CHEN), TUESDAY, turn_days=2)
    days = [TUESDAY + timedelta(days=ahead) for ahead in range(7)]
    assert [turns.on(day) for day in days] == [
        (AN,), (AN,), (BAI,), (BAI,), (CHEN,), (CHEN,), (AN,)
    ]  # fmt: skip


def test_two_at_once_and_working_days_only() -> None:
    turns = Turns((AN, BAI, CHEN), TUESDAY, at_once=2, weekdays="12345")
    friday = date(2026, 11, 20)
    days = [friday + timedelta(days=ahead) for ahead in range(4)]
    assert [turns.on(day) for day in days] == [(AN, BAI), (), (), (CHEN, AN)]


people = st.integers(1, 6).map(lambda many: tuple(UUID(int=at) for at in range(many)))
weekdays = st.sets(st.sampled_from(rules.ALL_WEEK), min_size=1).map(lambda days: "".join(days))


@given(
    people=people,
    turn_days=st.integers(1, 9),
    at_once=st.integers(1, 4),
    weekdays=weekdays,
    ahead=st.integers(0, 400),
)
def test_turns_are_fair_wherever_one_begins_to_count(
    people: tuple[UUID, ...], turn_days: int, at_once: int, weekdays: str, ahead: int
) -> None:
    """Over one whole round everybody is on duty equally often, and each day has its people."""
    turns = Turns(people, TUESDAY, turn_days, at_once, weekdays)
    day, times, counted = TUESDAY + timedelta(days=ahead), dict.fromkeys(people, 0), 0
    while counted < turn_days * len(people):
        on = turns.on(day)
        assert len(on) == len(set(on))
        assert bool(on) == (str(day.isoweekday()) in weekdays)
        if on:
            assert len(on) == min(at_once, len(people))
            counted += 1
        for account in on:
            times[account] += 1
        day += timedelta(days=1)
    assert len(set(times.values())) == 1


def test_a_week_begins_on_monday() -> None:
    week = rules.week_of(date(2026, 11, 22))
    assert (week[0], week[-1]) == (date(2026, 11, 16), date(2026, 11, 22))
