"""Days marked off or working, as iCalendar says them: reading .ics files and writing them.

Read are all-day events of one or several days, also those that come back every year. What can't be
understood is told with its line; nothing is guessed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar as Ics
from icalendar import Event

from gezhi.rulebook.errors import BrokenRulebook, Problem
from gezhi.rulebook.rules.calendars import Calendar

MOST_BYTES = 1024 * 1024
_MOST_EVENTS = 5000
_MOST_DAYS = 60
_MOST_WORDS = 200
_YEARS = range(2000, 2101)
_OFF = {"OFF", "HOLIDAY", "放假", "休假", "休", "假日"}
_WORKING = {"WORKING", "WORKDAY", "上班", "补班", "班", "工作日"}
_OFF_WORDS = re.compile(r"休|假|\boff\b|holiday", re.IGNORECASE)
_WORKING_WORDS = re.compile(r"补班|上班|[（(]班[）)]|working|workday", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# What a yearly rule may say beside its frequency; BY… only what the first day says anyway.
_YEARLY = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "WKST"}


@dataclass(frozen=True)
class MarkedDay:
    """One day off or working. `official`: by the State Council; None where the file is silent."""

    day: date
    working: bool
    words: str
    official: bool | None
    line: int


class _Wrong(Exception):
    """Why an event can't be taken: a fault's code and its values."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values


def read_days(name: str, content: bytes, *, zone: ZoneInfo, years: range) -> tuple[MarkedDay, ...]:
    """The days of a file, or `BrokenRulebook` with all that is wrong in it.

    What comes back every year is taken for `years`.
    """
    events = _events(name, content)
    problems: list[Problem] = []
    # A local exception on an official day is no contradiction: it is what exceptions are for.
    found: dict[tuple[date, bool | None], MarkedDay] = {}
    for line, event in events:
        try:
            for one in _days(event, line, zone, years):
                first = found.setdefault((one.day, one.official), one)
                if first.working != one.working:
                    raise _Wrong("ics_twice", day=one.day.isoformat(), first=first.line)
        except _Wrong as wrong:
            problems.append(Problem(name, line, wrong.code, wrong.values))
    if not events:
        problems.append(Problem(name, 0, "ics_empty"))
    if problems:
        raise BrokenRulebook(problems)
    return tuple(sorted(found.values(), key=lambda one: one.day))


def _events(name: str, content: bytes) -> list[tuple[int, Event]]:
    """The events with the lines where they begin."""
    if len(content) > MOST_BYTES:
        raise BrokenRulebook([Problem(name, 0, "ics_large", {"most": MOST_BYTES // 1024**2})])
    try:
        text = content.decode("utf-8-sig")
        calendars = Ics.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        # The library says no in many ways; whatever it was, this is no calendar.
        raise BrokenRulebook([Problem(name, 0, "not_ics")]) from error
    if any(one.name != "VCALENDAR" for one in calendars):
        raise BrokenRulebook([Problem(name, 1, "not_ics")])
    events: list[Any] = [event for one in calendars for event in one.walk("VEVENT")]
    if len(events) > _MOST_EVENTS:
        raise BrokenRulebook([Problem(name, 0, "ics_many", {"most": _MOST_EVENTS})])
    rows = enumerate(re.split(r"\r\n|\r|\n", text), start=1)
    lines = [number for number, row in rows if row.strip().upper() == "BEGIN:VEVENT"]
    lines += [0] * (len(events) - len(lines))
    return list(zip(lines, events, strict=False))


def _days(event: Event, line: int, zone: ZoneInfo, years: range) -> Iterator[MarkedDay]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    if event.errors:
        raise _Wrong("ics_broken", name=str(event.errors[0][0]))
    first, length = _extent(event, zone)
    working, official = _meaning(event)
    words = _CONTROL.sub(" ", str(event.get("SUMMARY", ""))).strip()[:_MOST_WORDS]
    for begins in _beginnings(event, first, years):
        for ahead in range(length):
            day = begins + timedelta(days=ahead)
            if day.year not in _YEARS:
                raise _Wrong("bad_day", value=day.isoformat())
            yield MarkedDay(day, working, words, official, line)


def _one(event: Event, name: str) -> Any:
    value = event.get(name)
    if isinstance(value, list):
        raise _Wrong("ics_broken", name=name)
    return value


def _extent(event: Event, zone: ZoneInfo) -> tuple[date, int]:
    """The first day and how many there are. The end is the day after the last."""
    begins, ends, lasts = (_one(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    if begins is None:
        raise _Wrong("missing", name="DTSTART")
    first = _whole_day("DTSTART", begins.dt, zone)
    if ends is not None:
        length = (_whole_day("DTEND", ends.dt, zone) - first).days
    elif lasts is not None:
        if lasts.dt % timedelta(days=1):
            raise _Wrong("ics_timed")
        length = lasts.dt.days
    elif isinstance(begins.dt, datetime):
        raise _Wrong("ics_timed")
    else:
        length = 1
    if not 0 <= length <= _MOST_DAYS:
        raise _Wrong("ics_long", most=_MOST_DAYS)
    return first, max(length, 1)


def _whole_day(name: str, value: object, zone: ZoneInfo) -> date:
    """A date, or a midnight in the city: events with times of day mark no days."""
    if not isinstance(value, date):  # a time of day or a period, where the file says so
        raise _Wrong("ics_broken", name=name)
    if not isinstance(value, datetime):
        return value
    try:
        local = value.astimezone(zone) if value.tzinfo else value
    except OverflowError:
        raise _Wrong("bad_day", value=value.date().isoformat()) from None
    if local.time() != time(0):
        raise _Wrong("ics_timed")
    return local.date()


def _meaning(event: Event) -> tuple[bool, bool | None]:
    """Working or off, official or not: by the categories, else working or off by the words."""
    listed = event.get("CATEGORIES") or []
    groups = listed if isinstance(listed, list) else [listed]
    marks = {str(mark).strip().upper() for group in groups for mark in getattr(group, "cats", ())}
    words = str(event.get("SUMMARY", ""))
    if bool(marks & _OFF) != bool(marks & _WORKING):
        working = bool(marks & _WORKING)
    elif _WORKING_WORDS.search(words):  # before the others: 「国庆节调休上班」
        working = True
    elif _OFF_WORDS.search(words):
        working = False
    else:
        raise _Wrong("ics_unclear", value=words[:40])
    official = True if "OFFICIAL" in marks else False if "LOCAL" in marks else None
    return working, official


def _beginnings(event: Event, first: date, years: range) -> Iterator[date]:
    """Each first day: one, or one a year."""
    rule = _one(event, "RRULE")
    if any(event.get(name) is not None for name in ("RDATE", "RECURRENCE-ID", "EXRULE")):
        raise _Wrong("ics_rule")
    if rule is None:
        yield first
        return
    _check_yearly(rule, first)
    left_out = _left_out(event)
    until = _until(rule)
    left = int(_said(rule, "COUNT", _YEARS.stop))
    for year in range(first.year, years.stop, int(_said(rule, "INTERVAL", 1))):
        try:
            day = first.replace(year=year)
        except ValueError:  # 29 February comes in leap years only
            continue
        left -= 1
        if left < 0 or (until and day > until):
            return
        if year in years and day not in left_out:
            yield day


def _said(rule: Mapping[str, Sequence[Any]], name: str, default: Any) -> Any:
    """What a part of a rule says, which says one thing only."""
    listed = rule.get(name, [default])
    listed = listed if isinstance(listed, list) else [listed]
    if len(listed) != 1:
        raise _Wrong("ics_rule")
    return listed[0]


def _check_yearly(rule: Mapping[str, Sequence[Any]], first: date) -> None:
    fits = (
        {str(name).upper() for name in rule} <= _YEARLY
        and str(_said(rule, "FREQ", "")).upper() == "YEARLY"
        and int(_said(rule, "BYMONTH", first.month)) == first.month
        and int(_said(rule, "BYMONTHDAY", first.day)) == first.day
        and int(_said(rule, "INTERVAL", 1)) > 0
    )
    if not fits:
        raise _Wrong("ics_rule")


def _until(rule: Mapping[str, Sequence[Any]]) -> date | None:
    until = _said(rule, "UNTIL", None)
    return until.date() if isinstance(until, datetime) else until


def _left_out(event: Event) -> set[date]:
    """The days that a rule leaves out."""
    listed = event.get("EXDATE") or []
    groups = listed if isinstance(listed, list) else [listed]
    days = [one.dt for group in groups for one in group.dts]
    return {one.date() if isinstance(one, datetime) else one for one in days}


def write_days(calendar: Calendar, *, county: str, years: range, stamp: datetime) -> bytes:
    """The days off, make-up days and local exceptions of these years as one iCalendar file.

    `stamp` is when they were put in force. The same days give the same bytes.
    """
    ics = Ics()
    ics.add("prodid", "-//Gezhi//Rulebook//ZH")
    ics.add("version", "2.0")
    ics.add("x-wr-calname", f"工作日历 {county}")
    ics.add("x-wr-timezone", calendar.zone.key)
    for one in _marked(calendar, years):
        event = Event()
        kind = f"{'working' if one.working else 'off'}-{'official' if one.official else 'local'}"
        event.add("uid", f"{one.day:%Y%m%d}-{kind}@{county}.rulebook.gezhi")
        event.add("dtstamp", stamp)
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("summary", one.words)
        event.add("categories", kind.upper().split("-"))
        event.add("transp", "OPAQUE" if one.working else "TRANSPARENT")
        ics.add_component(event)
    written: bytes = ics.to_ical()
    return written


def _marked(calendar: Calendar, years: range) -> list[MarkedDay]:
    official = calendar.official
    marked = [MarkedDay(day, False, "放假", True, 0) for day in official.off]
    marked += [MarkedDay(day, True, "调休上班", True, 0) for day in official.working]
    marked += [
        MarkedDay(day, working, calendar.notes.get(day, ""), False, 0)
        for day, working in calendar.exceptions.items()
    ]
    inside = (one for one in marked if one.day.year in years)
    return sorted(inside, key=lambda one: (one.day, not one.official))
