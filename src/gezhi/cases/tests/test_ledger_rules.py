"""The ledger as pure rules: stretches add up to what has elapsed, and nothing else counts."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.cases import rules
from gezhi.cases.rules import Act, Entry, EntryKind
from gezhi.cases.rules.ledger import WRITTEN_BY
from gezhi.rulebook.rules import Calendar, Hours, OfficialDays

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 09:00 in the city
UNITS = [UUID(int=number) for number in range(1, 5)]
K = EntryKind
# What may follow in a ledger that acts wrote: nothing is handed on while the clock stands.
NEXT = {
    "running": [K.PAUSE, K.TRANSFER, K.EXTEND, K.STOP],
    "paused": [K.RESUME, K.EXTEND, K.STOP],
    "stopped": [K.START],
}
AFTER = {
    K.START: "running", K.RESUME: "running", K.TRANSFER: "running", K.PAUSE: "paused",
    K.STOP: "stopped",
}  # fmt: skip


def entry(
    kind: EntryKind, minutes: int, unit: int = 0, *, actor: str = "", reason: str = ""
) -> Entry:
    at = MONDAY + timedelta(minutes=minutes)
    return Entry(kind, at, UNITS[unit], actor=actor, reason=reason)


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Entry], datetime]:
    """A ledger as acts write it, and a moment at its end or later; moments may be the same."""
    at, unit, state = MONDAY, draw(st.sampled_from(UNITS)), "running"
    entries = [Entry(K.START, at, unit)]
    for minutes in draw(st.lists(st.integers(0, 3000), max_size=14)):
        at += timedelta(minutes=minutes)
        kind = draw(st.sampled_from(NEXT[state]))
        if kind in (K.TRANSFER, K.START):
            unit = draw(st.sampled_from(UNITS))
        until = at + timedelta(days=1) if kind in (K.PAUSE, K.EXTEND) else None
        entries.append(Entry(kind, at, unit, until, reason=f"{len(entries)}"))
        state = AFTER.get(kind, state)
    return entries, at + timedelta(minutes=draw(st.integers(0, 3000)))


def ran_of(entries: list[Entry], now: datetime) -> dict[UUID | None, timedelta]:
    """What has elapsed, without those who held it for no time."""
    return {unit: ran for unit, ran in rules.elapsed(entries, now=now).items() if ran}


@given(ledgers())
def test_the_stretches_add_up_to_what_has_elapsed_and_pauses_count_for_nobody(
    ledger: tuple[list[Entry], datetime],
) -> None:
    entries, now = ledger
    held = rules.holdings(entries, now=now)
    by_unit: dict[UUID | None, timedelta] = {}
    for one in held:
        by_unit[one.unit] = by_unit.get(one.unit, timedelta()) + one.ran
        for start, end in one.runs:
            assert not any(stood.start < end and start < stood.end for stood in one.stood)
    assert {unit: length for unit, length in by_unit.items() if length} == ran_of(entries, now)


@given(ledgers())
def test_stretches_follow_each_other_and_leave_out_only_what_was_stopped(
    ledger: tuple[list[Entry], datetime],
) -> None:
    entries, now = ledger
    held = rules.holdings(entries, now=now)
    between = timedelta()
    for before, after in zip(held, held[1:], strict=False):
        assert before.end <= after.start
        assert not before.is_open
        between += after.start - before.end
    whole = sum((one.end - one.start for one in held), timedelta())
    assert whole + between == held[-1].end - held[0].start
    is_stopped = entries[-1].kind == K.STOP
    assert held[-1].is_open is not is_stopped
    assert held[-1].end == (entries[-1].at if is_stopped else now)


@given(ledgers(), st.integers(0, 5000))
def test_what_has_elapsed_only_grows_and_only_for_who_holds_it(
    ledger: tuple[list[Entry], datetime], more: int
) -> None:
    entries, now = ledger
    before = rules.elapsed(entries, now=now)
    after = rules.elapsed(entries, now=now + timedelta(minutes=more))
    last = rules.holdings(entries, now=now)[-1]
    runs = last.is_open and not rules.is_paused(entries)
    for unit, length in after.items():
        grown = length - before.get(unit, timedelta())
        assert grown == (timedelta(minutes=more) if runs and unit == last.unit else timedelta())


@given(ledgers(), st.data())
def test_more_time_changes_nothing_that_has_run(
    ledger: tuple[list[Entry], datetime], data: st.DataObject
) -> None:
    """An extension is a mark in the ledger, as many as there are, wherever they stand."""
    entries, now = ledger
    at = data.draw(st.integers(1, len(entries)))
    before = entries[at - 1]
    given_more = Entry(K.EXTEND, before.at, before.unit, now)
    longer = [*entries[:at], given_more, *entries[at:]]
    assert ran_of(longer, now) == ran_of(entries, now)
    held = rules.holdings(longer, now=now)
    assert held == rules.holdings(entries, now=now)
    assert len(rules.extensions(longer)) == len(rules.extensions(entries)) + 1


@given(ledgers())
def test_entries_of_one_moment_count_in_the_order_they_stand(
    ledger: tuple[list[Entry], datetime],
) -> None:
    """Taken at one moment, the last one to get it has it; each handing-over is still told."""
    entries, _now = ledger
    at_once = [Entry(one.kind, MONDAY, one.unit, reason=one.reason) for one in entries]
    now = MONDAY + timedelta(hours=1)
    held = rules.holdings(at_once, now=now)
    assert [one.entry.reason for one in held] == [
        one.reason for one in at_once if one.kind in (K.START, K.TRANSFER)
    ]
    assert all(one.start == one.end for one in held[:-1])
    runs = held[-1].is_open and not rules.is_paused(at_once)
    whole = sum(rules.elapsed(at_once, now=now).values(), timedelta())
    assert whole == (timedelta(hours=1) if runs else timedelta())


def test_who_held_it_who_handed_it_on_and_what_stood() -> None:
    entries = [
        entry(K.START, 0, 0, actor="report:1"),
        entry(K.TRANSFER, 10, 1, actor="account:cun", reason="assigned"),
        entry(K.PAUSE, 40, 1, actor="account:du", reason="materials"),
        entry(K.EXTEND, 50, 1, actor="account:du", reason="weather"),
        entry(K.RESUME, 100, 1, actor="account:shui", reason="resumed"),
        entry(K.TRANSFER, 160, 2, actor="account:shui", reason="sent_back"),
        entry(K.STOP, 200, 2, actor="account:zhen", reason="finished"),
        entry(K.START, 900, 2, actor="account:fang", reason="visit"),
    ]
    now = MONDAY + timedelta(minutes=1000)
    held = rules.holdings(entries, now=now)
    minutes = timedelta(minutes=1)
    assert [(one.unit, one.entry.actor, one.ran // minutes, one.is_open) for one in held] == [
        (UNITS[0], "report:1", 10, False),
        (UNITS[1], "account:cun", 90, False),
        (UNITS[2], "account:shui", 40, False),
        (UNITS[2], "account:fang", 100, True),
    ]
    [stood] = held[1].stood
    assert (stood.entry.reason, (stood.end - stood.start) // minutes) == ("materials", 60)
    assert not stood.is_open
    assert [one.reason for one in rules.extensions(entries)] == ["weather"]


def test_a_pause_that_goes_on_is_open_and_ends_with_the_case() -> None:
    entries = [entry(K.START, 0), entry(K.PAUSE, 30)]
    now = MONDAY + timedelta(hours=2)
    [one] = rules.holdings(entries, now=now)
    assert one.stood[0].is_open
    assert (one.ran, one.end) == (timedelta(minutes=30), now)
    [one] = rules.holdings([*entries, entry(K.STOP, 60)], now=now)
    assert not one.stood[0].is_open
    assert one.end == one.stood[0].end == MONDAY + timedelta(minutes=60)


_HOURS = (
    Hours("night", (1, 1), (12, 31), ((time(18), time(22)),), units=("dept-night*",)),
    Hours("all", (1, 1), (12, 31), ((time(8, 30), time(12)), (time(14), time(18)))),
)
CALENDAR = Calendar(
    ZoneInfo("Asia/Shanghai"),
    _HOURS,
    OfficialDays(
        frozenset({2026}),
        off=frozenset({datetime(2026, 11, 18, tzinfo=UTC).date()}),
        working=frozenset({datetime(2026, 11, 21, tzinfo=UTC).date()}),
    ),
)
_CODES = {UNITS[0]: "dept-water", UNITS[1]: "dept-night-shift"}


def hours_of(codes: dict[UUID, str]) -> Callable[[UUID | None], Calendar]:
    return lambda unit: CALENDAR.for_unit(codes.get(unit) if unit else None)


def test_working_time_is_counted_by_the_hours_of_whoever_held_it() -> None:
    day = 24 * 60
    entries = [
        entry(K.START, 0, 0),  # Monday 09:00
        entry(K.PAUSE, 60, 0),  # 10:00 to 11:00 does not count
        entry(K.RESUME, 120, 0),
        entry(K.TRANSFER, day, 1),  # Tuesday 09:00, to those who work at night
        entry(K.TRANSFER, 2 * day, 0),  # Wednesday is off; Thursday 09:00 comes next
        entry(K.STOP, 3 * day, 0),
    ]
    held = rules.holdings(entries, now=MONDAY + timedelta(days=30))
    # Monday 9-10, 11-12, 14-18; Tuesday 8:30-9; then Tuesday 18-22; Thursday 8:30-9.
    assert rules.worked(held, hours_of(_CODES)) == {
        UNITS[0]: 60 + 60 + 240 + 30 + 30,
        UNITS[1]: 240,
    }


def test_a_make_up_saturday_is_working_time() -> None:
    saturday = [entry(K.START, 5 * 24 * 60, 0), entry(K.STOP, 6 * 24 * 60 - 60, 0)]
    held = rules.holdings(saturday, now=MONDAY + timedelta(days=30))
    assert rules.worked(held, hours_of({})) == {UNITS[0]: 180 + 240}


@given(ledgers())
def test_working_time_is_never_more_than_time(ledger: tuple[list[Entry], datetime]) -> None:
    entries, now = ledger
    held = rules.holdings(entries, now=now)
    ran = rules.elapsed(entries, now=now)
    for unit, minutes in rules.worked(held, hours_of(_CODES)).items():
        assert timedelta(minutes=minutes) <= ran.get(unit, timedelta())


def line(act: Act, minutes: int, **data: str) -> SimpleNamespace:
    return SimpleNamespace(act=act.value, at=MONDAY + timedelta(minutes=minutes), data=data)


def test_each_entry_finds_the_line_that_wrote_it_also_among_lines_of_the_same_moment() -> None:
    entries = [entry(K.START, 0), entry(K.TRANSFER, 0, 1), entry(K.TRANSFER, 0, 2),
               entry(K.PAUSE, 30, 2), entry(K.STOP, 60, 2)]  # fmt: skip
    lines = [
        line(Act.REPORT, 0), line(Act.ACCEPT, 0), line(Act.ASSIGN, 0), line(Act.SEND_BACK, 0),
        line(Act.PAUSE, 30, asks="pause"), line(Act.NOTE, 30), line(Act.PAUSE, 30),
        line(Act.FINISH, 61),
    ]  # fmt: skip
    found = rules.lines_of(entries, lines)
    assert found == [lines[0], lines[2], lines[3], lines[6], None]


def test_no_act_writes_entries_of_two_kinds() -> None:
    acts = [act for acts in WRITTEN_BY.values() for act in acts]
    assert len(acts) == len(set(acts))
    assert set(WRITTEN_BY) == set(EntryKind)


@pytest.mark.parametrize("kind", [K.PAUSE, K.RESUME, K.EXTEND, K.STOP, K.TRANSFER])
def test_what_comes_after_the_end_gives_it_to_nobody(kind: EntryKind) -> None:
    """An entry that no act writes there, from an import gone wrong, makes no stretch."""
    entries = [entry(K.START, 0), entry(K.STOP, 10), entry(kind, 20, 1)]
    held = rules.holdings(entries, now=MONDAY + timedelta(hours=1))
    assert [(one.unit, one.is_open) for one in held] == [(UNITS[0], False)]
