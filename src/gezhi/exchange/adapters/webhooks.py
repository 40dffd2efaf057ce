"""Handing one event over to another system."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

from django.conf import settings

from gezhi.base import outgoing
from gezhi.exchange.rules import plain_words

# From the first byte to the last; a system that works on an event longer should take it first.
SECONDS = 10.0


@dataclass(frozen=True)
class Said:
    """What became of a call: a status, or none and why; `is_inside` if it may not be made."""

    status: int | None
    words: str = ""
    is_inside: bool = False


def hand_over(address: str, headers: Mapping[str, str], body: bytes) -> Said:
    """One POST. Redirects are not followed; the words hold no address: there may be a key in it."""
    try:
        answer = outgoing.call(
            address,
            method="POST",
            headers=headers,
            body=body,
            authorities=settings.WEBHOOK_CA,
            within=SECONDS,
        )
    except outgoing.AddressRefused as error:
        return Said(None, str(error), is_inside=True)
    except (OSError, HTTPException) as error:
        return Said(None, f"{type(error).__name__}: {error}")
    return Said(answer.status, "" if answer.status // 100 == 2 else plain_words(answer.body))
