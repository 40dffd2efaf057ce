"""The last word: verification, return visit, the reporter's vote, closing and reopening."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.words import clean
from gezhi.cases import reads, rules
from gezhi.cases.actions.attaching import take_files
from gezhi.cases.actions.step import (
    Step,
    begin,
    end,
    end_legs,
    give_reason,
    narrowed,
    open_leg,
    tick,
)
from gezhi.cases.errors import (
    CheckPhotoMissing,
    CheckSaysNothing,
    MoveNotAllowed,
    OwnWorkNotVerified,
    ProofMissing,
    RatedAlready,
    RatingWrong,
    ReturnSaysNothing,
    VisitTooSoon,
    WindowOver,
)
from gezhi.cases.facts import (
    CaseClosed,
    CaseRated,
    CaseReopened,
    CaseReturned,
    CaseVerified,
    ReporterVisited,
)
from gezhi.cases.models import Case, Report, Visit
from gezhi.cases.reads.parts import MERGED_INTO
from gezhi.cases.rules.moves import State
from gezhi.cases.rules.proof import PROOF_NAMES
from gezhi.people import reads as people


@rows.atomic()
def verify(
    ref: reads.Ref,
    *,
    is_solved: bool,
    words: str = "",
    files: Sequence[UUID] | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Somebody other than the handler looks whether it is really done.

    Where it is not, `words` say what is lacking and the unit goes on.
    `files` are pictures that were added for this and are shown from now on; without it all.
    """
    step = begin(ref, rules.Act.VERIFY, actor=actor, revision=revision)
    if people.person_behind(step.case.finished_by) == rules.person_of(actor):
        raise OwnWorkNotVerified()
    if not is_solved and not clean(words):
        raise ReturnSaysNothing()
    _proof, shown = take_files(step, files, since=step.case.finished_at or step.now)
    if not is_solved:
        return _back_to_work(step, "verify", words, shown)
    _must_have_looked(step, words, shown.get("shown", ()))
    waited = reads.waits_for_check(step.case, step.book) and _is_in_time(step)
    step.case.is_verified = True
    data = {"solved": True, **shown}
    return end(step, CaseVerified, words=words, data=data, is_to_be_rated=waited)


def _is_in_time(step: Step) -> bool:
    """Whether reporters have still time for their word."""
    done = step.case.finished_at or step.now
    return step.now < done + timedelta(days=step.book.limits.rate_days)


def _must_have_looked(step: Step, words: str, shown: Sequence[str]) -> None:
    """What the check rests on: a picture where the work is proven by pictures, else words or one.

    A picture that whoever finished the work brought is no second person's.
    """
    finisher = people.person_behind(step.case.finished_by)
    has_photo = any(
        str(file.id) in shown and people.person_behind(file.actor) != finisher
        for file in reads.files_of(step.case)
    )
    if has_photo:
        return
    if rules.asks_for_photos(step.book.category(step.case.category).proof):
        raise CheckPhotoMissing()
    if not clean(words):
        raise CheckSaysNothing()


def _back_to_work(step: Step, by: str, words: str, more: dict[str, Any] | None = None) -> Case:
    """The lead unit goes on where it thought it was done; its clock runs again."""
    case = step.case
    case.state = State.HANDLING.value
    case.outcome, case.finished_at, case.is_verified = "", None, False
    end_legs(step, "returned")
    open_leg(step, case.holder_id, is_signed=True)
    tick(step, rules.EntryKind.START, reason=by)
    data = {"solved": False, **(more or {})}
    return end(step, CaseReturned, words=words, data=data, by=by)


@rows.atomic()
def visit_back(
    ref: reads.Ref,
    *,
    is_reached: bool,
    is_solved: bool | None = None,
    rating: int | None = None,
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """One try to reach the reporter after the work.

    Reached and solved closes the case, reached and not solved sends it back to
    work; the last try the rulebook asks for closes it even if nobody answered.
    """
    step = begin(ref, rules.Act.VISIT_BACK, actor=actor, revision=revision)
    _check_rating(rating)
    tries = list(reads.visits_of(step.case))
    _must_be_apart(step, tries)
    if is_reached and is_solved is None:
        raise RatingWrong()
    visit = Visit(
        county=step.case.county,
        case=step.case,
        at=step.now,
        actor=actor.label,
        is_reached=is_reached,
        is_solved=is_solved,
        rating=rating,
        words=words,
    )
    step.new.append(visit)
    if is_reached:
        _keep_vote(step, bool(is_solved), rating, words)
    if is_reached and not is_solved:
        return _back_to_work(step, "visit", words)
    fruitless = sum(1 for visit in tries if visit.at >= (step.case.finished_at or step.now))
    if is_reached or fruitless + 1 >= step.book.limits.visit_tries:
        return _close(step, words, said={"reached": is_reached, "solved": is_solved})
    return end(
        step, ReporterVisited, words=words, data={"reached": False}, is_public=False,
        is_reached=False,
    )  # fmt: skip


def _must_be_apart(step: Step, tries: list[Visit]) -> None:
    hours = step.book.limits.visit_gap_hours
    if tries and step.now - tries[-1].at < timedelta(hours=hours):
        raise VisitTooSoon(hours=hours)


def _keep_vote(step: Step, is_solved: bool, rating: int | None, words: str) -> None:
    """What was said on the phone is the vote of who could be called, if they had none.

    That is the first reporter, or where only they left a number one who followed or whose case
    was merged into this one (`who_is_called`). A vote on an earlier finish is none on this one,
    as in `_own_report`.
    """
    called = (
        f"id = (SELECT id FROM cases_report WHERE case_id = %s OR case_id = ANY({MERGED_INTO})"  # noqa: S608 - a text of ours
        " ORDER BY phone_index IS NULL, case_id <> %s, NOT is_first, at, id LIMIT 1)"
    )
    rows.update(
        Report,
        f"{called} AND (rated_at IS NULL OR rated_at < %s)",
        [*[step.case.id] * 3, step.case.finished_at or step.now],
        is_solved=is_solved,
        rating=rating,
        rating_words=words,
        rated_at=step.now,
    )


def _check_rating(rating: int | None) -> None:
    if rating is not None and not 1 <= rating <= 5:
        raise RatingWrong()


@rows.atomic()
def rate(
    ref: reads.Ref,
    *,
    report: UUID,
    is_solved: bool,
    rating: int,
    words: str = "",
    actor: Actor,
) -> Case:
    """The reporter's own vote, once for each finish. "Not solved" reopens within the window."""
    step = begin(ref, rules.Act.RATE, actor=actor)
    _check_rating(rating)
    own = _own_report(step, report)
    _within(step, step.book.limits.rate_days)
    own.is_solved, own.rating, own.rating_words = is_solved, rating, words[:2000]
    own.rated_at = step.now
    step.changed.append(own)
    case = end(
        step,
        CaseRated,
        words=words,
        data={"solved": is_solved, "rating": rating},
        is_public=False,
        report=own.id,
        is_solved=is_solved,
        rating=rating,
    )
    if is_solved:
        return case
    return _take_up_again(case.main or case, actor, words)


def _own_report(step: Step, report: UUID) -> Report:
    if report not in step.actor.proven and not step.actor.is_system:
        raise RatedAlready()
    # The main case before the report, in the order of a return visit that keeps a vote.
    main = reads.case_held(step.case.main_id) if step.case.main_id else step.case
    own, finished = reads.report_held(step.case, report), main.finished_at
    if own.rated_at is not None and (finished is None or own.rated_at >= finished):
        raise RatedAlready()
    return own


def _take_up_again(case: Case, actor: Actor, words: str) -> Case:
    """A vote of "not solved" is the rulebook's reason to go on with the case."""
    now = clock.now()
    held = reads.case_held(case.id)
    step = Step(held, rules.Act.REOPEN, actor, now, State(held.state), held.holder_id)
    if held.state == State.DONE:
        return _back_to_work(step, "rate", words)
    if held.state == State.CLOSED:
        return _reopen(step, words)
    return held


def _within(step: Step, days: int) -> None:
    closed: datetime | None = (step.case.main or step.case).closed_at
    if closed is not None and step.now > closed + timedelta(days=days):
        raise WindowOver(days=days)


@rows.atomic()
def close(ref: reads.Ref, *, words: str = "", revision: int | None = None, actor: Actor) -> Case:
    """The rulebook closes a finished case when its window for visit and vote is over."""
    step = begin(ref, rules.Act.CLOSE, actor=actor, revision=revision)
    return _close(step, words)


def _close(step: Step, words: str, *, said: dict[str, Any] | None = None) -> Case:
    """`said` is what a return visit brought, for the line of history."""
    case = step.case
    if reads.waits_for_check(case, step.book):
        lacking = ProofMissing(allowed=["verify"], missing=str(PROOF_NAMES["second_check"]))
        raise narrowed(lacking, step)
    case.state, case.closed_at = State.CLOSED.value, step.now
    end_legs(step, "closed")
    data = {"outcome": case.outcome, **(said or {})}
    return end(step, CaseClosed, words=words, data=data)


@rows.atomic()
def reopen(
    ref: reads.Ref,
    *,
    reason: str,
    words: str,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Take up a closed case again: a supervisor any time, the reporter within the window."""
    step = _begin_reopen(ref, actor=actor, revision=revision)
    give_reason(step, "reopen", reason, words)
    return _reopen(step, words, reason=reason)


def _begin_reopen(ref: reads.Ref, *, actor: Actor, revision: int | None) -> Step:
    """Reporters and supervisors both may; only the reporter's window can be over."""
    case = reads.case_to_change(actor, ref)
    if actor.proven & reads.situation(case, actor).reporters:
        step = Step(case, rules.Act.REOPEN, actor, clock.now(), State(case.state), case.holder_id)
        try:
            rules.find_move(rules.Act.REOPEN, step.was)
        except MoveNotAllowed as refusal:
            raise narrowed(refusal, step) from None
        _within(step, step.book.limits.reopen_days)
        return step
    return begin(ref, rules.Act.REOPEN, actor=actor, revision=revision)


def _reopen(step: Step, words: str, *, reason: str = "") -> Case:
    case = step.case
    case.state = State.ACCEPTED.value
    case.closed_at = case.finished_at = None
    case.outcome, case.is_verified = "", False
    open_leg(step, case.centre_id)
    tick(step, rules.EntryKind.START, reason="reopened")
    return end(step, CaseReopened, words=words, reason=reason)
