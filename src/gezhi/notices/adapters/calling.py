"""What all gateways share: a message, a failure, one plain HTTP call without redirects."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Protocol

from gezhi.base import outgoing

# The other side is busy or down; anything else that isn't 2xx will be the same next time.
_PASSES = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)


class DeliveryFailed(Exception):
    """The other side did not take it, and why.

    `is_lasting`: this message will not be taken next time either. `is_servers`: somebody has to
    mend the server or our settings first, then it will be. `is_recipients`: it is about the address
    alone, so that whoever typed that in may read the words.
    """

    def __init__(
        self,
        words: str,
        *,
        is_lasting: bool = False,
        is_servers: bool = False,
        is_recipients: bool = False,
    ) -> None:
        super().__init__(words)
        self.is_lasting = is_lasting
        self.is_servers = is_servers
        self.is_recipients = is_recipients


@dataclass(frozen=True)
class Message:
    """What goes out. The same `key` twice is the same message, sent again in doubt.

    A mail may go on with others: `behind` are their names, the first one's first; `reply_to` is
    where answers to it are read. `is_reply`: nobody would have sent it but for the one before.
    """

    to: str
    subject: str
    words: str
    key: str
    behind: tuple[str, ...] = ()
    reply_to: str = ""
    is_reply: bool = False


class Gateway(Protocol):
    """Hands one message over; gives back what the other side said, or raises `DeliveryFailed`."""

    name: str

    def send(self, message: Message, *, at: datetime) -> str: ...


def call(url: str, *, method: str, headers: Mapping[str, str], body: bytes) -> str:
    """One request to an address of our settings; what it says, if it says 2xx.

    The failure names no address: there may be a key in it.
    """
    try:
        answer = outgoing.call(url, method=method, headers=headers, body=body)
    except outgoing.AddressRefused as error:
        raise DeliveryFailed(str(error), is_servers=True) from error
    except (OSError, HTTPException) as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}") from error
    said = answer.body.decode("utf-8", "replace")
    if answer.status // 100 != 2:
        passes = answer.status in _PASSES or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        raise DeliveryFailed(f"HTTP {answer.status}: {said}", is_lasting=not passes)
    return said


def call_json(
    url: str, body: Any, *, method: str = "POST", headers: Mapping[str, str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Send JSON; what came back as text and, where it is an object, as one."""
    typed = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    data = json.dumps(body, ensure_ascii=False).encode()
    said = call(url, method=method, headers=typed, body=data)
    return said, object_of(said)


def object_of(said: str) -> dict[str, Any]:
    """The JSON object in an answer; an empty one where there is none."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
