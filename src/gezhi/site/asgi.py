"""The live process: server-sent events of new lines of the book, for staff who may see them."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from math import ceil
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
django.setup()

from gezhi.base.http import INERT, network_of  # noqa: E402  # as above
from gezhi.base.pace import Pace, shared  # noqa: E402  # as above
from gezhi.site import live, policy  # noqa: E402  # needs the rooms loaded

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

HEARTBEAT = 15.0
_newsroom = live.Newsroom()
_NAMED = {
    "Cache-Control": "no-store",
    **policy.ALWAYS,
    "Content-Security-Policy": INERT,
    "Strict-Transport-Security": policy.hsts(),
}
_ALWAYS: Headers = [
    (name.lower().encode(), value.encode()) for name, value in _NAMED.items() if value
]


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`/live/` streams, `/live/healthz` answers; nothing else is here."""
    if scope["type"] == "lifespan":
        await _live_and_die(receive, send)
    elif scope["type"] == "http":
        await _answer(scope, receive, send)


async def _live_and_die(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] == "/live/healthz":
        await _say(send, 200, "ok", [])
        return
    if scope["path"] != "/live/" or scope["method"] != "GET":
        await _say(send, 404, "not found", [])
        return
    origin = headers.get("origin", "")
    if origin and not _is_welcome(origin, headers.get("host", "")):
        await _say(send, 403, "origin", [])
        return
    allowed = _cors(origin)
    session = _session_of(headers.get("cookie", ""))
    spent = shared.spend(Pace("listening", settings.LIMIT_READING, 60.0), _network(scope, headers))
    if not spent.is_granted:
        await _say(send, 429, "too many", [*allowed, (b"retry-after", b"%d" % ceil(spent.wait))])
        return
    actor = await sync_to_async(live.staff_of, thread_sensitive=False)(session)
    if actor is None:
        await _say(send, 401, "sign in", allowed)
        return
    listener = live.Listener(session, actor, _place_of(headers.get("last-event-id", "")))
    await _stream(receive, send, listener, allowed)


async def _stream(receive: Receive, send: Send, listener: live.Listener, allowed: Headers) -> None:
    kind = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
    await _start(send, 200, [*kind, *allowed])
    gone = asyncio.create_task(_wait_until_gone(receive))
    try:
        async with _newsroom.listening(listener):
            await _write(send, "retry: 2000\n\n")
            while not gone.done() and not listener.is_dropped:
                hearing = asyncio.create_task(listener.next(HEARTBEAT))
                await asyncio.wait({hearing, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not hearing.done():
                    hearing.cancel()
                    break
                await _write(send, hearing.result())
    finally:
        gone.cancel()
    if not gone.done():
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _network(scope: dict[str, Any], headers: dict[str, str]) -> str:
    """The line that asks, as the web process counts it, behind a proxy too."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = (scope.get("client") or ("",))[0]
    request.META["HTTP_X_FORWARDED_FOR"] = headers.get("x-forwarded-for", "")
    return network_of(request)


def _is_welcome(origin: str, host: str) -> bool:
    """Our own pages only: the same origin, or one that the settings name."""
    return origin.split("://")[-1] == host or origin in settings.LIVE_ORIGINS


def _cors(origin: str) -> Headers:
    if not origin:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _session_of(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def _place_of(event_id: str) -> tuple[int, int] | None:
    """Where in the book the last heard line stands; None for anything we never wrote."""
    first, _, second = event_id.partition("-")
    if not (first.isdecimal() and second.isdecimal() and len(event_id) < 40):
        return None
    return int(first), int(second)


async def _say(send: Send, status: int, words: str, allowed: Headers) -> None:
    await _start(send, status, [(b"content-type", b"text/plain; charset=utf-8"), *allowed])
    await send({"type": "http.response.body", "body": f"{words}\n".encode()})


async def _start(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *_ALWAYS]})


async def _write(send: Send, words: str) -> None:
    await send({"type": "http.response.body", "body": words.encode(), "more_body": True})
