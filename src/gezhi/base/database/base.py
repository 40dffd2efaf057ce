"""A connection stays with its thread; before each request a look at its socket, no question."""

import select
import threading
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with a health check that costs no trip.

    A server that went away has closed its end, and a closed socket can be read; so can one with
    a notice waiting, and one that had an error may be worse than it looks: those are asked.
    """

    def connect(self) -> None:
        super().connect()
        _of_thread.open[self] = _Ending(self.connection)

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred or _has_news(self.connection.fileno()):
            usable: bool = super().is_usable()
            return usable
        return True


class _Ending:
    """Closes a connection when its thread ends.

    Django's wrapper refers to itself, so it would keep the connection until the collector comes
    by; a web server's threads end after a quiet minute, and the collector is made to come rarely.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __del__(self) -> None:
        with suppress(Exception):
            self._connection.close()


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.open: WeakKeyDictionary[DatabaseWrapper, _Ending] = WeakKeyDictionary()


_of_thread = _OfThread()


def _has_news(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
