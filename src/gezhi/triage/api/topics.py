"""Topics and root-cause cases, for programs: as their account sees them, in numbers and codes."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base import clock
from gezhi.base.api import AreaPath, Paged, Paging, Shown, Text64, give, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.triage.models import RootCause, Topic
from gezhi.triage.reads import roots as root_reads
from gezhi.triage.reads import topics as reads
from gezhi.triage.reads.topics import Seen, Wanted

router = Router()

_ORDER = ("-heat", "id")
_MOST_CASES = 200


class RatioShown(Shown):
    """So many times as much, between `low` and `high` in 95 of 100 such cases.

    `value` and `high` are null where nothing was reported before.
    """

    value: float | None
    low: float
    high: float | None


class TopicShown(Shown):
    """A matter of many reports, told by where it is and by words that several of them share.

    `place` is the thing that most of them name (an estate, a road), `towns` where they come from.
    `cases_seen` of its cases lie where the account reads; `days` counts the cases of each of the
    last 28 times 24 hours, `trend` compares the last seven of them to those before.
    """

    id: UUID
    path: str
    place: str
    towns: list[str]
    category: str
    words: list[str]
    first_at: datetime
    last_at: datetime
    cases: int
    cases_seen: int
    reports: int
    likes: int
    heat: float
    week: int
    days: list[int]
    trend: RatioShown | None
    is_growing: bool
    is_open: bool
    holders: list[UUID]


class TopicWithCases(TopicShown):
    """With the numbers of those of its cases that the account may see, the most central first."""

    numbers: list[str]


class TopicList(Shown):
    items: list[TopicShown]
    next: str | None


class TopicQuery(Paged):
    area: AreaPath | None = Field(None, description="Topics inside this area.")
    category: Text64 = ""
    weeks: int | None = Field(None, ge=1, le=4, description="Spoken of within so many weeks.")
    growing: bool = False


class SeriesShown(Shown):
    before: int
    after: int


class EffectShown(Shown):
    """What can be said: early, alone (nothing to compare with), fewer, more or unclear.

    `ratio` is the change of reports here over that in `areas`: below 1 there are fewer.
    """

    verdict: str
    weeks: float
    own: SeriesShown
    others: SeriesShown
    areas: list[str]
    ratio: RatioShown | None


class RootShown(Shown):
    """A root-cause case; `number` is that of the case that is worked on. `target` is a day."""

    id: UUID
    path: str
    category: str
    owner: UUID
    number: str
    topic: UUID | None
    opened_at: datetime
    target: date
    ended_at: datetime | None
    is_reached: bool | None


class RootWithEffect(RootShown):
    effect: EffectShown


class RootList(Shown):
    items: list[RootShown]
    next: str | None


def _topic(topic: Topic, seen: Seen) -> dict[str, Any]:
    names = (
        "id", "path", "place", "towns", "category", "words", "first_at", "last_at", "cases",
        "reports", "likes", "heat", "week", "days", "is_growing", "is_open",
    )  # fmt: skip
    trend = {"value": topic.ratio, "low": topic.ratio_low, "high": topic.ratio_high}
    return {
        **{name: getattr(topic, name) for name in names},
        "cases_seen": seen.cases,
        "trend": trend if topic.ratio_low is not None else None,
        "holders": sorted(seen.holders, key=str),
    }


@router.get("/topics", response=TopicList, summary="What many speak of")
def list_topics(request: HttpRequest, query: Annotated[TopicQuery, Query(...)]) -> HttpResponse:
    """The hottest first: of the last four weeks, found anew every hour."""
    actor = actor_of(request)
    since = clock.now() - timedelta(weeks=query.weeks) if query.weeks else None
    wanted = Wanted(query.area or "", query.category, since, query.growing)
    found = reads.narrowed(reads.topics(actor, county=settings.COUNTY), wanted)
    page = page_of(found, order=_ORDER, cursor=query.cursor, limit=query.limit)
    seen = reads.seen_of(actor, page.rows, county=settings.COUNTY)
    return give_page(request, page, lambda topic: _topic(topic, seen[topic.id]))


@router.get("/topics/{uuid:topic}", response=TopicWithCases, summary="One topic")
def show_topic(request: HttpRequest, topic: UUID) -> HttpResponse:
    """With the numbers of its cases; of those elsewhere only how many there are."""
    actor = actor_of(request)
    found = reads.topic_for(actor, topic, county=settings.COUNTY)
    seen = reads.seen_of(actor, [found], county=settings.COUNTY)[found.id]
    members = reads.members_of(actor, found)[:_MOST_CASES]
    return give({**_topic(found, seen), "numbers": [member.case.number for member in members]})


def _root(root: RootCause) -> dict[str, Any]:
    names = ("id", "path", "category", "opened_at", "target", "ended_at", "is_reached")
    return {
        **{name: getattr(root, name) for name in names},
        "owner": root.owner_id,
        "number": root.case.number,
        "topic": root.topic_id,
    }


@router.get("/roots", response=RootList, summary="Root-cause cases")
def list_roots(request: HttpRequest, query: Paging) -> HttpResponse:
    """The newest first; those that ended too."""
    found = root_reads.roots_of(actor_of(request), county=settings.COUNTY)
    page = page_of(found, order=("-opened_at", "-id"), cursor=query.cursor, limit=query.limit)
    return give_page(request, page, _root)


@router.get("/roots/{uuid:root}", response=RootWithEffect, summary="One root-cause case")
def show_root(request: HttpRequest, root: UUID) -> HttpResponse:
    """With what it has changed, against similar areas: difference in differences of reports."""
    found = root_reads.root_for(actor_of(request), root, county=settings.COUNTY)
    measured = root_reads.measure(found, now=clock.now())
    effect = measured.effect
    shown = {
        "verdict": effect.verdict.value,
        "weeks": round(effect.weeks, 2),
        "own": vars(effect.own),
        "others": vars(effect.others),
        "areas": measured.areas,
        "ratio": vars(effect.ratio) if effect.ratio else None,
    }
    return give({**_root(found), "effect": shown})
