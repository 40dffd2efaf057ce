"""Writing marked days into the text of a calendar.toml, whatever else stands there untouched."""

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gezhi.rulebook.errors import BrokenRulebook, Problem
from gezhi.rulebook.rules.calendars import Calendar
from gezhi.rulebook.rules.lines import header_of, top_lines
from gezhi.rulebook.rules.marked_days import MarkedDay

FILE = "calendar.toml"


@dataclass(frozen=True)
class NewDays:
    """What is to be written: local exceptions, and whole announced years."""

    exceptions: Mapping[date, MarkedDay]
    years: Mapping[int, tuple[MarkedDay, ...]]


def sort_days(
    name: str, days: Collection[MarkedDay], *, official: bool, calendar: Calendar
) -> NewDays:
    """What is new in `days` against a calendar; `official` is what those are that don't say.

    A year is announced as a whole: one without its New Year and its national day isn't one.
    """
    local: dict[date, MarkedDay] = {}
    years: dict[int, list[MarkedDay]] = {}
    for one in days:
        if one.official or (one.official is None and official):
            years.setdefault(one.day.year, []).append(one)
        elif calendar.exceptions.get(one.day) is not one.working:
            local[one.day] = one
    changed = {year: tuple(found) for year, found in years.items() if _is_new(found, calendar)}
    partial = [
        Problem(name, found[0].line, "ics_year_partial", {"value": year})
        for year, found in changed.items()
        if not {date(year, 1, 1), date(year, 10, 1)} <= {one.day for one in found}
    ]
    if partial:
        raise BrokenRulebook(partial)
    return NewDays(local, changed)


def _is_new(found: list[MarkedDay], calendar: Calendar) -> bool:
    """Whether a year's days say anything the calendar doesn't, or leave something of it out."""
    official, year = calendar.official, found[0].day.year
    if year not in official.years:
        return True
    agree = all(one.day in (official.working if one.working else official.off) for one in found)
    known = sum(day.year == year for day in official.off | official.working)
    is_part = not {date(year, 1, 1), date(year, 10, 1)} <= {one.day for one in found}
    return not agree or (len(found) < known and not is_part)


def write_into(text: str, new: NewDays, *, source: str) -> str:
    """The text with the new days; rows that they change are written anew at the end."""
    if not new.exceptions and not new.years:
        return text
    data = tomllib.loads(text)
    touched = {
        index
        for index, row in enumerate(data.get("exception", ()))
        if any(day in new.exceptions for day in _listed(row.get("day")))
    }
    kept = [
        MarkedDay(day, row.get("working") is True, str(row.get("note", "")), False, 0)
        for index, row in enumerate(data.get("exception", ()))
        if index in touched
        for day in _listed(row.get("day"))
        if day not in new.exceptions
    ]
    dropped = {("exception", index) for index in touched} | {
        ("year", index)
        for index, row in enumerate(data.get("year", ()))
        if row.get("year") in new.years
    }
    rows = [_year_row(year, days, source) for year, days in sorted(new.years.items())]
    rows += _exception_rows([*kept, *new.exceptions.values()], source)
    return "\n".join([_without(text, data, dropped).rstrip("\n"), "", "\n".join(rows)])


def _listed(days: Any) -> list[Any]:
    return days if isinstance(days, list) else [days]


def _without(text: str, data: Mapping[str, Any], dropped: set[tuple[str, int]]) -> str:
    """The text without some rows; comments around them stay."""
    if not dropped:
        return text
    begins = dict(top_lines(text))
    seen: dict[str, int] = {}
    kept: list[str] = []
    dropping, cutting = False, False
    for number, line in enumerate(text.splitlines(), start=1):
        if number in begins:
            if name := header_of(line):
                seen[name] = seen.get(name, -1) + 1
                dropping = (name, seen[name]) in dropped
            bare = line.strip()
            cutting = dropping and bool(bare) and not bare.startswith("#")
        if not cutting:
            kept.append(line)
    for name in {name for name, _ in dropped}:
        if seen.get(name, -1) + 1 != len(data[name]):  # written as one list, not as [[rows]]
            raise BrokenRulebook([Problem(FILE, 0, "rows_inline", {"name": name})])
    return "\n".join(kept)


def _year_row(year: int, days: Collection[MarkedDay], source: str) -> str:
    off = [one.day for one in days if not one.working]
    working = [one.day for one in days if one.working]
    return (
        f"[[year]]\nyear = {year}\noff = {_dates(off)}\nworking = {_dates(working)}\n"
        f"source = {_quoted(source)}\n"
    )


def _exception_rows(days: Collection[MarkedDay], source: str) -> Iterator[str]:
    """One row for all days that say the same."""
    alike: dict[tuple[bool, str], list[date]] = {}
    for one in days:
        alike.setdefault((one.working, one.words or source), []).append(one.day)
    for (working, note), listed in sorted(alike.items(), key=lambda item: min(item[1])):
        flag = "true" if working else "false"
        yield (f"[[exception]]\nday = {_dates(listed)}\nworking = {flag}\nnote = {_quoted(note)}\n")


def _dates(days: Collection[date]) -> str:
    """A list of dates, a month on a line."""
    months: dict[str, list[str]] = {}
    for day in sorted(days):
        months.setdefault(f"{day:%Y-%m}", []).append(day.isoformat())
    if len(months) <= 1:
        return f"[{', '.join(day for month in months.values() for day in month)}]"
    return "[\n" + "".join(f"  {', '.join(month)},\n" for month in months.values()) + "]"


def _quoted(words: str) -> str:
    """A TOML string: JSON's is one, but for a character that neither prints."""
    return json.dumps(words.replace("\x7f", ""), ensure_ascii=False)
