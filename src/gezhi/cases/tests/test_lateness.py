"""When a promise is late: the rule as a table, and the same rule in SQL for any moments."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gezhi.cases import reads, rules
from gezhi.cases.api import showing
from gezhi.cases.models import Case
from tests.cast import TUESDAY

HOUR = timedelta(hours=1)


def at(hours: float | None) -> datetime | None:
    return None if hours is None else TUESDAY + hours * HOUR


# Due at 5; the hours at which its clock was stopped, is to run again, and is looked at.
TABLE = [
    ("runs, not yet due", None, None, 4, False),
    ("runs, at the very moment", None, None, 5, False),
    ("runs, over", None, None, 6, True),
    ("stopped in time", 3, 99, 50, False),
    ("stopped at the very moment", 5, 99, 50, False),
    ("stopped too late", 6, 99, 50, True),
    ("stopped too late, looked at before", 6, 99, 4, False),
    ("should run again by now, and does not yet", 3, 10, 50, False),
    ("stopped before anybody wrote down when", None, 99, 50, False),
]


@pytest.mark.parametrize(("stopped", "until", "now", "is_late"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_a_promise_is_measured_now_or_when_its_clock_was_stopped(
    stopped: float | None, until: float | None, now: float, is_late: bool
) -> None:
    due = TUESDAY + 5 * HOUR
    moments = [
        rules.measured_at(
            due,
            paused_at=at(stopped),
            paused_until=at(until),
            runs_on=runs_on,
            now=TUESDAY + now * HOUR,
        )
        for runs_on in (False, True)
    ]
    assert rules.is_late(due, at=moments[0]) == is_late
    assert moments[1] == TUESDAY + now * HOUR, "what runs on is measured now"


def test_what_was_met_is_late_by_when_it_was_met() -> None:
    due = TUESDAY + 5 * HOUR
    for met, is_late in ((4, False), (5, False), (6, True)):
        for now in (4, 50):
            seen = rules.is_late(due, met_at=TUESDAY + met * HOUR, at=TUESDAY + now * HOUR)
            assert seen == is_late


MOMENTS = st.integers(0, 6).map(lambda hours: TUESDAY + hours * HOUR)
MAYBE = st.none() | MOMENTS


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(due=MAYBE, stopped=MAYBE, until=MAYBE, runs_on=st.booleans(), now=MOMENTS)
@example(due=TUESDAY, stopped=None, until=TUESDAY, runs_on=False, now=TUESDAY + HOUR)
def test_lists_find_what_the_rule_says(
    case: Case,
    due: datetime | None,
    stopped: datetime | None,
    until: datetime | None,
    runs_on: bool,
    now: datetime,
) -> None:
    """For any row, also one whose moments don't fit each other."""
    shown = {"due_at": due, "paused_at": stopped, "paused_until": until, "due_runs_on": runs_on}
    Case.objects.filter(id=case.id).update(**shown)
    case.refresh_from_db()
    found = Case.objects.filter(id=case.id)
    is_late = showing.is_late(case, now)
    assert found.filter(reads.late_at(now)).exists() == is_late
    soon = found.filter(reads.due_between(now, now + 2 * HOUR)).exists()
    assert not (soon and is_late)
    runs = until is None or runs_on
    wanted = runs and due is not None and now <= due < now + 2 * HOUR
    assert soon == wanted, "soon is what its clock will make late, and is not yet"
