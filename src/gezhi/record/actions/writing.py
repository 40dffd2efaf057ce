"""Writing the books: announcing facts, lines of the audit, sealing batches."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gezhi.base import rows
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.fact import Fact, reactions_to
from gezhi.base.http import asking_from
from gezhi.base.masking import mask_text
from gezhi.record import adapters, reads, rules
from gezhi.record.errors import AuditFaulty, KeyMalformed, KeyReused, OpeningReasonMissing
from gezhi.record.keeping import Due, Kind, Over, keeps
from gezhi.record.models import Anchor, AuditLine, Cursor, Entry, KeptAnswer, Line, Seal
from gezhi.record.rules import AuditKind, Book

_LONGEST_VALUE = 200


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
    if fact.audited:
        note(AuditKind(fact.audited), about=about, data={"fact": fact.kind, **_short(line.data)},
             county=county, actor=actor, now=now)  # fmt: skip
    for reaction in reactions_to(type(fact)):
        reaction(fact, actor=actor, now=now)


def _short(data: Mapping[str, object]) -> dict[str, str | int | bool | None]:
    """What of a fact the audit says: single values as they are, of lists what fits, or how many."""
    return {
        name: value if isinstance(value, str | int | bool | None) else _in_short(value)
        for name, value in data.items()
    }


def _in_short(value: object) -> str | int:
    if isinstance(value, list) and len(text := ",".join(map(str, value))) > _LONGEST_VALUE:
        return len(value)
    return text if isinstance(value, list) else str(value)[:_LONGEST_VALUE]


def _plain(fact: Fact) -> dict[str, object]:
    return {name: _text(value) for name, value in fact.data().items()}


def _text(value: object) -> object:
    if isinstance(value, int | float | str | None):  # a truth value is a number too
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_text(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _text(part) for key, part in value.items()}
    return value.isoformat() if isinstance(value, datetime) else str(value)


@rows.atomic()
def note(
    kind: AuditKind,
    *,
    about: str = "",
    reason: str = "",
    data: Mapping[str, str | int | bool | None] | None = None,
    address: str = "",
    county: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a line of the audit, in the transaction of the act it tells of.

    `data` holds ids, codes and counts, never a person's values; a reason is masked, for nothing
    can be taken out again. A refusal undoes its act's
    transaction, so `REFUSED` and `SIGN_IN_FAILED` are written by the doors in one of their own;
    of these so many a minute, then one line that says how many were left out. The address is
    the present request's, unless another is given.
    """
    address = address or asking_from.get()
    if kind in rules.BOUNDED and not _is_within_bounds(kind, address, county, actor, now):
        return
    rows.write(new=[_audit_line(kind, about, reason, data, address, county, actor, now)])


_COUNTED = """
INSERT INTO record_burst (county, kind, actor, address, minute, count)
VALUES (%s, %s, %s, %s, %s, 1)
ON CONFLICT (county, kind, actor, address, minute) DO UPDATE SET count = record_burst.count + 1
RETURNING count
"""


def _is_within_bounds(
    kind: AuditKind, address: str, county: str, actor: Actor, now: datetime
) -> bool:
    """Count it; whether the line is still to be written. Nobody fills the disk with refusals.

    Who isn't signed in is counted by address, and all of them together.
    """
    minute = now.replace(second=0, microsecond=0)
    is_anybody = actor.label == NOBODY.label
    each = (county, kind.value, actor.label, address if is_anybody else "", minute)
    bounds = [(each, rules.MOST_A_MINUTE)]
    if is_anybody:
        bounds.append(((county, kind.value, "", "", minute), rules.MOST_OF_ALL))
    for counted, most in bounds:
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED, counted)
            if cursor.fetchone()[0] > most:
                return False
    return True


@transaction.atomic
def tell_left_out(*, now: datetime) -> None:
    """One line for each who was refused more often in a minute than is written down."""
    minute = now.replace(second=0, microsecond=0)
    for burst in reads.bursts_before(minute):
        most = rules.MOST_A_MINUTE if burst.actor else rules.MOST_OF_ALL
        if burst.count > most:
            AuditLine.objects.create(
                county=burst.county, kind=burst.kind, at=now, address=burst.address,
                actor=burst.actor or NOBODY.label,
                data={"left_out": burst.count - most, "minute": burst.minute.isoformat()},
            )  # fmt: skip
        burst.delete()


def _audit_line(
    kind: AuditKind,
    about: str,
    reason: str,
    data: Mapping[str, str | int | bool | None] | None,
    address: str,
    county: str,
    actor: Actor,
    now: datetime,
) -> AuditLine:
    return AuditLine(
        county=county,
        kind=kind.value,
        about=about,
        data=_sound(data or {}),
        reason=mask_text(reason.strip()),
        address=address,
        actor=actor.label,
        at=now,
    )


def _sound(data: Mapping[str, str | int | bool | None]) -> dict[str, str | int | bool | None]:
    """Ids, codes and counts are short and plain; whatever isn't would be somebody's words."""
    for name, value in data.items():
        if not isinstance(value, str | int | bool | None) or len(str(value)) > _LONGEST_VALUE:
            raise TypeError(f"{name} of an audit line is no id, code or count")
    return {name: str(value) if isinstance(value, str) else value for name, value in data.items()}


@rows.atomic()
def note_opening(
    *, about: str, field: str, reason: str, behalf: UUID | None = None, county: str, actor: Actor,
    now: datetime,
) -> AuditLine:  # fmt: skip
    """Put on record that `actor` opens a sealed field, before it is shown; for whom, if lent."""
    if len(reason.strip()) < 2:
        raise OpeningReasonMissing()
    data = {"field": field} | ({"acting_for": str(behalf)} if behalf else {})
    line = _audit_line(
        AuditKind.OPENING, about, reason, data, asking_from.get(), county, actor, now
    )
    rows.write(new=[line])
    return line


@dataclass(frozen=True)
class Kept:
    """An answer as `sender` had it the first time; `is_first` tells whether that is now."""

    status: int
    answer: dict[str, Any]
    is_first: bool
    sender: str


@transaction.atomic
def once(
    key: str,
    *,
    request: bytes,
    do: Callable[[], tuple[int, dict[str, Any]]],
    actor: Actor,
    now: datetime,
) -> Kept:
    """Run `do` unless this sender's `key` was answered before; then give that answer again.

    The key and what `do` changes are one transaction: a refusal keeps nothing, a
    second request at the same moment waits for the first. The same key with another
    request is refused.
    """
    if not key or len(key) > 128 or not key.isprintable():
        raise KeyMalformed()
    digest, sender = hashlib.sha256(request).hexdigest(), rules.sender_of(actor)
    # From when each key of an account was a sender of its own, and was digested with the rest.
    if sender != actor.label and (old := reads.answer_kept_once(actor.label, key)):
        return Kept(old.status, old.answer, is_first=False, sender=actor.label)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO record_keptanswer (actor, key, request, status, answer, at)"
            " VALUES (%s, %s, %s, 0, '{}', %s) ON CONFLICT (actor, key) DO NOTHING",
            [sender, key, digest, now],
        )
        is_first = cursor.rowcount == 1
    if not is_first:
        kept = reads.kept_answer(sender, key)
        if kept.request != digest:
            raise KeyReused()
        return Kept(kept.status, kept.answer, is_first=False, sender=sender)
    status, answer = do()
    KeptAnswer.objects.filter(actor=sender, key=key).update(status=status, answer=answer)
    return Kept(status, answer, is_first=True, sender=sender)


@transaction.atomic
def seal_lines(lines: Sequence[Entry], *, now: datetime) -> Seal:
    """Seal one batch of a book, in order, chained to the book's seal before it."""
    book = Book.AUDIT if isinstance(lines[0], AuditLine) else Book.FACTS
    before = reads.last_seal(book)
    leaves = [(line.id, rules.leaf_hash(reads.values_of(line))) for line in lines]
    root = rules.merkle_root([leaf for _number, leaf in leaves])
    last = lines[-1]
    body = reads.seal_values(last.xid, last.id, len(lines), root, now)
    return Seal.objects.create(
        book=book.value,
        last_xid=last.xid,
        last_line=last.id,
        lines=len(lines),
        root=root,
        hash=rules.chain_hash(bytes(before.hash) if before else rules.BEGINNINGS[book], body),
        leaves=rules.pack_leaves(leaves),
        at=now,
    )


@transaction.atomic
def make_anchor(*, county: str, day: date, now: datetime) -> Anchor | None:
    """Write down the newest seals; the last anchor where nothing was sealed since, None at first.

    Two at once make two anchors, one naming the other or both the one before: both are true.
    """
    seals = {book: reads.last_seal(book) for book in Book}
    before = reads.last_anchor(county)
    sealed = {
        book: rules.Sealed(seal.id, bytes(seal.hash).hex()) for book, seal in seals.items() if seal
    }
    if not sealed or (before and reads.says(before) == sealed):
        return before
    text = rules.AnchorText(county, day, now, sealed, before.hash if before else "").written()
    return Anchor.objects.create(
        county=county, day=day, at=now, text=text, hash=rules.hash_of_anchor(text)
    )


@dataclass(frozen=True)
class Purged:
    """What left the audit: its certificate is a line of the audit too."""

    certificate: int
    seal: int
    lines: int


@transaction.atomic
def purge(*, kept_days: int, county: str, actor: Actor, now: datetime) -> Purged | None:
    """Let go of audit lines whose time is up, in whole sealed batches; None where there are none.

    Only the owner of the tables may, and the database itself keeps what is younger than the law
    asks. Seals stay, so that what came after can still be checked. Lines that are not what was
    sealed stay too: what was done to them would be gone with them.
    """
    if kept_days < rules.LEAST_DAYS:
        raise ValueError(f"the audit is kept for {rules.LEAST_DAYS} days at least")
    found = reads.seals_to_purge(now - timedelta(days=kept_days))
    if not found:
        return None
    if fault := next(reads.faults_before(found[-1]), None):
        raise AuditFaulty(fault=fault)
    last, count = found[-1], sum(seal.lines for seal in found)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gezhi.purging = 'yes'")
        cursor.execute(
            "DELETE FROM record_auditline WHERE (xid, id) <= (%s, %s)",
            [last.last_xid, last.last_line],
        )
        cursor.execute("SET LOCAL gezhi.purging = 'no'")
    line = AuditLine.objects.create(
        county=county, kind=AuditKind.RETENTION.value, actor=actor.label, at=now,
        data={
            reads.PURGED_TO: last.id, "from_seal": found[0].id, "lines": count,
            "kept_days": kept_days, "hash": bytes(last.hash).hex(),
        },
    )  # fmt: skip
    return Purged(line.id, last.id, count)


def make_anchor_of_day(*, county: str, now: datetime) -> Anchor | None:
    """Make an anchor if there is none of this day (in the city) yet, and keep it as a file too.

    The newest is kept each time: its file may not have been written when it was made.
    """
    day = timezone.localdate(now)
    last = reads.last_anchor(county)
    is_made = last is None or last.day < day
    if is_made:
        last = make_anchor(county=county, day=day, now=now)
    if last:
        adapters.keep_anchor(last)
    return last if is_made else None


def move_cursor(cursor: Cursor, line: Entry, *, now: datetime) -> None:
    """Remember that a follower has dealt with everything up to `line`."""
    Cursor.objects.filter(name=cursor.name).update(xid=line.xid, line=line.id, at=now)


def restart_follower(name: str) -> None:
    """Let a follower read the book from its first line again."""
    Cursor.objects.filter(name=name).update(xid=0, line=0, at=None)


@transaction.atomic
def go_on_after_restoring() -> int:
    """Let new lines follow the old ones on a server that has counted fewer transactions.

    Lines are ordered by the transaction that wrote them, and a database restored from a dump
    brings its lines along but not the count. Returns how much is added to the server's own.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(record_xid_offset(), 1 - pg_current_xact_id()::text::bigint"
            " + greatest(0, (SELECT max(xid) FROM record_line),"
            " (SELECT max(xid) FROM record_auditline)))"
        )
        offset = int(cursor.fetchone()[0])
        cursor.execute(
            "CREATE OR REPLACE FUNCTION record_xid_offset() RETURNS bigint LANGUAGE sql IMMUTABLE"
            f" AS 'SELECT {offset}::bigint'"
        )
    return offset


def _answers(over: Over) -> QuerySet[KeptAnswer]:
    return KeptAnswer.objects.filter(at__lt=over.before)


def _answers_due(over: Over) -> Due:
    found = _answers(over)
    return Due(found.count(), found.aggregate(oldest=Min("at"))["oldest"])


@transaction.atomic
def _forget_answers(over: Over, most: int) -> int:
    ids = list(_answers(over).order_by("at").values_list("id", flat=True)[:most])
    return KeptAnswer.objects.filter(id__in=ids).delete()[0]


keeps(
    Kind(
        "answers",
        _("重复请求的回执"),
        _("同一个请求再次发来时给出的回执被删除；之后再发就是新的请求。"),
        30,
        2,
        _answers_due,
        _forget_answers,
        goes_by_itself=True,
    )
)
