"""One past case under another book: who would have had it, by when, and was that late."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, TypeVar
from uuid import UUID

from gezhi.cases.rules import Act, Entry
from gezhi.deadlines.errors import PeriodWrong
from gezhi.deadlines.rules.lateness import is_late
from gezhi.deadlines.rules.replaying import Body, Line, Reader, Replayed, Step, replay, steps_of
from gezhi.places.rules import Owner
from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import Book, codes_meant, resolve_body

KEPT_FOR = timedelta(days=90)
# A process that has said nothing for so long is taken for dead; another goes on.
SILENCE = timedelta(seconds=30)
_TOWN, _GRID = 9, 15  # signs of a path that has got so far down


class RehearsalState(StrEnum):
    WORKING = "working"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class Topic(StrEnum):
    """What a finding is about."""

    PROPOSAL = "proposal"  # the category that the words point at
    ROUTE = "route"  # the unit that is proposed first
    DUE = "due"  # a promise
    SHUT = "shut"  # the case can't go its way at all


class Verdict(StrEnum):
    """What the new book makes of it."""

    SAME = "same"
    # of proposals and routes, by what people and work came to in the end
    BETTER = "better"
    WORSE = "worse"
    OTHER = "other"  # neither is what it came to
    OPEN = "open"  # nobody knows yet
    # of promises
    LATE = "late"  # was in time and would have been late
    IN_TIME = "in_time"  # was late and would have been in time
    STILL = "still"  # late either way
    MOVED = "moved"  # in time either way, due at another moment
    UNSURE = "unsure"  # what is on record is not what its own book says: nothing to compare
    # of cases that can't go their way
    CATEGORY = "category"  # the book doesn't have its category
    UNIT = "unit"  # the book sends it to nobody who is here
    YEAR = "year"  # the book's calendar ends before its promises do


LATE_BEFORE = frozenset({Verdict.IN_TIME, Verdict.STILL})
LATE_AFTER = frozenset({Verdict.LATE, Verdict.STILL})
# What a list may be asked to show: the columns of the sums, with the verdicts behind each.
SHOWN: Mapping[str, frozenset[Verdict]] = {
    **{verdict.value: frozenset({verdict}) for verdict in Verdict if verdict != Verdict.SAME},
    "late_before": LATE_BEFORE,
    "late_after": LATE_AFTER,
}
SIGNS: Mapping[str, str] = {"sooner": "lt", "later": "gt"}  # of the minutes


class Recorded(NamedTuple):
    """A promise as it is on record."""

    kind: str
    starts: datetime
    due: datetime
    unit: UUID
    met_at: datetime | None
    dropped_at: datetime | None
    stage: str = ""


@dataclass(frozen=True)
class Past:
    """All that is asked of a past case. Only ids, codes and moments of it go into findings.

    `proposed` is what it came in as, `category` what people took it for in the end. `zone` is the
    kind of the ground it lies on, `owners` what is laid down there today, the innermost first.
    """

    case: UUID
    number: str
    channel: str
    what: str
    proposed: str
    category: str
    path: str
    area_kind: str
    is_urgent: bool
    zone: str
    owners: Sequence[Owner]
    paused_until: datetime | None
    paused_at: datetime | None
    lines: Sequence[Line]
    clock: Sequence[Entry]
    promises: Sequence[Recorded]


@dataclass(frozen=True)
class Here:
    """The units that there are: by id what a book asks of them, and the codes of those at work."""

    units: Mapping[UUID, Body]
    workers: frozenset[str]


@dataclass(frozen=True)
class Pair:
    """The book of a case and the one that is rehearsed. The same words: the same proposals."""

    own: Book
    new: Book
    is_same_words: bool


@dataclass(frozen=True)
class Finding:
    """What became of one thing in one case, in codes. `minutes`: so much later it would be due.

    `sides` are before and after as findings are counted together: bodies of the rulebook where
    `before` and `after` are the units these are at the place of the case.
    """

    topic: Topic
    verdict: Verdict
    category: str = ""
    unit: str = ""
    kind: str = ""
    before: str = ""
    after: str = ""
    sides: str = ""
    due_before: datetime | None = None
    due_after: datetime | None = None
    minutes: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether it is more than a number in the sums."""
        return self.verdict != Verdict.SAME


def must_be_a_period(since: date, until: date) -> None:
    """From a day up to, not with, a later one."""
    if since >= until:
        raise PeriodWrong()


def pair_of(own: Book, new: Book) -> Pair:
    return Pair(own, new, own.vocabulary == new.vocabulary)


@dataclass(frozen=True)
class _Reading:
    """What each of the two books would take the case for before people decide."""

    before: str
    after: str
    is_from_words: bool


def rehearse(past: Past, pair: Pair, here: Here, *, now: datetime) -> list[Finding]:
    """Everything that can be compared; the same where nothing changes."""
    reading = _read(past, pair)
    kind_after = past.category or reading.after
    found = [_proposal(past, reading)] if reading.is_from_words else []
    if kind_after and kind_after not in pair.new.categories:
        return [*found, _shut(Verdict.CATEGORY, kind_after, kind_after)]
    if not past.lines:  # copied in without a history: there is nothing to replay
        return found
    steps = steps_of(past.lines, category=past.category, proposed=past.proposed, own=pair.own)
    found += _routes(past, reading, steps, pair, here)
    before = Reader(pair.own, past.proposed, past.channel, here.units, past.category)
    after = Reader(pair.new, reading.after, past.channel, here.units, past.category)
    try:
        would_be = replay(steps, past.clock, after)
    except CalendarYearUnknown as unknown:
        year = str(unknown.values["year"])
        return [*found, _shut(Verdict.YEAR, kind_after, year)]
    try:
        was = replay(steps, past.clock, before)
    except CalendarYearUnknown:
        was = []
    return found + _promises(past, kind_after, was, would_be, here, now)


def _shut(why: Verdict, category: str, what: str) -> Finding:
    return Finding(Topic.SHUT, why, category, before=what, sides=what)


def _read(past: Past, pair: Pair) -> _Reading:
    """A category that somebody named, and no words, is not proposed anew as long as it is there."""
    is_known = past.proposed in pair.new.categories or not past.proposed
    if pair.is_same_words and is_known:
        return _Reading(past.proposed, past.proposed, is_from_words=True)
    by_words = _first(pair.own, past.what) == past.proposed
    if is_known and not by_words:
        return _Reading(past.proposed, past.proposed, is_from_words=False)
    after = _first(pair.new, past.what)
    if not by_words and not past.category:
        after = past.proposed  # which is gone: the case can't come in as it did
    return _Reading(past.proposed, after, is_from_words=by_words)


def _first(book: Book, text: str) -> str:
    found = book.suggest(text)
    return found[0].key if found else ""


def _proposal(past: Past, reading: _Reading) -> Finding:
    verdict = _judge(reading.before, reading.after, past.category)
    return Finding(
        Topic.PROPOSAL,
        verdict,
        past.category,
        before=reading.before,
        after=reading.after,
        sides=f"{reading.before}>{reading.after}",
    )


def _judge(before: str, after: str, final: str) -> Verdict:
    """Which of the two foresaw what it came to in the end."""
    if before == after:
        return Verdict.SAME
    if not final:
        return Verdict.OPEN
    if final in (before, after):
        return Verdict.BETTER if final == after else Verdict.WORSE
    return Verdict.OTHER


def _routes(
    past: Past, reading: _Reading, steps: Sequence[Step], pair: Pair, here: Here
) -> list[Finding]:
    kind_before = past.category or reading.before
    kind_after = past.category or reading.after
    if not kind_before or not kind_after:
        return []
    sent = next((step for step in steps if step.fact == "case_assigned"), steps[-1])
    level = here.units[sent.centre].level
    body_before, before = _first_unit(past, pair.own, kind_before, level, here)
    body_after, after = _first_unit(past, pair.new, kind_after, level, here)
    if before and not after:
        return [_shut(Verdict.UNIT, kind_after, body_before)]
    final = _who_finished(past.lines, here)
    return [
        Finding(
            Topic.ROUTE,
            _judge(before, after, final),
            kind_after,
            final,
            before=before,
            after=after,
            sides=f"{body_before}>{body_after}",
        )
    ]


def _first_unit(past: Past, book: Book, category: str, level: str, here: Here) -> tuple[str, str]:
    """The first body that is a unit at the place of the case, and that unit; empty for none.

    A unit for which it is laid down there is a body of its own. Of equals the first by its code:
    who had most time then is not known.
    """
    asset = book.asset(category, past.what, is_urgent=past.is_urgent)
    for owner in book.keepers(past.owners, category, asset, is_urgent=past.is_urgent):
        if owner.unit in here.workers:
            return owner.unit, owner.unit
    route = book.route(
        category, area_kind=past.area_kind, level=level, channel=past.channel, asset=asset,
        zone=past.zone, is_urgent=past.is_urgent,
    )  # fmt: skip
    town = past.path[:_TOWN] if len(past.path) >= _TOWN else None
    grid = past.path if len(past.path) == _GRID else None
    for body in route.bodies:
        code = resolve_body(body, town=town, grid=grid)
        for unit in codes_meant(code, here.workers) if code else ():
            if unit in here.workers:
                return body, unit
    return "", ""


def _who_finished(lines: Sequence[Line], here: Here) -> str:
    done = (line.holder for line in reversed(lines) if line.act == Act.FINISH)
    unit = next(done, None)
    return here.units[unit].code if unit else ""


def _promises(
    past: Past,
    category: str,
    was: Sequence[Replayed],
    would_be: Sequence[Replayed],
    here: Here,
    now: datetime,
) -> list[Finding]:
    """Each promise on record beside what the new book makes of it.

    What is on record was made by the case's own book, so replaying that book must come to the
    same; where it does not, nothing can be said of what the new one changes.
    """
    found = []
    left = list(past.promises)
    before = list(was)
    for new in would_be:
        told, own = _take_like(new, left), _take_like(new, before)
        if told is not None and told.dropped_at is None:
            is_sure = own is not None and own.due == told.due
            found.append(_compare(past, told, new, category, here, is_sure, now))
    return found


_P = TypeVar("_P", Recorded, Replayed)


def _take_like(new: Replayed, left: list[_P]) -> _P | None:
    """The first that is of the same kind and began with it; no longer among those left then."""
    key = (new.kind, new.stage, new.starts)
    like = next((one for one in left if (one.kind, one.stage, one.starts) == key), None)
    if like is not None:
        left.remove(like)
    return like


def _compare(
    past: Past,
    told: Recorded,
    new: Replayed,
    category: str,
    here: Here,
    is_sure: bool,
    now: datetime,
) -> Finding:
    unit = here.units[told.unit].code
    if not is_sure:
        return Finding(Topic.DUE, Verdict.UNSURE, category, unit, told.kind, due_before=told.due)
    late = [
        is_late(
            told.kind,
            due,
            met_at=told.met_at,
            paused_until=past.paused_until,
            paused_at=past.paused_at,
            now=now,
        )
        for due in (told.due, new.due)
    ]
    return Finding(
        Topic.DUE,
        _changed(late[0], late[1], is_moved=new.due != told.due),
        category,
        unit,
        told.kind,
        due_before=told.due,
        due_after=new.due,
        minutes=round((new.due - told.due).total_seconds() / 60),
    )


def _changed(was: bool, would_be: bool, *, is_moved: bool) -> Verdict:
    if was and would_be:
        return Verdict.STILL
    if was != would_be:
        return Verdict.LATE if would_be else Verdict.IN_TIME
    return Verdict.MOVED if is_moved else Verdict.SAME


Sums = dict[str, dict[str, dict[str, int]]]


def add_up(sums: Sums, found: Iterable[Finding]) -> None:
    """Count one case's findings into the sums: table, row, column."""
    _count(sums, "all", "", ("n",))
    for one in found:
        if one.topic == Topic.DUE:
            columns = _columns(one)
            _count(sums, "kind", one.kind, columns)
            _count(sums, "category", one.category, columns)
            _count(sums, "unit", one.unit, columns)
        elif one.topic == Topic.SHUT:
            _count(sums, "shut", f"{one.verdict}:{one.sides}", ("n",))
        else:
            _count(sums, one.topic.value, "", ("n", one.verdict.value))
            if one.is_kept:
                _count(sums, f"{one.topic}s", one.sides, ("n", one.verdict.value))


def _columns(one: Finding) -> tuple[str, ...]:
    columns = ["n", one.verdict.value]
    if one.verdict in LATE_BEFORE:
        columns.append("late_before")
    if one.verdict in LATE_AFTER:
        columns.append("late_after")
    if one.minutes:
        columns.append("sooner" if one.minutes < 0 else "later")
    return tuple(columns)


def _count(sums: Sums, table: str, row: str, columns: Iterable[str]) -> None:
    counts = sums.setdefault(table, {}).setdefault(row, {})
    for column in columns:
        counts[column] = counts.get(column, 0) + 1
