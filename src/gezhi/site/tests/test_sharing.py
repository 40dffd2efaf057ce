"""A busy web process lets callers go while another is idler, and only then."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gezhi.site.sharing import Shares, share_out


@pytest.fixture
def shares() -> Shares:
    made = Shares()
    made.follow_forks()
    return made


@contextmanager
def another_process(shares: Shares, *, busy: int = 0, forks: bool = False) -> Iterator[None]:
    """A process forked from this one that works on `busy` requests, as long as the block lasts."""
    said, to_say = os.pipe()
    waits, to_end = os.pipe()
    child = os.fork()
    if child == 0:
        for _request in range(busy):
            shares.begin()
        if not forks or os.fork() == 0:
            os.write(to_say, b"!")
        os.read(waits, 1)
        os._exit(0)
    os.read(said, 1)
    try:
        yield
    finally:
        os.write(to_end, b"!!")
        os.waitpid(child, 0)
        for end in (said, to_say, waits, to_end):
            os.close(end)


def busy_with(shares: Shares, requests: int) -> Shares:
    for _request in range(requests):
        shares.begin()
    return shares


def test_alone_nobody_is_let_go(shares: Shares) -> None:
    assert not busy_with(shares, 9).is_another_idler()


@pytest.mark.parametrize(
    ("mine", "other", "lets_go"),
    [(1, 0, False), (2, 0, True), (2, 1, False), (4, 2, True), (4, 3, False), (4, 4, False)],
)
def test_two_requests_more_than_another_are_too_many(
    shares: Shares, mine: int, other: int, *, lets_go: bool
) -> None:
    with another_process(shares, busy=other):
        assert busy_with(shares, mine).is_another_idler() == lets_go


def test_what_is_done_counts_no_more(shares: Shares) -> None:
    with another_process(shares):
        busy_with(shares, 2).end()
        assert not shares.is_another_idler()


def test_a_process_that_has_ended_is_no_idle_one(shares: Shares) -> None:
    with another_process(shares):
        pass
    assert not busy_with(shares, 4).is_another_idler()


def _started(status: str, headers: list[tuple[str, str]], *more: object) -> Callable[..., object]:
    return print


def test_places_are_used_again(shares: Shares) -> None:
    with another_process(shares):
        for _one in range(70):  # more than there are places
            with another_process(shares, busy=3):
                pass
        assert busy_with(shares, 2).is_another_idler(), "the one that lives kept its place"


def test_what_another_process_forks_takes_no_place(shares: Shares) -> None:
    with another_process(shares, busy=3, forks=True):
        assert not busy_with(shares, 3).is_another_idler()


def headers_of(shares: Shares, protocol: str = "HTTP/1.1") -> list[tuple[str, str]]:
    """What the caller hears from an application behind these shares."""
    heard: list[tuple[str, str]] = []

    def application(environ: object, start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    def start(status: str, headers: list[tuple[str, str]], *more: object) -> Callable[..., object]:
        heard.extend(headers)
        return _started(status, headers, *more)

    asked = {"SERVER_PROTOCOL": protocol}
    assert share_out(application, shares)(asked, start) == [b"ok"]
    return heard


def test_the_caller_is_told_to_come_again(shares: Shares) -> None:
    with another_process(shares):
        assert ("Connection", "close") not in headers_of(shares)
        assert ("Connection", "close") in headers_of(busy_with(shares, 1))
        # HTTP/2 knows no such header: many requests share a connection there.
        assert ("Connection", "close") not in headers_of(shares, "HTTP/2.0")


def test_a_request_that_fails_counts_no_more(shares: Shares) -> None:
    def application(environ: object, start: object) -> list[bytes]:
        raise InterruptedError

    for _try in range(3):
        with pytest.raises(InterruptedError):
            share_out(application, shares)({}, _started)
    with another_process(shares):
        assert not busy_with(shares, 1).is_another_idler()
