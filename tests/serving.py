"""Servers that tests run themselves, on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

# How long a server that is told to end may take to hear it; the library's half a second adds up.
_LOOKS_EVERY = 0.01  # seconds


@contextmanager
def running(server: BaseServer) -> Iterator[None]:
    """This server answers in a thread of its own, and is closed at the end."""
    thread = threading.Thread(target=server.serve_forever, args=(_LOOKS_EVERY,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
