"""Codes to residents' phones: whoever reads them there may sign in. Known or not, all is alike."""

from uuid import UUID

from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.http import line_of
from gezhi.base.sealed import blind_index, blind_indexes
from gezhi.base.words import mobile_of
from gezhi.notices import adapters, reads, rules
from gezhi.notices.actions.confirming import leave_code_to_worker, spend_try
from gezhi.notices.errors import (
    CodeOver,
    CodesNotConnected,
    CodeWrong,
    PhoneWrong,
    TooManyCodes,
)
from gezhi.notices.models import AddressCheck, address_key, address_keys
from gezhi.notices.rules import Channel, Purpose


@transaction.atomic
def ask_phone_code(phone: str, *, purpose: Purpose, address: str) -> AddressCheck:
    """Have a code sent to a phone. One that is on its way to somebody else there stays good.

    `address` is the network's: so many an hour from one, and few of them to one phone, so that
    nobody keeps another from signing in by asking for codes.
    """
    if not (number := mobile_of(phone)):
        raise PhoneWrong()
    if adapters.gateway_for(Channel.SMS, number) is None and not settings.DEMO:
        raise CodesNotConnected()
    now, keys = clock.now(), address_keys(Channel.SMS, number)
    network = f"network:{line_of(address)}"
    reads.hold_phone(number)
    from_here, there, to_phone = reads.phone_codes_asked(
        keys, blind_indexes(network), purpose=purpose, since=now - rules.SENT_WITHIN
    )
    # Again is asked by whoever is signed in with this phone: there is nobody else to spare it for.
    most = rules.MOST_SENT if purpose == Purpose.AGAIN else rules.MOST_SENT_FROM_ONE
    when = max(
        rules.may_send_after(
            from_here, there, most_by_asker=settings.CODES_FROM_ADDRESS, most_to_address=most,
            now=now,
        ),
        rules.may_send_after(to_phone, (), most_by_asker=rules.MOST_SENT_TO_PHONE, now=now),
    )  # fmt: skip
    if when > now:
        seconds = (when - now).total_seconds()
        raise TooManyCodes(field="phone", minutes=max(1, -(-int(seconds) // 60)))
    check = AddressCheck.objects.create(
        purpose=purpose.value,
        channel=Channel.SMS.value,
        address=number,
        address_key=address_key(Channel.SMS, number),
        asked_from=blind_index(network),
        asked_at=now,
    )
    leave_code_to_worker(check)
    return check


def try_phone_code(check: UUID, code: str, *, purpose: Purpose) -> str:
    """The phone whose code this is, which is used up by that. A wrong try stays counted.

    Never call it inside a transaction that a refusal undoes: the count would be undone too.
    """
    found = _try(check, code, purpose)
    if isinstance(found, str):
        return found
    raise CodeWrong(left=found) if found else CodeOver()


@transaction.atomic
def _try(check: UUID, code: str, purpose: Purpose) -> str | int:
    """The phone, or how many tries are left."""
    held = reads.phone_check_held(check, purpose)
    if held is None or held.ended_at is not None:
        return 0
    left = spend_try(held, code, now=clock.now())
    return held.address if left is None else left
