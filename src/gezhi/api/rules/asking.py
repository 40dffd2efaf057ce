"""What an Open311 client asks for, read from the texts it sends. What is wrong is gathered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import isfinite
from uuid import UUID

from django.utils.translation import gettext as _

from gezhi.api.errors import ArgumentsWrong, ArgumentWrong
from gezhi.base.days import CLOCKS_DIFFER, FIRST, LAST
from gezhi.base.paging import read_cursor, write_cursor
from gezhi.base.refusal import Malformed, Refusal
from gezhi.cases.rules.moves import OPEN, State
from gezhi.cases.rules.open_data import Wanted

SPAN = timedelta(days=90)
MOST = 1000
_DEEPEST = 100_000  # rows that may be counted past: from there on it costs
_STATES = {
    "open": frozenset(OPEN),
    "closed": frozenset(state for state in State if state not in OPEN),
}
# A zone is asked for; the plus of one that was not escaped arrives as a blank.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+ -]\d\d:?\d\d)")
_ORDER = ("moment", "id")
Place = tuple[datetime, UUID]  # of a row in a list that goes by moments


@dataclass(frozen=True)
class Args:
    """The texts by name; an empty one is an absent one. Whatever is wrong with them is gathered.

    What can't be read is read as absent, and refused with all else at the end.
    """

    texts: Mapping[str, str]
    faults: list[Refusal] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.texts.get(name, "")

    def is_wrong(self, name: str, why: str) -> None:
        self.faults.append(ArgumentWrong(name=name, why=why))

    def must_be_right(self) -> None:
        """Once all is read: every fault in one answer."""
        if len(self.faults) > 1:
            raise ArgumentsWrong(self.faults)
        if self.faults:
            raise self.faults[0]


def read_wanted(args: Args, now: datetime) -> Wanted:
    """Which requests; ids go before everything else, without dates the last 90 days are meant."""
    numbers = read_list(args, "service_request_id")
    if numbers:
        return Wanted(numbers=numbers)
    changed_since, changed_until = _range(args, "updated_after", "updated_before", now)
    is_by_change = changed_since is not None
    since, until = _range(args, "start_date", "end_date", now, is_needed=not is_by_change)
    return Wanted(
        kinds=read_list(args, "service_code"),
        states=_read_states(args),
        since=since,
        until=until,
        changed_since=changed_since,
        changed_until=changed_until,
        box=_read_box(args),
    )


def read_all_wanted(args: Args) -> Wanted:
    """Which requests, of any time: without dates all of them."""
    return Wanted(
        kinds=read_list(args, "service_code"),
        states=_read_states(args),
        since=read_moment(args, "start_date"),
        until=read_moment(args, "end_date"),
        box=_read_box(args),
    )


def read_list(args: Args, name: str) -> tuple[str, ...]:
    """What stands between commas, each once."""
    parts = (each.strip() for each in args.get(name).split(","))
    found = tuple(dict.fromkeys(each for each in parts if each))
    if len(found) > MOST:
        args.is_wrong(name, _("最多 %(most)s 个。") % {"most": MOST})
    return found


def _read_states(args: Args) -> frozenset[str] | None:
    asked = read_list(args, "status")
    if not set(asked) <= set(_STATES):
        args.is_wrong("status", _("只能是 open、closed。"))
        return None
    return frozenset().union(*(_STATES[each] for each in asked)) if asked else None


def _range(
    args: Args, first: str, last: str, now: datetime, *, is_needed: bool = False
) -> tuple[datetime | None, datetime | None]:
    """From and until, at most 90 days apart; one that is given alone has the other 90 days away."""
    since, until = read_moment(args, first), read_moment(args, last)
    if since is None and until is None:
        return (now - SPAN, now) if is_needed else (None, None)
    since = since if since is not None else (until or now) - SPAN
    until = until if until is not None else since + SPAN
    if until < since:
        args.is_wrong(last, _("早于 %(first)s。") % {"first": first})
    elif until - since > SPAN:
        args.is_wrong(first, _("与 %(last)s 相隔超过 90 天。") % {"last": last})
    return since, until


def read_range(args: Args, now: datetime) -> tuple[datetime, datetime]:
    """From and until when, without either the last 90 days."""
    since, until = _range(args, "start_date", "end_date", now, is_needed=True)
    return since or now - SPAN, until or now


def read_moment(args: Args, name: str) -> datetime | None:
    """A moment with its zone; None where none is given."""
    text = args.get(name).strip()
    if not text:
        return None
    found = _MOMENT.fullmatch(text)
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+")) if found else None
    except ValueError:
        moment = None
    if moment is None or not FIRST.year < moment.year < LAST.year:
        args.is_wrong(name, _("应为带时区的时间，例如 2026-11-22T09:00:00+08:00。"))
        return None
    return moment.astimezone(UTC)


def read_past(args: Args, name: str, now: datetime) -> datetime | None:
    """A moment at which something happened: none that lies ahead, but for clocks that differ."""
    moment = read_moment(args, name)
    if moment is not None and moment > now + CLOCKS_DIFFER:
        args.is_wrong(name, _("在将来，请核对时钟和时区。"))
        return None
    return moment


def read_number(args: Args, name: str, least: float, most: float) -> float | None:
    """A number within bounds; None where none is given."""
    text = args.get(name).strip()
    number = _number(text, least, most)
    if text and number is None:
        why = _("应为 %(least)g 到 %(most)g 之间的数字。") % {"least": least, "most": most}
        args.is_wrong(name, why)
    return number


def _number(text: str, least: float, most: float) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and least <= number <= most else None


def _read_box(args: Args) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees, as `bbox` of the other standards has it."""
    text = args.get("bbox").strip()
    if not text:
        return None
    sides = [found for part in text.split(",") if (found := _number(part, -180, 180)) is not None]
    if len(sides) == text.count(",") + 1 == 4:
        west, south, east, north = sides
        if west <= east and south <= north:
            return west, south, east, north
    args.is_wrong("bbox", _("应为“西,南,东,北”四个度数。"))
    return None


@dataclass(frozen=True)
class Part:
    """Which rows of a list: so many from a start on, or behind the one that was told last."""

    start: int
    most: int
    after: Place | None


def read_part(args: Args, name: str) -> Part:
    """By page, from 1, or by the cursor that the list of this name gave."""
    page = _whole(args, "page", _DEEPEST) or 1
    most = _whole(args, "page_size", MOST) or MOST
    if args.get("cursor"):
        return Part(0, most, _behind(args, name))
    start = (page - 1) * most
    if start > _DEEPEST:
        why = _("按页只能翻到第 %(most)s 条，再往后请用回答头里 Link 给出的下一页地址。")
        args.is_wrong("page", why % {"most": _DEEPEST})
    return Part(start, most, None)


def _behind(args: Args, name: str) -> Place | None:
    try:
        at, id = read_cursor(args.get("cursor"), (name, *_ORDER))
    except Malformed as fault:
        args.is_wrong("cursor", fault.values["why"])
        return None
    return datetime.fromisoformat(at), UUID(id)


def cursor_behind(last: Place, name: str) -> str:
    """What asks for the rows of this list behind one."""
    return write_cursor(last, (name, *_ORDER))


def _whole(args: Args, name: str, most: int) -> int | None:
    number = read_number(args, name, 1, most)
    if number is not None and number != int(number):
        args.is_wrong(name, _("应为整数。"))
        return None
    return None if number is None else int(number)
