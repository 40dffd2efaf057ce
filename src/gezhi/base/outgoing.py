"""Calling hosts outside: every connection that the house itself opens to one begins here.

A name is resolved once, what it resolves to is looked at, and the connection goes to that very
address, so that no answer of a name server afterwards leads it elsewhere. What lies inside (this
machine, private networks, the metadata services of clouds) is called only where GEZHI_INSIDE
lists it: an address in a setting or in a form must not become a way to what the house alone can
reach. Redirects are not followed, no proxy is asked, and there is an end to waiting and reading.

A demo's passwords are known to many, so whatever they type there leads nowhere else: a demo calls
its own address, and beyond that only what its settings name or list.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from django.conf import settings

SECONDS = 15.0  # for a connection and for each piece of an answer
SECONDS_IN_ALL = 60.0  # also where the other side sends a byte now and then
MOST_READ = 64 * 1024

_Address = IPv4Address | IPv6Address
# Public by its number, but inside by what answers there: the metadata of a cloud's machine.
_METADATA = IPv4Network("168.63.129.16/32")
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(OSError):
    """The name leads inside, where nothing may be called that no setting lists."""


class AnswerTooLarge(OSError):
    """The other side says more than anybody here reads."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def own_address() -> str:
    """What every address that a demo calls begins with; "" where this is no demo."""
    return f"{settings.ADDRESS.rstrip('/')}/" if settings.DEMO else ""


def _is_own(url: str) -> bool:
    own = own_address()
    return bool(own) and url.startswith(own)  # sign by sign: any other way of writing it is none


def connect(
    host: str,
    port: int,
    *,
    seconds: float = SECONDS,
    is_own: bool = False,
    by_settings: bool = False,
) -> socket.socket:
    """A connection to the first address of the host that may be called and answers."""
    may = _is_listed if settings.DEMO and not by_settings else may_call
    refused, failed, until = [], None, time.monotonic() + SECONDS_IN_ALL
    for address in _resolve(host, port):
        if not (is_own or may(address)):
            refused.append(str(address))
            continue
        if time.monotonic() > until:
            raise TimeoutError("none of its addresses answered in time")
        try:
            # By its number: nobody is asked a second time where the name leads.
            return socket.create_connection((str(address), port), timeout=seconds)
        except OSError as error:
            failed = error
    if failed is not None:
        raise failed
    why = "which is not public"
    if may is _is_listed:
        why = f"and a demo calls nobody but itself, {own_address()}"
    raise AddressRefused(
        f"{host} leads to {', '.join(refused)}, {why}; if it is meant, list it in GEZHI_INSIDE"
    )


def _resolve(host: str, port: int) -> list[_Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host!r} is no name of a host") from error
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def may_call(address: _Address) -> bool:
    """Whether it is public, or one of those inside that the settings list."""
    return _is_listed(address) or all(_is_public(each) for each in (address, _meant(address)))


def _is_listed(address: _Address) -> bool:
    both = (address, _meant(address))
    return any(each in network for each in both for network in settings.INSIDE)


def _meant(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def _is_public(address: _Address) -> bool:
    if isinstance(address, IPv6Address):
        if _meant(address) is not address:
            return True  # the one it stands for is looked at instead
        if address.is_site_local:
            return False
    elif address in _METADATA:
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def call(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    most: int = MOST_READ,
    authorities: str = "",
    by_settings: bool = False,
    within: float | None = None,
    at_sending: Callable[[], object] | None = None,
) -> Answer:
    """One request over HTTP. Fails with OSError or HTTPException, whose words hold no address.

    `authorities` is a file with the certificates of who signed the host's, instead of the usual.
    `by_settings`: the address stands in a setting, so that a demo calls it too.
    `within` is an end in seconds that comes sooner than the usual one. `at_sending` is done when
    the line stands, before the first byte of the request: what failed without it was never sent.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OSError("that is no address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OSError("only http and https are called")
    is_tls = parts.scheme == "https"
    context = ssl.create_default_context(cafile=authorities or None) if is_tls else None
    seconds = min(within or SECONDS_IN_ALL, SECONDS_IN_ALL)
    connection = _Connection(
        parts.hostname, port or (443 if is_tls else 80), context,
        is_own=_is_own(url), by_settings=by_settings,
    )  # fmt: skip
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    with closing(connection), _ended_in_time(connection, seconds):
        connection.connect()
        if at_sending is not None:
            at_sending()
        try:
            connection.request(method, target, body=body or None, headers=dict(headers or {}))
        except OSError:
            raise  # a certificate that is not the name's is a ValueError too
        except ValueError:
            raise OSError("an address or a header holds signs that must be encoded") from None
        answer = connection.getresponse()
        said = answer.read(most + 1)
    if len(said) > most:
        raise AnswerTooLarge(f"the answer is longer than {most} bytes")
    return Answer(answer.status, dict(answer.headers.items()), said)


class _Connection(HTTPConnection):
    """Goes where `connect` goes; under TLS the certificate must be the name's."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, **whose: bool) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._whose = whose
        # Kept apart: the connection forgets its own once an answer that ends with it has begun.
        self.line: socket.socket | None = None
        self.is_late = threading.Event()
        self._context = context

    def connect(self) -> None:
        self._goes_over(connect(self.host, self.port, **self._whose))
        if self._context is not None:
            # Shaking hands is a step of its own: the line that is cut must be known before it.
            line = self._context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self._goes_over(line)
            line.do_handshake()

    def _goes_over(self, line: socket.socket) -> None:
        """Whoever cuts the line sets `is_late` first, so one of the two sees the other."""
        self.sock = self.line = line
        if self.is_late.is_set():
            raise TimeoutError("connecting took too long")


@contextmanager
def _ended_in_time(connection: _Connection, seconds: float) -> Iterator[None]:
    """Cut the line when its time is up, whatever the other side is doing."""

    def cut() -> None:
        connection.is_late.set()
        if connection.line is not None:
            with suppress(OSError):
                # The line's own: TLS's would take its state from under whoever is reading.
                socket.socket.shutdown(connection.line, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, HTTPException) as error:
        if connection.is_late.is_set() and not isinstance(error, TimeoutError):
            # A line that was cut fails in many words.
            raise TimeoutError("the answer took too long") from error
        raise
    finally:
        timer.cancel()
    if connection.is_late.is_set():
        raise TimeoutError("the answer took too long")
