"""Marking notices as read."""

from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.notices import reads
from gezhi.notices.models import Notice
from gezhi.notices.rules import About


@transaction.atomic
def mark_read(notice: UUID, *, actor: Actor) -> Notice:
    """One of the actor's own notices is read; what was read before stays so."""
    found = reads.own_notices(actor).select_for_update().filter(pk=notice).first()
    if found is None:
        raise NotFound()
    if found.read_at is None:
        found.read_at = clock.now()
        found.save(update_fields=["read_at"])
    return found


@transaction.atomic
def mark_all_read(
    *, until: UUID | None = None, about: About | None = None, number: str = "", actor: Actor
) -> int:
    """All the actor's notices are read, up to the one that was the newest on the screen.

    Where the screen showed those about something, or of some cases, no others are.
    """
    shown = reads.narrowed(reads.own_notices(actor), about=about, number=number)
    unread = shown.filter(read_at__isnull=True)
    if until is not None:
        newest = reads.own_notice(actor, until)
        unread = unread.filter(at__lte=newest.at)
    return unread.update(read_at=clock.now())
