"""One's own notices, and how one wants to hear of things."""

from collections.abc import Collection, Iterable
from datetime import time
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.notices.models import Choice, Delivery, Notice
from gezhi.notices.rules import About, events_about
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Quiet

NOBODY = UUID(int=0)
MOST_COUNTED = 99


def told_to_reports(reports: Collection[UUID]) -> QuerySet[Delivery]:
    """What went, or would have gone, to the reporters of these, the newest first."""
    found = Delivery.objects.filter(notice__report__in=list(reports)).select_related("notice")
    return found.order_by("-made_at", "-id")


def own_notices(actor: Actor) -> QuerySet[Notice]:
    """What stands on the actor's own desk. Lists and single reads both start here."""
    return Notice.objects.filter(account=actor.account or NOBODY, is_on_desk=True)


def narrowed(
    found: QuerySet[Notice], *, about: About | None = None, number: str = ""
) -> QuerySet[Notice]:
    """Those about something, and of cases whose number begins like this; all where it is empty."""
    if about is not None:
        found = found.filter(event__in=events_about(about))
    return found.filter(number__startswith=number) if number else found


def own_notice(actor: Actor, id: UUID) -> Notice:
    """One of them."""
    found = own_notices(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def unread_count(actor: Actor) -> int:
    """How many the actor has not read; beyond `MOST_COUNTED` one more is enough to know."""
    unread = own_notices(actor).filter(read_at__isnull=True)
    return unread.order_by()[: MOST_COUNTED + 1].count()


def choice_of(actor: Actor) -> Choice | None:
    """How the actor wants to hear of things; None where nothing was ever chosen."""
    return Choice.objects.filter(account=actor.account or NOBODY).first()


def choices_of(accounts: Iterable[UUID]) -> dict[UUID, Choice]:
    """The same of many, in one query."""
    return Choice.objects.in_bulk(list(accounts))


def own_quiet(account: UUID | None) -> tuple[time, time] | None:
    """The quiet hours of an account's own."""
    found = Choice.objects.filter(account=account).first() if account else None
    return found.quiet if found else None


def quiet_hours() -> Quiet | None:
    """When the rulebook has people left alone."""
    return rulebook.current(settings.COUNTY).notices.quiet
