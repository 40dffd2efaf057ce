"""Which addresses may be called: https, or http to what the settings list inside. Pure.

Of a demo its own alone, as it is written in the settings, sign by sign.
"""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from gezhi.exchange.errors import AddressElsewhere, AddressWrong

LONGEST = 500
Networks = Collection[IPv4Network | IPv6Network]


def host_of(address: str, *, inside: Networks, own: str = "") -> str:
    """The host that an address names, if it is one that may be called.

    `own` is what a demo's addresses begin with.
    """
    if not address.startswith(own):
        raise AddressElsewhere(own=own)
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        raise AddressWrong() from None
    host = parts.hostname or ""
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if not host or not is_plain or len(address) > LONGEST or parts.username or parts.fragment:
        raise AddressWrong()
    is_open = parts.scheme == "http" and (own or _is_listed(host, inside))
    if parts.scheme != "https" and not is_open:
        raise AddressWrong()
    return host


def _is_listed(host: str, inside: Networks) -> bool:
    """Without encryption only to a machine that is named by its number and meant."""
    try:
        return any(ip_address(host) in network for network in inside)
    except ValueError:
        return False
