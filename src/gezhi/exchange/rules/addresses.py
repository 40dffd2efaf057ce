"""Which addresses may be subscribed: https, or http to what the settings list inside. Pure."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

from gezhi.exchange.errors import AddressWrong

LONGEST = 500
Networks = Collection[IPv4Network | IPv6Network]


def host_of(address: str, *, inside: Networks) -> str:
    """The host that an address names, if it is one that may be called."""
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        raise AddressWrong() from None
    host = parts.hostname or ""
    is_plain = address.isascii() and address.isprintable() and " " not in address
    if not host or not is_plain or len(address) > LONGEST or parts.username or parts.fragment:
        raise AddressWrong()
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_listed(host, inside)):
        raise AddressWrong()
    return host


def _is_listed(host: str, inside: Networks) -> bool:
    """Without encryption only to a machine that is named by its number and meant."""
    try:
        return any(ip_address(host) in network for network in inside)
    except ValueError:
        return False
