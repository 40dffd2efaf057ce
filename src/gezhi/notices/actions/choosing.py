"""How one wants to hear of things besides the desk."""

from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import SignInNeeded
from gezhi.base.words import clean
from gezhi.notices import reads, rules
from gezhi.notices.actions.confirming import ask_code, end_checks
from gezhi.notices.errors import ContactMissing, MailWrong, PhoneWrong, QuietWrong
from gezhi.notices.models import Choice
from gezhi.notices.rules import Channel


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
    """How the actor wants to hear of things besides the desk.

    A new address is used once the code that is sent there was typed in; until then notices go to
    the one before.
    """
    if actor.account is None:
        raise SignInNeeded()
    typed = {Channel.MAIL: _mail(mail), Channel.SMS: _phone(phone)}
    if (quiet_from is None) != (quiet_to is None):
        raise QuietWrong()
    for channel, is_wanted in ((Channel.MAIL, wants_mail), (Channel.SMS, wants_sms)):
        if is_wanted and not typed[channel]:
            raise ContactMissing(field=rules.FIELDS[channel])
    values = {
        "wants_mail": wants_mail,
        "wants_sms": wants_sms,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "changed_at": clock.now(),
    }
    made, _is_new = Choice.objects.update_or_create(account_id=actor.account, defaults=values)
    for channel, address in typed.items():
        _set_address(made, channel, address, actor)
    return made


def _set_address(made: Choice, channel: Channel, address: str, actor: Actor) -> None:
    """Keep it, take it away, or ask whether it is theirs."""
    field = rules.FIELDS[channel]
    is_same = getattr(made, field) == address
    if not address or (is_same and getattr(made, f"{field}_confirmed_at")):
        end_checks(channel, actor=actor)
        if not address:
            setattr(made, field, "")
            setattr(made, f"{field}_confirmed_at", None)
            made.save(update_fields=[field, f"{field}_confirmed_at"])
        return
    waiting = reads.checks_of(actor).get(channel)
    if waiting is None or waiting.address != address:
        ask_code(channel, address, actor=actor)


def _mail(typed: str) -> str:
    typed = clean(typed)
    try:
        if typed:
            validate_email(typed)
    except ValidationError as error:
        raise MailWrong() from error
    return typed


def _phone(typed: str) -> str:
    """Short messages go to mobile numbers of this country alone."""
    typed = clean(typed)
    found = reads.mobile(typed)
    if typed and not found:
        raise PhoneWrong()
    return found
