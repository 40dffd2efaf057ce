"""Whom a broken promise is told to, and when: which ladder fits, and ladders nobody can climb."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gezhi.base.actor import system
from gezhi.rulebook import actions, reads
from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import (
    KINDS,
    LEVELS,
    TELLS,
    Rung,
    add_span,
    add_working_time,
    differences,
    subtract_working_time,
    working_minutes_between,
)
from gezhi.rulebook.tests.books import default_book, files_with, problems_of
from gezhi.rulebook.tests.test_calendars import city

D = "deadlines.toml"
MINUTE = timedelta(minutes=1)
MOMENTS = st.one_of(
    st.integers(0, 1704 * 1440).map(lambda minutes: city("2022-01-01T00:00") + minutes * MINUTE),
    st.sampled_from(
        [
            city("2024-02-08T23:59"),
            city("2024-02-29T00:00"),
            city("2025-01-25T12:00"),
            city("2025-09-30T17:59"),
            city("2025-12-31T23:59"),
            city("2026-02-13T17:30"),
            city("2026-04-30T17:29"),
        ]
    ),
)
QUIET, URGENT = "gov.suggest", "utility.gas.leak"
FIRST = '[[ladder]]\nid = "ladder-accept"\n'
LAST = '[[ladder]]\nid = "ladder"\n'


def said(kind: str, category: str | None) -> list[str]:
    rungs = default_book().ladder(kind, category=category, size=None, channel=None, level=None)
    return [rung.text for rung in rungs]


def test_the_default_ladders_are_as_promised() -> None:
    accept = ["0 minutes head", "10 minutes above", "30 minutes top", "2 hours leader"]
    assert said("accept", None) == said("accept", URGENT) == accept
    assert said("sign", URGENT) == [
        "0 minutes head", "15 minutes centre", "30 minutes above", "1 hour top", "2 hours leader",
    ]  # fmt: skip
    assert said("finish", QUIET) == said("finish", None) == [
        "0 minutes head", "2 working hours centre", "4 working hours above",
        "1 working day top", "2 working days leader",
    ]  # fmt: skip


def test_every_broken_promise_has_a_ladder_that_ends_with_a_leader() -> None:
    book = default_book()
    for kind in (*KINDS, "rate"):
        for level in LEVELS:
            for category in (None, *book.categories):
                rungs = book.ladder(kind, category=category, size=None, channel="x", level=level)
                assert rungs[-1].tell == "leader"


def test_a_stage_climbs_as_a_finish_does_until_a_ladder_names_it() -> None:
    asked = {"category": QUIET, "size": None, "channel": None, "level": None}
    for named, tells in (("", "top"), ('"stage", ', "above")):
        rows = (
            f'[[ladder]]\nid = "x"\nkind = [{named}"sign"]\nfirst = true\n'
            'steps = [{ after = "0 minutes", tell = "above" }]\n\n'
            '[[ladder]]\nid = "y"\nkind = "finish"\nfirst = true\n'
            'steps = [{ after = "0 minutes", tell = "top" }]\n\n'
        )
        book = reads.read_files(files_with(D, FIRST, rows + FIRST))
        assert book.ladder("stage", **asked)[0].tell == tells
        assert book.ladder("finish", **asked)[0].tell == "top"


def test_the_moments_of_the_general_ladder_follow_each_other() -> None:
    broken = city("2026-11-20T16:30")  # a Friday
    calendar = default_book().calendar
    rungs = default_book().ladder("finish", category=QUIET, size=None, channel=None, level=None)
    assert [add_span(broken, rung.after, calendar) for rung in rungs] == [
        broken, city("2026-11-23T09:30"), city("2026-11-23T11:30"),
        city("2026-11-23T17:30"), city("2026-11-24T17:30"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "blamed", "code"),
    [
        ('tell = "centre"', 'tell = "mayor"', 3, "not_one_of"),
        ('"4 working hours", tell', '"2 working hours", tell', 3, "steps_order"),
        ('"1 working day", tell', '"49 hours", tell', 3, "steps_order"),
        ('"2 working hours", tell', '"soon", tell', 3, "bad_span"),
        ('"2 working hours", tell', '"0 working days", tell', 3, "bad_span"),
        ('tell = "centre" }', 'tel = "centre" }', 3, "key_unknown"),
        (', tell = "centre" }', " }", 3, "missing"),
        ('{ after = "0 minutes", tell = "head" }', '"head"', 3, "wrong_type"),
    ],
)  # fmt: skip
def test_a_step_that_means_nothing_is_refused_with_its_line(
    old: str, new: str, blamed: int, code: str
) -> None:
    text = reads.default_files()[D]
    head, last = text.split(LAST)
    assert old in last
    files = reads.default_files() | {D: head + LAST + last.replace(old, new, 1)}
    line = head.count("\n") + blamed
    assert (D, line, code) in {(one.file, one.line, one.code) for one in problems_of(files)}


def test_steps_must_be_there_and_a_list() -> None:
    alone = LAST + "steps = []\n\n"
    files = files_with(D, "[limits]", '[[ladder]]\nid = "x"\nkind = "visit"\n\n[limits]')
    assert {one.code for one in problems_of(files)} >= {"missing", "row_unreachable"}
    files = files_with(D, LAST, alone + '[[ladder]]\nid = "y"\n')
    assert "missing" in {one.code for one in problems_of(files)}


def test_a_ladder_nobody_reaches_and_a_missing_last_one_are_refused() -> None:
    files = files_with(D, LAST, LAST + "urgent = false\nkind = ['sign', 'finish']\n")
    assert [(one.line, one.code) for one in problems_of(files)] == [(0, "ladder_missing")]
    files = files_with(D, 'id = "ladder-urgent"\nurgent = true', 'id = "ladder-urgent"')
    assert [one.code for one in problems_of(files)] == ["row_unreachable"]
    files = files_with(D, 'kind = "accept"\nfirst = true\nsteps', 'kind = "accept"\nsteps')
    assert [one.code for one in problems_of(files)] == ["row_overlaps"]
    files = files_with(D, 'id = "ladder-accept"\nkind = "accept"', 'id = "x"\nkind = "moon"')
    assert [one.code for one in problems_of(files)] == ["not_one_of"]


def _without_ladders() -> dict[str, str]:
    """The files as they were before there were ladders."""
    text = reads.default_files()[D]
    head, rest = text[: text.index("[[ladder]]")], text[text.index("[limits]") :]
    return reads.default_files() | {D: head + rest}


@pytest.mark.django_db
def test_a_version_stored_before_there_were_ladders_climbs_the_products_own() -> None:
    stored = actions.apply_book(_without_ladders(), county="990101", actor=system("test"))
    book = reads.book("990101", stored.number)
    assert book.ladder_rows == default_book().ladder_rows
    assert dict(stored.files) == _without_ladders(), "what was stored stays as it was"


def test_a_changed_ladder_is_among_the_differences() -> None:
    files = files_with(D, '"10 minutes", tell = "above"', '"20 minutes", tell = "top"')
    files[D] = files[D].replace('id = "ladder-urgent"\n', 'id = "ladder-danger"\n')
    changes = [str(one) for one in differences(default_book(), reads.read_files(files))]
    assert changes == [
        "- ladder ladder-urgent",
        "~ ladder ladder-accept steps: 0 minutes head, 10 minutes above, 30 minutes top, "
        "2 hours leader → 0 minutes head, 20 minutes top, 30 minutes top, 2 hours leader",
        "+ ladder ladder-danger",
    ]


def test_a_rung_says_what_is_written() -> None:
    rung = default_book().ladder_rows[0].steps[0]
    assert isinstance(rung, Rung)
    assert (rung.after.amount, rung.tell in TELLS) == (0, True)


@pytest.mark.parametrize(
    ("end", "minutes", "start"),
    [
        ("2026-11-20T10:00", 60, "2026-11-20T09:00"),
        ("2026-11-20T10:00", 0, "2026-11-20T10:00"),
        ("2026-11-20T14:30", 60, "2026-11-20T11:30"),  # over noon
        ("2026-11-20T14:00", 60, "2026-11-20T11:00"),  # as work begins again
        ("2026-11-23T09:00", 60, "2026-11-20T17:00"),  # over the week-end
        ("2026-11-22T09:00", 60, "2026-11-20T16:30"),  # ends on a Sunday
        ("2026-02-24T09:00", 60, "2026-02-14T17:00"),  # over the spring festival
        ("2026-10-08T09:00", 60, "2026-09-30T17:30"),  # winter back into summer hours
        ("2024-02-29T08:30", 1, "2024-02-28T17:29"),
        ("2026-11-20T12:00", 210, "2026-11-20T08:30"),  # a whole stretch: its beginning
    ],
)
def test_working_time_is_counted_backwards(end: str, minutes: int, start: str) -> None:
    assert subtract_working_time(city(end), minutes, default_book().calendar) == city(start)


def test_backwards_too_a_year_nobody_announced_is_refused() -> None:
    calendar = default_book().calendar
    with pytest.raises(CalendarYearUnknown):
        subtract_working_time(city(f"{min(calendar.official.years)}-01-01T10:00"), 9999, calendar)


def _is_at_work(moment: datetime, *, closing: bool) -> bool:
    """Whether work goes on right after this moment, or, `closing`, went on right before it."""
    calendar = default_book().calendar
    on = calendar.local_date(moment)
    return calendar.is_working(on) and any(
        calendar.at(on, opens) < moment <= calendar.at(on, closes)
        if closing
        else calendar.at(on, opens) <= moment < calendar.at(on, closes)
        for opens, closes in calendar.spans(on)
    )


@settings(max_examples=1000, deadline=None)
@given(end=MOMENTS, minutes=st.integers(1, 3000), seconds=st.integers(0, 59))
@example(end=city("2026-02-24T08:30"), minutes=420, seconds=0)
@example(end=city("2026-02-24T08:30"), minutes=420, seconds=1)
def test_counting_back_is_the_inverse_of_counting_on(
    end: datetime, minutes: int, seconds: int
) -> None:
    calendar = default_book().calendar
    end = (end + timedelta(seconds=seconds)).astimezone(UTC)
    start = subtract_working_time(end, minutes, calendar)
    assert working_minutes_between(start, end, calendar) == minutes
    later = start + timedelta(seconds=1)
    assert working_minutes_between(later, end, calendar) == minutes - 1, "it is the latest moment"
    on = add_working_time(end, minutes, calendar)
    back = subtract_working_time(on, minutes, calendar)
    if _is_at_work(end, closing=True):
        assert add_working_time(start, minutes, calendar) == end
    else:
        assert add_working_time(start, minutes, calendar) <= end
    if _is_at_work(end, closing=False):
        assert back == end
    else:
        assert back >= end
        assert working_minutes_between(end, back, calendar) == 0
