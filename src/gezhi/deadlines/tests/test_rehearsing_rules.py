"""One past case under another book, as tables: each kind of change and what it would have done."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from gezhi.cases.rules import Entry, EntryKind
from gezhi.deadlines.errors import PeriodWrong
from gezhi.deadlines.rules import rehearsing as rules
from gezhi.deadlines.rules.rehearsing import Finding, Here, Past, Recorded, Topic, Verdict
from gezhi.deadlines.rules.replaying import Body, Line, Reader, replay, steps_of
from gezhi.places.rules import Owner
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.rulebook.tests.books import default_book, files_with
from tests.cast import GRID, TOWN, TUESDAY

CENTRE, STATION, GRID_UNIT = UUID(int=1), UUID(int=2), UUID(int=3)
UNITS = {
    CENTRE: Body("centre-990101101201", "village"),
    STATION: Body(f"station-{TOWN}-enforcement", "town"),
    GRID_UNIT: Body(f"grid-{GRID}", "grid"),
}
HERE = Here(UNITS, frozenset({UNITS[STATION].code, UNITS[GRID_UNIT].code, "dept-water"}))
CATEGORY, TEXT = "env.garbage.exposed", "楼下生活垃圾没人清，堆了三天"
LATER = TUESDAY + timedelta(days=60)
_HOUR = timedelta(hours=1)


def changed(name: str, old: str, new: str) -> Book:
    return rulebook.read_files(files_with(name, old, new))


def line(after: timedelta, act: str, state: str, holder: UUID, **data: Any) -> Line:
    return Line(TUESDAY + after, act, state, holder, data)


def lines(*, size: str, finished: timedelta, more: tuple[Line, ...] = ()) -> list[Line]:
    """Reported at nine on Tuesday, accepted, sent and signed within the hour, then finished."""
    return [
        line(timedelta(), "report", "reported", CENTRE),
        line(_HOUR / 12, "accept", "accepted", CENTRE, category=CATEGORY, size=size),
        line(_HOUR / 6, "assign", "assigned", GRID_UNIT, unit="x", size=size),
        line(_HOUR, "sign", "handling", GRID_UNIT),
        *more,
        line(finished, "finish", "done", GRID_UNIT, outcome="solved"),
    ]


def past_case(
    own: Book,
    *,
    size: str = "",
    finished: timedelta = timedelta(hours=30),
    proposed: str = CATEGORY,
    category: str = CATEGORY,
    more: tuple[Line, ...] = (),
    clock: tuple[Entry, ...] = (),
) -> Past:
    """A case with the promises on record that its own book made."""
    size = size or own.categories[CATEGORY].size
    told = lines(size=size, finished=finished, more=more)
    reader = Reader(own, proposed, "portal", UNITS, category)
    met = {"accept": told[1].at, "forward": told[2].at, "sign": told[3].at, "finish": told[-1].at}
    made = replay(steps_of(told, category=category, proposed=proposed, own=own), clock, reader)
    return Past(
        case=UUID(int=9),
        number="261117-000001",
        channel="portal",
        what=TEXT,
        proposed=proposed,
        category=category,
        path=GRID,
        area_kind="grid",
        is_urgent=False,
        zone="",
        owners=(),
        paused_until=None,
        paused_at=None,
        lines=told,
        clock=clock,
        promises=[
            Recorded(row.kind, row.starts, row.due, row.unit, met[row.kind], None) for row in made
        ],
    )


def found(past: Past, own: Book, new: Book, *, here: Here = HERE) -> list[Finding]:
    return rules.rehearse(past, rules.pair_of(own, new), here, now=LATER)


def of(findings: list[Finding], topic: Topic, kind: str = "") -> Finding:
    (one,) = [one for one in findings if one.topic == topic and one.kind == kind]
    return one


def test_the_same_book_changes_nothing() -> None:
    own = default_book()
    assert own.suggest(TEXT)[0].key == CATEGORY
    findings = found(past_case(own), own, changed("deadlines.toml", "\n", "\n# a word\n"))
    assert {one.kind for one in findings if one.topic == Topic.DUE} == {
        "accept", "forward", "sign", "finish",
    }  # fmt: skip
    assert {one.verdict for one in findings} <= {Verdict.SAME, Verdict.STILL}
    assert not any(one.minutes for one in findings)


@pytest.mark.parametrize(
    ("kind", "old", "new", "verdict", "minutes"),
    [
        # (was, would be) for a case signed after 50 minutes and finished on Wednesday at 15:00
        ("sign-small", '"2 working hours"', '"30 minutes"', Verdict.LATE, -90),
        ("sign-small", '"2 working hours"', '"3 hours"', Verdict.MOVED, 60),
        ("accept", '"10 minutes"', '"3 minutes"', Verdict.LATE, -7),
        ("accept", '"10 minutes"', '"1 hour"', Verdict.MOVED, 50),
        ("forward", '"1 hour"', '"2 minutes"', Verdict.LATE, -58),
    ],
)
def test_a_changed_span_moves_the_promise(
    kind: str, old: str, new: str, verdict: Verdict, minutes: int
) -> None:
    own = default_book()
    text = rulebook.default_files()["deadlines.toml"]
    row = text.index(f'id = "{kind}"')
    at = text.index(f"within = {old}", row)
    files = rulebook.default_files()
    files["deadlines.toml"] = text[:at] + text[at:].replace(old, new, 1)
    kind = kind.partition("-")[0]
    one = of(found(past_case(own), own, rulebook.read_files(files)), Topic.DUE, kind)
    unit = UNITS[GRID_UNIT if kind == "sign" else CENTRE].code
    assert (one.verdict, one.minutes, one.unit) == (verdict, minutes, unit)


def finish_of(size: str, span: str) -> Book:
    spans = {"small": '"1 working day"', "big": '"3 working days"'}
    text = f'size = "{size}"\nwithin = {spans[size]}'
    return changed("deadlines.toml", text, f'size = "{size}"\nwithin = "{span}"')


@pytest.mark.parametrize(
    ("size", "finished", "span", "verdict"),
    [
        ("big", timedelta(days=2), "1 working day", Verdict.LATE),
        ("big", timedelta(hours=5), "1 working day", Verdict.MOVED),
        ("small", timedelta(days=2), "5 working days", Verdict.IN_TIME),
        ("small", timedelta(days=20), "5 working days", Verdict.STILL),
        ("big", timedelta(days=2), "3 working days", Verdict.SAME),
    ],
)
def test_who_would_have_been_late_and_who_no_longer(
    size: str, finished: timedelta, span: str, verdict: Verdict
) -> None:
    own = default_book()
    past = past_case(own, size=size, finished=finished)
    one = of(found(past, own, finish_of(size, span)), Topic.DUE, "finish")
    assert one.verdict == verdict
    assert (one.minutes == 0) == (verdict == Verdict.SAME)


def test_an_open_case_is_late_as_of_now_or_as_of_when_its_clock_was_stopped() -> None:
    own = default_book()
    past = past_case(own, size="big", finished=timedelta(days=2))
    open_ = [one._replace(met_at=None) if one.kind == "finish" else one for one in past.promises]
    past = replace(past, lines=past.lines[:-1], promises=open_)
    new = finish_of("big", "1 working day")
    pair = rules.pair_of(own, new)
    soon, later = TUESDAY + timedelta(days=2), TUESDAY + timedelta(days=20)
    for paused_at, now, verdict in (
        (None, soon, Verdict.LATE),
        (None, later, Verdict.STILL),
        (TUESDAY + timedelta(hours=3), later, Verdict.MOVED),
        (soon, later, Verdict.LATE),
        (later, later, Verdict.STILL),
    ):
        until = paused_at and later + timedelta(days=9)
        past = replace(past, paused_until=until, paused_at=paused_at)
        findings = rules.rehearse(past, pair, HERE, now=now)
        assert of(findings, Topic.DUE, "finish").verdict == verdict


def test_a_new_holiday_gives_a_day_more() -> None:
    own = default_book()
    past = past_case(own, size="small", finished=timedelta(days=2))
    holiday = replace(own.calendar, exceptions={date(2026, 11, 18): False})
    one = of(found(past, own, replace(own, calendar=holiday)), Topic.DUE, "finish")
    assert (one.verdict, one.minutes) == (Verdict.IN_TIME, 24 * 60)


def test_a_size_that_nobody_chose_follows_the_book_and_a_chosen_one_stays() -> None:
    own = default_book()
    usual = own.categories[CATEGORY]
    other = "hard" if usual.size != "hard" else "small"
    categories = {**own.categories, CATEGORY: replace(usual, size=other)}
    new = replace(own, categories=categories)
    chosen = "big" if usual.size != "big" else "small"
    assert of(found(past_case(own), own, new), Topic.DUE, "finish").minutes != 0
    assert of(found(past_case(own, size=chosen), own, new), Topic.DUE, "finish").minutes == 0


def test_what_stood_is_counted_by_the_new_calendar_and_a_named_day_stays() -> None:
    own = default_book()
    asked = line(2 * _HOUR, "pause", "handling", GRID_UNIT)
    again = line(5 * _HOUR, "resume", "handling", GRID_UNIT)
    clock = (
        Entry(EntryKind.START, TUESDAY, CENTRE),
        Entry(EntryKind.PAUSE, asked.at, GRID_UNIT),
        Entry(EntryKind.RESUME, again.at, GRID_UNIT),
    )
    past = past_case(own, size="big", more=(asked, again), clock=clock)
    new = finish_of("big", "1 working day")
    one = of(found(past, own, new), Topic.DUE, "finish")
    assert one.due_after is not None
    plain = of(found(past_case(own, size="big"), own, new), Topic.DUE, "finish")
    assert plain.due_after is not None
    assert one.due_after > plain.due_after, "the pause was forgotten"
    until = TUESDAY + timedelta(days=9)
    longer = line(5 * _HOUR, "extend", "handling", GRID_UNIT, due=until.isoformat())
    extended = past_case(own, size="big", more=(longer,))
    one = of(found(extended, own, new), Topic.DUE, "finish")
    assert (one.verdict, one.due_after) == (Verdict.SAME, until)


def test_a_promise_that_its_own_book_does_not_explain_is_not_compared() -> None:
    own = default_book()
    past = past_case(own, size="big", finished=timedelta(days=2))
    odd = [
        one._replace(due=one.due + _HOUR) if one.kind == "finish" else one for one in past.promises
    ]
    findings = found(replace(past, promises=odd), own, finish_of("big", "1 working day"))
    assert of(findings, Topic.DUE, "finish").verdict == Verdict.UNSURE
    assert of(findings, Topic.DUE, "sign").verdict == Verdict.SAME
    dropped = [one._replace(dropped_at=LATER, met_at=None) for one in past.promises]
    assert not [
        one for one in found(replace(past, promises=dropped), own, own) if one.topic == Topic.DUE
    ], "what was nobody's any more was neither kept nor broken"


@pytest.mark.parametrize(
    ("finisher", "verdict"),
    [
        (GRID_UNIT, Verdict.WORSE),
        (STATION, Verdict.BETTER),
        (CENTRE, Verdict.OTHER),
        (None, "open"),
    ],
)
def test_a_new_route_is_judged_by_who_finished_it(finisher: UUID | None, verdict: Verdict) -> None:
    own = default_book()
    assert own.categories[CATEGORY].by_grid
    assert own.categories[CATEGORY].station == "station-{town}-enforcement"
    new = changed(
        "routing.toml",
        'to = ["grid", "{station}", "{body}"]\nwhy = "网格员能',
        'to = ["{station}", "grid", "{body}"]\nwhy = "网格员能',
    )
    past = past_case(own)
    last = past.lines[-1]
    told = [*past.lines[:-1], *([replace(last, holder=finisher)] if finisher else [])]
    one = of(found(replace(past, lines=told), own, new), Topic.ROUTE)
    assert (one.verdict, one.before, one.after) == (
        verdict, UNITS[GRID_UNIT].code, UNITS[STATION].code,
    )  # fmt: skip
    assert one.sides == "grid>station-{town}-enforcement"
    assert of(found(past, own, own), Topic.ROUTE).verdict == Verdict.SAME


def test_a_route_to_nobody_who_is_here_is_told() -> None:
    own = default_book()
    files = rulebook.default_files()
    files["routing.toml"] = files["routing.toml"].replace(
        'to = ["grid", "{station}", "{body}"]\nwhy = "网格员能', 'to = ["{body}"]\nwhy = "网格员能'
    )
    findings = found(past_case(own), own, rulebook.read_files(files))
    one = of(findings, Topic.SHUT)
    assert (one.verdict, one.before, one.category) == (Verdict.UNIT, "grid", CATEGORY)
    assert of(findings, Topic.DUE, "finish"), "its promises are compared all the same"


def without(own: Book, key: str) -> Book:
    categories = {name: one for name, one in own.categories.items() if name != key}
    pointing = {
        word: tuple(one for one in keys if one != key)
        for word, keys in own.vocabulary.categories.items()
    }
    words = {word: keys for word, keys in pointing.items() if keys}
    return replace(own, categories=categories, vocabulary=replace(own.vocabulary, categories=words))


def test_a_removed_category_cannot_be_opened_and_says_so() -> None:
    own = default_book()
    findings = found(past_case(own), own, without(own, CATEGORY))
    one = of(findings, Topic.SHUT)
    assert (one.verdict, one.before) == (Verdict.CATEGORY, CATEGORY)
    assert not [each for each in findings if each.topic == Topic.DUE]
    # Nobody had accepted it, but somebody had named the category when it came in.
    named = replace(past_case(own), what="有个事", category="")
    assert of(found(named, own, without(own, CATEGORY)), Topic.SHUT).verdict == Verdict.CATEGORY


def test_a_category_on_the_way_that_is_gone_does_not_shut_the_case() -> None:
    own = default_book()
    away = "env.burning"
    again = line(
        2 * _HOUR, "reclassify", "handling", GRID_UNIT,
        category=CATEGORY, size="small", category_was=away, size_was="small",
    )  # fmt: skip
    told = lines(size="small", finished=timedelta(hours=30), more=(again,))
    told[1] = replace(told[1], data={"category": away, "size": "small"})
    past = replace(past_case(own), lines=told, proposed=away)
    findings = found(past, own, without(own, away))
    assert not [one for one in findings if one.topic == Topic.SHUT]


@pytest.mark.parametrize(
    ("accepted", "verdict"),
    [
        (CATEGORY, Verdict.WORSE),
        ("env.burning", Verdict.BETTER),
        ("env.noise", Verdict.OTHER),
        ("", Verdict.OPEN),
    ],
)
def test_other_words_propose_another_category(accepted: str, verdict: Verdict) -> None:
    own = default_book()
    words = {**own.vocabulary.categories}
    for word in own.vocabulary.words.find(TEXT):
        words[word] = ("env.burning",)
    new = replace(own, vocabulary=replace(own.vocabulary, categories=words))
    past = replace(past_case(own), category=accepted)
    one = of(found(past, own, new), Topic.PROPOSAL)
    assert (one.verdict, one.before, one.after) == (verdict, CATEGORY, "env.burning")
    # What a person named is no proposal of the words, and stays.
    named = replace(past, proposed="env.noise")
    assert not [each for each in found(named, own, new) if each.topic == Topic.PROPOSAL]


def test_a_calendar_that_ends_too_soon_is_told() -> None:
    own = default_book()
    official = replace(own.calendar.official, years=frozenset({2025}))
    new = replace(own, calendar=replace(own.calendar, official=official, guess_weekdays=False))
    one = of(found(past_case(own), own, new), Topic.SHUT)
    assert (one.verdict, one.before) == (Verdict.YEAR, "2026")
    findings = found(past_case(own), new, own)
    assert {each.verdict for each in findings if each.topic == Topic.DUE} == {Verdict.UNSURE}


def test_sums_count_each_finding_under_its_kind_category_and_unit() -> None:
    own = default_book()
    new = finish_of("big", "1 working day")
    sums: rules.Sums = {}
    for days in (2, 2, 20):
        past = past_case(own, size="big", finished=timedelta(days=days))
        rules.add_up(sums, found(past, own, new))
    assert sums["all"][""] == {"n": 3}
    assert sums["kind"]["finish"] == {
        "n": 3, "late": 2, "still": 1, "late_before": 1, "late_after": 3, "sooner": 3,
    }  # fmt: skip
    assert sums["category"][CATEGORY]["n"] == 12
    assert sums["unit"][UNITS[GRID_UNIT].code]["late"] == 2
    assert sums["route"][""] == {"n": 3, "same": 3}
    assert "routes" not in sums


def test_a_case_without_a_history_is_counted_and_not_replayed() -> None:
    own = default_book()
    findings = found(replace(past_case(own), lines=[]), own, finish_of("big", "1 working day"))
    assert [one.topic for one in findings] == [Topic.PROPOSAL]


def test_a_period_ends_after_it_begins() -> None:
    rules.must_be_a_period(date(2026, 1, 1), date(2026, 1, 2))
    with pytest.raises(PeriodWrong):
        rules.must_be_a_period(date(2026, 1, 2), date(2026, 1, 2))


LAMP = "小区里的路灯不亮"


def routed(past: Past, own: Book, new: Book, **changes: Any) -> tuple[str, str]:
    past = replace(past, proposed="utility.lamp", category="utility.lamp", what=LAMP, **changes)
    lamps = {"company-chunhe", "team-b", "team-a", own.categories["utility.lamp"].body}
    one = of(found(past, own, new, here=Here(UNITS, HERE.workers | lamps)), Topic.ROUTE)
    return one.before, one.after


def with_rule(condition: str, to: str) -> Book:
    row = f'[[rule]]\nid = "mine"\n{condition}\nto = {to}\nwhy = "x"\n\n'
    return changed("routing.toml", '[[rule]]\nid = "urgent"', f'{row}[[rule]]\nid = "urgent"')


def test_what_is_laid_down_for_the_place_goes_before_either_books_rules() -> None:
    own, new = default_book(), with_rule('category = "utility.lamp"', '"grid"')
    past, grid = past_case(own), UNITS[GRID_UNIT].code
    assert routed(past, own, new)[1] == grid
    keeper = Owner(UUID(int=7), "lamp", "", "company-chunhe", "合同")
    assert routed(past, own, new, owners=(keeper,)) == ("company-chunhe", "company-chunhe")


@pytest.mark.parametrize(
    ("condition", "changes"),
    [
        ('channel = "hotline"', {"channel": "hotline"}),
        ('asset = "lamp"', {}),
        ('zone = "estate"', {"zone": "estate"}),
        ('urgent = true\nlevel = "village"', {"is_urgent": True}),
    ],
)
def test_rules_by_channel_thing_ground_and_danger_are_rehearsed(
    condition: str, changes: dict[str, Any]
) -> None:
    own, new = default_book(), with_rule(condition, '"grid"')
    past, grid = past_case(own), UNITS[GRID_UNIT].code
    assert routed(past, own, new, **changes)[1] == grid
    if changes:
        assert routed(past, own, new)[1] != grid


def test_of_equals_the_first_by_code_stands_for_them() -> None:
    own = default_book()
    teams = '[[body]]\ncode = "team-*"\nname = "队"\nname_en = "Teams"\nkind = "station"\n\n'
    text = rulebook.default_files()["routing.toml"].replace("\n[[body]]", f"\n{teams}[[body]]", 1)
    rule = '[[rule]]\nid = "x"\ncategory = "utility.lamp"\nto = "team-*"\nwhy = "x"\n\n'
    text = text.replace('[[rule]]\nid = "urgent"', f'{rule}[[rule]]\nid = "urgent"')
    new = rulebook.read_files(rulebook.default_files() | {"routing.toml": text})
    assert routed(past_case(own), own, new)[1] == "team-a"
