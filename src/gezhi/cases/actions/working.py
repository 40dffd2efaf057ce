"""Doing the work and answering for it: notes, supervision, finishing with answer and proof."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.words import clean
from gezhi.cases import reads, rules
from gezhi.cases.actions.attaching import take_files
from gezhi.cases.actions.step import begin, end, level_of, tick
from gezhi.cases.actions.waiting import close_question
from gezhi.cases.errors import (
    AnswerMissing,
    NothingSaid,
    NothingToAnswer,
    OutcomeUnknown,
    ProofMissing,
    StageUnknown,
    UntilWrong,
)
from gezhi.cases.facts import (
    CaseFinished,
    CaseNoted,
    CaseSupervised,
    StageReached,
    SupervisionAnswered,
)
from gezhi.cases.models import Case, Question
from gezhi.cases.rules.moves import State
from gezhi.cases.rules.proof import PROOF_NAMES
from gezhi.rulebook.rules import Category

MOST_ANSWER_DAYS = 30
_SHORTEST_ANSWER = 5  # signs; "ok" is no answer to a resident


@rows.atomic()
def finish(
    ref: reads.Ref,
    *,
    outcome: str,
    answer: str,
    reason: str = "",
    files: Sequence[UUID] | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """The work is done: the outcome, the answer in plain words, and the proof the category asks.

    `files` are those that were added for this and are shown from now on; without it all
    that were added since the unit took the case.
    """
    step = begin(ref, rules.Act.FINISH, actor=actor, revision=revision)
    case, book = step.case, step.book
    if outcome not in book.outcomes:
        raise OutcomeUnknown(allowed=tuple(book.outcomes))
    if book.outcomes[outcome].needs_reason:
        book.reason("cannot", reason)
    if len(clean(answer)) < _SHORTEST_ANSWER:
        raise AnswerMissing(least=_SHORTEST_ANSWER)
    leg = reads.open_lead_leg(case)
    proof, shown = take_files(step, files, since=leg.opened_at)
    if book.outcomes[outcome].is_solved:
        _must_be_proven(case, step.book.category(case.category), proof)
    case.state = State.DONE.value
    case.outcome, case.answer = outcome, clean(answer)
    case.finished_at, case.finished_by = step.now, rules.person_of(actor)
    case.is_verified = False
    leg.finished_at, leg.result = step.now, outcome
    step.changed.append(leg)
    tick(step, rules.EntryKind.STOP, reason="finished")
    data = {"outcome": outcome, **shown}
    return end(
        step,
        CaseFinished,
        words=answer,
        reason=reason,
        data=data,
        outcome=outcome,
        # An older case does not say; it is taken for one with a contact.
        is_reachable=case.is_reachable is not False,
        waits_for_check=reads.waits_for_check(case, book),
    )


def _must_be_proven(case: Case, category: Category, proof: list[rules.Evidence]) -> None:
    place = (case.lon, case.lat) if case.lon is not None and case.lat is not None else None
    # A second person's check is asked for after finishing, before closing.
    missing = rules.missing_proof(
        [kind for kind in sorted(category.proof) if kind != "second_check"],
        proof,
        place=place,
        metres=category.proof_metres or 0,
        is_checked=True,
    )
    if missing:
        names = "、".join(str(PROOF_NAMES[kind]) for kind in missing)
        raise ProofMissing(allowed=missing, missing=names)


@rows.atomic()
def reach_stage(
    ref: reads.Ref,
    *,
    stage: str,
    words: str,
    files: Sequence[UUID] | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """A stage of the work is reached: which one, and in words for the reporter what was done.

    Stages before it that nobody has said are reached stay as they are. `files` are pictures that
    were added for this and are shown from now on; without it all.
    """
    step = begin(ref, rules.Act.REACH_STAGE, actor=actor, revision=revision)
    left = [one.key for one in reads.stages_left(step.case)]
    if stage not in left:
        raise StageUnknown(allowed=left)
    if not clean(words):
        raise NothingSaid()
    began = reads.open_lead_leg(step.case).opened_at
    _proof, shown = take_files(step, files, since=began)
    step.case.stages = [*step.case.stages, stage]
    return end(step, StageReached, words=words, data={"stage": stage, **shown}, stage=stage)


@rows.atomic()
def note(ref: reads.Ref, *, words: str, revision: int | None = None, actor: Actor) -> Case:
    """An inner note. It is never public and never touches a clock."""
    step = begin(ref, rules.Act.NOTE, actor=actor, revision=revision)
    if not clean(words):
        raise NothingSaid()
    return end(step, CaseNoted, words=words, is_public=False)


@rows.atomic()
def supervise(
    ref: reads.Ref,
    *,
    words: str,
    answer_by: datetime | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Demand something of the holder, with a moment by which it must answer."""
    step = begin(ref, rules.Act.SUPERVISE, actor=actor, revision=revision)
    case = step.case
    if not clean(words):
        raise NothingSaid()
    by = (
        answer_by
        or step.book.due(
            "answer",
            category=case.category or None,
            size=case.size,
            channel=case.channel,
            level=level_of(case.holder_id),
            start=step.now,
        ).at
    )
    if not step.now < by <= step.now + timedelta(days=MOST_ANSWER_DAYS):
        raise UntilWrong(days=MOST_ANSWER_DAYS)
    demand = Question(
        county=case.county,
        case=case,
        kind="demand",
        unit_id=case.holder_id,
        words=words,
        asked_at=step.now,
        asked_by=actor.label,
        answer_by=by,
    )
    step.new.append(demand)
    return end(
        step,
        CaseSupervised,
        words=words,
        data={"answer_by": by.isoformat()},
        is_public=False,
        demand=demand.id,
        answer_by=by,
    )


@rows.atomic()
def answer_supervision(
    ref: reads.Ref, *, words: str, revision: int | None = None, actor: Actor
) -> Case:
    """The holder answers the oldest open demand."""
    step = begin(ref, rules.Act.ANSWER_SUPERVISION, actor=actor, revision=revision)
    demand = reads.open_question(step.case, "demand")
    if demand is None:
        raise NothingToAnswer()
    if not clean(words):
        raise NothingSaid()
    close_question(step, demand, words)
    return end(step, SupervisionAnswered, words=words, is_public=False, demand=demand.id)
