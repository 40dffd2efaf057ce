"""Showing that an address is one's own: a code goes there and comes back."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_text
from gezhi.base.refusal import SignInNeeded
from gezhi.base.sealed import blind_index, is_index_of
from gezhi.base.slices import queue_once
from gezhi.notices import adapters, reads, rules
from gezhi.notices.adapters import DeliveryFailed, Message
from gezhi.notices.errors import CodeOver, CodeWrong, NotConnected, TooManyCodes
from gezhi.notices.models import AddressCheck, Choice, address_key, address_keys
from gezhi.notices.rules import CHANNEL_NAMES, Channel

_JOB = "gezhi.notices.jobs.send_code"
_log = structlog.get_logger("gezhi.notices")


@transaction.atomic
def ask_code(channel: Channel, address: str, *, actor: Actor) -> AddressCheck:
    """Have a code sent to an address. It is made when it is sent, so that it stands nowhere.

    The account is held meanwhile: two presses at once are counted one after the other.
    """
    if actor.account is None:
        raise SignInNeeded()
    if adapters.gateway_for(channel, address) is None and not settings.DEMO:
        raise NotConnected(field=rules.FIELDS[channel], channel=CHANNEL_NAMES[channel])
    now, key = clock.now(), address_key(channel, address)
    keys = address_keys(channel, address)
    reads.hold_account(actor.account)
    asked = reads.codes_asked(actor.account, channel, keys, since=now - rules.SENT_WITHIN)
    when = rules.may_send_after(*asked, now=now)
    if when > now:
        minutes = -(-int((when - now).total_seconds()) // 60)
        raise TooManyCodes(field=rules.FIELDS[channel], minutes=minutes)
    check = AddressCheck.objects.create(
        account_id=actor.account,
        channel=channel.value,
        address=address,
        address_key=key,
        asked_at=now,
    )
    leave_code_to_worker(check)
    return check


def leave_code_to_worker(check: AddressCheck) -> None:
    """Ask the worker to make the code and to hand it over.

    In a demo nothing leaves the house: there whoever asks makes the code, and is shown it.
    """
    if not settings.DEMO:
        queue_once(_JOB, lock=f"code:{check.id}", at=check.asked_at, check=str(check.id))


def send_code(check: UUID) -> str:
    """Make the code and hand it over, once: what does not go is asked for again by its owner.

    Gives back the code where nothing ever leaves the house, so that a demo can be tried.
    """
    code = rules.new_code()
    claimed = _claim(check, code)
    if claimed is None:
        return ""
    channel = Channel(claimed.channel)
    gateway = adapters.gateway_for(channel, claimed.address)
    if gateway is None:
        return code
    try:
        gateway.send(_message(claimed, code), at=clock.now())
    except DeliveryFailed as failure:
        _log.warning("a code was not taken", gateway=gateway.name, said=mask_text(str(failure)))
        say_failed(claimed, str(failure) if failure.is_recipients else "")
    except Exception:
        _log.exception("a code broke", gateway=gateway.name)
        say_failed(claimed, "")
    return ""


def ask_again(channel: Channel, *, actor: Actor) -> AddressCheck:
    """Another code to the address that waits for one, or the first to one from before codes."""
    check = reads.checks_of(actor).get(channel)
    choice = reads.choice_of(actor) or Choice()
    address = check.address if check else choice.address(channel)
    if not address or address == choice.confirmed(channel):
        raise CodeOver()
    return ask_code(channel, address, actor=actor)


@transaction.atomic
def end_checks(channel: Channel, *, actor: Actor) -> None:
    """Nobody waits for a code by this channel any more."""
    AddressCheck.objects.filter(
        account=actor.account, channel=channel.value, ended_at__isnull=True
    ).update(ended_at=clock.now(), code=b"")


@transaction.atomic
def _claim(check: UUID, code: str) -> AddressCheck | None:
    """Written before the call: a code that is on its way can be typed in."""
    found = reads.check_held(check)
    if found is None or found.sent_at is not None or found.ended_at is not None:
        return None
    found.sent_at, found.code = clock.now(), blind_index(_text(found, code))
    found.save(update_fields=["sent_at", "code"])
    return found


def _message(check: AddressCheck, code: str) -> Message:
    with override(reads.language_of(check.account_id)):
        minutes = int(rules.CODE_HOLDS.total_seconds() // 60)
        words = _("格治验证码 %(code)s，%(minutes)s 分钟内有效。不是您本人操作的，不用理会。")
        return Message(
            to=check.address,
            subject=_("格治验证码"),
            words=words % {"code": code, "minutes": minutes},
            key=str(check.id),
        )


@transaction.atomic
def say_failed(check: AddressCheck, said: str) -> None:
    """What was said of the address; of the server and its settings only who administers reads."""
    with override(reads.language_of(check.account_id)):
        error = said or _("发送服务出了差错，原因在日志里，请告诉管理员。")
    AddressCheck.objects.filter(pk=check.pk).update(
        code=b"", error=mask_text(error)[: rules.MOST_KEPT]
    )


def confirm(channel: Channel, code: str, *, actor: Actor) -> Choice:
    """The code that came to the newest address: from now on notices go there.

    A wrong try stays counted, though it is refused.
    """
    if actor.account is None:
        raise SignInNeeded()
    left = _try(channel, code, account=actor.account, now=clock.now())
    if isinstance(left, Choice):
        return left
    raise CodeWrong(left=left) if left else CodeOver()


@transaction.atomic
def _try(channel: Channel, code: str, *, account: UUID, now: datetime) -> Choice | int:
    """The choice with its confirmed address, or how many tries are left.

    The account is held first, as by who saves a choice: neither waits for the other.
    """
    reads.hold_account(account)
    check = reads.newest_check(account, channel, is_held=True)
    left = spend_try(check, code, now=now) if check is not None else 0
    if check is None or left is not None:
        return left or 0
    field = rules.FIELDS[channel]
    values = {
        field: check.address,
        f"{field}_confirmed": address_key(channel, check.address),
        "changed_at": now,
    }
    made, _is_new = Choice.objects.update_or_create(account_id=account, defaults=values)
    return made


def spend_try(check: AddressCheck, code: str, *, now: datetime) -> int | None:
    """None for the right code, which is used up by that; else how many tries are left.

    For a row that is held: tries made at once are counted one after the other.
    """
    if not check.code or not rules.is_open(check.sent_at, tries=check.tries, now=now):
        return 0
    check.tries += 1
    if not is_index_of(bytes(check.code), _text(check, code)):
        check.save(update_fields=["tries"])
        return rules.MOST_TRIES - check.tries
    check.ended_at, check.code = now, b""
    check.save(update_fields=["tries", "ended_at", "code"])
    return None


def forget_checks() -> int:
    """Remove what was asked for long ago; how many that were."""
    gone, _by_kind = AddressCheck.objects.filter(
        asked_at__lt=clock.now() - rules.CHECKS_KEPT
    ).delete()
    return gone


def _text(check: AddressCheck, code: str) -> str:
    return f"code:{check.id}:{code}"
