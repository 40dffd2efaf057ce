"""Two people in the same moment: one act wins, the other is refused by rule.

Both are made to stand between the table of moves and the change. Without the lock
they meet there and both go through. With it the second waits at the read, so the
first waits alone, goes on, and the second finds what the first has made.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.refusal import Refusal
from gezhi.cases import actions, reads, rules
from gezhi.cases.models import Case
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.record import actions as record
from tests.cast import COUNTY, County, build_county, plain_reason, report_leak


@pytest.fixture
def committed(transactional_db: None) -> County:
    """The small county, committed, so that other connections see it."""
    places.forget(COUNTY)
    people.forget_units()
    return build_county()


def at_once(*doings: Callable[[], Any]) -> list[str]:
    """Run each in a thread of its own; what came of each, sorted."""
    seen: list[str] = []

    def run(do: Callable[[], Any]) -> None:
        try:
            do()
            seen.append("done")
        except Refusal as refusal:
            seen.append(refusal.code)
        except Exception as error:  # noqa: BLE001  # the test shows whatever went wrong
            seen.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(do,)) for do in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)
    return sorted(seen)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody waits for another one between asking the table and changing the case."""
    between = threading.Barrier(2)
    find_move = rules.find_move

    def stand_between(act: rules.Act, state: rules.State) -> rules.Move:
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return find_move(act, state)

    monkeypatch.setattr(rules, "find_move", stand_between)


def test_two_accepting_at_once_leave_one_accepting(committed: County, meeting: None) -> None:
    case = report_leak().case
    cun = committed.actor("cun")

    def accept() -> None:
        actions.accept(case.id, category=case.proposed_category, actor=cun)

    assert at_once(accept, accept) == ["case_move_not_allowed", "done"]
    _is_whole(case, lines=2)


def test_assigning_and_escalating_at_once_leave_one_holder(
    committed: County, meeting: None
) -> None:
    case = report_leak().case
    cun = committed.actor("cun")
    actions.accept(case.id, category=case.proposed_category, actor=cun)
    reason = plain_reason("escalate")

    def assign() -> None:
        actions.assign(case.id, unit=committed.unit("dept-water"), actor=cun)

    def escalate() -> None:
        actions.escalate(case.id, reason=reason, actor=cun)

    seen = at_once(assign, escalate)
    # Whoever comes second finds the case with another unit or another centre.
    assert seen == ["done", "not_allowed"]
    _is_whole(case, lines=3)


def test_two_merging_crosswise_at_once_do_not_deadlock(committed: County) -> None:
    first, second = report_leak().case, report_leak().case
    cun = committed.actor("cun")
    seen = at_once(
        lambda: actions.merge(first.id, main=second.id, actor=cun),
        lambda: actions.merge(second.id, main=first.id, actor=cun),
    )
    assert seen == ["case_merge_not_possible", "done"]


def test_the_same_key_at_once_makes_one_case(committed: County) -> None:
    def send() -> None:
        record.once(
            "draft-1",
            request=b"the same",
            do=lambda: (201, {"number": report_leak().case.number}),
            actor=NOBODY,
            now=clock.now(),
        )

    assert at_once(send, send, send) == ["done", "done", "done"]
    assert Case.objects.count() == 1


def _is_whole(case: Case, *, lines: int) -> None:
    case.refresh_from_db()
    assert case.lines == lines
    assert list(reads.faults_in_chain(case, reads.history_of(case))) == []
    leads = [leg for leg in reads.legs_of(case) if leg.role == "lead" and leg.ended_at is None]
    assert [leg.unit_id for leg in leads] == [case.holder_id]
