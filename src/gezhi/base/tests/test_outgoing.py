"""What the house calls outside: never what lies inside, and never elsewhere than was looked at."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from django.conf import LazySettings

from gezhi.base import outgoing

INSIDE = [
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254",
    "100.100.100.200", "0.0.0.1", "224.0.0.1", "255.255.255.255", "168.63.129.16", "192.0.2.1",
    "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fd00:ec2::254", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:db8::1",
]  # fmt: skip
OUTSIDE = ["223.5.5.5", "1.1.1.1", "2400:3200::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.fixture(autouse=True)
def _nothing_inside_is_listed(settings: LazySettings) -> None:
    settings.INSIDE = []


@pytest.mark.parametrize("address", INSIDE)
def test_what_lies_inside_is_not_called(address: str) -> None:
    assert not outgoing.may_call(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_public_is_called(address: str) -> None:
    assert outgoing.may_call(ip_address(address))


def test_only_what_is_listed_is_called_inside(settings: LazySettings) -> None:
    settings.INSIDE = [ip_network("10.1.0.0/16")]
    assert outgoing.may_call(ip_address("10.1.2.3"))
    assert outgoing.may_call(ip_address("::ffff:10.1.2.3"))
    assert not outgoing.may_call(ip_address("10.2.0.1"))
    assert not outgoing.may_call(ip_address("127.0.0.1"))


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback that does what the test says with each caller."""
    listening = socket.create_server(("127.0.0.1", 0))
    callers: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                caller, _where = listening.accept()
            except OSError:
                return
            callers.append(caller)
            threading.Thread(target=answer, args=(caller,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for caller in callers:
            caller.close()


def says(text: str) -> Callable[[socket.socket], None]:
    def answer(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(text.encode())
        caller.close()

    return answer


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A name server that gives another answer each time it is asked for a name."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host != "sms.example":
            return real(host, port, *args, **more)
        asked.append(answers[min(len(asked), len(answers) - 1)])
        return real(asked[-1], port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0"])
def test_no_way_of_writing_this_machine_gets_through(host: str) -> None:
    with (
        server(says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as port,
        pytest.raises(OSError, match="GEZHI_INSIDE|Name or service|not known|No address"),
    ):
        outgoing.call(f"http://{host}:{port}/")


def test_a_name_that_leads_inside_is_refused_and_the_words_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with (
        server(says("HTTP/1.1 200 OK\r\n\r\n")) as port,
        pytest.raises(outgoing.AddressRefused, match="sms.example leads to 127.0.0.1") as refused,
    ):
        outgoing.call(f"http://sms.example:{port}/key=secret")
    assert "secret" not in str(refused.value)


def test_a_name_that_changes_its_mind_is_not_asked_twice(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    """The first answer is looked at and called; a second one would lead elsewhere."""
    settings.INSIDE = [ip_network("127.0.0.2")]
    asked = resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
    with (
        server(says("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ninside")) as port,
        pytest.raises(ConnectionRefusedError),
    ):
        outgoing.call(f"http://sms.example:{port}/")
    assert asked == ["127.0.0.2"]


def test_a_redirect_is_an_answer_and_is_not_followed(settings: LazySettings) -> None:
    settings.INSIDE = [ip_network("127.0.0.1")]
    said = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with server(says(said)) as port:
        assert outgoing.call(f"http://127.0.0.1:{port}/").status == 302


def test_an_answer_without_an_end_is_cut(settings: LazySettings) -> None:
    settings.INSIDE = [ip_network("127.0.0.1")]

    def flood(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):  # the other side hangs up
            while True:
                caller.sendall(b"x" * 65536)

    with server(flood) as port, pytest.raises(outgoing.AnswerTooLarge):
        outgoing.call(f"http://127.0.0.1:{port}/")


def test_a_host_that_sends_a_byte_now_and_then_does_not_hold_us(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INSIDE = [ip_network("127.0.0.1")]
    monkeypatch.setattr(outgoing, "SECONDS_IN_ALL", 0.5)
    over = threading.Event()

    def drip(caller: socket.socket) -> None:
        caller.recv(4096)
        caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.wait(0.05):
            try:
                caller.sendall(b"x")
            except OSError:
                return

    with server(drip) as port, pytest.raises((TimeoutError, OSError)):
        outgoing.call(f"http://127.0.0.1:{port}/")
    over.set()


def _drips(caller: socket.socket, *, first: bytes) -> None:
    """A byte now and then, until the other side hangs up."""
    with suppress(OSError):
        caller.sendall(first)
        for _each in range(50):
            caller.sendall(b"x")
            time.sleep(0.1)


def test_the_end_of_waiting_comes_while_a_connection_is_made_too(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that take long, or dead addresses before the one that answers."""
    settings.INSIDE = [ip_network("127.0.0.1")]
    monkeypatch.setattr(outgoing, "SECONDS_IN_ALL", 0.2)
    connect = outgoing.connect

    def slowly(host: str, port: int, **more: bool) -> socket.socket:
        time.sleep(0.4)
        return connect(host, port, **more)

    monkeypatch.setattr(outgoing, "connect", slowly)
    drips = partial(_drips, first=b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
    began = time.monotonic()
    with server(drips) as port, pytest.raises(TimeoutError, match="connecting"):
        outgoing.call(f"http://127.0.0.1:{port}/")
    assert time.monotonic() - began < 2


def test_the_end_of_waiting_comes_while_hands_are_shaken_too(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INSIDE = [ip_network("127.0.0.1")]
    monkeypatch.setattr(outgoing, "SECONDS_IN_ALL", 0.2)
    # A record of TLS that says it is long, and comes byte by byte.
    drips = partial(_drips, first=b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")
    began = time.monotonic()
    with server(drips) as port, pytest.raises(OSError, match="EOF|closed|too long"):
        outgoing.call(f"https://127.0.0.1:{port}/")
    assert time.monotonic() - began < 2


def test_dead_addresses_are_not_tried_for_ever(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INSIDE = [ip_network("127.0.0.0/8")]
    monkeypatch.setattr(outgoing, "SECONDS_IN_ALL", 0.2)
    dead = [ip_address(f"127.0.0.{each}") for each in range(1, 9)]
    monkeypatch.setattr(outgoing, "_resolve", lambda host, port: dead)
    tried: list[object] = []

    def wait_in_vain(address: object, **_more: object) -> socket.socket:
        tried.append(address)
        time.sleep(0.15)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", wait_in_vain)
    with pytest.raises(TimeoutError, match="in time"):
        outgoing.connect("sms.example", 443)
    assert len(tried) < len(dead)


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://127.0.0.1:99999/secret", {}), ("http://127.0.0.1:secret/", {}),
        ("http://[::1/secret", {}), ("http://127.0.0.1:{port}/短信?secret", {}),
        ("http://127.0.0.1:{port}/", {"X-Key": "短信 secret"}),
        ("http://127.0.0.1:{port}/", {"X-Key": "secret\n"}),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_an_oserror_that_does_not_show_it(
    settings: LazySettings, url: str, headers: dict[str, str]
) -> None:
    settings.INSIDE = [ip_network("127.0.0.1")]
    with (
        server(says("HTTP/1.1 200 OK\r\n\r\n")) as port,
        pytest.raises(OSError, match="no address|encoded") as failed,
    ):
        outgoing.call(url.replace("{port}", str(port)), headers=headers)
    assert "secret" not in str(failed.value)
    assert failed.value.__suppress_context__, "nor in what led to it"


def test_what_is_no_http_is_not_called() -> None:
    for url in ("file:///etc/passwd", "gopher://127.0.0.1/", "ftp://host/", "https:///path"):
        with pytest.raises(OSError, match="only http"):
            outgoing.call(url)


def test_under_tls_the_certificate_must_be_the_names(settings: LazySettings) -> None:
    settings.INSIDE = [ip_network("127.0.0.1")]
    with server(says("HTTP/1.1 200 OK\r\n\r\n")) as port, pytest.raises(ssl.SSLError):
        outgoing.call(f"https://127.0.0.1:{port}/")


def test_a_demo_calls_its_own_address_as_it_is_written_and_nothing_else(
    settings: LazySettings,
) -> None:
    """What is public too is closed to whoever tries a demo, but not what its settings list."""
    settings.DEMO = True
    with (
        server(says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as port,
        server(says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother")) as other,
    ):
        settings.ADDRESS = f"http://127.0.0.1:{port}"
        settings.INSIDE = []
        assert outgoing.call(f"{settings.ADDRESS}/events").body == b"ok"
        for url in (
            f"http://127.0.0.1:{other}/", f"http://localhost:{port}/", f"http://127.1:{port}/",
            f"HTTP://127.0.0.1:{port}/", f"http://127.0.0.1.:{port}/", settings.ADDRESS,
            f"http://127.0.0.1:{port}@127.0.0.1:{other}/", f"https://127.0.0.1:{port}/",
            f"http://me@127.0.0.1:{port}/", "http://127.0.0.1:1/", "https://1.1.1.1/",
        ):  # fmt: skip
            # What is no name to the machine leads nowhere at all.
            with pytest.raises(OSError, match="nobody but itself|not known|no address"):
                outgoing.call(url)
        with pytest.raises(outgoing.AddressRefused, match="nobody but itself"):
            outgoing.connect("127.0.0.1", port)  # a mailbox, say
        settings.INSIDE = [ip_network("127.0.0.0/8")]
        with outgoing.connect("127.0.0.1", port):
            pass
        named = outgoing.call(f"http://127.0.0.1:{other}/", by_settings=True)
        assert named.body == b"other"
        settings.ADDRESS, settings.INSIDE = "", []
        with pytest.raises(OSError, match="only http"):
            outgoing.call("/")
        with pytest.raises(outgoing.AddressRefused):
            outgoing.call(f"http://127.0.0.1:{port}/")
