"""Articles: for who answers from them, for who writes them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.hotline import rules
from gezhi.hotline.errors import ArticleNotInUse
from gezhi.hotline.models import Article, Call, Version
from gezhi.hotline.rules import State

ANSWER, WRITE = "hotline.answer", "hotline.write"


def may_write(actor: Actor) -> bool:
    """Whether an actor decides what agents of the whole county say."""
    return actor.may(WRITE, path=settings.COUNTY)


def articles(actor: Actor) -> QuerySet[Article]:
    """All of them, for who answers calls or writes them. Lists and single reads both start here."""
    if not (actor.may(ANSWER) or may_write(actor)):
        raise NotAllowed()
    return Article.objects.filter(county=settings.COUNTY).select_related("unit")


def article_for(actor: Actor, id: UUID) -> Article:
    """One of them."""
    found = articles(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def article_to_change(actor: Actor, id: UUID) -> Article:
    """One of them, held until the transaction ends, for who writes."""
    actor.must(WRITE, path=settings.COUNTY)
    found = articles(actor).select_for_update(of=("self",)).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def _today() -> date:
    return timezone.localdate(clock.now())


def valid(actor: Actor) -> QuerySet[Article]:
    """Those that may be read out today."""
    lasting = Q(valid_until=None) | Q(valid_until__gte=_today())
    return articles(actor).filter(lasting, state=State.IN_USE.value)


def fitting(
    actor: Actor, typed: str, *, most: int = 3, among: QuerySet[Article] | None = None
) -> list[Article]:
    """What fits the words typed so far, the best first; of those that may be read out today."""
    known = valid(actor) if among is None else among
    light = known.order_by("title", "id").values_list("id", "title", "asks")
    found = rules.best(typed, ((id, f"{title}\n{asks}") for id, title, asks in light), most=most)
    rows = {row.id: row for row in known.filter(pk__in=found)}
    return [rows[id] for id in found if id in rows]


def versions_of(article: Article) -> list[Version]:
    """How it was, the newest first."""
    return list(
        Version.objects.filter(article=article).select_related("unit").order_by("-number")[:50]
    )


def newest_version(article: Article) -> Version:
    """Its words as they stand."""
    return Version.objects.get(article=article, number=article.version)


def version_to_read_out(actor: Actor, article: UUID) -> Version:
    """The words a caller is told now; refused where they are out of date."""
    found = article_for(actor, article)
    if not rules.is_valid(found.state, found.valid_until, _today()):
        raise ArticleNotInUse()
    return newest_version(found)


def uses_of(found: Iterable[Article]) -> dict[UUID, int]:
    """How many calls were answered from each of these."""
    ids = [row.id for row in found]
    counted = Call.objects.filter(county=settings.COUNTY, version__article__in=ids)
    return dict(counted.values_list("version__article").annotate(Count("id")).order_by())
