"""Who an account is at the identity provider: written down by one, confirmed by the person."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed
from gezhi.people import errors, reads
from gezhi.people.models import Account, Identity
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind


@transaction.atomic
def bind_identity(id: UUID, *, subject: str, actor: Actor) -> None:
    """Write down who an account is at the identity provider; an empty subject unbinds it.

    It counts for nothing until the person has confirmed it: whoever writes it down may write
    what is theirs. The accounts of the three administrators are the house's to bind.
    """
    now = clock.now()
    person = reads.account_to_change(actor, id, "post.manage")
    if person.id == actor.account:
        raise errors.OwnAccount()
    if not actor.is_system and reads.administrator_roles(person.id):
        raise NotAllowed()
    subject = subject.strip()
    if len(subject) > 255 or not subject.isprintable():
        raise errors.ValueWrong(input="subject")
    Identity.objects.filter(account=person).delete()
    if subject:
        _bind(person, subject, now if actor.is_system else None)
    _note(person, "identity" if subject else "identity_removed", actor, now)


@transaction.atomic
def confirm_identity(*, subject: str, actor: Actor) -> None:
    """The person says that this is who they are there: from here on it lets them in."""
    now, person = clock.now(), reads.own_account(actor)
    found = reads.identity_of(person.id)
    if found is None or found.subject != subject:  # another was written down meanwhile
        raise errors.IdentityGone()
    if found.confirmed_at is None:
        found.confirmed_at = now
        found.save(update_fields=["confirmed_at"])
        _note(person, "identity_confirmed", actor, now)


@transaction.atomic
def refuse_identity(*, actor: Actor) -> None:
    """The person says that it is somebody else, or wants to come in by password alone."""
    now, person = clock.now(), reads.own_account(actor)
    gone, _each = Identity.objects.filter(account=person).delete()
    if gone:
        _note(person, "identity_removed", actor, now)


def forget_identity(person: Account) -> None:
    """Nobody comes in by the provider as this account."""
    Identity.objects.filter(account=person).delete()


def _bind(person: Account, subject: str, confirmed_at: datetime | None) -> None:
    """One subject, one account; that of an account which is closed passes on."""
    there = {"issuer": settings.OIDC_ISSUER, "subject": subject}
    Identity.objects.filter(**there, account__is_active=False).delete()
    try:
        with transaction.atomic():
            Identity.objects.create(account=person, **there, confirmed_at=confirmed_at)
    except IntegrityError as error:
        raise errors.SubjectTaken() from error


def _note(person: Account, done: str, actor: Actor, now: datetime) -> None:
    note(
        AuditKind.SECURITY,
        about=f"account:{person.id}",
        data={"done": done},
        county=person.county,
        actor=actor,
        now=now,
    )
