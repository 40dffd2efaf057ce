"""A message as sources bring it, whatever way it came; how its sender proves who sends. Pure."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class File:
    """What came with a message."""

    name: str
    data: bytes
    kind: str = "photo"


@dataclass(frozen=True)
class Incoming:
    """What can go in. `external` is what the other side calls it, `digest` of what it says."""

    external: str
    digest: str
    what: str
    said_at: datetime | None = None
    place: str = ""
    path: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: str = ""
    name: str = ""
    phone: str = ""
    label: str = ""
    category: str = ""
    is_secret: bool = False
    files: tuple[File, ...] = ()
    likes: int | None = None
    dislikes: int | None = None


def number_key(channel: str, external: str) -> str:
    """What files and the console know a numbered matter by; "" where the number is no one's own."""
    is_own = channel in ("hotline", "board") and "#" not in external
    key = f"{channel}:{external}"
    return key if is_own and len(key) <= 80 else ""


# Why a mail is left in its mailbox, of which only its head was fetched.
LEFT = ("mail_large", "sender_many")


class Fate(StrEnum):
    """What became of something that was received. What is `KEPT` is neither lost nor in."""

    TAKEN = "taken"
    JOINED = "joined"
    ADDED = "added"
    IGNORED = "ignored"
    REFUSED = "refused"
    WAITING = "waiting"
    DROPPED = "dropped"


FATE_NAMES: Mapping[Fate, str | Promise] = {
    Fate.TAKEN: _("已成工单"),
    Fate.JOINED: _("并入同一件事"),
    Fate.ADDED: _("补充到原工单"),
    Fate.IGNORED: _("自动邮件，不收"),
    Fate.REFUSED: _("没有收下"),
    Fate.WAITING: _("等人处理"),
    Fate.DROPPED: _("看过，不收"),
}
KEPT = frozenset({Fate.REFUSED, Fate.WAITING})
# Reasons that no other try changes: somebody has to read it.
FOR_A_PERSON = frozenset({"changed", "sender_unknown", "sender_forged"})


# Anybody who knows a source's address may call it: what is not signed is no fault of the source.
UNSIGNED, MOST_UNSIGNED = "signature", 1000  # counted a day


class Way(StrEnum):
    """How a source's messages come."""

    PUSH = "push"
    PULL = "pull"
    MAIL = "mail"


class SourceKind(StrEnum):
    MAILBOX = "mailbox"
    BOARD = "board"
    WEBHOOK = "webhook"
    HOTLINE = "hotline"
    PATROL = "patrol"
    INSPECTION = "inspection"
    DEVICE = "device"


KIND_NAMES: Mapping[SourceKind, str | Promise] = {
    SourceKind.MAILBOX: _("信箱"),
    SourceKind.BOARD: _("留言板"),
    SourceKind.WEBHOOK: _("其他系统"),
    SourceKind.HOTLINE: _("热线"),
    SourceKind.PATROL: _("巡查发现"),
    SourceKind.INSPECTION: _("督查交办"),
    SourceKind.DEVICE: _("设备"),
}
# The cases' channel that a source of a kind stands for.
CHANNEL_OF: Mapping[SourceKind, str] = {
    SourceKind.MAILBOX: "mailbox",
    SourceKind.BOARD: "board",
    SourceKind.WEBHOOK: "api",
    SourceKind.HOTLINE: "hotline",
    SourceKind.PATROL: "patrol",
    SourceKind.INSPECTION: "inspection",
    SourceKind.DEVICE: "device",
}


def way_of(kind: str, url: str) -> Way:
    """Mailboxes are read; a board with an address is asked; all others send."""
    if kind == SourceKind.MAILBOX:
        return Way.MAIL
    return Way.PULL if kind == SourceKind.BOARD and url else Way.PUSH


def is_inside(host: str | None) -> bool:
    """Whether this is the number of a machine that only those inside reach."""
    try:
        return not ip_address(host or "").is_global
    except ValueError:
        return False


# A signature is good for so long, and for so much ahead where clocks differ.
GOOD_FOR = timedelta(minutes=5)
# How long the secret before the newest is good for signing too.
SECRETS_OVERLAP = timedelta(hours=24)
KEY_BEGINS = "whsec_"
_SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=")


def is_signed(
    body: bytes, *, id: str, timestamp: str, signatures: str, secrets: Iterable[str], now: datetime
) -> bool:
    """Whether whoever knows one of the secrets sent this a moment ago (Standard Webhooks, v1).

    HMAC-SHA-256 over `id.timestamp.body`, in Base64; several signatures may stand there.
    """
    if not may_be_signed(timestamp=timestamp, signatures=signatures, now=now):
        return False
    sent = signatures.encode().split()[:8]
    good = [sign(body, id=id, timestamp=timestamp, secret=secret) for secret in secrets]
    return any(hmac.compare_digest(each, one) for each in good for one in sent)


def may_be_signed(*, timestamp: str, signatures: str, now: datetime) -> bool:
    """Whether it is worth reading what these stand over: a moment ago, and a signature's form."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > GOOD_FOR.total_seconds():
        return False
    return any(_SIGNATURE.fullmatch(each) for each in signatures.split()[:8])


def sign(body: bytes, *, id: str, timestamp: str, secret: str) -> bytes:
    """The signature as the header has it."""
    told = f"{id}.{timestamp}.".encode() + body
    return b"v1," + base64.b64encode(hmac.digest(_key(secret), told, "sha256"))


def _key(secret: str) -> bytes:
    if secret.startswith(KEY_BEGINS):
        try:
            return base64.b64decode(secret.removeprefix(KEY_BEGINS), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
