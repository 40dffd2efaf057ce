"""Plans of promises: what comes when, what follows what, and where a moved one goes on."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.deadlines.rules import (
    NOTHING,
    Kind,
    Step,
    Term,
    first_of,
    following,
    is_outdated,
    rank,
    steps,
)
from gezhi.rulebook.rules import Calendar, Hours, OfficialDays, Rung, read_span

# A week without holidays; 09:00 to 17:00.
OFFICE = Calendar(
    ZoneInfo("Asia/Shanghai"),
    (Hours("all", (1, 1), (12, 31), ((time(9), time(17)),)),),
    OfficialDays(frozenset({2026}), frozenset(), frozenset()),
)
START = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)  # Tuesday, 09:00
HOUR = timedelta(hours=1)


def rung(after: str, tell: str) -> Rung:
    span = read_span(after)
    assert span is not None
    return Rung(span, tell)


LADDER = (rung("10 minutes", "head"), rung("4 working hours", "above"))


def plan(
    due: datetime, *, kind: Kind = Kind.FINISH, working: bool = False, start: datetime = START
) -> list[Step]:
    return moved(due, due, kind=kind, working=working, start=start)


def moved(
    base_due: datetime,
    due: datetime,
    *,
    kind: Kind = Kind.FINISH,
    working: bool = False,
    start: datetime = START,
    ladder: Sequence[Rung] = LADDER,
) -> list[Step]:
    term = Term(kind, start, base_due, due, working)
    return list(steps(term, percents=(80, 50), ladder=lambda: ladder, calendar=OFFICE))


def test_a_plan_reminds_breaks_and_climbs_in_order() -> None:
    assert plan(START + 10 * HOUR) == [
        ("remind:50", START + 5 * HOUR),
        ("remind:80", START + 8 * HOUR),
        ("break", START + 10 * HOUR),
        ("climb:1", START + 10 * HOUR + timedelta(minutes=10)),
        ("climb:2", START + 24 * HOUR + 4 * HOUR),  # 19:00 is after hours: 13:00 the next day
    ]


def test_working_time_is_halved_in_working_time() -> None:
    """From Tuesday 09:00 to Wednesday 17:00 are sixteen hours of work."""
    found = plan(START + 32 * HOUR, working=True)
    assert found[0] == ("remind:50", START + 24 * HOUR)
    assert found[1] == ("remind:80", START + timedelta(hours=28, minutes=48))


def test_a_pause_moves_reminders_by_as_much() -> None:
    stood = 3 * HOUR
    found = moved(START + 10 * HOUR, START + 10 * HOUR + stood)
    assert found[:2] == [("remind:50", START + 8 * HOUR), ("remind:80", START + 11 * HOUR)]


@pytest.mark.parametrize("kind", ["pause", "rate", "reopen"])
def test_a_window_only_ends(kind: str) -> None:
    assert plan(START + HOUR, kind=Kind(kind)) == [("end", START + HOUR)]


def test_of_a_question_the_reporter_is_reminded_once_before_its_end() -> None:
    found = plan(START + 10 * HOUR, kind=Kind.REPLY)
    assert found == [("remind:80", START + 8 * HOUR), ("end", START + 10 * HOUR)]


def test_what_follows_a_step() -> None:
    found = plan(START + 10 * HOUR)
    done = ""
    for step in found:
        after = following(iter(found), done)
        assert after == step
        done = step.code
    assert following(iter(found), done) is None


@pytest.mark.parametrize(
    ("pending", "now", "first"),
    [
        ("", 0, "remind:50"),
        ("", 6, "remind:80"),  # a shorter promise leaves reminders behind
        ("", 11, "break"),
        ("remind:80", 6, "remind:80"),
        ("remind:80", 9, "remind:80"),  # overdue: somebody takes it in a moment
        ("break", 9, "break"),
        ("break", 11, "break"),
        ("climb:2", 11, "climb:2"),
        ("climb:2", 3, "remind:50"),  # promised anew: everything lies ahead
        ("break", 3, "remind:50"),
        (NOTHING, 11, "climb:2"),
        (NOTHING, 90, None),
    ],
)
def test_where_a_plan_goes_on(pending: str, now: float, first: str | None) -> None:
    found = iter(plan(START + 10 * HOUR))
    step = first_of(found, pending=pending, now=START + now * HOUR)
    assert (step.code if step else None) == first


@given(
    minutes=st.integers(1, 60 * 24 * 40),
    stood=st.integers(0, 60 * 24 * 10),
    working=st.booleans(),
    start=st.integers(0, 60 * 24 * 60),
)
def test_steps_come_in_order_and_reminders_before_the_day(
    minutes: int, stood: int, working: bool, start: int
) -> None:
    begin = datetime(2026, 8, 3, tzinfo=UTC) + timedelta(minutes=start)
    base_due = begin + timedelta(minutes=minutes)
    due = base_due + timedelta(minutes=stood)
    found = moved(base_due, due, working=working, start=begin)
    assert [step.code for step in found] == [
        "remind:50", "remind:80", "break", "climb:1", "climb:2",
    ]  # fmt: skip
    ranks = [rank(step.code) for step in found]
    assert ranks == sorted(ranks)
    moments = [step.at for step in found]
    assert moments[:3] == sorted(moments[:3])
    assert moments[2] == due
    assert all(at > due for at in moments[3:])


def test_a_reminder_after_the_day_tells_nobody() -> None:
    due = START + HOUR
    assert is_outdated("remind:80", due=due, now=due)
    assert not is_outdated("remind:80", due=due, now=due - timedelta(seconds=1))
    assert not is_outdated("break", due=due, now=due)


def test_a_ladder_climbs_also_into_a_year_that_nobody_announced() -> None:
    eve = datetime(2026, 12, 31, 7, 0, tzinfo=UTC)  # 15:00 on the last day that is known
    found = moved(eve, eve, start=eve - HOUR, ladder=(rung("4 working hours", "above"),))
    assert found[-1] == ("climb:1", eve + 4 * HOUR)
