"""What an agent does with a call, for programs in their place: the same acts as the console's."""

from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from pydantic import Field

from gezhi.base.api import (
    NO_ZERO,
    Answer,
    CaseRef,
    ContactSent,
    Input,
    Shown,
    Text24,
    Text64,
    WhereSent,
    Words,
    give,
)
from gezhi.base.http import actor_of
from gezhi.base.ids import new_id
from gezhi.cases.actions import Contact, Reported, Where
from gezhi.hotline import actions, reads
from gezhi.hotline.api.calls import CallShown, call_shown
from gezhi.hotline.api.root import router
from gezhi.hotline.models import Call
from gezhi.hotline.rules import MOST_TYPED
from gezhi.record.api import answer_once
from gezhi.rulebook import reads as rulebook

Typed = Annotated[str, Field(max_length=MOST_TYPED, pattern=NO_ZERO)]
Answers = dict[Text64, Annotated[list[Typed], Field(max_length=100)]]
_CALLER = "How who calls is reached; without a phone it is the number that called."
Caller = Annotated[ContactSent, Field(description=_CALLER)]
_ANSWERS = "To the category's questions, by their codes."


class TypedSent(Input):
    """All that is typed so far, whole: what isn't named is empty. None of it is checked yet."""

    what: Typed = ""
    place: Typed = ""
    path: Typed = ""
    lon: Typed = ""
    lat: Typed = ""
    category: Typed = ""
    name: Typed = ""
    phone: Typed = ""
    is_secret: bool = False
    answers: Annotated[Answers, Field(max_length=100, description=_ANSWERS)] = {}


class KnownShown(Shown):
    """What a number is known by: its cases that the agent may see, how often it called before."""

    phone: str | None
    cases: list[str]
    count: int
    calls: int


class DraftShown(Shown):
    """An own call with what is typed so far, and what its number is known by."""

    call: CallShown
    what: str
    place: str
    path: str
    lon: str
    lat: str
    category: str
    name: str
    phone: str
    is_secret: bool
    answers: dict[str, list[str]]
    known: KnownShown


class CaseSent(Input):
    """What who calls reports."""

    what: Words = Field(description="What is wrong, in the caller's words.")
    where: WhereSent
    category: Text64 = Field("", description="Only proposed; the centre decides.")
    answers: Annotated[Answers, Field(max_length=100, description=_ANSWERS)] = {}
    contact: Caller = ContactSent()


class VoiceSent(Input):
    """Which case it is about, and what the caller says of it."""

    number: CaseRef
    what: Words = ""
    contact: Caller = ContactSent()


class SettledShown(Shown):
    """What is read out: the case's number, and the tracking code, here and nowhere again.

    `ring`: numbers to ring at once where the words tell of danger.
    """

    call: CallShown
    number: str
    code: str
    ring: list[str]


class AnswerSent(Input):
    """From which article a call was answered, and what was asked."""

    article: UUID
    words: Words = Field("", description="What was asked, in the caller's words. Sealed.")
    phone: Text24 = Field("", description="The caller's number, where none came with the call.")


class NumberSent(Input):
    """A number that somebody says."""

    phone: Text24


@router.post("/own-calls", response={201: CallShown}, summary="Write a call down")
def write_down(request: HttpRequest) -> HttpResponse:
    """One's own that no telephone system told of; it is typed along and settled like the others."""
    actor = actor_of(request)

    def do() -> Answer:
        id = new_id()
        actions.write_down(id, actor=actor)
        return Answer(call_shown(reads.call_at_work(actor, id), is_agent=True), 201)

    return answer_once(request, do)


@router.put("/calls/{uuid:call}/draft", response=DraftShown, summary="Keep what is typed")
def note_typed(request: HttpRequest, call: UUID, body: TypedSent) -> HttpResponse:
    """Kept sealed until the call is settled, so that nothing is lost and it can be handed over."""
    actor = actor_of(request)
    typed = body.model_dump(exclude={"answers", "is_secret"})
    typed["is_secret"] = "on" if body.is_secret else ""
    answers = {code: tuple(texts) for code, texts in body.answers.items()}
    actions.note_typed(call, typed=typed, answers=answers, actor=actor)
    return show_draft(request, call)


@router.get("/calls/{uuid:call}/draft", response=DraftShown, summary="A call at hand")
def show_draft(request: HttpRequest, call: UUID) -> HttpResponse:
    """An own call that is not settled: what is typed, and what its number is known by."""
    actor = actor_of(request)
    found = reads.call_at_work(actor, call)
    said = dict.fromkeys(actions.TYPED, "") | reads.said_in(found)
    return give({
        **said,
        "is_secret": bool(said["is_secret"]),
        "answers": {code: list(texts) for code, texts in reads.answers_in(found).items()},
        "call": call_shown(found, is_agent=True),
        "known": _known(reads.caller_of(actor, found.phone, besides=found.id)),
    })  # fmt: skip


def _known(caller: reads.Caller) -> dict[str, Any]:
    return {
        "phone": caller.masked or None,
        "cases": [case.number for case in caller.cases],
        "count": caller.count,
        "calls": caller.calls,
    }


@router.post("/callers/find", response=KnownShown, summary="What a number is known by")
def find_caller(request: HttpRequest, body: NumberSent) -> HttpResponse:
    """A number that the caller says, on the audit. POST keeps it out of addresses."""
    actor, phone = actor_of(request), body.phone.strip()
    known = reads.caller_of(actor, phone)
    if phone:
        actions.note_looked_up(actor=actor)
    return give(_known(known))


@router.post(
    "/calls/{uuid:call}/open", response={201: SettledShown}, summary="Open a case from a call"
)
def open_case(request: HttpRequest, call: UUID, body: CaseSent) -> HttpResponse:
    """Channel hotline, with the hotline's own number of the order where the call came with one."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.open_case(
            call,
            what=body.what,
            where=Where(**body.where.model_dump()),
            contact=Contact(**body.contact.model_dump()),
            category=body.category,
            answers={code: tuple(texts) for code, texts in body.answers.items()},
            actor=actor,
        )
        return _settled(reads.call_for(actor, call), made)

    return answer_once(request, do)


@router.post(
    "/calls/{uuid:call}/join", response={201: SettledShown}, summary="Join a call to a case"
)
def join_case(request: HttpRequest, call: UUID, body: VoiceSent) -> HttpResponse:
    """One more voice in an open case, with a tracking code of its own, and no second case."""
    actor = actor_of(request)

    def do() -> Answer:
        contact = Contact(**body.contact.model_dump())
        made = actions.join_case(call, body.number, what=body.what, contact=contact, actor=actor)
        return _settled(reads.call_for(actor, call), made)

    return answer_once(request, do)


def _settled(call: Call, made: Reported) -> Answer:
    book = rulebook.book(settings.COUNTY, made.case.book)
    body = {
        "call": call_shown(call, is_agent=True),
        "number": made.case.number,
        "code": made.code,
        "ring": book.numbers_to_call(made.case.what),
    }
    return Answer(body, 201, {"Location": f"/api/v1/cases/{made.case.number}"})


@router.post("/calls/{uuid:call}/answer", response=CallShown, summary="Answer at once")
def answer_call(request: HttpRequest, call: UUID, body: AnswerSent) -> HttpResponse:
    """An own call was answered from an article; no case is opened."""
    actor, asked = actor_of(request), body.model_dump()
    what = asked.pop("words")

    def do() -> Answer:
        done = actions.answer_call(call, what=what, **asked, actor=actor)
        return Answer(call_shown(done, is_agent=True))

    return answer_once(request, do)


@router.post("/calls/{uuid:call}/drop", response=CallShown, summary="Nothing to be done")
def drop_call(request: HttpRequest, call: UUID) -> HttpResponse:
    """An own call about nothing that anybody could do something about."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(call_shown(actions.drop_call(call, actor=actor), is_agent=True))
    )


@router.post("/calls/{uuid:call}/take-up", response=CallShown, summary="It is not settled yet")
def take_up_again(request: HttpRequest, call: UUID) -> HttpResponse:
    """An own call that was answered at once or dropped by mistake, within two hours of it."""
    actor = actor_of(request)
    return answer_once(
        request,
        lambda: Answer(call_shown(actions.take_up_again(call, actor=actor), is_agent=True)),
    )
