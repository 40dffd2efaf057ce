"""Answering well, for programs: solved cases, standard replies, the check, a plainer wording."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import (
    Answer,
    CaseRef,
    Input,
    Paging,
    Shown,
    Text64,
    Words,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.cases import reads as cases
from gezhi.record.api import answer_once
from gezhi.triage.actions import answers as actions
from gezhi.triage.models import StandardReply
from gezhi.triage.reads import answers as reads
from gezhi.triage.rules.answers_found import Finding
from gezhi.triage.rules.answers_replies import Votes

router = Router(tags=["answers"])


class VotesShown(Shown):
    """How many reporters voted, and how many of them say that it is solved."""

    asked: int
    solved: int


class SolvedShown(Shown):
    """A finished case like the one that was asked about; words are masked."""

    id: UUID
    number: str
    category: str
    what: str
    answer: str
    outcome: str
    minutes: int
    votes: VotesShown
    is_same_category: bool


class SolvedList(Shown):
    items: list[SolvedShown]


class ReplyShown(Shown):
    """A standard reply: for a category, or a group, or (both empty) everything."""

    id: UUID
    category: str
    group: str
    title: str
    text: str
    state: str
    uses: int
    votes: VotesShown
    made_by: str
    changed_at: datetime


class ReplyOffered(Shown):
    """A standard reply for whoever answers."""

    id: UUID
    title: str
    text: str
    uses: int
    votes: VotesShown


class RepliesOffered(Shown):
    items: list[ReplyOffered]


class ReplyList(Shown):
    items: list[ReplyShown]
    next: str | None


class ReplySent(Input):
    """`text` may hold places like {date} to be filled in."""

    title: Text64
    text: Words
    category: Text64 = ""
    group: Text64 = ""


class ProposedSent(Input):
    title: Text64
    text: Words


class DraftSent(Input):
    """An answer that is not sent yet, and the outcome it is meant for."""

    answer: Words
    outcome: Text64 = ""


class FindingShown(Shown):
    """One thing to look at, from `start` to `end` of the answer; of the whole where they are equal.

    `must`: the desk does not send it before somebody has said that they looked.
    """

    code: str
    level: str
    says: str
    do: str
    start: int
    end: int


class FindingList(Shown):
    items: list[FindingShown]


class Wording(Shown):
    """What a model made of a draft, and what the check says of it."""

    answer: str
    findings: list[FindingShown]


class WordingAsked(Input):
    answer: Words = Field(..., description="The draft. Nothing that tells of persons goes out.")


def _votes(votes: Votes) -> dict[str, int]:
    return {"asked": votes.asked, "solved": votes.solved}


def _solved(one: reads.Solved) -> dict[str, Any]:
    return {
        "id": one.case.id,
        "number": one.case.number,
        "category": one.case.category,
        "what": one.what,
        "answer": one.answer,
        "outcome": one.case.outcome,
        "minutes": int(one.took.total_seconds() // 60),
        "votes": _votes(one.votes),
        "is_same_category": one.is_same_kind,
    }


def _reply(one: reads.Reply) -> dict[str, Any]:
    names = ("id", "category", "group", "title", "text", "state", "made_by", "changed_at")
    shown = {name: getattr(one.row, name) for name in names}
    return {**shown, "uses": one.uses, "votes": _votes(one.votes)}


def _offered(one: reads.Reply) -> dict[str, Any]:
    return {
        "id": one.row.id,
        "title": one.row.title,
        "text": one.row.text,
        "uses": one.uses,
        "votes": _votes(one.votes),
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "level": one.level.value,
        "says": one.says,
        "do": one.do,
        "start": one.start,
        "end": one.end,
    }


@router.get("/cases/{ref}/solved-like", response=SolvedList, summary="Solved cases like this one")
def list_solved_like(request: HttpRequest, ref: CaseRef) -> HttpResponse:
    """Finished, of the same category or group, solved as its reporters say; at most three."""
    actor = actor_of(request)
    found = reads.solved_like(actor, cases.case_for(actor, ref))
    return give({"items": [_solved(one) for one in found]})


@router.get("/cases/{ref}/replies", response=RepliesOffered, summary="Standard replies for a case")
def list_fitting_replies(request: HttpRequest, ref: CaseRef) -> HttpResponse:
    """Those in use for its category, its group and everything, the most used first; at most six."""
    found = reads.fitting(cases.case_for(actor_of(request), ref))
    return give({"items": [_offered(one) for one in found]})


@router.post("/cases/{ref}/answer-check", response=FindingList, summary="Check a draft answer")
def check_answer(request: HttpRequest, ref: CaseRef, body: DraftSent) -> HttpResponse:
    """For who may finish the case. Nothing is changed or kept."""
    actor = actor_of(request)
    case = reads.case_to_answer(actor, ref)
    found = reads.findings(actor, case, answer=body.answer, outcome=body.outcome, now=clock.now())
    return give({"items": [_finding(one) for one in found]})


@router.post("/cases/{ref}/answer-wording", response=Wording, summary="A draft in plainer words")
def reword_answer(request: HttpRequest, ref: CaseRef, body: WordingAsked) -> HttpResponse:
    """By the model that is set up, if one is; `triage_no_model` where there is none."""
    actor = actor_of(request)
    said = actions.reword(ref, answer=body.answer, actor=actor)
    case = reads.case_to_answer(actor, ref)
    found = reads.findings(actor, case, answer=said, outcome="", now=clock.now())
    return give({"answer": said, "findings": [_finding(one) for one in found]})


@router.post("/cases/{ref}/replies", response={201: ReplyOffered}, summary="Propose a reply")
def propose_reply(request: HttpRequest, ref: CaseRef, body: ProposedSent) -> HttpResponse:
    """What a finished case was answered, as a standard reply; taken in by who keeps the rules."""
    actor = actor_of(request)

    def do() -> Answer:
        return _answer(actions.propose_reply(ref, **body.model_dump(), actor=actor), 201, _offered)

    return answer_once(request, do)


def _answer(row: StandardReply, status: int = 200, show: Any = _reply) -> Answer:
    return Answer(show(reads.counted([row])[0]), status)


@router.get("/replies", response=ReplyList, summary="All standard replies")
def list_replies(request: HttpRequest, query: Paging) -> HttpResponse:
    """For who keeps the rules: those proposed, in use and dropped."""
    found = reads.replies(actor_of(request), county=settings.COUNTY)
    page = page_of(found, order=("-changed_at", "-id"), cursor=query.cursor, limit=query.limit)
    counted = {one.row.pk: one for one in reads.counted(page.rows)}
    return give_page(request, page, lambda row: _reply(counted[row.pk]))


@router.post("/replies", response={201: ReplyShown}, summary="A new standard reply")
def add_reply(request: HttpRequest, body: ReplySent) -> HttpResponse:
    """In use at once."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: _answer(actions.add_reply(**body.model_dump(), actor=actor), 201)
    )


@router.put("/replies/{uuid:reply}", response=ReplyShown, summary="Change a standard reply")
def change_reply(request: HttpRequest, reply: UUID, body: ReplySent) -> HttpResponse:
    """How it stood before is kept."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: _answer(actions.change_reply(reply, **body.model_dump(), actor=actor))
    )


@router.post("/replies/{uuid:reply}/take", response=ReplyShown, summary="Take a reply into use")
def take_reply(request: HttpRequest, reply: UUID) -> HttpResponse:
    """One that was proposed, or dropped before."""
    actor = actor_of(request)
    return answer_once(request, lambda: _answer(actions.take_reply(reply, actor=actor)))


@router.post("/replies/{uuid:reply}/drop", response=ReplyShown, summary="Drop a standard reply")
def drop_reply(request: HttpRequest, reply: UUID) -> HttpResponse:
    """It is offered to nobody any more."""
    actor = actor_of(request)
    return answer_once(request, lambda: _answer(actions.drop_reply(reply, actor=actor)))
