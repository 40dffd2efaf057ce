"""Articles: proposed by who answers calls, taken into use and changed by who decides."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.words import clean
from gezhi.hotline import errors, reads, rules
from gezhi.hotline.facts import ArticleChanged
from gezhi.hotline.models import Article, Version
from gezhi.hotline.rules import Act, State
from gezhi.people import reads as people
from gezhi.record.actions import announce


@transaction.atomic
def make_article(
    *,
    title: str,
    answer: str,
    asks: str = "",
    unit: UUID | None = None,
    valid_until: date | None = None,
    actor: Actor,
) -> Article:
    """A new one: in use at once where its writer decides that, else proposed."""
    may_write = reads.may_write(actor)
    if not may_write:
        actor.must(reads.ANSWER)
    now = clock.now()
    state = State.IN_USE if may_write else State.DRAFT
    made = Article(county=settings.COUNTY, state=state.value, made_by=actor.label, made_at=now)
    values = _checked(title=title, asks=asks, answer=answer, unit=unit, valid_until=valid_until)
    _write(made, Act.MADE, values, actor, now)
    return made


@transaction.atomic
def change_article(
    id: UUID,
    *,
    title: str,
    answer: str,
    asks: str = "",
    unit: UUID | None = None,
    valid_until: date | None = None,
    actor: Actor,
) -> Article:
    """Its words from now on; those that were read out before stay as a version."""
    found = _held(id, Act.CHANGED, actor)
    values = _checked(title=title, asks=asks, answer=answer, unit=unit, valid_until=valid_until)
    _write(found, Act.CHANGED, values, actor, clock.now())
    return found


@transaction.atomic
def take_article(id: UUID, *, actor: Actor) -> Article:
    """Agents may answer from it."""
    return _move(id, Act.TAKEN, actor)


@transaction.atomic
def drop_article(id: UUID, *, actor: Actor) -> Article:
    """Nobody answers from it any more; the calls that were keep its words."""
    return _move(id, Act.DROPPED, actor)


def _move(id: UUID, act: Act, actor: Actor) -> Article:
    found, state = _held(id, act, actor), rules.ACTS[act][1]
    if act == Act.TAKEN:
        _must_last(found.valid_until)
    found.state, found.changed_at = state.value if state else found.state, clock.now()
    found.save(update_fields=["state", "changed_at"])
    _tell(found, act, actor, found.changed_at)
    return found


def _held(id: UUID, act: Act, actor: Actor) -> Article:
    found = reads.article_to_change(actor, id)
    if found.state not in rules.ACTS[act][0]:
        raise errors.ArticleStands(state=rules.STATE_NAMES[State(found.state)])
    return found


def _checked(
    *, title: str, asks: str, answer: str, unit: UUID | None, valid_until: date | None
) -> dict[str, Any]:
    title, asks, answer = " ".join(clean(title).split()), clean(asks), clean(answer)
    if not title or not answer:
        raise errors.ArticleEmpty(field="title" if not title else "answer")
    most = (rules.LONGEST_TITLE, rules.LONGEST_ASKS, rules.LONGEST_ANSWER)
    if any(len(text) > far for text, far in zip((title, asks, answer), most, strict=True)):
        raise errors.ArticleTooLong(title=most[0], asks=most[1], answer=most[2])
    for name, text in (("title", title), ("asks", asks), ("answer", answer)):
        if found := rules.personal_in(text):
            raise errors.ArticleTellsOfPersons(found=found, field=name)
    if unit is not None and unit not in people.units_by_ids([unit]):
        raise errors.ArticleUnitUnknown()
    _must_last(valid_until)
    return {
        "title": title, "asks": asks, "answer": answer, "unit_id": unit, "valid_until": valid_until,
    }  # fmt: skip


def _must_last(valid_until: date | None) -> None:
    if valid_until is not None and valid_until < timezone.localdate(clock.now()):
        raise errors.ArticleOver(day=f"{valid_until:%Y-%m-%d}")


def _write(article: Article, act: Act, values: dict[str, Any], actor: Actor, now: datetime) -> None:
    """The row as it stands now, and the same as a version that stays."""
    for name, value in values.items():
        setattr(article, name, value)
    article.version, article.changed_at = article.version + 1, now
    article.save()
    Version.objects.create(
        county=article.county, article=article, number=article.version, actor=actor.label, at=now,
        **values,
    )  # fmt: skip
    _tell(article, act, actor, now)


def _tell(article: Article, act: Act, actor: Actor, now: datetime) -> None:
    fact = ArticleChanged(article=article.id, change=act.value, version=article.version)
    announce(fact, about=f"article:{article.id}", county=article.county, actor=actor, now=now)
