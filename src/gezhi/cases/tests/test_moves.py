"""The loop, move by move, through the acts."""

from datetime import timedelta

import pytest

from gezhi.base import clock
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import actions, reads
from gezhi.cases.errors import MoveNotAllowed
from gezhi.cases.models import Case
from gezhi.deadlines import reads as deadlines
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from tests.cast import TUESDAY, County, voice_of


def whole(case: Case) -> None:
    """What must be true of a case at any time."""
    case.refresh_from_db()
    assert list(reads.faults_in_chain(case, reads.history_of(case))) == []
    open_legs = [leg for leg in reads.legs_of(case) if leg.role == "lead" and not leg.ended_at]
    if case.state in ("closed", "refused", "merged", "withdrawn"):
        assert open_legs == []
    else:
        assert [leg.unit_id for leg in open_legs] == [case.holder_id]


def test_a_report_starts_at_the_lowest_centre_with_a_promise(
    county: County, reported: actions.Reported
) -> None:
    case = reported.case
    whole(case)
    assert case.state == "reported"
    assert case.holder_id == county.unit("centre-990101101201")
    assert case.proposed_category.startswith("utility") or case.proposed_category
    target = deadlines.target(case)
    assert target is not None
    assert target.due > case.opened_at
    assert case.due_at is not None


def test_through_the_whole_loop(county: County, reported: actions.Reported) -> None:
    case = reported.case
    with clock.standing_at(TUESDAY):
        actions.accept(case.id, category=case.proposed_category, actor=county.actor("cun"))
        actions.escalate(case.id, reason=_any(case, "escalate"), actor=county.actor("cun"))
        actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("zhen"))
        actions.sign(case.id, actor=county.actor("shui"))
        whole(case)
    with clock.standing_at(TUESDAY + timedelta(hours=3)):
        outcome = next(key for key, row in _book(case).outcomes.items() if not row.is_solved)
        actions.finish(
            case.id,
            outcome=outcome,
            reason=_any(case, "cannot"),
            answer="水管已经换好，路面也清理了。",
            actor=county.actor("shui"),
        )
        actions.visit_back(
            case.id, is_reached=True, is_solved=True, rating=5, actor=county.actor("fang")
        )
    whole(case)
    assert case.state == "closed"
    assert [line.act for line in reads.history_of(case)] == [
        "report", "accept", "escalate", "assign", "sign", "finish", "visit_back",
    ]  # fmt: skip
    assert {row.kind for row in deadlines.open_of(case.id)} == set()


def test_a_vote_of_not_solved_reopens(
    county: County, reported: actions.Reported, handled: Case
) -> None:
    outcome = next(key for key, row in _book(handled).outcomes.items() if not row.is_solved)
    actions.finish(
        handled.id, outcome=outcome, reason=_any(handled, "cannot"),
        answer="已经联系处理，请放心。", actor=county.actor("shui"),
    )  # fmt: skip
    actions.rate(
        handled.id, report=reported.report.id, is_solved=False, rating=1, actor=voice_of(reported)
    )
    whole(handled)
    assert handled.state == "handling"
    assert {row.kind for row in deadlines.open_of(handled.id)} == {"finish"}


def test_what_the_table_does_not_know_is_refused_with_what_it_does(
    county: County, case: Case
) -> None:
    with pytest.raises(MoveNotAllowed) as refusal:
        actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    assert "accept" in refusal.value.allowed
    whole(case)
    assert case.lines == 1


def test_another_centre_may_not_accept_and_another_town_does_not_see(
    county: County, case: Case
) -> None:
    with pytest.raises(NotAllowed):
        actions.accept(case.id, category=case.proposed_category, actor=county.actor("zhen"))
    with pytest.raises(NotFound):
        actions.accept(case.id, category=case.proposed_category, actor=county.actor("bie"))


def _book(case: Case) -> Book:
    return rulebook.book(case.county, case.book)


def _any(case: Case, kind: str) -> str:
    return next(iter(_book(case).reasons(kind)))
