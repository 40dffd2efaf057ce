"""The hotline for programs: calls as the telephone system tells of them, articles."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field, StringConstraints

from gezhi.base.api import (
    NO_ZERO,
    Answer,
    Day,
    Input,
    Moment,
    Paged,
    Paging,
    Shown,
    Text24,
    Text48,
    Text200,
    Words,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.base.paging import page_of
from gezhi.base.refusal import NotFound
from gezhi.hotline import actions, reads
from gezhi.hotline.models import Article, Call
from gezhi.hotline.rules import LONGEST_ASKS, LONGEST_TITLE
from gezhi.record.api import answer_once

router = Router(tags=["hotline"])

CallId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:@+-]+$"),
    Path(..., description="The telephone system's own name for the call."),
]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:@+-]+$")
]
_ORDER = "The hotline's own number of the order, where it has one; the case keeps it."


class CallSent(Input):
    """A call that rings at an agent's."""

    call_id: Name = Field(description="The telephone system's own name for the call.")
    agent: Text48 = Field(description="The agent's login.")
    from_number: Text24 = Field("", description="Who calls; empty where it is withheld.")
    began_at: Moment | None = Field(None, description="Now, where it is left out.")
    line: Text24 = Field("", description="Which line or queue it came in on.")
    order: Text48 = Field("", description=_ORDER)


class CallOver(Input):
    """A call that is over."""

    ended_at: Moment | None = Field(None, description="Now, where it is left out.")
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


class AnswerSent(Input):
    """From which article a call was answered, and what was asked."""

    article: UUID
    words: Words = Field("", description="What was asked, in the caller's words. Sealed.")


class ArticleShown(Shown):
    """A knowledge article; `uses` is how many calls were answered from it."""

    id: UUID
    title: str
    asks: str
    answer: str
    unit: str | None
    valid_until: date | None
    state: str
    version: int
    uses: int
    changed_at: datetime


class ArticleList(Shown):
    items: list[ArticleShown]
    next: str | None


class ArticlesFound(Shown):
    items: list[ArticleShown]


class ArticleSent(Input):
    """An article whole: what isn't named is empty."""

    title: Annotated[str, StringConstraints(max_length=LONGEST_TITLE, pattern=NO_ZERO)]
    answer: Words
    asks: Annotated[str, StringConstraints(max_length=LONGEST_ASKS, pattern=NO_ZERO)] = Field(
        "", description="The words people ask it in; it is found by them and by its title."
    )
    unit: UUID | None = Field(None, description="Which unit answers for what it says.")
    valid_until: Day | None = Field(None, description="Its last day; for good where left out.")


class Found(Input):
    """What is looked for."""

    text: Text200 = Field(description="Words that a caller uses.")


def _call(call: Call, *, is_agent: bool = False) -> dict[str, Any]:
    names = (
        "id", "call_id", "line", "order", "began_at", "ended_at", "seconds", "outcome",
        "settled_at",
    )  # fmt: skip
    return {name: getattr(call, name) for name in names} | {
        "phone": (reads.shown_number(call) or None) if is_agent else None,
        "number": call.case.number if call.case else None,
        "article": call.version.article_id if call.version else None,
    }


def _article(row: Article, uses: int) -> dict[str, Any]:
    names = ("id", "title", "asks", "answer", "valid_until", "state", "version", "changed_at")
    shown = {name: getattr(row, name) for name in names}
    return shown | {"unit": row.unit.name if row.unit else None, "uses": uses}


def _counted(rows: list[Article]) -> list[dict[str, Any]]:
    uses = reads.uses_of(rows)
    return [_article(row, uses.get(row.id, 0)) for row in rows]


def _one(row: Article, status: int = 200) -> Answer:
    return Answer(_counted([row])[0], status)


# --- calls ----------------------------------------------------------------------------------------


@router.post("/calls", response={201: CallShown}, summary="A call comes in")
def begin_call(request: HttpRequest, body: CallSent) -> HttpResponse:
    """The agent's console shows the caller. Sent again for another agent, it is handed over."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(_call(actions.begin_call(**values, actor=actor).call), 201)
    )


@router.post("/calls/{call_id}/end", response=CallShown, summary="A call is over")
def end_call(request: HttpRequest, call_id: CallId, body: CallOver) -> HttpResponse:
    """How long it took, and where its recording is. May be sent again, to add what was missing."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(
        request, lambda: Answer(_call(actions.end_call(call_id, **values, actor=actor)))
    )


@router.get("/calls/{call_id}", response=CallShown, summary="What became of a call")
def show_call(request: HttpRequest, call_id: CallId) -> HttpResponse:
    """For the program that told of it: its case's number, for the telephone system's own order."""
    found = reads.call_of_program(actor_of(request), call_id)
    if found is None:
        raise NotFound()
    return give(_call(found))


@router.get("/calls", response=CallList, summary="Calls")
def list_calls(request: HttpRequest, asked: Paging) -> HttpResponse:
    """An agent's own, the newest first; all of the county for who writes what is answered."""
    found = reads.calls(actor_of(request)).select_related("case", "version")
    page = page_of(found, order=("-began_at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, lambda call: _call(call, is_agent=True))


@router.post("/calls/{uuid:call}/answer", response=CallShown, summary="Answer at once")
def answer_call(request: HttpRequest, call: UUID, body: AnswerSent) -> HttpResponse:
    """An own call was answered from an article; no case is opened."""
    actor = actor_of(request)

    def do() -> Answer:
        done = actions.answer_call(call, article=body.article, what=body.words, actor=actor)
        return Answer(_call(done, is_agent=True))

    return answer_once(request, do)


@router.post("/calls/{uuid:call}/drop", response=CallShown, summary="Nothing to be done")
def drop_call(request: HttpRequest, call: UUID) -> HttpResponse:
    """An own call about nothing that anybody could do something about."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(_call(actions.drop_call(call, actor=actor), is_agent=True))
    )


# --- articles -------------------------------------------------------------------------------------


@router.get("/articles", response=ArticleList, summary="Knowledge articles")
def list_articles(request: HttpRequest, asked: Annotated[Paged, Query(...)]) -> HttpResponse:
    """All of them, those that are not in use too."""
    found = reads.articles(actor_of(request))
    page = page_of(found, order=("title", "id"), cursor=asked.cursor, limit=asked.limit)
    uses = reads.uses_of(page.rows)
    return give_page(request, page, lambda row: _article(row, uses.get(row.id, 0)))


@router.post("/articles/find", response=ArticlesFound, summary="Articles that fit")
def find_articles(request: HttpRequest, body: Found) -> HttpResponse:
    """Those that may be read out today, the best first. POST keeps words out of addresses."""
    found = reads.fitting(actor_of(request), mask_text(body.text), most=5)
    return give({"items": _counted(found)})


@router.post("/articles", response={201: ArticleShown}, summary="Write an article")
def make_article(request: HttpRequest, body: ArticleSent) -> HttpResponse:
    """In use at once where who writes it decides that, else proposed."""
    actor, values = actor_of(request), body.model_dump()
    return answer_once(request, lambda: _one(actions.make_article(**values, actor=actor), 201))


@router.get("/articles/{uuid:article}", response=ArticleShown, summary="An article")
def show_article(request: HttpRequest, article: UUID) -> HttpResponse:
    """Its words as they stand."""
    return give(_one(reads.article_for(actor_of(request), article)).body)


@router.put("/articles/{uuid:article}", response=ArticleShown, summary="Change an article")
def change_article(request: HttpRequest, article: UUID, body: ArticleSent) -> HttpResponse:
    """Its words from now on. Calls keep the version that was read out."""
    actor, values = actor_of(request), body.model_dump()
    return give(_one(actions.change_article(article, **values, actor=actor)).body)


@router.post("/articles/{uuid:article}/take", response=ArticleShown, summary="Take into use")
def take_article(request: HttpRequest, article: UUID) -> HttpResponse:
    """Agents answer from it from now on."""
    actor = actor_of(request)
    return answer_once(request, lambda: _one(actions.take_article(article, actor=actor)))


@router.post("/articles/{uuid:article}/drop", response=ArticleShown, summary="Drop an article")
def drop_article(request: HttpRequest, article: UUID) -> HttpResponse:
    """Nobody answers from it any more."""
    actor = actor_of(request)
    return answer_once(request, lambda: _one(actions.drop_article(article, actor=actor)))
