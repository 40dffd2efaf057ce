"""Live news: who may hear which line, and going on after a lost connection."""

import asyncio
import threading
from contextlib import AsyncExitStack
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


def test_what_waits_is_heard_by_the_posts_of_now(monkeypatch):
    account = uuid4()
    fewer = _actor("990101102")
    post = Post(uuid4(), "receptionist", "990101", OVERSEES)
    actor = Actor(label=f"account:{account}", kind="staff", account=account, posts=(post,))
    monkeypatch.setattr(live, "staff_of", lambda _session: fewer)

    async def hear() -> list[str]:
        listener = Listener("key", actor, after=None)
        ended = News((2, 2), "post_ended", f"account:{account}", "990101", "")
        listener.hear([_news(1, "990101101"), ended, _news(3, "990101101"), _news(4, "990101102")])
        return [await listener.next(0.01) for _time in range(5)]

    said = [words for words in asyncio.run(hear()) if words.startswith("id: ")]
    assert [words.split("\n")[0] for words in said] == ["id: 4-4"]


def test_a_session_listens_at_most_eight_times(monkeypatch):
    monkeypatch.setattr(live, "_last_place", lambda: (1, 1))
    monkeypatch.setattr(live, "_news_after", lambda _place: [])

    async def open_windows() -> list[bool]:
        room, stack = Newsroom(), AsyncExitStack()
        windows = [Listener("session", _actor("990101"), after=None) for _each in range(10)]
        other = Listener("another", _actor("990101"), after=None)
        async with stack:
            for window in (other, *windows):
                await stack.enter_async_context(room.listening(window))
            assert await windows[0].next(5) == ""
            return [each.is_dropped for each in (other, *windows)]

    assert asyncio.run(open_windows()) == [False, True, True, *[False] * 8]


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


def test_what_happens_to_an_account_is_looked_at_before_its_next_word(monkeypatch):
    account = uuid4()
    post = Post(uuid4(), "receptionist", "990101", OVERSEES)
    actor = Actor(label=f"account:{account}", kind="staff", account=account, posts=(post,))
    asked: list[str] = []
    monkeypatch.setattr(live, "staff_of", asked.append)  # says None: signed in no more

    async def hear() -> tuple[str, str, bool]:
        listener = Listener("key", actor, after=None)
        listener.hear([News((1, 1), "sessions_ended", "account:another", "990101", "")])
        before = await listener.next(0.01)
        own = News((2, 2), "sessions_ended", f"account:{account}", "990101", "")
        listener.hear([own, _news(3, "990101101")])
        return before, await listener.next(0.01), listener.is_dropped

    before, after, is_dropped = asyncio.run(hear())
    assert before.startswith("id: 1-1")
    assert (after, is_dropped, asked) == ("", True, ["key"])
