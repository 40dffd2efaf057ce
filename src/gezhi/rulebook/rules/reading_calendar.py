"""Reading calendar.toml: zone, hours by season and unit, announced years, local exceptions."""

import re
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gezhi.rulebook.rules.calendars import Calendar, Hours, OfficialDays
from gezhi.rulebook.rules.tables import File, Table

_DAY = re.compile(r"(\d\d)-(\d\d)")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_ANY_LEAP_YEAR = 2024
_DAYS = tuple(
    (day.month, day.day)
    for day in (date(_ANY_LEAP_YEAR, 1, 1) + timedelta(days=ahead) for ahead in range(366))
)


def read_calendar(file: File, official: OfficialDays) -> Calendar:
    """The calendar; what the file says of a year goes before what `official` says of it."""
    root = file.root()
    guess = root.choice("unknown_years", ("refuse", "weekdays"), "refuse") == "weekdays"
    zone = _read_zone(root)
    root.finish()
    hours = tuple(_read_hours(table) for table in file.tables("hours"))
    _check_whole_year(file, hours)
    _check_units(file, hours)
    exceptions, notes = _read_exceptions(file)
    return Calendar(
        zone=zone,
        hours=hours,
        official=_read_years(file, official),
        exceptions=exceptions,
        notes=notes,
        guess_weekdays=guess,
    )


def _read_zone(root: Table) -> ZoneInfo:
    name = root.text("time_zone", "Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        root.problem("zone_unknown", "time_zone", value=name)
        return ZoneInfo("Asia/Shanghai")


def _read_hours(table: Table) -> Hours:
    hours = Hours(
        name=table.text("name"),
        first=_read_day(table, "first"),
        last=_read_day(table, "last"),
        spans=_read_spans(table),
        units=table.texts("units"),
    )
    table.finish()
    return hours


def _read_day(table: Table, key: str) -> tuple[int, int]:
    value = table.text(key)
    match = _DAY.fullmatch(value)
    try:
        if match:
            day = date(_ANY_LEAP_YEAR, int(match[1]), int(match[2]))
            return day.month, day.day
    except ValueError:
        pass
    if table.has(key):
        table.problem("bad_day", key, value=value)
    return 1, 1


def _read_spans(table: Table) -> tuple[tuple[time, time], ...]:
    found: list[tuple[time, time]] = []
    for value in table.texts("spans", None):
        span = _read_span(value)
        if span is None or (found and span[0] < found[-1][1]):
            table.problem("bad_hours", "spans", value=value)
        else:
            found.append(span)
    if not found and table.data.get("spans") == []:
        table.problem("missing", "spans", name="spans")
    return tuple(found)


def _read_span(value: str) -> tuple[time, time] | None:
    match = _HOURS.fullmatch(value)
    if not match:
        return None
    try:
        opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        return None
    return (opens, closes) if opens < closes else None


def _check_whole_year(file: File, hours: tuple[Hours, ...]) -> None:
    """Hours for everybody must cover each day of the year once."""
    common = [one for one in hours if not one.units]
    line = file.lines.find("hours")
    for day in _DAYS:
        covered = sum(one.covers(day) for one in common)
        if covered != 1:
            code = "hours_overlap" if covered else "hours_gap"
            file.problem(code, line, day=f"{day[0]:02}-{day[1]:02}")
            return


def _check_units(file: File, hours: tuple[Hours, ...]) -> None:
    """A unit's own hours may leave days to everybody's, but say each day once."""
    for at, one in enumerate(hours):
        for earlier in hours[:at]:
            shared = next((unit for unit in one.units if unit in earlier.units), None)
            day = next((day for day in _DAYS if one.covers(day) and earlier.covers(day)), None)
            if shared and day:
                values = {"value": shared, "day": f"{day[0]:02}-{day[1]:02}"}
                file.problem("unit_hours_overlap", file.lines.find("hours", at), **values)
                break


def _read_years(file: File, official: OfficialDays) -> OfficialDays:
    years, off, working = set(official.years), set(official.off), set(official.working)
    for table in file.tables("year"):
        year = table.number("year", least=2000, most=2100)
        years.add(year)
        off = {day for day in off if day.year != year} | _read_dates(table, "off")
        working = {day for day in working if day.year != year} | _read_dates(table, "working")
        table.text("source")
        table.finish()
    return OfficialDays(frozenset(years), frozenset(off), frozenset(working))


def _read_dates(table: Table, key: str) -> set[date]:
    values = table.dates(key)
    for value in values:
        if value.year != table.data.get("year"):
            table.problem("bad_day", key, value=value)
    return set(values)


def _read_exceptions(file: File) -> tuple[dict[date, bool], dict[date, str]]:
    """Whether people work on each day, and why."""
    found: dict[date, bool] = {}
    notes: dict[date, str] = {}
    seen: dict[date, int] = {}
    for table in file.tables("exception"):
        for day in table.dates("day"):
            if day in found:
                table.problem("twice", "day", value=day, first=seen[day])
            found[day] = table.flag("working")
            notes[day] = table.text("note")
            seen[day] = table.line("day")
        if not table.has("working"):
            table.problem("missing", name="working")
        table.text("note")
        table.finish()
    return found, notes
