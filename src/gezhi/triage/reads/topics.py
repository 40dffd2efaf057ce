"""Topics as somebody may see them, and the reports they are found among.

Whoever sees one case of a topic sees the topic; of its other cases elsewhere they learn the number.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.base.masking import mask_text
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import OPEN, State
from gezhi.places.rules import NamedPlace
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage.models import Liking, RootCause, Topic, TopicCase, TopicRun
from gezhi.triage.reads.whereabouts import gazetteer_of
from gezhi.triage.rules import Gazetteer
from gezhi.triage.rules.clusters import Told
from gezhi.triage.rules.gazetteer import AREAS
from gezhi.triage.rules.runs import RunState
from gezhi.triage.rules.topics import Line, line_of

MOST_TOLD = 20_000  # the newest of the window that are compared; more are a city's, not a county's
RIGHT = "case.read_area"
_TOWN = 9  # digits of its code
_GRIDS = frozenset({"grid", "exclusive"})


def is_open(county: str) -> Q:
    """What may be held together: not said in secrecy, of no sensitive kind."""
    kinds = [key for key, kind in rulebook.current(county).categories.items() if kind.sensitive]
    proposed = Q(category="", proposed_category__in=kinds)
    return Q(is_secret=False) & ~(proposed | Q(category__in=kinds))


def reports_told(county: str, *, since: datetime, until: datetime) -> list[Told]:
    """What was reported between, as topics see it: nothing secret, sensitive or taken back."""
    found = cases.opened_between(since, until, county=county, paths=[""])
    found = found.filter(is_open(county)).exclude(state=State.WITHDRAWN).exclude(what="")
    found = found.exclude(pk__in=RootCause.objects.filter(county=county).values("case"))
    rows = found.order_by("-opened_at", "-id").values_list(
        "id", "what", "place", "opened_at", "path", "category", "proposed_category", "lon", "lat"
    )[:MOST_TOLD]
    told: dict[UUID, Any] = {id: values for id, *values in rows}
    voices = cases.how_many_voices(list(told), county=county)
    liked = _likes(told, county)
    book, names = rulebook.current(county), gazetteer_of(county)
    return [
        Told(
            id=id,
            text=mask_text(what),
            at=at,
            path=path,
            category=category or proposed,
            lon=lon,
            lat=lat,
            reports=voices[id][0] if id in voices else 1,
            last_at=voices[id][1] if id in voices else at,
            likes=liked.get(id, (0, 0))[0],
            dislikes=liked.get(id, (0, 0))[1],
            names=_things(names, what, place, path),
            is_personal=is_personal(book, category or proposed),
            reach=book.similar(category or proposed)[0],
        )
        for id, (what, place, at, path, category, proposed, lon, lat) in told.items()
    ]


def is_personal(book: Book, key: str) -> bool:
    """Whether each report of a kind is its reporter's own affair."""
    kind = book.categories.get(key)
    return kind is not None and kind.personal


def _things(names: Gazetteer, what: str, place: str, path: str) -> tuple[str, ...]:
    """Estates, roads, schools that a report names where it is; areas are told by its path.

    What the county has several of by one name (the village's clinic) is no thing without its
    village, and where somebody is from is not where it is.
    """
    found: dict[str, None] = {}
    for one in (*names.mentions(place, is_place=True), *names.mentions(what, is_place=False)):
        meant = [names.places[at] for at in one.means if names.places[at].kind not in _GRIDS]
        here = {(thing.name, thing.path[:_TOWN]) for thing in meant if _is_there(thing, path)}
        is_area = any(thing.kind in AREAS for thing in meant)
        if len(here) == 1 and not is_area and not one.is_from:
            found |= dict.fromkeys(name for name, _town in here)
    return tuple(found)


def _is_there(thing: NamedPlace, path: str) -> bool:
    """Whether it is in the town, or runs through it; anywhere, where no town is known."""
    return any(
        one.startswith(path[:_TOWN]) or path.startswith(one)
        for one in thing.passes or (thing.path,)
    )


def _likes(told: Collection[UUID], county: str) -> dict[UUID, tuple[int, int]]:
    found = Liking.objects.filter(county=county, case__in=told)
    return {case: (up, down) for case, up, down in found.values_list("case", "likes", "dislikes")}


def shown_cases(actor: Actor, *, county: str) -> QuerySet[Case]:
    """The cases whose part in a topic this actor is shown."""
    return cases.in_areas_of(actor).filter(is_open(county), county=county)


def topics(actor: Actor, *, county: str) -> QuerySet[Topic]:
    """The topics of today that this actor sees a case of."""
    actor.must(RIGHT)
    seen = TopicCase.objects.filter(
        county=county, topic=OuterRef("pk"), case__in=shown_cases(actor, county=county)
    )
    return Topic.objects.filter(Exists(seen), county=county, is_open=True)


@dataclass(frozen=True)
class Wanted:
    """Which topics somebody asked for; empty for all."""

    path: str = ""
    category: str = ""
    since: datetime | None = None
    growing: bool = False


def narrowed(found: QuerySet[Topic], wanted: Wanted) -> QuerySet[Topic]:
    """Those that lie in an area (or all around it), are of a kind, were spoken of since."""
    if wanted.path:
        found = found.filter(path__startswith=wanted.path)
    if wanted.category:
        found = found.filter(category=wanted.category)
    if wanted.since:
        found = found.filter(last_at__gte=wanted.since)
    return found.filter(is_growing=True) if wanted.growing else found


def topic_for(actor: Actor, topic: UUID, *, county: str) -> Topic:
    """One of `topics`, or one of those before that ended."""
    actor.must(RIGHT)
    found = Topic.objects.filter(pk=topic, county=county).first()
    if found is None or not members_of(actor, found).exists():
        raise NotFound()
    return found


def members_of(actor: Actor, topic: Topic) -> QuerySet[TopicCase]:
    """The cases of a topic that this actor is shown, the most central first."""
    shown = shown_cases(actor, county=topic.county)
    found = TopicCase.objects.filter(county=topic.county, topic=topic, case__in=shown)
    return found.select_related("case").order_by("rank", "id")


def is_mergeable(case: Case) -> bool:
    """Whether it is still to be worked on, so that it can become part of another."""
    return State(case.state) in OPEN


@dataclass
class Seen:
    """What an actor is shown of a topic: how many of its cases, who holds them."""

    cases: int = 0
    holders: dict[UUID, int] = field(default_factory=dict)


def seen_of(actor: Actor, found: Iterable[Topic], *, county: str) -> dict[UUID, Seen]:
    """The same for many topics, in one question."""
    ids = [topic.id for topic in found]
    members = TopicCase.objects.filter(
        county=county, topic__in=ids, case__in=shown_cases(actor, county=county)
    )
    seen: dict[UUID, Seen] = defaultdict(Seen)
    held = members.order_by().values_list("topic", "case__holder").annotate(Count("id"))
    for topic, holder, number in held:
        seen[topic].cases += number
        seen[topic].holders[holder] = number
    return seen


def clause_of(member: TopicCase) -> str:
    """What a case says of the topic, masked."""
    return line_of(mask_text(member.case.what), Line(member.start, member.end))


def newest_run(county: str) -> TopicRun | None:
    """The search that was asked for last."""
    return TopicRun.objects.filter(county=county).order_by("-asked_at", "-id").first()


def run_for(actor: Actor, run: UUID, *, county: str) -> TopicRun:
    """A search, for who may read topics."""
    actor.must(RIGHT)
    found = TopicRun.objects.filter(pk=run, county=county).first()
    if found is None:
        raise NotFound()
    return found


def run_under_way(run: UUID) -> TopicRun | None:
    """A search that has not ended."""
    return TopicRun.objects.filter(pk=run, state=RunState.WORKING).first()


def run_to_change(run: UUID) -> TopicRun | None:
    """A search that is under way, held; None where it has ended."""
    return TopicRun.objects.select_for_update().filter(pk=run, state=RunState.WORKING).first()


def working_run(county: str) -> TopicRun | None:
    """The search that is under way."""
    return TopicRun.objects.filter(county=county, state=RunState.WORKING).first()


def known_topics(county: str, *, since: datetime) -> dict[Topic, frozenset[UUID]]:
    """The topics that a run found since, with their cases."""
    found = Topic.objects.filter(county=county, found_at__gte=since)
    known = {topic.id: topic for topic in found}
    members: dict[UUID, set[UUID]] = defaultdict(set)
    pairs = TopicCase.objects.filter(county=county, topic__in=list(known))
    for topic, case in pairs.values_list("topic_id", "case_id"):
        members[topic].add(case)
    return {topic: frozenset(members[id]) for id, topic in known.items()}
