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
        self._server = self._next = self._own = 0

    def follow_forks(self) -> None:
        """Give each process that the server forks from here on a place of its own."""
        self._server = os.getpid()
        os.register_at_fork(before=self._choose_place, after_in_child=self._take_place)

    def _choose_place(self) -> None:
        """The next one that nobody who lives has."""
        if os.getpid() == self._server:
            places = [(self._next + step) % _MOST for step in range(1, _MOST + 1)]
            self._next = next((each for each in places if not self._lives(each)), self._next)

    def _take_place(self) -> None:
        if os.getppid() == self._server:  # what a web process forks itself is none
            self._own = self._next
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
        return any(self._busy[place] <= mine and self._lives(place) for place in range(_MOST))

    def _lives(self, place: int) -> bool:
        if not self._ids[place]:
            return False
        with suppress(ProcessLookupError, PermissionError):  # gone, or its number is another's
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
