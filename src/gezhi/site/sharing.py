"""Web processes share their callers out.

A connection that is kept open stays with the process that took it, whatever else that one has
to do: of three processes one may have six callers and another none. So a process that works on
two requests more than the idlest one lets the caller go after its answer (docs/decisions/0012);
the caller comes again, and most likely to another. All know of each other by a piece of shared
memory; nobody waits for it, and a number that is just changing does no harm.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from mmap import mmap
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_MOST = 64  # processes of one server, those that were replaced among them
_MANY = 2  # requests more than the idlest has


class Shares:
    """How many requests each process of this server works on."""

    def __init__(self) -> None:
        memory = memoryview(mmap(-1, _MOST * 8)).cast("i")
        self._ids, self._busy = memory[:_MOST], memory[_MOST:]
        self._born = self._own = 0

    def follow_forks(self) -> None:
        """Give each process that is forked from here on a place of its own."""
        os.register_at_fork(before=self._count, after_in_child=self._take_place)

    def _count(self) -> None:
        self._born = (self._born + 1) % _MOST

    def _take_place(self) -> None:
        self._own = self._born
        self._ids[self._own], self._busy[self._own] = os.getpid(), 0

    def begin(self) -> None:
        self._busy[self._own] += 1

    def end(self) -> None:
        self._busy[self._own] -= 1

    def is_another_idler(self) -> bool:
        """Whether a caller who comes again is likely to be better off."""
        mine = self._busy[self._own] - _MANY
        if mine < 0:
            return False
        return any(
            each and self._busy[place] <= mine and self._is_alive(place)
            for place, each in enumerate(self._ids)
        )

    def _is_alive(self, place: int) -> bool:
        with suppress(ProcessLookupError):
            os.kill(self._ids[place], 0)
            return True
        self._ids[place] = 0
        return False


def share_out(application: WSGIApplication, shares: Shares) -> WSGIApplication:
    """The application, whose process lets a caller go where another process is idler."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_kept_open = environ.get("SERVER_PROTOCOL") == "HTTP/1.1"

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[..., object]:
            if is_kept_open and shares.is_another_idler():
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, *more)

        shares.begin()
        try:
            return application(environ, start)
        finally:
            shares.end()

    return answer
