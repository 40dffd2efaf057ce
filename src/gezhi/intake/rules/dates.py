"""Moments as people and tables write them. What has two readings is refused, never guessed."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from gezhi.base.days import CLOCKS_DIFFER
from gezhi.base.sheets import Cell
from gezhi.intake.errors import WrongRow

EARLIEST_YEAR = 1990
# Excel's day 1 is 1900-01-01, and it believes in a 29 February 1900.
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # the zone is given afterwards
_SERIALS = (20_000, 80_000)  # 1954 to 2119

_CLOCK = (
    r"(?:[\sT]*(?P<half>上午|下午|晚上|中午|凌晨|早上|早晨|傍晚)?\s*"
    r"(?P<hour>\d{1,2})\s*[:时点]\s*(?:(?P<minute>\d{1,2})\s*[:分]?\s*"
    r"(?:(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*(?P<noon>[AP]M)?\s*"
    r"(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*[日号]?{_CLOCK}",
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})\s*[-/.]\s*(?P<two>\d{{1,2}})\s*[-/.]\s*(?P<year>\d{{4}}){_CLOCK}",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,2}(?!\d).*")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2}):?(\d{2}):?(\d{2})?)?")
_WEEKDAY = re.compile(r"[(（]?\s*(?:星期|周|礼拜)[一二三四五六日天]\s*[)）]?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_WORDED = ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")
_AFTERNOON = frozenset({"下午", "晚上", "傍晚"})


def read_moment(cell: Cell, *, zone: tzinfo, now: datetime) -> datetime:
    """The moment a cell names, in UTC. Refuses the empty, odd, impossible and future ones.

    What another's clock, a little ahead, calls the future is now.
    """
    if isinstance(cell, bool | time | timedelta):
        raise WrongRow("time_unreadable")
    if isinstance(cell, str):
        cell = _plain(cell)
        if not cell:
            raise WrongRow("time_missing")
    try:
        moment = _read(cell, zone)
    except (ValueError, OverflowError) as error:
        raise WrongRow("time_impossible") from error
    if moment.year < EARLIEST_YEAR:
        raise WrongRow("time_too_early")
    if moment > now + CLOCKS_DIFFER:
        raise WrongRow("time_future")
    return min(moment, now)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("\x00", "")
    return " ".join(_WEEKDAY.sub(" ", text).split()).strip("'\"")


def _read(cell: int | float | str | date, zone: tzinfo) -> datetime:
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), zone).astimezone(UTC)
    if isinstance(cell, str):
        return _of_text(cell, zone)
    return _of_number(cell, zone)


def _of_number(value: float, zone: tzinfo) -> datetime:
    if _SERIALS[0] <= value <= _SERIALS[1]:
        exact = _SERIAL_ZERO + timedelta(seconds=round(value * 86400))
        return exact.replace(tzinfo=zone).astimezone(UTC)
    if value == int(value) and len(str(int(value))) in (8, 12, 14):
        return _of_text(str(int(value)), zone)
    if 10**9 <= value < 10**10:
        return datetime.fromtimestamp(value, UTC)
    if 10**12 <= value < 10**13:
        return datetime.fromtimestamp(value / 1000, UTC)
    raise WrongRow("time_unreadable")


def _of_text(text: str, zone: tzinfo) -> datetime:
    for pattern, build in _PATTERNS:
        if found := pattern.fullmatch(text):
            return build(found, zone).astimezone(UTC)
    if _SHORT_YEAR.fullmatch(text):
        raise WrongRow("time_ambiguous")
    if _NUMBER.fullmatch(text) and len(text) < 20:
        return _of_number(float(text), zone)
    return _worded(text, zone)


def _year_first(found: re.Match[str], zone: tzinfo) -> datetime:
    day = (int(found["year"]), int(found["month"]), int(found["day"]))
    return _at_clock(day, found, zone)


def _year_last(found: re.Match[str], zone: tzinfo) -> datetime:
    """28/2/2019 and 2/28/2019 have one reading each, 3/4/2019 has two."""
    one, two, year = int(found["one"]), int(found["two"]), int(found["year"])
    if one <= 12 and two <= 12 and one != two:
        raise WrongRow("time_ambiguous")
    day = (year, two, one) if one > 12 else (year, one, two)
    return _at_clock(day, found, zone)


def _compact(found: re.Match[str], zone: tzinfo) -> datetime:
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def _at_clock(day: tuple[int, int, int], found: re.Match[str], zone: tzinfo) -> datetime:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    hour = _in_half(hour, found["half"] or "", (found["noon"] or "").upper())
    start = datetime(*day, tzinfo=_offset(found["offset"]) or zone)
    if hour == 24 and not minute and not second:
        return start + timedelta(days=1)
    return start.replace(hour=hour, minute=minute, second=second)


def _in_half(hour: int, half: str, noon: str) -> int:
    """The hour on a clock of 24: 下午3点 and 3 PM are 15."""
    if hour < 12 and (half in _AFTERNOON or noon == "PM" or (half == "中午" and hour < 3)):
        return hour + 12
    if hour == 12 and (noon == "AM" or half == "凌晨"):
        return 0
    return hour


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.upper() == "Z":
        return UTC
    span = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-span if text[0] == "-" else span)


def _worded(text: str, zone: tzinfo) -> datetime:
    for day in _WORDED:
        for clock in ("", " %H:%M", " %H:%M:%S"):
            try:
                return datetime.strptime(text, day + clock).replace(tzinfo=zone).astimezone(UTC)
            except ValueError:
                continue
    raise WrongRow("time_unreadable")


_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], tzinfo], datetime]], ...] = (
    (_YEAR_FIRST, _year_first),
    (_YEAR_LAST, _year_last),
    (_COMPACT, _compact),
)
