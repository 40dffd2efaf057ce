"""Mail of our own that comes back: which it was, and that it will never arrive (RFC 3464). Pure."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message as Part
from email.parser import HeaderParser
from uuid import UUID

MOST_KB = 100  # a report of what we sent, which is short
_KIND = "multipart/report"
_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}")
_KEY = re.compile(r"<([0-9a-f-]{36})@[^<>\s]+>")


@dataclass(frozen=True)
class Returned:
    """The mails that came back, by the keys in their names, and why, as RFC 3463 counts it."""

    keys: frozenset[UUID]
    status: str


def is_report(mail: Part) -> bool:
    """Whether a server tells of a mail in it."""
    return mail.get_content_type() == _KIND


def returned(mail: Part) -> Returned | None:
    """What will not arrive; None of what is only late, or says of no mail of ours."""
    parts = _parts_of(mail) if is_report(mail) else []
    sent = [each.get("message-id", "") for each in _sent(parts)]
    status, keys = _failed(parts), frozenset(_keys(sent or [mail.get("in-reply-to", "")]))
    return Returned(keys, status) if status and keys else None


def _parts_of(part: Part) -> list[Part]:
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, Part)] if isinstance(inner, list) else []


def _failed(parts: list[Part]) -> str:
    """The status of the first recipient whom it did not reach."""
    told = (part for part in parts if part.get_content_type() == "message/delivery-status")
    for each in (block for part in told for block in _parts_of(part)):
        status = _STATUS.search(str(each.get("status", "")))
        if status and str(each.get("action", "")).strip().lower() == "failed":
            return status[0]
    return ""


def _sent(parts: list[Part]) -> Iterator[Part]:
    """The mail that lies in the report, or its head."""
    for part in parts:
        inner = part.get_payload()
        if part.get_content_type() == "message/rfc822":
            yield from _parts_of(part)
        elif part.get_content_type() == "text/rfc822-headers" and isinstance(inner, str):
            yield HeaderParser().parsestr(inner)


def _keys(names: Iterable[object]) -> Iterator[UUID]:
    for found in _KEY.findall(" ".join(map(str, names))):
        with suppress(ValueError):
            yield UUID(found)
