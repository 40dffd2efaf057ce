"""Sessions: where somebody is signed in."""

from uuid import UUID

from django.db.models import QuerySet

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people.models import Session
from gezhi.people.reads.staff import own_id


def own_sessions(actor: Actor) -> QuerySet[Session]:
    """Where the signed-in person is signed in, what was used last first."""
    return _open().filter(account=own_id(actor)).order_by("-last_used", "ref")


def session_count(account: UUID) -> int:
    """In how many browsers somebody is signed in."""
    return _open().filter(account=account).count()


def own_session_key(actor: Actor, ref: UUID) -> str:
    """The key of one of one's own; "" if it is none."""
    return own_sessions(actor).filter(ref=ref).values_list("session_key", flat=True).first() or ""


def own_session(actor: Actor, ref: UUID) -> Session:
    """One of one's own, held until the transaction ends."""
    found = own_sessions(actor).filter(ref=ref).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(session=ref)
    return found


def _open() -> QuerySet[Session]:
    return Session.objects.filter(expire_date__gt=clock.now(), account__isnull=False)
