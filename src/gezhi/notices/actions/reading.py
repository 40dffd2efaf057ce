"""Marking notices as read; how one wants to hear of things."""

from datetime import time
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound, SignInNeeded
from gezhi.base.words import clean
from gezhi.notices import reads
from gezhi.notices.errors import ContactMissing, MailWrong, PhoneWrong, QuietWrong
from gezhi.notices.models import Choice, Notice
from gezhi.people.rules import is_phone


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
def mark_all_read(*, until: UUID | None = None, actor: Actor) -> int:
    """All the actor's notices are read, up to the one that was the newest on the screen."""
    unread = reads.own_notices(actor).filter(read_at__isnull=True)
    if until is not None:
        newest = reads.own_notice(actor, until)
        unread = unread.filter(at__lte=newest.at)
    return unread.update(read_at=clock.now())


@transaction.atomic
def choose(
    *,
    mail: str = "",
    phone: str = "",
    wants_mail: bool = False,
    wants_sms: bool = False,
    quiet_from: time | None = None,
    quiet_to: time | None = None,
    actor: Actor,
) -> Choice:
    """How the actor wants to hear of things besides the desk."""
    if actor.account is None:
        raise SignInNeeded()
    mail, phone = clean(mail), clean(phone)
    if mail:
        try:
            validate_email(mail)
        except ValidationError as error:
            raise MailWrong() from error
    if phone and not is_phone(phone):
        raise PhoneWrong()
    if (wants_mail and not mail) or (wants_sms and not phone):
        raise ContactMissing(field="mail" if wants_mail and not mail else "phone")
    if (quiet_from is None) != (quiet_to is None):
        raise QuietWrong()
    values = {
        "mail": mail,
        "phone": phone,
        "wants_mail": wants_mail,
        "wants_sms": wants_sms,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "changed_at": clock.now(),
    }
    made, _is_new = Choice.objects.update_or_create(account_id=actor.account, defaults=values)
    return made
