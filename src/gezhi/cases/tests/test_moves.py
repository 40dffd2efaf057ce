"""The loop, move by move, through the acts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gezhi.base import clock
from gezhi.base.actor import Actor, Post
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import actions, reads
from gezhi.cases.errors import MoveNotAllowed, NothingToDecide, ReasonNeedsWords
from gezhi.cases.models import Approval, Case
from gezhi.cases.rules.sealed import Field
from gezhi.deadlines import reads as deadlines
from gezhi.record import reads as record
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from tests.cast import COUNTY, TUESDAY, County, voice_of


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
    assert {row.kind for row in deadlines.open_of(case.id)} == {"reopen"}


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
    known = _book(case).reasons(kind).items()
    return next(code for code, reason in known if not reason.needs_words)


def test_a_reason_that_needs_words_is_refused_without_them_at_every_door(
    county: County, handled: Case
) -> None:
    with pytest.raises(ReasonNeedsWords):
        actions.send_back(handled.id, reason="not_ours", words="\u200b", actor=county.actor("shui"))
    case = actions.send_back(
        handled.id, reason="not_ours", words="归住建局管", actor=county.actor("shui")
    )
    assert case.state == "accepted"


def _ask_to_pause(county: County, case: Case) -> Approval:
    until = clock.now() + timedelta(days=2)
    actions.pause(case.id, reason="weather", until=until, actor=county.actor("shui"))
    return reads.approvals_of(case).get()


def test_what_was_asked_by_a_unit_that_gave_the_case_away_has_lapsed(
    county: County, handled: Case
) -> None:
    asked = _ask_to_pause(county, handled)
    assert asked in reads.approvals_for(county.actor("du"))
    actions.send_back(handled.id, reason="not_here", actor=county.actor("shui"))
    asked.refresh_from_db()
    assert asked.decided_at is not None
    assert asked.is_granted is None
    assert not reads.approvals_for(county.actor("du")).exists()
    with pytest.raises(NothingToDecide):
        actions.decide(handled.id, approval=asked.id, is_granted=True, actor=county.actor("du"))


def test_what_lapsed_has_a_line_and_a_fact_of_its_own_after_the_act(
    county: County, handled: Case, login: Callable[[str], Client], rita: Client
) -> None:
    actions.publish(handled.id, is_public=True, actor=county.actor("du"))
    asked = _ask_to_pause(county, handled)
    actions.send_back(handled.id, reason="not_here", actor=county.actor("shui"))
    whole(handled)
    *_before, back, line = reads.history_of(handled)
    assert (back.act, line.act, line.is_public, line.words) == ("send_back", "lapse", False, "")
    assert line.data["lapsed"] == "pause"
    facts = list(record.facts_about(f"case:{handled.id}", county=COUNTY))
    assert [row.kind for row in facts][-2:] == ["case_sent_back", "approval_lapsed"]
    assert facts[-1].data["approval"] == str(asked.id)
    said = "水小青申请的“挂起”还没有批，工单已换单位承办，申请失效。"
    told = "您申请的挂起已经失效"
    own = login("shui").get(f"/desk/cases/{handled.number}/").content.decode()
    assert said in own
    assert told in own
    others = login("cun").get(f"/desk/cases/{handled.number}/").content.decode()
    assert said in others
    assert told not in others
    outside = rita.get(f"/track/{handled.number}/").content.decode()
    assert "失效" not in outside
    with clock.standing_at(clock.now() + timedelta(days=8)):
        assert told not in login("shui").get(f"/desk/cases/{handled.number}/").content.decode()


def test_what_is_granted_does_not_lapse_by_it_and_the_rest_does(county: County, case: Case) -> None:
    cun = county.actor("cun")
    actions.refuse(case.id, reason="outside", words="归邻县供水公司", actor=cun)
    until = clock.now() + timedelta(days=2)
    actions.extend(case.id, reason=_any(case, "extend"), until=until, actor=cun)
    refusal = reads.approvals_of(case).get(act="refuse")
    actions.decide(case.id, approval=refusal.id, is_granted=True, actor=county.actor("du"))
    whole(case)
    assert [line.data["lapsed"] for line in reads.history_of(case).filter(act="lapse")] == [
        "extend"
    ]
    granted = {row.act: row.is_granted for row in reads.approvals_of(case)}
    assert granted == {"refuse": True, "extend": None}


def test_a_case_from_before_requests_were_noted_is_looked_at(county: County, handled: Case) -> None:
    asked = _ask_to_pause(county, handled)
    Case.objects.filter(id=handled.id).update(has_asked=None)
    actions.send_back(handled.id, reason="not_here", actor=county.actor("shui"))
    asked.refresh_from_db()
    assert asked.decided_at is not None


def test_where_nobody_asked_nothing_is_looked_for(county: County, case: Case) -> None:
    cun = county.actor("cun")
    actions.accept(case.id, category=case.proposed_category, actor=cun)
    with CaptureQueriesContext(connection) as queries:
        actions.assign(case.id, unit=county.unit("dept-water"), actor=cun)
    assert not any("cases_approval" in row["sql"] for row in queries)


def test_what_was_asked_lapses_when_the_work_is_done(county: County, handled: Case) -> None:
    asked = _ask_to_pause(county, handled)
    actions.finish(
        handled.id,
        outcome="cannot",
        reason=_any(handled, "cannot"),
        answer="这里不归我们管，已经转告。",
        actor=county.actor("shui"),
    )
    asked.refresh_from_db()
    assert (asked.decided_at is not None, asked.is_granted) == (True, None)


def test_what_was_asked_outlives_a_change_of_nothing_that_matters(
    county: County, handled: Case
) -> None:
    asked = _ask_to_pause(county, handled)
    actions.note(handled.id, words="等天晴", actor=county.actor("shui"))
    actions.decide(handled.id, approval=asked.id, is_granted=True, actor=county.actor("du"))
    asked.refresh_from_db()
    assert asked.is_granted is True
    handled.refresh_from_db()
    assert handled.paused_until is not None


def test_a_contact_is_opened_only_by_a_post_over_the_case(
    county: County, reported: actions.Reported
) -> None:
    """Who may open contacts in one place and only see cases in another opens none there."""
    case = reported.case
    near = Post(county.unit("centre-990101"), "leader", "990101", frozenset({"case.read_area"}))
    far = Post(
        county.unit("centre-990101102"),
        "return_visitor",
        "990101102",
        frozenset({"case.read", "case.read_area", "case.open_sealed"}),
    )
    both = Actor(label="account:x", kind="staff", posts=(near, far))
    assert reads.case_for(both, case.id) == case
    with pytest.raises(NotAllowed):
        actions.open_field(
            case.id, report=reported.report.id, field=Field.PHONE, reason="回访", actor=both
        )
    opened = actions.open_field(
        case.id, report=reported.report.id, field=Field.PHONE, reason="回访",
        actor=county.actor("fang"),
    )  # fmt: skip
    assert opened == reported.report.phone
