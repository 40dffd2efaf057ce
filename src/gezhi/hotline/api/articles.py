"""Knowledge articles for programs: what calls are answered from."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import Field, StringConstraints

from gezhi.base.api import (
    NO_ZERO,
    Answer,
    Day,
    Input,
    Paged,
    Shown,
    Text200,
    Words,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.base.paging import page_of
from gezhi.hotline import actions, reads
from gezhi.hotline.api.root import router
from gezhi.hotline.models import Article
from gezhi.hotline.rules import LONGEST_ASKS, LONGEST_TITLE
from gezhi.record.api import answer_once


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


def _article(row: Article, uses: int) -> dict[str, Any]:
    names = ("id", "title", "asks", "answer", "valid_until", "state", "version", "changed_at")
    shown = {name: getattr(row, name) for name in names}
    return shown | {"unit": row.unit.name if row.unit else None, "uses": uses}


def _counted(rows: list[Article]) -> list[dict[str, Any]]:
    uses = reads.uses_of(rows)
    return [_article(row, uses.get(row.id, 0)) for row in rows]


def _one(row: Article, status: int = 200) -> Answer:
    return Answer(_counted([row])[0], status)


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
