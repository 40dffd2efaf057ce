"""Promises of every kind are late by one rule: as the page says it and as the lists find them."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Case
from gezhi.deadlines import reads, rules
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import UNSTOPPED, WINDOWS, Kind
from tests.cast import TUESDAY, County, report_leak

HOUR = timedelta(hours=1)
MOMENTS = st.integers(0, 6).map(lambda hours: TUESDAY + hours * HOUR)
MAYBE = st.none() | MOMENTS


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(sorted(set(Kind) - WINDOWS)),
    due=MOMENTS,
    stopped=MAYBE,
    until=MAYBE,
    now=MOMENTS,
)
def test_what_is_owed_is_what_the_rule_calls_late(
    county: County,
    case: Case,
    kind: Kind,
    due: datetime,
    stopped: datetime | None,
    until: datetime | None,
    now: datetime,
) -> None:
    one = Deadline.objects.filter(case=case).order_by("id").first()
    assert one is not None
    Deadline.objects.filter(case=case).exclude(id=one.id).update(dropped_at=TUESDAY)
    Deadline.objects.filter(id=one.id).update(kind=kind, due=due)
    Case.objects.filter(id=case.id).update(paused_at=stopped, paused_until=until)
    is_late = rules.is_late(kind, due, met_at=None, paused_until=until, paused_at=stopped, now=now)
    found = reads.late(county.actor("du"), now=now)
    assert found.exists() == is_late
    assert sum(one.late for one in reads.owing(found, now=now)) == is_late


def test_of_what_is_owed_lists_show_what_can_become_late(county: County) -> None:
    """While the clock stands, a demand that runs on comes before a promise that waits."""
    with clock.standing_at(TUESDAY):
        id = report_leak().case.id
        actions.ask(id, words="在哪个村？", actor=county.actor("cun"))
        case = Case.objects.get(id=id)
        accept, finish = Deadline.objects.filter(case=id, kind__in=["accept", "finish"]).order_by(
            "due"
        )
        assert (case.due_at, case.due_runs_on) == (accept.due, False)
        assert case.finish_by == finish.due
        demand = TUESDAY + 2 * HOUR
        actions.supervise(id, words="请说明", answer_by=demand, actor=county.actor("du"))
    case.refresh_from_db()
    assert (case.due_at, case.due_runs_on) == (demand, True)
    with clock.standing_at(TUESDAY + HOUR):
        actions.resume(id, actor=county.actor("cun"))
    case.refresh_from_db()
    assert (case.due_at, case.due_runs_on) == (accept.due + HOUR, False)


def test_what_was_late_when_the_clock_stopped_is_shown_before_what_runs_on(county: County) -> None:
    with clock.standing_at(TUESDAY):
        id = report_leak().case.id
    with clock.standing_at(TUESDAY + HOUR):
        actions.ask(id, words="在哪个村？", actor=county.actor("cun"))
        actions.supervise(
            id, words="请说明", answer_by=TUESDAY + 2 * HOUR, actor=county.actor("du")
        )
    case, accept = Case.objects.get(id=id), Deadline.objects.get(case=id, kind=Kind.ACCEPT)
    assert accept.due < TUESDAY + HOUR
    assert (case.due_at, case.due_runs_on) == (accept.due, False)


def test_accepting_in_a_pause_moves_nothing_before_the_clock_runs_again(county: County) -> None:
    """What the pause puts off is known when it is over; until then late is as late as it was."""
    with clock.standing_at(TUESDAY):
        id = report_leak().case.id
    first = Deadline.objects.get(case=id, kind=Kind.FINISH)
    stopped = first.due + 2 * HOUR
    with clock.standing_at(stopped):
        actions.ask(id, words="在哪个村？", actor=county.actor("cun"))
    case = Case.objects.get(id=id)
    with clock.standing_at(stopped + 5 * HOUR):
        category, size = case.proposed_category, case.size
        actions.accept(id, category=category, size=size, actor=county.actor("cun"))
        row = Deadline.objects.get(case=id, kind=Kind.FINISH)
        own = Deadline.objects.get(case=id, kind=Kind.FINISH).base_due
        assert row.due == own
        assert row in reads.late(county.actor("du"), now=stopped + 5 * HOUR)
    with clock.standing_at(stopped + 9 * HOUR):
        actions.resume(id, actor=county.actor("cun"))
        row.refresh_from_db()
        assert row.due > own
        assert row in reads.late(county.actor("du"), now=stopped + 9 * HOUR), "still late"


def test_what_runs_on_is_what_no_pause_stops() -> None:
    for kind in set(Kind) - WINDOWS:
        waits = rules.waits(kind, TUESDAY + HOUR, TUESDAY)
        assert waits == (kind not in UNSTOPPED)
        assert not rules.waits(kind, TUESDAY - HOUR, TUESDAY), "late already"
        assert not rules.waits(kind, TUESDAY + HOUR, None), "its clock runs"
