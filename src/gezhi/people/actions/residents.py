"""Residents' accounts: let in once a code came back, signed out, another phone, closed.

Who typed in which code is the business of the rooms above; here it is taken as done.
"""

import secrets
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.people import reads, rules
from gezhi.people.models import Resident, ResidentSession
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind

TOKEN_BEGINS = "gzr_"  # noqa: S105  # how every token begins, and no secret


class LetIn(NamedTuple):
    """A session and its token, which is shown once and never stored."""

    session: ResidentSession
    token: str


@transaction.atomic
def let_in(*, phone: str, is_app: bool, county: str, address: str) -> LetIn:
    """Sign in whoever has shown that this phone is theirs; the first time that makes the account.

    `phone` is as `base.words.mobile_of` gives it; `address` is that of the network.
    """
    now = clock.now()
    known = reads.resident_with(phone, county=county)
    resident, is_new = (
        (known, False)
        if known
        else Resident.objects.get_or_create(
            county=county,
            phone_index=reads.resident_key(phone),
            defaults={"phone": phone, "made_at": now},
        )
    )
    token = TOKEN_BEGINS + secrets.token_hex(32)
    session = ResidentSession.objects.create(
        resident=resident,
        digest=rules.token_digest(token),
        is_app=is_app,
        made_at=now,
        ends_at=now + timedelta(days=settings.RESIDENT_DAYS),
        proven_at=now,
    )
    note(
        AuditKind.SIGN_IN,
        data={"way": "phone_code", "is_new": is_new, "is_app": is_app},
        address=address,
        county=county,
        actor=reads.resident_actor(resident.id),
        now=now,
    )
    return LetIn(session, token)


@transaction.atomic
def note_proven(session: UUID, *, actor: Actor) -> None:
    """The own phone has given back a code again, on this device."""
    resident = reads.resident_held(actor)
    ResidentSession.objects.filter(id=session, resident=resident).update(proven_at=clock.now())


@transaction.atomic
def sign_resident_out(session: UUID | None = None, *, address: str = "", actor: Actor) -> int:
    """End one session, or all of them; how many that were."""
    resident = reads.resident_held(actor)
    ended = ResidentSession.objects.filter(resident=resident)
    if session is not None:
        ended = ended.filter(id=session)
    count, _by_kind = ended.delete()
    note(
        AuditKind.SIGN_OUT,
        data={"everywhere": session is None, "sessions": count},
        address=address,
        county=resident.county,
        actor=actor,
        now=clock.now(),
    )
    return count


@transaction.atomic
def change_phone(*, phone: str, keep: UUID, actor: Actor) -> UUID | None:
    """Sign in with another phone from now on; all sessions but the one it was done in end.

    Whoever signed in with that phone before has shown to be the same person: that account is
    closed, and its id given back, so that what hangs on it can move.
    """
    resident, now = reads.resident_held(actor), clock.now()
    other = reads.resident_with(phone, county=resident.county)
    if other is not None and other.id == resident.id:
        return None
    if other is not None:
        _close(other)
    resident.phone, resident.phone_index = phone, reads.resident_key(phone)
    resident.save(update_fields=["phone", "phone_index"])
    ResidentSession.objects.filter(resident=resident).exclude(id=keep).delete()
    data = {"changed": "phone", "joined": str(other.id) if other else ""}
    note(AuditKind.SECURITY, about=actor.label, data=data, county=resident.county, actor=actor,
         now=now)  # fmt: skip
    return other.id if other else None


@transaction.atomic
def close_resident(*, actor: Actor) -> None:
    """End the account: its phone and its sessions go, the row stays for labels in the record."""
    resident = reads.resident_held(actor)
    _close(resident)
    note(AuditKind.SECURITY, about=actor.label, data={"closed": True}, county=resident.county,
         actor=actor, now=clock.now())  # fmt: skip


def _close(resident: Resident) -> None:
    resident.phone, resident.phone_index, resident.closed_at = "", None, clock.now()
    resident.save(update_fields=["phone", "phone_index", "closed_at"])
    ResidentSession.objects.filter(resident=resident).delete()


def forget_resident_sessions() -> int:
    """Remove sessions that have ended by themselves; how many that were."""
    gone, _by_kind = ResidentSession.objects.filter(ends_at__lte=clock.now()).delete()
    return gone
