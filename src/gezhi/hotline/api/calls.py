"""Calls as the telephone system tells of them, and as they are listed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query
from pydantic import Field, StringConstraints

from gezhi.base.api import (
    Answer,
    Input,
    Moment,
    Paged,
    Shown,
    Text24,
    Text48,
    Text200,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.base.refusal import NotFound
from gezhi.hotline import actions, reads, rules
from gezhi.hotline.api.root import router
from gezhi.hotline.models import Call
from gezhi.record.api import answer_once

CallId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:@+-]+$"),
    Path(..., description="The telephone system's own name for the call."),
]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:@+-]+$")
]
_WITHHELD = ", ".join(f"`{each}`" for each in rules.WITHHELD)
_ORDER = "The hotline's own number of the order, where it has one; the case keeps it."


class CallSent(Input):
    """A call that rings at an agent's."""

    call_id: Name = Field(description="The telephone system's own name for the call.")
    agent: Text48 = Field(description="The agent's login.")
    from_number: Text24 = Field(
        "", description=f"Who calls. Withheld: empty, or one of {_WITHHELD}."
    )
    began_at: Moment | None = Field(None, description="Now, where it is left out.")
    line: Text24 = Field("", description="Which line or queue it came in on.")
    order: Text48 = Field("", description=_ORDER)


class CallOver(Input):
    """A call that is over."""

    ended_at: Moment | None = Field(
        None, description="Where it is left out: its beginning and `seconds`, or now."
    )
    seconds: Annotated[int, Field(ge=0, le=86_400)] | None = Field(
        None, description="How long it took; else from its beginning to its end."
    )
    recording: Text200 = Field(
        "", description="Under what name the recording is kept elsewhere. It is never fetched."
    )
    order: Text48 = Field("", description=_ORDER)


class CallShown(Shown):
    """A call. `outcome` is empty while somebody is at it; `number` is its case.

    The number that called is masked; a program is told none.
    """

    id: UUID
    call_id: str
    line: str
    order: str
    phone: str | None
    began_at: datetime
    ended_at: datetime | None
    seconds: int | None
    outcome: str
    settled_at: datetime | None
    number: str | None
    article: UUID | None


class CallList(Shown):
    items: list[CallShown]
    next: str | None


class CallsAsked(Paged):
    """Which calls, and how many of them at once."""

    is_open: bool = Field(False, description="Only those that nobody has settled yet.")


def call_shown(call: Call, *, is_agent: bool = False) -> dict[str, Any]:
    """A call as it is told; its number, masked, to people alone."""
    names = (
        "id", "call_id", "line", "order", "began_at", "ended_at", "seconds", "outcome",
        "settled_at",
    )  # fmt: skip
    return {name: getattr(call, name) for name in names} | {
        "phone": (reads.shown_number(call) or None) if is_agent else None,
        "number": call.case.number if call.case else None,
        "article": call.version.article_id if call.version else None,
    }


@router.post("/calls", response={201: CallShown}, summary="A call comes in")
def begin_call(request: HttpRequest, body: CallSent) -> HttpResponse:
    """The agent's console shows the caller. Sent again for another agent, it is handed over."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(call_shown(actions.begin_call(**values, actor=actor).call), 201)
    )


@router.post("/calls/{call_id}/end", response=CallShown, summary="A call is over")
def end_call(request: HttpRequest, call_id: CallId, body: CallOver) -> HttpResponse:
    """How long it took, and where its recording is. May be sent again, to add what was missing."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(call_shown(actions.end_call(call_id, **values, actor=actor)))
    )


@router.get("/calls/{call_id}", response=CallShown, summary="What became of a call")
def show_call(request: HttpRequest, call_id: CallId) -> HttpResponse:
    """For the program that told of it: its case's number, for the telephone system's own order."""
    found = reads.call_of_program(actor_of(request), call_id)
    if found is None:
        raise NotFound()
    return give(call_shown(found))


@router.get("/calls", response=CallList, summary="Calls")
def list_calls(request: HttpRequest, asked: Annotated[CallsAsked, Query(...)]) -> HttpResponse:
    """An agent's own, the newest first; all of the county for who writes what is answered."""
    found = reads.calls(actor_of(request)).select_related("case", "version")
    found = found.filter(outcome="") if asked.is_open else found
    page = page_of(found, order=("-began_at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, lambda call: call_shown(call, is_agent=True))
