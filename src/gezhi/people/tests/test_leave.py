"""Leave: who takes it, what is refused, how it ends, two at once."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from gezhi.base import clock
from gezhi.base.refusal import NotFound, Refusal
from gezhi.people import actions, errors, reads
from gezhi.people.models import Leave
from gezhi.people.tests import county
from gezhi.people.tests.county import House
from gezhi.people.tests.duty import NOW, in_hours, present, take_leave, with_crew
from gezhi.record.models import Line


@pytest.fixture(autouse=True)
def _standing_clock() -> Any:
    with clock.standing_at(NOW):
        yield


@pytest.fixture
def crew(house: House) -> House:
    return with_crew(house)


def test_leave_is_taken_by_the_person_or_an_administrator_in_codes(crew: House) -> None:
    own = take_leave(crew, "r1", in_hours(1), in_hours(9), substitute=crew.accounts["r2"].id)
    fact = Line.objects.get(kind="leave_taken").data
    assert fact["account"] == str(crew.accounts["r1"].id)
    assert (fact["reason"], fact["leave"]) == ("leave", str(own.id))
    take_leave(crew, "r3", in_hours(1), in_hours(9), by="tom", kind="training")
    for by, refusal in (("rita", NotFound), ("hans", NotFound)):
        with pytest.raises(refusal):
            take_leave(crew, "r3", in_hours(20), in_hours(21), by=by)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"first": 2, "last": 2}, errors.LeaveMomentsWrong),
        ({"first": -5, "last": -1}, errors.LeaveMomentsWrong),
        ({"first": 1, "last": 24 * 800}, errors.LeaveMomentsWrong),
        ({"kind": "illness"}, errors.ValueWrong),
        ({"substitute": "r1"}, errors.SubstituteWrong),
        ({"substitute": "hans"}, errors.SubstituteWrong),
        ({"substitute": "r3"}, errors.SubstituteAway),
        ({"first": 49, "last": 51}, errors.LeaveOverlaps),
    ],
)
def test_leave_is_refused(crew: House, change: dict[str, Any], refusal: type[Refusal]) -> None:
    take_leave(crew, "r3", in_hours(5), in_hours(10))
    take_leave(crew, "r1", in_hours(50), in_hours(60))
    more: dict[str, Any] = {name: change[name] for name in ("kind",) if name in change}
    if "substitute" in change:
        more["substitute"] = crew.accounts[change["substitute"]].id
    with pytest.raises(refusal):
        take_leave(
            crew, "r1", in_hours(change.get("first", 1)), in_hours(change.get("last", 9)), **more
        )
    assert Leave.objects.count() == 2


def test_leaves_may_touch_and_a_substitute_may_be_away_at_another_time(crew: House) -> None:
    take_leave(crew, "r1", in_hours(1), in_hours(5))
    take_leave(crew, "r1", in_hours(5), in_hours(9))
    take_leave(crew, "r2", in_hours(9), in_hours(12), substitute=crew.accounts["r1"].id)
    assert Leave.objects.count() == 3


def test_leave_ends_early_and_one_not_begun_is_taken_back(crew: House) -> None:
    first = take_leave(crew, "r1", in_hours(-1), in_hours(9))
    later = take_leave(crew, "r1", in_hours(10), in_hours(20))
    with pytest.raises(NotFound):
        actions.end_leave(first.id, actor=crew.actor("r2"))
    assert "r1" not in present(crew, NOW)
    actions.end_leave(first.id, actor=crew.actor("r1"))
    assert "r1" in present(crew, NOW)
    actions.end_leave(later.id, actor=crew.actor("tom"))
    assert "r1" in present(crew, in_hours(15))
    for leave in (first, later):
        with pytest.raises(errors.LeaveEndedAlready):
            actions.end_leave(leave.id, actor=crew.actor("r1"))
    take_leave(crew, "r1", in_hours(12), in_hours(13))  # what was taken back overlaps with nothing
    assert Line.objects.filter(kind="leave_ended").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_leaves_of_one_person_at_once_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are made to stand between looking for other leave and writing their own.

    Without the lock on the account they meet there and both are written. With it the second
    waits before it looks, so the first waits alone, goes on, and the second finds the first.
    """
    crew = with_crew(county.build())
    between, real, seen = threading.Barrier(2), reads.leaves_between, list[str]()

    def stand_between(accounts: Sequence[UUID], starts: datetime, ends: datetime) -> Any:
        found = list(real(accounts, starts, ends))
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return real([each.account_id for each in found], starts, ends)

    monkeypatch.setattr(reads, "leaves_between", stand_between)

    def take() -> None:
        try:
            with clock.standing_at(NOW):
                take_leave(crew, "r1", in_hours(1), in_hours(9))
            seen.append("taken")
        except errors.LeaveOverlaps:
            seen.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ["refused", "taken"]
    assert Leave.objects.count() == 1
