"""Live news: who may hear which line, and going on after a lost connection."""

import asyncio
import threading
from uuid import uuid4

import pytest

from gezhi.base.actor import Actor, Post
from gezhi.record import reads as record
from gezhi.site import live
from gezhi.site.live import Listener, News, Newsroom, may_hear

OVERSEES = frozenset({"case.read_area"})


def _actor(*paths: str) -> Actor:
    posts = tuple(Post(uuid4(), "receptionist", path, OVERSEES) for path in paths)
    return Actor(label="account:1", kind="staff", posts=posts)


def _news(number: int, path: str) -> News:
    return News((number, number), "case_assigned", "case:1", "990101", path)


@pytest.mark.parametrize(
    ("post", "path", "hears"),
    [
        ("990101", "990101101201001", True),
        ("990101101", "990101101201", True),
        ("990101101", "990101102201", False),
        ("990101101201", "990101101", False),
        ("990101", "", True),
        ("990101101", "", False),
        ("", "", True),
    ],
)
def test_staff_hear_what_lies_under_their_posts(post, path, hears):
    assert may_hear(_actor(post), _news(1, path)) is hears


def test_a_department_hears_of_what_it_holds_and_of_nothing_else():
    post = Post(uuid4(), "handler", "990101", frozenset({"case.read"}))
    actor = Actor(label="account:1", kind="staff", posts=(post,))
    assert not may_hear(actor, _news(1, "990101101"))
    held = News((1, 1), "case_assigned", "case:1", "990101", "990101101", holder=str(post.unit))
    assert may_hear(actor, held)


def test_an_account_without_a_post_hears_nothing():
    assert not may_hear(_actor(), _news(1, "990101"))


def test_a_listener_goes_on_where_it_stopped_and_hears_each_line_once():
    async def hear() -> list[str]:
        listener = Listener("session", _actor("990101"), after=(2, 2))
        listener.hear([_news(number, "990101101") for number in (1, 2, 3, 4)])
        return [await listener.next(0.01) for _ in range(3)]

    first, second, third = asyncio.run(hear())
    assert first.startswith("id: 3-3\nevent: line\n")
    assert second.startswith("id: 4-4\n")
    assert third == ": still here\n\n"


def test_a_listener_that_does_not_read_is_dropped():
    async def flood() -> bool:
        listener = Listener("session", _actor("990101"), after=None)
        listener.hear([_news(number, "990101101") for number in range(1, 1200)])
        return listener.is_dropped

    assert asyncio.run(flood())


def test_each_read_of_the_book_lets_go_of_connections_that_are_too_old(monkeypatch):
    steps: list[str] = []
    over = threading.Event()

    def last_place() -> tuple[int, int]:
        steps.append("place")
        return (1, 1)

    def lines_after(*_place: int, most: int) -> list[object]:
        steps.append("lines")
        over.set()
        return []

    monkeypatch.setattr(live, "close_old_connections", lambda: steps.append("close"))
    monkeypatch.setattr(record, "last_place", last_place)
    monkeypatch.setattr(record, "lines_after", lines_after)

    async def listen() -> None:
        room = Newsroom()
        async with room.listening(Listener("session", _actor("990101"), after=None)):
            await asyncio.to_thread(over.wait, 10)

    asyncio.run(listen())
    assert steps[:6] == ["close", "place", "close", "close", "lines", "close"]
