"""Residents who sign in: who they are by their token, on which devices, by which phone."""

from uuid import UUID

from django.db.models import QuerySet

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import SignInNeeded
from gezhi.base.sealed import blind_index, blind_indexes
from gezhi.people import rules
from gezhi.people.models import Resident, ResidentSession


def resident_actor(id: UUID, *, proven: frozenset[UUID] = frozenset()) -> Actor:
    """A signed-in resident, with the reports that are known to be theirs."""
    return Actor(label=f"resident:{id}", kind="resident", proven=proven)


def resident_text(phone: str) -> str:
    """What a resident is indexed as: not as reports are, so that neither gives the other.

    `phone` is as `base.words.mobile_of` gives it.
    """
    return f"resident:{phone}"


def resident_key(phone: str) -> bytes:
    """What a resident is known by, while the phone stands sealed."""
    return blind_index(resident_text(phone))


def resident_session(token: str) -> ResidentSession | None:
    """The session a token belongs to, with its resident, while it holds."""
    return (
        ResidentSession.objects.filter(
            digest=rules.token_digest(token), ends_at__gt=clock.now(), resident__closed_at=None
        )
        .select_related("resident")
        .first()
    )


def resident_held(actor: Actor) -> Resident:
    """The signed-in resident itself, held until the transaction ends."""
    mine = Resident.objects.select_for_update().filter(id=_id(actor), closed_at=None)
    if (found := mine.first()) is None:
        raise SignInNeeded()
    return found


def resident_sessions(actor: Actor) -> QuerySet[ResidentSession]:
    """Where the signed-in resident is signed in now, the newest first."""
    return ResidentSession.objects.filter(
        resident=_id(actor), ends_at__gt=clock.now()
    ).order_by("-made_at")  # fmt: skip


def resident_with(phone: str, *, county: str) -> Resident | None:
    """Whoever signs in with this phone, held; for acts that have had its code typed in."""
    found = Resident.objects.select_for_update().filter(
        county=county, phone_index__in=blind_indexes(resident_text(phone))
    )
    return found.first()


def _id(actor: Actor) -> UUID:
    return actor.resident or UUID(int=0)
