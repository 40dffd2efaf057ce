"""A connection stays with its thread; before each request a look at its socket, no question."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with a health check that costs no trip.

    A server that went away has closed its end, and a closed socket can be read; so can one with
    a notice waiting, and one that had an error may be worse than it looks: those are asked.
    """

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred or _has_news(self.connection.fileno()):
            usable: bool = super().is_usable()
            return usable
        return True


def _has_news(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))
