"""The promises of the default rulebook, and which row answers."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gezhi.rulebook.errors import CategoryUnknown, ReasonUnknown
from gezhi.rulebook.rules import KINDS, LEVELS, SIZES, read_span, resolve_body
from gezhi.rulebook.tests.books import default_book

CITY = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=CITY)
STOP, FINE, REMOVE = (f"build.illegal:{key}" for key in ("stop", "fine", "remove"))
QUIET = "gov.suggest"  # a category that is not urgent


@pytest.mark.parametrize(
    ("kind", "category", "size", "due", "basis"),
    [
        ("accept", None, None, "2026-11-20T16:10", "accept: 10 minutes"),
        ("accept", "utility.gas.leak", None, "2026-11-20T16:05", "accept-urgent: 5 minutes"),
        ("forward", QUIET, "small", "2026-11-20T17:00", "forward: 1 hour"),
        ("finish", QUIET, "small", "2026-11-23T17:30", "finish-small: 1 working day"),
        ("finish", QUIET, "big", "2026-11-25T17:30", "finish-big: 3 working days"),
        ("finish", QUIET, "hard", "2026-12-01T17:30", "finish-hard: 7 working days"),
        ("finish", None, None, "2026-12-01T17:30", "finish-hard: 7 working days"),
        ("finish", QUIET, None, "2026-11-23T17:30", "finish-small: 1 working day"),
        ("finish", "utility.manhole", "hard", "2026-11-21T16:00", "finish-urgent: 24 hours"),
        ("sign", QUIET, "small", "2026-11-23T09:00", "sign-small: 2 working hours"),
        ("reply", QUIET, "small", "2026-11-23T16:00", "reply: 3 days"),
    ],
)
def test_the_promise_of_11137(
    kind: str, category: str | None, size: str | None, due: str, basis: str
) -> None:
    found = default_book().due(
        kind, category=category, size=size, channel="portal", level="village", start=FRIDAY
    )
    assert found.at == datetime.fromisoformat(due).replace(tzinfo=CITY)
    assert found.basis == basis
    assert found.guessed == ()


def test_every_kind_answers_for_every_size_level_and_category() -> None:
    book = default_book()
    for kind in KINDS:
        for size in (*SIZES, None):
            for level in LEVELS:
                for category in (None, *book.categories):
                    due = book.due(
                        kind,
                        category=category,
                        size=size,
                        channel="board",
                        level=level,
                        start=FRIDAY,
                    )
                    assert due.at > FRIDAY


def test_stages_have_their_own_limits() -> None:
    found = default_book().stages("build.illegal", start=FRIDAY)
    stages = {stage.key: due for stage, due in found}
    assert stages[STOP].at == datetime(2026, 11, 23, 11, 0, tzinfo=CITY)
    assert stages[STOP].basis == "stage: 4 working hours"
    assert stages[REMOVE].at == datetime(2026, 12, 18, 17, 30, tzinfo=CITY)
    assert stages[STOP].at < stages[FINE].at < stages[REMOVE].at


@pytest.mark.parametrize(
    ("category", "finish", "left"),
    [
        ("build.illegal", "20 working days", [STOP, FINE]),  # the last is the finish
        ("build.illegal", "21 working days", [STOP, FINE, REMOVE]),
        ("build.illegal", "7 working days", [STOP]),
        ("build.illegal", "3 hours", []),
        ("build.property", "20 working days", []),
    ],
)
def test_a_stage_that_is_due_with_the_whole_is_the_finish(
    category: str, finish: str, left: list[str]
) -> None:
    span = read_span(finish)
    assert span
    book = default_book()
    rows = tuple(
        replace(row, within=span) if row.id == "finish-illegal-building" else row
        for row in book.due_rows
    )
    found = replace(book, due_rows=rows).stages_on_the_way(
        category, size="hard", channel=None, level=None, start=FRIDAY
    )
    assert [stage.key for stage, _ in found] == left


def test_a_stage_is_known_by_a_key_that_no_other_category_has() -> None:
    book = default_book()
    stop = book.stage(STOP)
    assert stop
    assert stop.name == "停工"
    for key in ("build.property:stop", "no.such:stop", "stop", "build.illegal:fly", ""):
        assert book.stage(key) is None


def test_stages_have_keys_and_names_and_end_with_the_whole() -> None:
    book = default_book()
    stages = book.category("build.illegal").stages
    assert [(one.key, one.name, one.name_in("en")) for one in stages] == [
        (STOP, "停工", "Stop the building"),
        (FINE, "处罚", "Decide the penalty"),
        (REMOVE, "拆除", "Take it down"),
    ]
    due = book.stages("build.illegal", start=FRIDAY, unit_code="dept-cityman")
    assert [stage for stage, _ in due] == list(stages)
    whole = book.due(
        "finish", category="build.illegal", size="small", channel=None, level=None, start=FRIDAY
    )
    assert due[-1][1].at == whole.at


@pytest.mark.parametrize(
    "text", ["", "10", "ten minutes", "0 minutes", "1.5 hours", "1 week", "-1 day", "1  hour"]
)
def test_a_span_that_says_nothing_clear_is_none(text: str) -> None:
    assert read_span(text) is None


def test_small_matters_stay_in_the_grid_and_urgent_ones_go_straight_there() -> None:
    book = default_book()
    village = book.route("env.garbage.exposed", area_kind="grid", level="village")
    assert village.bodies == ("grid", "station-{town}-enforcement", "dept-cityman")
    county = book.route("env.garbage.exposed", area_kind="grid", level="county")
    assert county.bodies[0] == "dept-cityman"
    urgent = book.route("utility.gas.leak", area_kind="exclusive", level="village")
    assert (urgent.bodies[0], urgent.rule) == ("company-gas", "urgent")
    assert urgent.why


def test_every_route_leads_to_registered_bodies() -> None:
    book = default_book()
    for key in book.categories:
        for level in LEVELS:
            route = book.route(key, area_kind="grid", level=level)
            assert route.bodies
            assert set(route.bodies) <= set(book.bodies)


def test_a_pattern_becomes_a_unit_code_at_a_place() -> None:
    place = {"town": "990101101", "grid": "990101101201001"}
    assert resolve_body("station-{town}-police", **place) == "station-990101101-police"
    assert resolve_body("grid", **place) == "grid-990101101201001"
    assert resolve_body("dept-water", **place) == "dept-water"
    assert resolve_body("station-{town}-police", town=None, grid=None) is None
    assert resolve_body("grid", town="990101101", grid=None) is None


def test_what_the_book_does_not_know_is_refused() -> None:
    book = default_book()
    with pytest.raises(CategoryUnknown) as refused:
        book.category("env.nosuch")
    assert (refused.value.code, refused.value.status) == ("category_unknown", 422)
    with pytest.raises(CategoryUnknown):
        book.route("nosuch", area_kind="grid", level="town")
    with pytest.raises(ReasonUnknown) as unknown:
        book.reason("pause", "nosuch")
    assert set(unknown.value.allowed) == set(book.reasons("pause"))
    assert book.reason("pause", "weather").name_in("en") == (
        "Weather or season does not allow the work"
    )
