"""Working time: hours by season and unit, official days off and make-up days, local exceptions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from gezhi.rulebook.errors import CalendarYearUnknown

# A working day is looked for this far ahead; farther means that the calendar has none at all.
_FARTHEST_DAYS = 4000


@dataclass(frozen=True)
class OfficialDays:
    """What the State Council announced: days off on weekdays, and working Saturdays and Sundays.

    `years` are the ones whose announcement is known. Pure data, handed in.
    """

    years: frozenset[int]
    off: frozenset[date]
    working: frozenset[date]


@dataclass(frozen=True)
class Hours:
    """Working hours from one day of the year to another (both within; may run over New Year)."""

    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    spans: tuple[tuple[time, time], ...]
    units: tuple[str, ...] = ()

    def covers(self, day: tuple[int, int]) -> bool:
        """Whether this (month, day) is inside."""
        if self.first <= self.last:
            return self.first <= day <= self.last
        return day >= self.first or day <= self.last

    def is_for(self, unit_code: str | None) -> bool:
        """Whether these hours are written for this unit by name."""
        return bool(unit_code) and any(fnmatchcase(unit_code or "", one) for one in self.units)


@dataclass(frozen=True)
class Calendar:
    """Everything that working time needs. `guess_weekdays` lets unknown years be Monday–Friday."""

    zone: ZoneInfo
    hours: tuple[Hours, ...]
    official: OfficialDays
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    guess_weekdays: bool = False
    unit_code: str | None = None
    notes: Mapping[date, str] = field(default_factory=dict)  # why a day is an exception

    def for_unit(self, unit_code: str | None) -> "Calendar":
        """The same days with this unit's own hours, where it has some."""
        mine = tuple(one for one in self.hours if one.is_for(unit_code))
        if not mine:
            return self
        common = tuple(one for one in self.hours if not one.units)
        return replace(self, hours=mine + common, unit_code=unit_code)

    def is_guessed(self, day: date) -> bool:
        """Whether nothing official is known about this day."""
        return day not in self.exceptions and day.year not in self.official.years

    def is_working(self, day: date) -> bool:
        """Whether people work on this day. Refuses a year it does not know, unless it may guess."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day.year not in self.official.years and not self.guess_weekdays:
            raise CalendarYearUnknown(year=day.year)
        if day in self.official.working:
            return True
        return day.weekday() < 5 and day not in self.official.off

    def spans(self, day: date) -> tuple[tuple[time, time], ...]:
        """The working hours of a day of this season, whether or not anybody works on it."""
        for one in self.hours:
            if (not one.units or one.is_for(self.unit_code)) and one.covers((day.month, day.day)):
                return one.spans
        raise ValueError(f"no working hours on {day}")  # reading the book refuses such gaps

    def local_date(self, moment: datetime) -> date:
        """The date on the wall at this moment."""
        return moment.astimezone(self.zone).date()

    def at(self, day: date, clock_time: time) -> datetime:
        """This time on this day, as a moment in UTC."""
        return datetime.combine(day, clock_time, self.zone).astimezone(UTC)

    def working_spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of working time from the day of `start` on, in UTC, in order."""
        day = self.local_date(start)
        for ahead in range(_FARTHEST_DAYS):
            on = day + timedelta(days=ahead)
            if self.is_working(on):
                for opens, closes in self.spans(on):
                    yield self.at(on, opens), self.at(on, closes)
        raise CalendarYearUnknown(year=(day + timedelta(days=_FARTHEST_DAYS)).year)

    def working_spans_before(self, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of working time from the day of `end` backwards, the latest first, in UTC."""
        day = self.local_date(end)
        for back in range(_FARTHEST_DAYS):
            on = day - timedelta(days=back)
            if self.is_working(on):
                for opens, closes in reversed(self.spans(on)):
                    yield self.at(on, opens), self.at(on, closes)
        raise CalendarYearUnknown(year=(day - timedelta(days=_FARTHEST_DAYS)).year)


def add_natural(start: datetime, minutes: int) -> datetime:
    """`minutes` later by the clock on the wall, nights and holidays included."""
    return start.astimezone(UTC) + timedelta(minutes=minutes)


def add_working_time(start: datetime, minutes: int, calendar: Calendar) -> datetime:
    """The first moment by which `minutes` of working time have passed since `start`."""
    start = start.astimezone(UTC)
    left = timedelta(minutes=minutes)
    if not left:
        return start
    for opens, closes in calendar.working_spans(start):
        begins = max(opens, start)
        if closes <= begins:
            continue
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    raise AssertionError("working_spans never ends quietly")


def subtract_working_time(end: datetime, minutes: int, calendar: Calendar) -> datetime:
    """The latest moment from which `minutes` of working time pass until `end`."""
    end = end.astimezone(UTC)
    left = timedelta(minutes=minutes)
    if not left:
        return end
    for opens, closes in calendar.working_spans_before(end):
        ends = min(closes, end)
        if ends <= opens:
            continue
        if ends - opens >= left:
            return ends - left
        left -= ends - opens
    raise AssertionError("working_spans_before never ends quietly")


def add_working_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The end of the working day that is `days` working days after the day of `start`.

    The day of `start` does not count. Zero days is the end of that very day,
    or of the next working day where nobody works on it.
    """
    day = calendar.local_date(start)
    if days == 0 and calendar.is_working(day):
        return calendar.at(day, calendar.spans(day)[-1][1])
    left = max(days, 1)
    for _ in range(_FARTHEST_DAYS):
        day += timedelta(days=1)
        left -= calendar.is_working(day)
        if not left:
            return calendar.at(day, calendar.spans(day)[-1][1])
    raise CalendarYearUnknown(year=day.year)


def working_minutes_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """Whole minutes of working time between two moments (0 when `end` is not later)."""
    total = timedelta()
    if end <= start:
        return 0
    for opens, closes in calendar.working_spans(start):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta())
    return int(total.total_seconds() // 60)


def guessed_years(start: datetime, end: datetime, calendar: Calendar) -> tuple[int, ...]:
    """Years between two moments for which Monday–Friday was only a guess."""
    first, last = calendar.local_date(start), calendar.local_date(end)
    return tuple(
        year for year in range(first.year, last.year + 1) if year not in calendar.official.years
    )
