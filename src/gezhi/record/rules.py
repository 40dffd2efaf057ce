"""Canonical bytes, chains and Merkle roots. Pure.

The Merkle tree follows RFC 6962 section 2.1: leaves and nodes are hashed with
different prefixes, so that a node can't be passed off as a leaf.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from gezhi.base.actor import Actor

EMPTY = b""
# Kept by law for six months at least; the database itself refuses to let go of younger lines.
LEAST_DAYS = 184


class Book(StrEnum):
    """What is only added to and sealed."""

    FACTS = "facts"
    AUDIT = "audit"


# What stands before a book's first seal: of its own, so that no seal passes for the other book's.
BEGINNINGS = {Book.FACTS: EMPTY, Book.AUDIT: b"audit"}
BOOK_NAMES = {Book.FACTS: _("事实册"), Book.AUDIT: _("审计簿")}


class AuditKind(StrEnum):
    """What the audit has lines of."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    OPENING = "opening"
    EXPORT = "export"
    RIGHTS = "rights"
    RULES = "rules"
    REFUSED = "refused"
    SECURITY = "security"
    RETENTION = "retention"
    BACKUP = "backup"


AUDIT_NAMES = {
    AuditKind.SIGN_IN: _("登录"),
    AuditKind.SIGN_IN_FAILED: _("登录失败"),
    AuditKind.SIGN_OUT: _("退出"),
    AuditKind.OPENING: _("查看密封信息"),
    AuditKind.EXPORT: _("导出"),
    AuditKind.RIGHTS: _("权限变动"),
    AuditKind.RULES: _("规则变动"),
    AuditKind.REFUSED: _("越权被拒"),
    AuditKind.SECURITY: _("安全操作"),
    AuditKind.RETENTION: _("到期处理"),
    AuditKind.BACKUP: _("备份"),
}

# Refusals a minute that are written down one by one: of each who was refused, and of all who
# aren't signed in.
BOUNDED = frozenset({AuditKind.REFUSED, AuditKind.SIGN_IN_FAILED})
MOST_A_MINUTE = 30
MOST_OF_ALL = 600


def canonical(values: Mapping[str, Any]) -> bytes:
    """The one way values are written down to be hashed (RFC 8785 in spirit: sorted, tight)."""
    return json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    ).encode()


def chain_hash(before: bytes, values: Mapping[str, Any]) -> bytes:
    """The hash of a line that stands after the line with hash `before`."""
    return hashlib.sha256(before + canonical(values)).digest()


def follows(hash: bytes, before: bytes, values: Mapping[str, Any], *, added: str) -> bool:
    """Whether a line's hash is right. One written before `added` was hashed too has it without."""
    if hash == chain_hash(before, values):
        return True
    return hash == chain_hash(before, {name: values[name] for name in values if name != added})


def sender_of(actor: Actor) -> str:
    """Who repeats a request: an account by whichever of its keys, or else whoever acts."""
    return f"account:{actor.account}" if actor.account else actor.label


def leaf_hash(values: Mapping[str, Any]) -> bytes:
    """The hash of one line of the book."""
    return hashlib.sha256(b"\x00" + canonical(values)).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over `leaves` in order; the hash of nothing for none."""
    if not leaves:
        return hashlib.sha256(EMPTY).digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest()
            for at in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0]


def words_digest(salt: str, words: str) -> str:
    """A salted digest that stands in a chain for words which may have to be erased one day."""
    return hashlib.sha256(f"{salt}\n{words}".encode()).hexdigest() if words else ""


_NUMBER = 8
_LEAF = 32


def pack_leaves(leaves: Sequence[tuple[int, bytes]]) -> bytes:
    """Numbers of lines with their leaves, as a seal keeps them."""
    return b"".join(number.to_bytes(_NUMBER) + leaf for number, leaf in leaves)


def unpack_leaves(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """What `pack_leaves` packed."""
    for at in range(0, len(packed), _NUMBER + _LEAF):
        number = int.from_bytes(packed[at : at + _NUMBER])
        yield number, packed[at + _NUMBER : at + _NUMBER + _LEAF]


@dataclass(frozen=True)
class Fault:
    """Something in a record that does not fit, to be told in words."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        values = dict(self.values)
        if "book" in values:
            values["book"] = str(BOOK_NAMES[Book(str(values["book"]))])
        return str(FAULTS[self.code]) % values


FAULTS = {
    "line_altered": _("%(book)s第 %(line)s 行被改动"),
    "line_removed": _("%(book)s第 %(line)s 行被删除"),
    "line_moved": _("%(book)s第 %(line)s 行被换了位置"),
    "line_added": _("%(book)s第 %(line)s 行是封存之后插进去的"),
    "seal_altered": _("%(book)s的封条 %(seal)s 被改动，或者接不上前一个封条"),
    "end_missing": _("%(book)s末尾的封条不见了"),
    "lines_missing": _("%(book)s的封条 %(seal)s 封存了 %(sealed)s 行，现在是 %(there)s 行"),
    "lines_altered": _("%(book)s在封条 %(seal)s 之下有一行被改动"),
    "purged_early": _(
        "证书 %(certificate)s 清除了封条 %(seal)s 之下的审计行，但那时还不到 %(days)s 天"
    ),
    "certificate_wrong": _("证书 %(certificate)s 与它说的封条不符，不作数"),
    "case_removed": _("工单 %(number)s 不见了：事实册第 %(line)s 行有它"),
    "history_gap": _("工单 %(number)s：缺第 %(line)s 行，那里是第 %(there)s 行"),
    "history_words": _("工单 %(number)s：第 %(line)s 行的文字被改动"),
    "history_words_gone": _(
        "工单 %(number)s：第 %(line)s 行的文字没有了，事实册里没有清除它的记录"
    ),
    "history_altered": _("工单 %(number)s：第 %(line)s 行被改动，或者接不上前一行"),
    "history_end": _("工单 %(number)s：经过到第 %(line)s 行为止，工单说有 %(lines)s 行"),
    "history_unknown": _("工单 %(number)s：事实册里没有它"),
    "history_book": _("工单 %(number)s：事实册记到第 %(told)s 行，经过到第 %(lines)s 行为止"),
    "anchor_unreadable": _("锚点 %(anchor)s 读不懂，或者被改动"),
    "anchor_differs": _("与锚点 %(anchor)s 不符：%(book)s的封条 %(seal)s 被改写"),
    "anchor_seal_missing": _("与锚点 %(anchor)s 不符：%(book)s没有封条 %(seal)s"),
    "anchor_removed": _("锚点 %(anchor)s 不在数据库里"),
}


@dataclass(frozen=True)
class Walked:
    """One stretch of a check: how far it went, over how many things, and what did not fit."""

    last: str
    things: int
    faults: tuple[Fault, ...] = ()


def faults_under_seal(
    book: Book, sealed: Sequence[tuple[int, bytes]], there: Mapping[int, bytes], moved: set[int]
) -> Iterator[Fault]:
    """Which lines under one seal are not what was sealed. `moved` are found elsewhere."""
    name = book.value
    known = dict(sealed)
    for number, leaf in sealed:
        if number in there:
            code = "" if there[number] == leaf else "line_altered"
        else:
            code = "line_moved" if number in moved else "line_removed"
        if code:
            yield Fault(code, {"book": name, "line": number})
    for number in there:
        if number not in known:
            yield Fault("line_added", {"book": name, "line": number})


# --- anchors -----------------------------------------------------------------------------------

_TITLE = "gezhi anchor 1"


@dataclass(frozen=True)
class Sealed:
    """The newest seal of a book when an anchor was made."""

    seal: int
    hash: str


@dataclass(frozen=True)
class AnchorText:
    """A short text by which later changes show: print it, publish it, keep it elsewhere."""

    county: str
    day: date
    made: datetime
    seals: Mapping[Book, Sealed]
    before: str

    def written(self) -> str:
        """The text, ending with the hash of all above it."""
        lines = [
            _TITLE,
            f"county {self.county}",
            f"day {self.day}",
            f"made {self.made.isoformat(timespec='seconds')}",
            *(f"{book} {each.seal} {each.hash}" for book, each in self.seals.items()),
            f"before {self.before or '-'}",
        ]
        body = "\n".join(lines) + "\n"
        return f"{body}sha256 {hashlib.sha256(body.encode()).hexdigest()}\n"


def hash_of_anchor(text: str) -> str:
    """The hash that an anchor's text ends with."""
    return text.split()[-1] if text.split() else ""


def read_anchor(text: str) -> AnchorText | None:
    """What an anchor says; None where it isn't one, or a sign of it was changed."""
    try:
        rows = [line.split() for line in text.strip().splitlines()]
        told = {row[0]: row[1:] for row in rows[1:]}
        seals = {Book(each): Sealed(int(told[each][0]), told[each][1]) for each in Book
                 if each in told}  # fmt: skip
        anchor = AnchorText(
            told["county"][0],
            date.fromisoformat(told["day"][0]),
            datetime.fromisoformat(told["made"][0]),
            seals,
            told["before"][0].replace("-", ""),
        )
    except (ValueError, IndexError, KeyError):
        return None
    return anchor if anchor.written().split() == text.split() else None
