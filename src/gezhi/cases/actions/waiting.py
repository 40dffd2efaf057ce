"""When the work must wait or needs longer: ask the reporter, pause, resume, extend."""

from datetime import datetime, timedelta
from typing import Any

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.days import written
from gezhi.base.words import clean
from gezhi.cases import reads, rules
from gezhi.cases.actions.approving import ask_or_do
from gezhi.cases.actions.step import Step, begin, end, give_reason, tick
from gezhi.cases.errors import (
    AlreadyAsked,
    ExtensionWrong,
    NothingSaid,
    NothingToAnswer,
    NotPaused,
    TooManyTimes,
    UntilWrong,
)
from gezhi.cases.facts import (
    CaseExtended,
    CasePausedFact,
    CaseResumed,
    ReporterAnswered,
    ReporterAsked,
)
from gezhi.cases.models import Case, Question
from gezhi.rulebook.rules import Book


@rows.atomic()
def ask(ref: reads.Ref, *, words: str, revision: int | None = None, actor: Actor) -> Case:
    """Put a question to the reporter. The clock stands until the answer, or its deadline."""
    step = begin(ref, rules.Act.ASK, actor=actor, revision=revision)
    if not clean(words):
        raise NothingSaid()
    if reads.open_question(step.case, "question"):
        raise AlreadyAsked()
    until = step.now + timedelta(days=step.book.limits.answer_days)
    asked = Question(
        county=step.case.county,
        case=step.case,
        kind="question",
        words=words,
        asked_at=step.now,
        asked_by=actor.label,
        answer_by=until,
    )
    step.new.append(asked)
    tick(step, rules.EntryKind.PAUSE, reason="asked", until=until)
    return end(step, ReporterAsked, words=words, question=asked.id, answer_by=until)


@rows.atomic()
def answer(ref: reads.Ref, *, words: str, revision: int | None = None, actor: Actor) -> Case:
    """The reporter answers; the clock runs again."""
    step = begin(ref, rules.Act.ANSWER, actor=actor, revision=revision)
    asked = reads.open_question(step.case, "question")
    if asked is None:
        raise NothingToAnswer()
    if not clean(words):
        raise NothingSaid()
    close_question(step, asked, words)
    _run_again(step, "answered")
    return end(step, ReporterAnswered, words=words, is_public=False, question=asked.id)


def close_question(step: Step, asked: Question, words: str) -> None:
    """Write the answer beside the question."""
    asked.answer, asked.answered_at, asked.answered_by = words, step.now, step.actor.label
    step.changed.append(asked)


@rows.atomic()
def pause(
    ref: reads.Ref,
    *,
    reason: str,
    until: datetime,
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Ask to let the clock stand until a day, or do so where the actor may approve."""
    step = begin(ref, rules.Act.PAUSE, actor=actor, revision=revision)
    give_reason(step, "pause", reason, words)
    _may_pause(step, step.book, until)
    return ask_or_do(step, {"reason": reason, "until": until.isoformat()}, words=words)


def _may_pause(step: Step, book: Book, until: datetime) -> None:
    limits = book.limits
    if not step.now < until <= step.now + timedelta(days=limits.pause_days_max):
        raise UntilWrong(days=limits.pause_days_max)
    if reads.pauses_asked(step.case) >= limits.pause_times_max:
        raise TooManyTimes(most=limits.pause_times_max)


def do_pause(step: Step, values: dict[str, Any], words: str) -> Case:
    """The pause itself, once it is approved."""
    step.act = rules.Act.PAUSE
    until = datetime.fromisoformat(values["until"])
    _may_pause(step, step.book, until)
    if step.case.paused_until is not None:
        raise AlreadyAsked()
    tick(step, rules.EntryKind.PAUSE, reason=values["reason"], until=until)
    return end(
        step,
        CasePausedFact,
        words=words,
        reason=values["reason"],
        data={"until": until.isoformat(), **step.asker},
        until=until,
    )


@rows.atomic()
def resume(ref: reads.Ref, *, words: str = "", revision: int | None = None, actor: Actor) -> Case:
    """Let the clock run again. An open question to the reporter stays answerable no longer."""
    step = begin(ref, rules.Act.RESUME, actor=actor, revision=revision)
    if step.case.paused_until is None:
        raise NotPaused()
    if asked := reads.open_question(step.case, "question"):
        close_question(step, asked, "")
    _run_again(step, "resumed")
    return end(step, CaseResumed, words=words)


def _run_again(step: Step, reason: str) -> None:
    if step.case.paused_until is not None:
        tick(step, rules.EntryKind.RESUME, reason=reason)


@rows.atomic()
def extend(
    ref: reads.Ref,
    *,
    reason: str,
    until: datetime,
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Ask for a later due date, or set it where the actor may approve. The first stays.

    Not while the clock stands: what is promised moves on by as long as it stood.
    """
    step = begin(ref, rules.Act.EXTEND, actor=actor, revision=revision)
    give_reason(step, "extend", reason, words)
    _may_extend(step, until)
    return ask_or_do(step, {"reason": reason, "until": until.isoformat()}, words=words)


def _may_extend(step: Step, until: datetime) -> None:
    """Later than what is promised now, which may have moved since somebody asked."""
    limits, due = step.book.limits, step.case.finish_by
    first, latest = rules.extension_span(due, now=step.now, days=limits.extend_days_max)
    if not first < until <= latest:
        if due is None:
            raise UntilWrong(days=limits.extend_days_max)
        raise ExtensionWrong(due=written(due), latest=written(latest))
    if reads.count_of(step.case, rules.EntryKind.EXTEND) >= limits.extend_times_max:
        raise TooManyTimes(most=limits.extend_times_max)


def do_extend(step: Step, values: dict[str, Any], words: str) -> Case:
    """The extension itself, once it is approved. The line keeps by when it was to be finished."""
    step.act = rules.Act.EXTEND
    was = {"due_was": step.case.finish_by.isoformat()} if step.case.finish_by else {}
    until = datetime.fromisoformat(values["until"])
    _may_extend(step, until)
    tick(step, rules.EntryKind.EXTEND, reason=values["reason"], until=until)
    return end(
        step,
        CaseExtended,
        words=words,
        reason=values["reason"],
        data={"due": until.isoformat(), **was, **step.asker},
        due=until,
    )
