"""Codes that are on their way to addresses somebody typed in."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection

from gezhi.base.actor import Actor, system
from gezhi.notices.models import AddressCheck
from gezhi.notices.reads.mine import NOBODY
from gezhi.notices.rules import CONFIRMED, Channel, Purpose
from gezhi.people import reads as people

_NOTICES = system("notices")


def hold_account(account: UUID) -> None:
    """Hold somebody's row until the transaction ends."""
    people.accounts_held([account])


def codes_asked(
    account: UUID, channel: Channel, address_keys: list[bytes], *, since: datetime
) -> tuple[list[datetime], list[datetime]]:
    """When codes were asked for by this account by this channel; to this address by whomever."""
    recent = AddressCheck.objects.filter(asked_at__gt=since)
    by_account = recent.filter(account=account, channel=channel.value)
    to_address = recent.filter(address_key__in=address_keys, purpose=Purpose.ADDRESS.value)
    return (
        list(by_account.values_list("asked_at", flat=True)),
        list(to_address.values_list("asked_at", flat=True)),
    )


def hold_phone(number: str) -> None:
    """Let nobody else ask for a code to this phone until the transaction ends."""
    with connection.cursor() as cursor:
        # A digest: what locks are held can be read in the database, and phones can't be.
        digest = hashlib.sha256(f"{settings.SECRET_KEY}:{number}".encode()).digest()
        name = int.from_bytes(digest[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [name])


def phone_codes_asked(
    address_keys: list[bytes], asked_from: list[bytes], *, purpose: Purpose, since: datetime
) -> tuple[list[datetime], list[datetime], list[datetime]]:
    """When codes were asked for from this network address; from it to this phone; to this phone.

    Those to the phone for this purpose alone: who is signed in is not kept from what others ask.
    """
    recent = AddressCheck.objects.filter(asked_at__gt=since)
    from_here = recent.filter(asked_from__in=asked_from)
    to_phone = recent.filter(address_key__in=address_keys, purpose=purpose.value)
    there = to_phone.filter(asked_from__in=asked_from)
    return (
        list(from_here.values_list("asked_at", flat=True)),
        list(there.values_list("asked_at", flat=True)),
        list(to_phone.values_list("asked_at", flat=True)),
    )


def phone_check_held(id: UUID, purpose: Purpose) -> AddressCheck | None:
    """A code of this purpose, by the id its asker was given, held until the transaction ends."""
    found = AddressCheck.objects.select_for_update().filter(pk=id, purpose=purpose.value)
    return found.first()


def phone_checked(id: UUID) -> AddressCheck | None:
    """What a page says of a code that was asked for: to where, since when, whether it failed."""
    return AddressCheck.objects.filter(pk=id).exclude(purpose=Purpose.ADDRESS.value).first()


def check_held(id: UUID) -> AddressCheck | None:
    """One of them, held until the transaction ends."""
    return AddressCheck.objects.select_for_update().filter(pk=id).first()


def newest_check(account: UUID, channel: Channel, *, is_held: bool = False) -> AddressCheck | None:
    """The last code that an account asked for by this channel: it alone may be typed in."""
    found = AddressCheck.objects.filter(account=account, channel=channel.value)
    if is_held:
        found = found.select_for_update()
    return found.order_by("-asked_at", "-id").first()


def checks_of(actor: Actor) -> dict[Channel, AddressCheck]:
    """The actor's newest check by each channel, where it is still waited for."""
    account = actor.account or NOBODY
    found = {channel: newest_check(account, channel) for channel in CONFIRMED}
    return {
        channel: check
        for channel, check in found.items()
        if check is not None and check.ended_at is None
    }


def language_of(account: UUID | None) -> str:
    """In which language somebody is spoken to; whoever has no account in the house's."""
    if account is None:
        return settings.LANGUAGE_CODE
    known = people.accounts(_NOTICES).filter(pk=account).values_list("language", flat=True).first()
    return known or settings.LANGUAGE_CODE
