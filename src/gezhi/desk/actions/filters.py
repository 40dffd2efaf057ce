"""Keeping and dropping one's own saved filters."""

from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound, SignInNeeded
from gezhi.desk import reads
from gezhi.desk.errors import TooManyFilters
from gezhi.desk.models import SavedFilter

_MOST_FILTERS = 12


@transaction.atomic
def save_filter(*, name: str, query: str, actor: Actor) -> tuple[SavedFilter, bool]:
    """Keep a list under a name; the same name again replaces it. Says whether it is new."""
    if actor.account is None:
        raise SignInNeeded()
    known = reads.saved_filters(actor)
    if len(known) >= _MOST_FILTERS and name not in {each.name for each in known}:
        raise TooManyFilters(most=_MOST_FILTERS)
    return SavedFilter.objects.update_or_create(
        account_id=actor.account, name=name, defaults={"query": query, "made_at": clock.now()}
    )


@transaction.atomic
def drop_filter(filter_id: UUID, *, actor: Actor) -> str:
    """Forget one of one's own; its name."""
    found = SavedFilter.objects.filter(account=actor.account, id=filter_id).first()
    if found is None:
        raise NotFound()
    found.delete()
    return found.name
