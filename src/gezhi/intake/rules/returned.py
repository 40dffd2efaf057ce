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
_TOLD = ("message/delivery-status", "message/global-delivery-status")
_SENT = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_MOST_BLOCKS = 20  # of what is told: of the mail, and of each whom it went to
# "failed" is the end of it, whatever the count: 4.4.7 is a server that was not there for days.
_STATUS = re.compile(r"[45]\.\d{1,3}\.\d{1,3}")
_KEY = re.compile(r"<([0-9a-f-]{36})@[^<>\s]+>")


@dataclass(frozen=True)
class Returned:
    """The mail that came back, by the key in its name, and why, as RFC 3463 counts it."""

    mail: UUID
    status: str


def is_report(mail: Part) -> bool:
    """Whether a server tells of a mail in it."""
    return mail.get_content_type() == _KIND


def returned(mail: Part) -> Returned | None:
    """What will not arrive; None of what is only late, or says of no mail of ours."""
    parts = _parts_of(mail) if is_report(mail) else []
    status = _failed(_blocks(parts, _TOLD))
    heads = (next(_blocks([each], _SENT), None) for each in parts)
    names = [head["message-id"] for head in heads if head is not None and head["message-id"]]
    key = next(_keys(names or [mail.get("in-reply-to", "")]), None)
    return Returned(key, status) if status and key else None


def _parts_of(part: Part) -> list[Part]:
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, Part)] if isinstance(inner, list) else []


def _failed(told: Iterable[Part]) -> str:
    """The status of the first recipient whom it did not reach."""
    for each in told:
        status = _STATUS.search(str(each.get("status", "")))
        if status and str(each.get("action", "")).strip().lower() == "failed":
            return status[0]
    return ""


def _blocks(parts: Iterable[Part], kinds: tuple[str, ...]) -> Iterator[Part]:
    """What stands in the parts of these kinds as lines like a mail's head, however coded.

    The library reads some of them as mails within the mail, and others not.
    """
    for part in parts:
        if part.get_content_type() not in kinds:
            continue
        read = _parts_of(part)
        yield from (each for each in read if each.keys())
        for each in read or [part]:
            text = _text_in(each, str(part.get("content-transfer-encoding", "")))
            for block in re.split(r"\n\s*\n", text.strip(), maxsplit=_MOST_BLOCKS)[:_MOST_BLOCKS]:
                yield HeaderParser().parsestr(block)


def _text_in(part: Part, coded: str) -> str:
    words, plain = part.get_payload(), Part()
    if not isinstance(words, str):
        return ""
    plain["content-transfer-encoding"] = coded
    plain.set_payload(words)
    found = plain.get_payload(decode=True)
    text = found.decode("utf-8", "replace") if isinstance(found, bytes) else ""
    return text.replace("\r\n", "\n")


def _keys(names: Iterable[object]) -> Iterator[UUID]:
    for found in _KEY.findall(" ".join(map(str, names))):
        with suppress(ValueError):
            yield UUID(found)
