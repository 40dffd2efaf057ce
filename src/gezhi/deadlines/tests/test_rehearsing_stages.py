"""Stages of past cases under another book: compared where both promise them, never else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gezhi.deadlines.rules import rehearsing as rules
from gezhi.deadlines.rules.rehearsing import Finding, Past, Recorded, Topic, Verdict
from gezhi.deadlines.rules.replaying import Line, Reader, Replayed, replay, steps_of
from gezhi.deadlines.tests.test_rehearsing_rules import (
    CENTRE,
    HERE,
    LATER,
    STATION,
    UNITS,
    changed,
    line,
)
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.rulebook.tests.books import default_book
from gezhi.rulebook.tests.test_calendars import city
from tests.cast import GRID, TUESDAY

ILLEGAL, OTHER = "build.illegal", "build.property"
STOPPED, FINED = f"{ILLEGAL}:stop", f"{ILLEGAL}:fine"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STOP, FINE = city("2026-11-17T15:00"), city("2026-11-26T17:30")
BEGUN = (
    line(timedelta(), "report", "reported", CENTRE),
    line(HOUR / 12, "accept", "accepted", CENTRE, category=ILLEGAL, size="hard"),
    line(HOUR / 6, "assign", "assigned", STATION, unit="x", size="hard"),
    line(HOUR, "sign", "handling", STATION),
)


def reached(after: timedelta, stage: str) -> Line:
    return line(after, "reach_stage", "handling", STATION, stage=stage)


def classified(after: timedelta, category: str, was: str) -> Line:
    data = {"category": category, "size": "hard", "category_was": was, "size_was": "hard"}
    return line(after, "reclassify", "handling", STATION, **data)


def made(*more: Line, book: Book | None = None, category: str = ILLEGAL) -> list[Replayed]:
    """All promises of a case with these lines after it was begun."""
    book = book or default_book()
    steps = steps_of([*BEGUN, *more], category=category, proposed=ILLEGAL, own=book)
    return replay(steps, (), Reader(book, ILLEGAL, "portal", UNITS, category))


def stages(*more: Line, **asked: Any) -> list[tuple[str, datetime, bool, bool]]:
    """Of each stage: its due moment, whether it is open, whether it was dropped."""
    return [
        (row.stage, row.due, row.is_open, row.is_dropped)
        for row in made(*more, **asked)
        if row.stage
    ]


def test_stages_are_replayed_as_they_are_promised() -> None:
    open_now = [(STOPPED, STOP, True, False), (FINED, FINE, True, False)]
    assert stages() == open_now
    stop_met = (STOPPED, STOP, False, False)
    assert stages(reached(2 * HOUR, STOPPED)) == [stop_met, open_now[1]]
    done = line(3 * HOUR, "finish", "done", STATION, outcome="solved")
    assert stages(done) == [stop_met, (FINED, FINE, False, False)]
    assert made(done)[-1].unit == STATION
    gone = [(STOPPED, STOP, False, True), (FINED, FINE, False, True)]
    other = classified(4 * HOUR, OTHER, ILLEGAL)
    assert stages(other, category=OTHER) == gone
    again = classified(5 * HOUR, ILLEGAL, OTHER)
    assert stages(reached(2 * HOUR, STOPPED), other, again) == [stop_met, gone[1], open_now[1]]


def test_a_case_sent_as_another_or_harder_one_is_replayed_as_that() -> None:
    book = default_book()
    reported = line(timedelta(), "report", "reported", CENTRE)
    up = line(HOUR / 12, "escalate", "accepted", CENTRE)
    sent = line(HOUR, "assign", "assigned", STATION, unit="x", size="hard")
    steps = steps_of([reported, up, sent], category=ILLEGAL, proposed=OTHER, own=book)
    found = replay(steps, (), Reader(book, OTHER, "portal", UNITS, ILLEGAL))
    dues = {row.stage or row.kind: row.due for row in found if row.is_open}
    assert dues == {
        "finish": city("2026-12-15T17:30"), "sign": dues["sign"], STOPPED: STOP, FINED: FINE,
    }  # fmt: skip
    taken = line(HOUR / 12, "accept", "accepted", CENTRE, category=OTHER, size="small")
    steps = steps_of([reported, taken, sent], category=OTHER, proposed=OTHER, own=book)
    found = replay(steps, (), Reader(book, OTHER, "portal", UNITS, OTHER))
    (finish,) = [row for row in found if row.kind == "finish"]
    assert finish.due == FINE, "seven working days"


def test_an_extension_outlasts_another_category() -> None:
    until = TUESDAY + 40 * DAY
    extended = line(3 * HOUR, "extend", "handling", STATION, due=until.isoformat())
    other = classified(4 * HOUR, OTHER, ILLEGAL)
    (finish,) = [row for row in made(extended, other, category=OTHER) if row.kind == "finish"]
    assert (finish.due, finish.is_extended) == (until, True)
    (alone,) = [row for row in made(other, category=OTHER) if row.kind == "finish"]
    assert alone.due < until


def test_work_that_was_not_done_owes_again_what_nobody_reached() -> None:
    done = line(3 * HOUR, "finish", "done", STATION, outcome="solved")
    back = line(4 * HOUR, "verify", "handling", STATION, solved=False)
    found = stages(reached(2 * HOUR, STOPPED), done, back)
    assert [(stage, is_open) for stage, _due, is_open, _dropped in found] == [
        (STOPPED, False), (FINED, True),
    ]  # fmt: skip


def past_case(own: Book, *more: Line, met: dict[str, datetime]) -> Past:
    """On record is what its own book made; `met` says when, by stages and kinds."""
    promises = [
        Recorded(
            row.kind, row.starts, row.due, row.unit, met.get(row.stage or row.kind, row.due), None,
            row.stage,
        )
        for row in made(*more, book=own)
    ]  # fmt: skip
    return Past(
        case=UUID(int=9), number="261117-000001", channel="portal", what="有人违建", path=GRID,
        proposed=ILLEGAL, category=ILLEGAL, area_kind="grid", is_urgent=False, zone="", owners=(),
        paused_until=None, paused_at=None,
        lines=[*BEGUN, *more], clock=(), promises=promises,
    )  # fmt: skip


def due(past: Past, own: Book, new: Book) -> dict[tuple[str, datetime | None], Finding]:
    findings = rules.rehearse(past, rules.pair_of(own, new), HERE, now=LATER)
    return {(one.kind, one.due_before): one for one in findings if one.topic == Topic.DUE}


@pytest.mark.parametrize(
    ("old", "new", "verdict", "minutes"),
    [
        ("\n", "\n# a word\n", Verdict.SAME, 0),
        ('"4 working hours"', '"2 working hours"', Verdict.LATE, -240),  # over noon
        ('"4 working hours"', '"1 working day"', Verdict.MOVED, 1590),
    ],
)
def test_a_stage_is_compared_with_itself(
    old: str, new: str, verdict: Verdict, minutes: int
) -> None:
    own = default_book()
    past = past_case(own, reached(3 * HOUR, STOPPED), met={STOPPED: TUESDAY + 3 * HOUR})
    found = due(past, own, changed("categories.toml", old, new))
    stop = found["stage", STOP]
    assert (stop.verdict, stop.minutes) == (verdict, minutes)
    others = [one for key, one in found.items() if key != ("stage", STOP)]
    assert {one.verdict for one in others} == {Verdict.SAME}
    assert len(others) == 5, "accept, forward, sign, finish, and the other stage"


_ROWS = rulebook.default_files()["categories.toml"].splitlines(keepends=True)
STOP_ROW = next(row for row in _ROWS if 'key = "stop"' in row)
SEE_ROW = '  { key = "see", name = "看", name_en = "See", within = "1 hour" },\n'


@pytest.mark.parametrize(
    ("old", "new"), [(STOP_ROW, ""), ("stages = [\n", f"stages = [\n{SEE_ROW}")]
)
def test_a_stage_that_one_book_alone_has_disturbs_no_other(old: str, new: str) -> None:
    own, other = default_book(), changed("categories.toml", old, new)
    past = past_case(own, met={})
    for found in (due(past, own, other), due(past_case(other, met={}), other, own)):
        assert {one.verdict for one in found.values()} == {Verdict.SAME}
        assert ("stage", FINE) in found
