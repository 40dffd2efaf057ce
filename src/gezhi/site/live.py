"""Who listens to the book, and what each may hear. Used by the live process only."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.people import reads as people
from gezhi.record import reads as record

PAUSE = 0.5
NEWS_NO_MORE = timedelta(hours=1)  # history that is filled in later is no news
PAUSE_AFTER_FAULT = 5.0
AT_ONCE = 500
MOST_WAITING = 1000
MOST_OF_SESSION = 8  # windows of one session that listen; the longest open one gives way
LOOK_AGAIN = 60.0  # seconds after which a listener's login and posts are looked at again

log = structlog.get_logger("gezhi.live")


@dataclass(frozen=True)
class News:
    """What leaves of a line of the book: its place, what happened, about what, where."""

    place: tuple[int, int]
    kind: str
    about: str
    county: str
    path: str
    holder: str = ""
    is_old: bool = False

    def event(self) -> str:
        """The line as a server-sent event; its id is where to go on after a lost connection."""
        data = json.dumps({"kind": self.kind, "about": self.about, "path": self.path})
        return f"id: {self.place[0]}-{self.place[1]}\nevent: line\ndata: {data}\n\n"


def may_hear(actor: Actor, news: News) -> bool:
    """Staff hear of what they may see: what their units hold, and what lies in areas they oversee.

    What lies nowhere is heard only by those over all.
    """
    where = news.path or news.county
    units = {str(post.unit) for post in actor.posts if "case.read" in post.rights}
    return news.holder in units or any(
        where.startswith(path) for path in actor.paths("case.read_area")
    )


def staff_of(session: str) -> Actor | None:
    """The actor behind a session, if it is signed in and has a post."""
    close_old_connections()
    try:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(session or None)
        user = get_user(request)
        actor = people.entered(user, request.session).actor
        return actor if actor.posts else None
    finally:
        close_old_connections()


class Listener:
    """One open connection: whose it is, and the news waiting to be written."""

    def __init__(self, session: str, actor: Actor, after: tuple[int, int] | None) -> None:
        self.session = session
        self.actor = actor
        self.after = after
        self.is_dropped = False
        self._about = f"account:{actor.account}"
        self._waiting: asyncio.Queue[News | None] = asyncio.Queue(MOST_WAITING)
        self._looked = asyncio.get_running_loop().time()

    def hear(self, news: Sequence[News]) -> None:
        """Take what the actor may hear; a listener that doesn't read is dropped."""
        if any(each.about == self._about for each in news):
            # Something happened to the account: it is looked at before its next word.
            self._looked = float("-inf")
            self._put(None)
        for each in news:
            heard = self.after and each.place <= self.after
            if heard or each.is_old or not may_hear(self.actor, each):
                continue
            self._put(each)

    def drop(self) -> None:
        """End it: its session listens elsewhere."""
        self.is_dropped = True
        self._put(None)

    def _put(self, news: News | None) -> None:
        try:
            self._waiting.put_nowait(news)
        except asyncio.QueueFull:
            self.is_dropped = True

    async def next(self, patience: float) -> str:
        """The next event, or a comment that keeps the connection open; "" if it has to end."""
        news = None
        with suppress(TimeoutError):
            news = await asyncio.wait_for(self._waiting.get(), patience)
        # Looked at after waiting: what is said now was not heard by a session that has ended.
        now = asyncio.get_running_loop().time()
        if now - self._looked > LOOK_AGAIN:
            self._looked = now
            actor = await sync_to_async(staff_of, thread_sensitive=False)(self.session)
            self.is_dropped = self.is_dropped or actor is None
            self.actor = actor or self.actor
        if self.is_dropped:
            return ""
        # Asked again: it was taken in by the posts of before.
        is_heard = news is not None and may_hear(self.actor, news)
        return news.event() if news and is_heard else ": still here\n\n"


class Newsroom:
    """Reads the book while somebody listens and hands the lines round."""

    def __init__(self) -> None:
        self._listeners: dict[Listener, None] = {}  # the longest there first
        self._reading: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(self, listener: Listener) -> AsyncIterator[None]:
        """Hear from now on, or from where the lost connection stopped."""
        if listener.after:
            listener.hear(await _read(listener.after))
        same = [each for each in self._listeners if each.session == listener.session]
        for oldest in same[: max(0, len(same) + 1 - MOST_OF_SESSION)]:
            oldest.drop()
            self._listeners.pop(oldest, None)
        self._listeners[listener] = None
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_on())
        try:
            yield
        finally:
            self._listeners.pop(listener, None)

    async def _read_on(self) -> None:
        place: tuple[int, int] | None = None
        while self._listeners:
            try:
                if place is None:
                    place = await sync_to_async(_last_place, thread_sensitive=False)()
                news = await _read(place)
            except DatabaseError:
                log.exception("the book could not be read")
                await asyncio.sleep(PAUSE_AFTER_FAULT)
                continue
            for listener in tuple(self._listeners):
                listener.hear(news)
            place = news[-1].place if news else place
            if len(news) < AT_ONCE:
                await asyncio.sleep(PAUSE)


async def _read(place: tuple[int, int]) -> list[News]:
    return await sync_to_async(_news_after, thread_sensitive=False)(place)


def _last_place() -> tuple[int, int]:
    close_old_connections()
    try:
        return record.last_place()
    finally:
        close_old_connections()


def _news_after(place: tuple[int, int]) -> list[News]:
    close_old_connections()
    try:
        return [
            News(
                (line.xid, line.id), line.kind, line.about, line.county,
                str(line.data.get("path", "")), str(line.data.get("holder", "")),
                line.at < clock.now() - NEWS_NO_MORE,
            )
            for line in record.lines_after(*place, most=AT_ONCE)
        ]  # fmt: skip
    finally:
        close_old_connections()
