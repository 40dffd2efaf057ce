"""Working time against days people can check; `test_due_times` counts all the others."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gezhi.rulebook import reads
from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import (
    Calendar,
    add_natural,
    add_working_days,
    add_working_time,
)
from gezhi.rulebook.tests.books import default_book, problems_of

CITY = ZoneInfo("Asia/Shanghai")


def city(text: str) -> datetime:
    """A moment as the clock on the wall in the city says it."""
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-14", True),  # a make-up Saturday before the spring festival
        ("2026-02-28", True),
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-09-20", True),  # a make-up Sunday
        ("2026-10-10", True),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-11-21", False),  # an ordinary Saturday
        ("2024-02-29", True),
        ("2025-01-26", True),
    ],
)
def test_days_of_the_state_council_are_known(day: str, works: bool) -> None:
    assert default_book().calendar.is_working(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-19T10:00", 1, "2026-11-20T17:30"),
        ("2026-11-20T10:00", 1, "2026-11-23T17:30"),  # Friday: Monday
        ("2026-11-20T23:59", 1, "2026-11-23T17:30"),
        ("2026-11-21T00:00", 1, "2026-11-23T17:30"),  # Saturday
        ("2026-02-13T16:00", 1, "2026-02-14T17:30"),  # Friday before a make-up Saturday
        ("2026-02-14T16:00", 1, "2026-02-24T17:30"),  # over the whole spring festival
        ("2026-02-14T16:00", 7, "2026-03-03T17:30"),  # and over the make-up Saturday after it
        ("2026-09-19T10:00", 1, "2026-09-20T18:00"),  # Saturday, then a make-up Sunday
        ("2026-09-30T10:00", 1, "2026-10-08T17:30"),  # summer hours into winter hours
        ("2026-09-30T10:00", 3, "2026-10-10T17:30"),
        ("2024-02-28T10:00", 1, "2024-02-29T17:30"),  # leap day
        ("2025-12-31T10:00", 1, "2026-01-04T17:30"),  # New Year into a make-up Sunday
        ("2026-11-20T10:00", 0, "2026-11-20T17:30"),
        ("2026-11-21T10:00", 0, "2026-11-23T17:30"),
    ],
)
def test_working_days_end_with_the_working_day(start: str, days: int, due: str) -> None:
    assert add_working_days(city(start), days, default_book().calendar) == city(due)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-20T09:00", 60, "2026-11-20T10:00"),
        ("2026-11-20T11:30", 60, "2026-11-20T14:30"),  # over noon
        ("2026-11-20T11:30", 30, "2026-11-20T12:00"),  # the last minute still counts
        ("2026-11-20T12:30", 1, "2026-11-20T14:01"),
        ("2026-11-20T17:00", 60, "2026-11-23T09:00"),  # over the week-end
        ("2026-11-20T23:59", 240, "2026-11-23T14:30"),
        ("2026-02-14T17:00", 60, "2026-02-24T09:00"),  # over the spring festival
        ("2026-09-30T17:30", 60, "2026-10-08T09:00"),  # summer into winter
        ("2026-11-20T09:00:30", 1, "2026-11-20T09:01:30"),
        ("2026-11-21T09:00", 0, "2026-11-21T09:00"),
    ],
)
def test_working_minutes_run_only_within_hours(start: str, minutes: int, due: str) -> None:
    assert add_working_time(city(start), minutes, default_book().calendar) == city(due)


def test_natural_time_does_not_stop_at_night() -> None:
    assert add_natural(city("2026-11-21T23:55"), 10) == city("2026-11-22T00:05")
    assert add_natural(city("2026-11-21T23:55"), 10).tzinfo is UTC


def test_a_year_nobody_announced_is_refused() -> None:
    calendar = default_book().calendar
    unknown = max(calendar.official.years) + 1
    with pytest.raises(CalendarYearUnknown) as refused:
        add_working_days(city(f"{unknown - 1}-12-31T10:00"), 3, calendar)
    assert refused.value.values == {"year": unknown}
    with pytest.raises(CalendarYearUnknown):
        add_working_time(city(f"{unknown}-03-01T10:00"), 5, calendar)
    assert add_natural(city(f"{unknown}-03-01T10:00"), 5)


def test_an_unknown_year_may_be_guessed_where_the_file_says_so() -> None:
    known = default_book().calendar
    unknown = max(known.official.years) + 1
    guessing = Calendar(known.zone, known.hours, known.official, {}, guess_weekdays=True)
    due = add_working_days(city(f"{unknown}-03-01T10:00"), 1, guessing)
    assert due.astimezone(CITY).weekday() < 5
    assert guessing.is_guessed(date(unknown, 3, 1))


def test_a_local_exception_goes_before_everything() -> None:
    known = default_book().calendar
    local = {date(2026, 11, 23): False, date(2026, 11, 21): True, date(2126, 1, 1): True}
    calendar = Calendar(known.zone, known.hours, known.official, local)
    assert calendar.is_working(date(2026, 11, 21))
    assert add_working_days(city("2026-11-21T10:00"), 1, calendar) == city("2026-11-24T17:30")
    assert calendar.is_working(date(2126, 1, 1)), "a day written by hand needs no known year"


def test_a_unit_with_its_own_hours_is_counted_by_them() -> None:
    calendar = default_book().calendar
    start = city("2026-11-20T11:30")
    assert add_working_time(start, 60, calendar.for_unit("dept-service")) == city(
        "2026-11-20T12:30"
    )
    assert add_working_time(start, 60, calendar.for_unit("dept-water")) == city("2026-11-20T14:30")
    assert calendar.for_unit(None) is calendar


def test_a_units_summer_and_winter_go_before_everybodys_and_leave_them_the_rest() -> None:
    own = (
        '\n[[hours]]\nname = "热线"\nfirst = "06-01"\nlast = "08-31"\nspans = ["07:00-13:00"]\n'
        'units = ["hotline-*"]\n[[hours]]\nname = "热线冬"\nfirst = "12-01"\nlast = "02-28"\n'
        'spans = ["10:00-16:00"]\nunits = ["hotline-*"]\n'
    )
    files = reads.default_files()
    files["calendar.toml"] += own
    calendar = reads.read_files(files).calendar.for_unit("hotline-3")
    for start, due in [
        ("2026-07-01T12:30", "2026-07-02T07:30"),  # its summer
        ("2026-12-31T15:30", "2027-01-01T10:30"),  # its winter, over New Year
        ("2026-11-20T17:00", "2026-11-23T09:00"),  # everybody's
    ]:
        guessing = replace(calendar, guess_weekdays=True)
        assert add_working_time(city(start), 60, guessing) == city(due)


def test_a_unit_with_two_hours_on_one_day_is_refused() -> None:
    twice = (
        '\n[[hours]]\nname = "夏"\nfirst = "06-01"\nlast = "08-31"\nspans = ["07:00-13:00"]\n'
        'units = ["dept-service", "win-*"]\n'
    )
    files = reads.default_files()
    files["calendar.toml"] += twice
    (problem,) = problems_of(files)
    assert (problem.code, problem.values) == (
        "unit_hours_overlap", {"value": "dept-service", "day": "06-01"},
    )  # fmt: skip
    assert problem.line == files["calendar.toml"].count("\n") - 5
