"""Which hosts may be called: looked at when an address is written down, and at each call again."""

from ipaddress import ip_address

from django.conf import settings

from gezhi.base import outgoing
from gezhi.exchange import errors, rules


def host_of(address: str) -> str:
    """The host of an address that may be called. What a name leads to shows at each call."""
    own = outgoing.own_address()
    host = rules.host_of(address, inside=settings.INSIDE, own=own)
    if own:
        return host
    try:
        number = ip_address(host)
    except ValueError:
        return host
    if not outgoing.may_call(number):
        raise errors.AddressInside(host=host)
    return host
