"""How one wants to hear of things besides the desk."""

from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import SignInNeeded
from gezhi.base.words import clean, mobile_of
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

    A new address of a way that is wanted is used once the code that is sent there was typed in;
    until then notices go to the one before. The account is held first, as by who confirms.
    """
    if actor.account is None:
        raise SignInNeeded()
    typed = {Channel.MAIL: _mail(mail), Channel.SMS: _phone(phone)}
    wanted = {Channel.MAIL: wants_mail, Channel.SMS: wants_sms}
    if (quiet_from is None) != (quiet_to is None):
        raise QuietWrong()
    for channel, address in typed.items():
        if wanted[channel] and not address:
            raise ContactMissing(field=rules.FIELDS[channel])
    reads.hold_account(actor.account)
    made = reads.choice_of(actor) or Choice(account_id=actor.account)
    for channel, address in typed.items():
        _set_address(made, channel, address, is_wanted=wanted[channel], actor=actor)
    made.wants_mail, made.wants_sms = wants_mail, wants_sms
    made.quiet_from, made.quiet_to = quiet_from, quiet_to
    made.changed_at = clock.now()
    made.save()
    return made


def _set_address(
    made: Choice, channel: Channel, address: str, *, is_wanted: bool, actor: Actor
) -> None:
    """Have it shown to be theirs, if something is to be sent there; else keep it as it is typed."""
    if is_wanted and address != made.confirmed(channel):
        if _is_to_ask(made, channel, address, actor):
            ask_code(channel, address, actor=actor)
        return
    end_checks(channel, actor=actor)
    if address != made.address(channel):
        setattr(made, rules.FIELDS[channel], address)
        setattr(made, f"{rules.FIELDS[channel]}_confirmed", None)


def _is_to_ask(made: Choice, channel: Channel, address: str, actor: Actor) -> bool:
    """Whether a code is to be sent: to what is new, or is wanted anew; not at every saving."""
    waiting = reads.checks_of(actor).get(channel)
    if waiting is not None:
        return waiting.address != address
    return address != made.address(channel) or not made.wants(channel)


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
    found = mobile_of(typed)
    if typed and not found:
        raise PhoneWrong()
    return found
