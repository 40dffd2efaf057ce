"""Writing the book: announcing facts, recording openings, sealing batches."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact, reactions_to
from gezhi.record import reads, rules
from gezhi.record.errors import KeyMalformed, KeyReused, OpeningReasonMissing
from gezhi.record.models import Cursor, KeptAnswer, Line, Opening, Seal


def announce(fact: Fact, *, about: str, county: str, actor: Actor, now: datetime) -> None:
    """Write the fact down and let the rooms above react.

    Must run inside the transaction that made the fact true: if a reaction
    fails, the fact did not happen.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{fact.kind} announced outside a transaction")
    line = Line(
        county=county, kind=fact.kind, about=about, data=_plain(fact), actor=actor.label, at=now
    )
    rows.write(new=[line])
    for reaction in reactions_to(type(fact)):
        reaction(fact, actor=actor, now=now)


def _plain(fact: Fact) -> dict[str, object]:
    return {
        name: value if isinstance(value, int | float | str | bool | None) else _text(value)
        for name, value in fact.data().items()
    }


def _text(value: object) -> object:
    if isinstance(value, list | tuple | set | frozenset):
        return [_text(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _text(part) for key, part in value.items()}
    return value.isoformat() if isinstance(value, datetime) else str(value)


@transaction.atomic
def note_opening(
    *, about: str, field: str, reason: str, county: str, actor: Actor, now: datetime
) -> Opening:
    """Put on record that `actor` opens a sealed field, before it is shown."""
    if len(reason.strip()) < 2:
        raise OpeningReasonMissing()
    return Opening.objects.create(
        about=about, field=field, reason=reason.strip(), county=county, actor=actor.label, at=now
    )


@dataclass(frozen=True)
class Kept:
    """An answer as it was given the first time; `is_first` tells whether that is now."""

    status: int
    answer: dict[str, Any]
    is_first: bool


@transaction.atomic
def once(
    key: str,
    *,
    request: bytes,
    do: Callable[[], tuple[int, dict[str, Any]]],
    actor: Actor,
    now: datetime,
) -> Kept:
    """Run `do` unless this actor's `key` was answered before; then give that answer again.

    The key and what `do` changes are one transaction: a refusal keeps nothing, a
    second request at the same moment waits for the first. The same key with another
    request is refused.
    """
    if not key or len(key) > 128 or not key.isprintable():
        raise KeyMalformed()
    digest = hashlib.sha256(request).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO record_keptanswer (actor, key, request, status, answer, at)"
            " VALUES (%s, %s, %s, 0, '{}', %s) ON CONFLICT (actor, key) DO NOTHING",
            [actor.label, key, digest, now],
        )
        is_first = cursor.rowcount == 1
    if not is_first:
        kept = reads.kept_answer(actor, key)
        if kept.request != digest:
            raise KeyReused()
        return Kept(kept.status, kept.answer, is_first=False)
    status, answer = do()
    KeptAnswer.objects.filter(actor=actor.label, key=key).update(status=status, answer=answer)
    return Kept(status, answer, is_first=True)


@transaction.atomic
def seal_lines(lines: Sequence[Line], *, now: datetime) -> Seal:
    """Seal one batch, in order, chained to the seal before it."""
    before = Seal.objects.order_by("-id").first()
    root = rules.merkle_root([rules.leaf_hash(reads.values_of(line)) for line in lines])
    last = lines[-1]
    body = reads.seal_values(last.xid, last.id, len(lines), root)
    return Seal.objects.create(
        last_xid=last.xid,
        last_line=last.id,
        lines=len(lines),
        root=root,
        hash=rules.chain_hash(bytes(before.hash) if before else rules.EMPTY, body),
        at=now,
    )


def move_cursor(cursor: Cursor, line: Line, *, now: datetime) -> None:
    """Remember that a follower has dealt with everything up to `line`."""
    Cursor.objects.filter(name=cursor.name).update(xid=line.xid, line=line.id, at=now)


def restart_follower(name: str) -> None:
    """Let a follower read the book from its first line again."""
    Cursor.objects.filter(name=name).update(xid=0, line=0, at=None)
