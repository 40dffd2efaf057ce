"""Due times against a reference that counts minutes, over five years of real calendars.

The reference (`Minutes`) shares nothing with the code under test: it asks the `chinese_calendar`
package day by day, knows the city's clock as UTC+8, and lays out every minute of 2021 to 2026 as
worked or not. Counting is looking into that table; `stepped` counts one minute after the other and
holds the looking-up to account. Calendars are described once, by a `Plan`, from which both the
reference and the calendar.toml that the code under test reads are made.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import chinese_calendar
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gezhi.rulebook import reads
from gezhi.rulebook.adapters import official_days
from gezhi.rulebook.rules import (
    Calendar,
    When,
    add_working_days,
    read_span,
    subtract_working_time,
    working_minutes_between,
)
from gezhi.rulebook.rules.due import DueRow, due_by_row
from gezhi.rulebook.rules.reading_calendar import read_calendar
from gezhi.rulebook.rules.tables import File
from gezhi.rulebook.tests.books import default_book

FIRST, LAST = date(2021, 1, 1), date(2026, 12, 31)
MIDNIGHT = datetime(2020, 12, 31, 16, 0, tzinfo=UTC)  # 2021-01-01 00:00 on the wall
STARTS_BEFORE = (date(2026, 1, 1) - FIRST).days * 1440  # five years; what is due may be in a sixth
DAY = 1440
EACH = 4_200  # examples for each of the five kinds of span: more than twenty thousand

Spans = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Season:
    """Hours from one day of the year to another, for some units or for everybody."""

    first: str
    last: str
    spans: Spans
    units: tuple[str, ...] = ()

    def covers(self, day: str) -> bool:
        over_new_year = self.first > self.last
        inside = (day >= self.first, day <= self.last)
        return any(inside) if over_new_year else all(inside)


@dataclass(frozen=True)
class Plan:
    """A county's calendar. A unit's own seasons go before everybody's."""

    seasons: tuple[Season, ...]
    off: tuple[str, ...] = ()
    working: tuple[str, ...] = ()

    def toml(self) -> str:
        """What an administrator would write."""
        parts = ['time_zone = "Asia/Shanghai"']
        for at, one in enumerate(self.seasons):
            spans = ", ".join(f'"{opens}-{closes}"' for opens, closes in one.spans)
            units = ", ".join(f'"{unit}"' for unit in one.units)
            parts.append(
                f'[[hours]]\nname = "{at}"\nfirst = "{one.first}"\nlast = "{one.last}"\n'
                f"spans = [{spans}]\nunits = [{units}]"
            )
        for days, working in ((self.off, "false"), (self.working, "true")):
            if days:
                listed = ", ".join(days)
                parts.append(f'[[exception]]\nday = [{listed}]\nworking = {working}\nnote = "x"')
        return "\n".join(parts)

    def spans_on(self, day: str, unit: str) -> Spans:
        """The hours of a unit on MM-DD. Units are matched by beginning: `win-*`."""
        own = [
            one
            for one in self.seasons
            if one.covers(day) and any(unit.startswith(name.rstrip("*")) for name in one.units)
        ]
        common = [one for one in self.seasons if one.covers(day) and not one.units]
        return (own or common)[0].spans


NOON = (("08:30", "12:00"), ("14:30", "18:00"))
WINTER = (("08:30", "12:00"), ("14:00", "17:30"))
PLANS = {
    # The product's own hours, written down here a second time.
    "default": Plan(
        (
            Season("05-01", "09-30", NOON),
            Season("10-01", "04-30", WINTER),
            Season("01-01", "12-31", (("09:00", "17:00"),), ("dept-service",)),
        )
    ),
    "county": Plan(
        (
            Season("06-16", "09-14", (("08:00", "11:30"), ("15:00", "18:30"))),
            Season("09-15", "06-15", (("09:00", "12:00"), ("13:30", "18:00"))),
            # A window that is open at noon, with a summer of its own and winter as everybody.
            Season("05-01", "10-31", (("07:45", "11:15"), ("11:15", "19:59")), ("win-*",)),
            # One that works into the night, over New Year too.
            Season("11-01", "02-29", (("00:00", "00:01"), ("20:00", "23:59")), ("night",)),
            Season("03-01", "10-31", (("00:00", "23:59"),), ("night",)),
        ),
        off=(
            "2021-08-02", "2021-08-03", "2021-08-04", "2021-08-05", "2021-08-06",  # a flood
            "2022-12-30", "2023-01-28",  # a make-up Saturday that the county does not make up
            "2024-02-29", "2025-10-09", "2025-12-31",
        ),
        working=("2021-08-07", "2021-08-08", "2023-01-22", "2024-02-10", "2025-10-01"),
    ),
}  # fmt: skip
UNITS = {"default": ("", "dept-service", "dept-water"), "county": ("", "win-3", "night")}
WHO = [(plan, unit) for plan, units in UNITS.items() for unit in units]


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


class Minutes:
    """Each minute of six years for one unit, worked or not; moments are seconds from its start."""

    def __init__(self, plan: Plan, unit: str) -> None:
        days = [FIRST + timedelta(days=at) for at in range((LAST - FIRST).days + 1)]
        self.worked: NDArray[np.bool_] = np.zeros((len(days), DAY), dtype=np.bool_)
        for at, day in enumerate(days):
            if self._is_working(plan, day):
                for opens, closes in plan.spans_on(f"{day:%m-%d}", unit):
                    self.worked[at, _minute(opens) : _minute(closes)] = True
        self.days: NDArray[np.bool_] = np.any(self.worked, axis=1)
        self.flat = self.worked.ravel()
        self.before = np.concatenate(([0], np.cumsum(self.flat)))  # worked minutes before this one

    @staticmethod
    def _is_working(plan: Plan, day: date) -> bool:
        if day.isoformat() in plan.off + plan.working:
            return day.isoformat() in plan.working
        return bool(chinese_calendar.is_workday(day))

    def worked_seconds(self, moment: int) -> int:
        """Worked seconds from the very beginning to `moment`."""
        minute, second = divmod(moment, 60)
        return int(self.before[minute]) * 60 + (second if self.flat[minute] else 0)

    def after(self, start: int, minutes: int) -> int:
        """The first moment by which so many minutes were worked since `start`."""
        wanted = self.worked_seconds(start) + minutes * 60
        minute = int(np.searchsorted(self.before, -(-wanted // 60), side="left"))
        missing = int(self.before[minute]) * 60 - wanted  # of the minute before, where it is cut
        return minute * 60 - missing

    def latest_before(self, end: int, minutes: int) -> int:
        """The latest moment from which so many minutes were worked until `end`."""
        wanted = self.worked_seconds(end) - minutes * 60
        minute = int(np.searchsorted(self.before, wanted // 60, side="right")) - 1
        return minute * 60 + (wanted - int(self.before[minute]) * 60)

    def end_of_day(self, start: int, days: int) -> int:
        """The end of the working day that is `days` of them after the day of `start`."""
        today = start // 60 // DAY
        following = np.flatnonzero(self.days[today + 1 :])
        day = today if days == 0 and self.days[today] else today + 1 + following[max(days, 1) - 1]
        return (int(day) * DAY + int(np.flatnonzero(self.worked[day])[-1]) + 1) * 60


def stepped(table: Minutes, start: int, minutes: int) -> int:
    """The same as `Minutes.after`, one minute after the other; `start` is a whole minute."""
    minute = start // 60
    while minutes:
        minutes -= bool(table.flat[minute])
        minute += 1
    return minute * 60


@cache
def reference(plan: str, unit: str) -> Minutes:
    return Minutes(PLANS[plan], unit)


@cache
def under_test(plan: str, unit: str) -> Calendar:
    if plan == "default":
        return default_book().calendar.for_unit(unit)
    problems: list[object] = []
    calendar = read_calendar(
        File("calendar.toml", PLANS[plan].toml(), problems),  # type: ignore[arg-type]  # only kept
        official_days(),
    )
    assert not problems
    return calendar.for_unit(unit)


def moment(seconds: int) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def at(text: str) -> int:
    """Seconds since the beginning of the tables at a time on the wall."""
    wall = datetime.fromisoformat(text) - datetime(2021, 1, 1)  # noqa: DTZ001  # both on the wall
    return int(wall.total_seconds())


def due(span: str, start: int, plan: str, unit: str) -> datetime:
    """What the rulebook promises."""
    read = read_span(span)
    assert read
    found = due_by_row(
        DueRow("x", "finish", read, When(), 1), moment(start), under_test(plan, unit)
    )
    assert found.guessed == ()
    assert found.at.tzinfo is UTC
    return found.at


# Where calendars are cut: each is tried to the minute, a second and a minute to either side.
EDGES = [
    f"{day}T{clock}"
    for day in (
        "2021-02-10", "2021-02-18", "2021-02-20", "2021-08-01", "2021-08-07", "2022-01-29",
        "2022-10-08", "2022-10-09", "2023-01-21", "2023-01-28", "2023-04-23", "2023-10-07",
        "2024-02-04", "2024-02-09", "2024-02-18", "2024-02-28", "2024-02-29", "2024-03-01",
        "2024-09-29", "2024-09-30", "2024-10-12", "2025-01-26", "2025-01-28", "2025-02-08",
        "2025-04-30", "2025-05-01", "2025-06-15", "2025-06-16", "2025-09-14", "2025-09-30",
        "2025-10-09", "2025-10-31", "2025-12-31",
    )
    for clock in ("00:00", "08:30", "09:00", "12:00", "14:30", "17:30", "18:00", "23:59")
]  # fmt: skip
STARTS = st.one_of(
    st.integers(0, STARTS_BEFORE - 1).map(lambda minute: minute * 60),
    st.integers(0, STARTS_BEFORE * 60 - 1),
    st.sampled_from(
        [at(edge) + off for edge in EDGES for off in (-60, -1, 0, 1, 30, 60)]
    ),
)  # fmt: skip
SATURDAY, SUNDAY = at("2025-02-08T17:29"), at("2025-01-26T17:30")  # both are worked
SPRING, MONTH_END = at("2024-02-09T17:30"), at("2025-01-31T23:59")
LEAP, LATE = at("2024-02-29T23:59"), at("2025-12-31T23:59")
SEASONS = at("2025-09-30T17:59")  # summer into winter, and into a week of holidays
COUNTY_SEASONS = at("2025-09-14T17:00")
FLOOD = at("2021-07-30T17:59")
COMMON, OWN = ("default", ""), ("county", "win-3")


def check(span: str, start: int, who: tuple[str, str], expected: int) -> None:
    assert due(span, start, *who) == moment(expected)


@settings(max_examples=EACH, deadline=None)
@given(start=STARTS, amount=st.integers(1, 200_000), who=st.sampled_from(WHO))
@example(LATE, 1, COMMON).via("the last minute of a year")
@example(LEAP, 1, COMMON).via("the last minute of the leap day")
@example(MONTH_END, 1440, COMMON).via("a month end")
def test_minutes(start: int, amount: int, who: tuple[str, str]) -> None:
    check(f"{amount} minutes", start, who, start + amount * 60)


@settings(max_examples=EACH, deadline=None)
@given(
    start=STARTS,
    amount=st.integers(1, 4_000),
    who=st.sampled_from(WHO),
    unit=st.sampled_from([("hour", 60), ("day", DAY)]),
)
@example(at("2024-02-28T12:00"), 1, COMMON, ("day", DAY)).via("a day into the leap day")
@example(LATE, 24, COMMON, ("hour", 60)).via("over New Year")
def test_hours_and_days(
    start: int, amount: int, who: tuple[str, str], unit: tuple[str, int]
) -> None:
    name, minutes = unit
    amount = max(amount * 60 // minutes, 1)
    check(f"{amount} {name}s", start, who, start + amount * minutes * 60)


@settings(max_examples=EACH, deadline=None)
@given(start=STARTS, amount=st.integers(1, 9_000), who=st.sampled_from(WHO))
@example(SATURDAY, 1, COMMON).via("the last minute of a make-up Saturday")
@example(SATURDAY, 2, COMMON).via("one minute over a make-up Saturday")
@example(SUNDAY, 1, COMMON).via("the end of a make-up Sunday, before the spring festival")
@example(SPRING, 1, COMMON).via("over the spring festival")
@example(LEAP, 1, OWN).via("a leap day that is a local exception")
@example(at("2024-02-29T17:29"), 1, COMMON).via("the last worked minute of the leap day")
@example(MONTH_END, 1, COMMON).via("23:59 at a month end in the spring festival")
@example(SEASONS, 1, COMMON).via("the last minute of summer hours")
@example(SEASONS, 2, COMMON).via("summer hours into winter hours")
@example(COUNTY_SEASONS, 600, ("county", "")).via("another county's seasons")
@example(at("2025-10-31T19:58"), 2, OWN).via("a window's summer into everybody's winter")
@example(at("2025-12-30T23:58"), 2, ("county", "night")).via("23:59, then a day off, then New Year")
@example(FLOOD, 60, ("county", "")).via("a week of local days off, then a working Saturday")
def test_working_minutes(start: int, amount: int, who: tuple[str, str]) -> None:
    check(f"{amount} working minutes", start, who, reference(*who).after(start, amount))


@settings(max_examples=EACH, deadline=None)
@given(start=STARTS, amount=st.integers(1, 600), who=st.sampled_from(WHO))
@example(at("2025-01-27T10:00"), 7, COMMON).via("the last working day before the spring festival")
@example(at("2022-10-08T16:30"), 8, COMMON).via("a make-up Saturday into a make-up Sunday")
@example(at("2024-02-28T17:30"), 7, COMMON).via("all of the leap day")
@example(at("2025-04-30T17:29:59"), 4, COMMON).via("a second before winter hours end")
def test_working_hours(start: int, amount: int, who: tuple[str, str]) -> None:
    check(f"{amount} working hours", start, who, reference(*who).after(start, amount * 60))


@settings(max_examples=EACH, deadline=None)
@given(start=STARTS, amount=st.integers(1, 200), who=st.sampled_from(WHO))
@example(at("2025-02-07T10:00"), 1, COMMON).via("Friday before a make-up Saturday")
@example(at("2025-01-25T10:00"), 1, COMMON).via("Saturday before a make-up Sunday")
@example(SPRING, 1, COMMON).via("over the spring festival")
@example(at("2024-02-28T23:59"), 1, COMMON).via("to the leap day")
@example(at("2024-02-28T23:59"), 1, OWN).via("over a leap day off")
@example(at("2025-09-30T00:00"), 1, COMMON).via("summer hours into winter hours")
@example(LATE, 1, COMMON).via("the last minute of a year")
@example(at("2023-01-20T12:00"), 1, ("county", "")).via("a local working day in the festival")
@example(FLOOD, 1, ("county", "win-3")).via("a week of local days off")
def test_working_days(start: int, amount: int, who: tuple[str, str]) -> None:
    table = reference(*who)
    check(f"{amount} working days", start, who, table.end_of_day(start, amount))
    today = add_working_days(moment(start), 0, under_test(*who))
    assert today == moment(table.end_of_day(start, 0))


@settings(max_examples=2_000, deadline=None)
@given(
    end=STARTS.filter(lambda seconds: seconds > at("2022-06-01T00:00")),
    minutes=st.integers(0, 6_000),
    who=st.sampled_from(WHO),
)
@example(at("2025-02-05T08:30"), 1, COMMON).via("back over the spring festival")
@example(at("2025-02-08T08:31"), 2, COMMON).via("back out of a make-up Saturday")
@example(at("2025-10-09T08:30:30"), 1, COMMON).via("back into summer hours")
def test_working_time_backwards_and_between(end: int, minutes: int, who: tuple[str, str]) -> None:
    table, calendar = reference(*who), under_test(*who)
    start = table.latest_before(end, minutes) if minutes else end
    assert subtract_working_time(moment(end), minutes, calendar) == moment(start)
    earlier = end - minutes * 97
    between = (table.worked_seconds(end) - table.worked_seconds(earlier)) // 60
    assert working_minutes_between(moment(earlier), moment(end), calendar) == between


@settings(max_examples=300, deadline=None)
@given(
    start=STARTS.map(lambda seconds: seconds // 60 * 60),
    minutes=st.integers(1, 700),
    who=st.sampled_from(WHO),
)
def test_the_reference_is_what_counting_one_minute_after_the_other_gives(
    start: int, minutes: int, who: tuple[str, str]
) -> None:
    table = reference(*who)
    assert table.after(start, minutes) == stepped(table, start, minutes)
    end = table.after(start, minutes)
    back = table.latest_before(end, minutes)
    assert table.worked_seconds(end) - table.worked_seconds(back) == minutes * 60
    assert not minutes or table.flat[back // 60], "the next minute counts: it is the latest moment"


@pytest.mark.parametrize(
    ("day", "minutes"),
    [
        ("2025-01-26", 420), ("2025-01-28", 0), ("2025-02-08", 420), ("2025-02-09", 0),
        ("2024-02-29", 420), ("2025-09-30", 420), ("2025-10-01", 0), ("2025-10-09", 420),
    ],
)  # fmt: skip
def test_the_reference_works_on_the_days_people_did(day: str, minutes: int) -> None:
    table = reference(*COMMON)
    from_midnight = at(f"{day}T00:00")
    worked = table.worked_seconds(from_midnight + DAY * 60) - table.worked_seconds(from_midnight)
    assert worked == minutes * 60


def test_the_default_hours_are_the_ones_written_down_here() -> None:
    text = reads.default_files()["calendar.toml"]
    for season in PLANS["default"].seasons:
        spans = ", ".join(f'"{opens}-{closes}"' for opens, closes in season.spans)
        assert f'first = "{season.first}"\nlast = "{season.last}"\nspans = [{spans}]' in text
