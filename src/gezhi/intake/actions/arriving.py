"""How messages come: sent to us with a signature, asked for at a board, read from a mailbox."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Max, Q

from gezhi.base import clock
from gezhi.base.refusal import Refusal
from gezhi.base.sealed import blind_index
from gezhi.base.slices import queue_once
from gezhi.intake import rules
from gezhi.intake.actions.settling import server_of, try_accidents
from gezhi.intake.actions.sources import note_fault, read_json, told_reason
from gezhi.intake.actions.taking import Brought, receive
from gezhi.intake.adapters import asking
from gezhi.intake.adapters.asking import Head, Mailbox, NotReached
from gezhi.intake.errors import SentUnreadable, SignatureWrong, SourceOff, WrongRow
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import Fate, Way
from gezhi.intake.rules.mail import MOST_MB, name_of, read_header, sender_text
from gezhi.intake.rules.mapping import MOST_AT_ONCE, messages_in, number_of

_log = structlog.get_logger("gezhi.intake")
MOST_IN_A_POLL = 100
MOST_SENT_MB = 24  # photos in Base64
MOST_OF_BOARD = 1000  # it may answer with all it has, most of it known
_BUSY = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_OVERLAP = timedelta(hours=1)  # a board may put what was said before beneath what it showed
_JOB = "gezhi.intake.jobs.ask_source"


def take_sent(
    source_id: UUID, read: Callable[[int], bytes], *, id: str, timestamp: str, signatures: str
) -> list[Received]:
    """What another system sends, if it is signed with the source's secret.

    Refused as a whole: what is not signed, no JSON, or more at once than is taken. Else each
    message has its own answer. Of who knows no source nothing is read.
    """
    source = reads.any_source(source_id)
    if source is None or reads.way(source) != Way.PUSH or not source.secret:
        raise SignatureWrong()
    body = read(MOST_SENT_MB * 1024 * 1024 + 1)
    if len(body) > MOST_SENT_MB * 1024 * 1024:
        raise SentUnreadable(why=f"> {MOST_SENT_MB} MB")
    if not rules.is_signed(
        body, id=id, timestamp=timestamp, signatures=signatures, secret=source.secret,
        now=clock.now(),
    ):  # fmt: skip
        note_fault(source, "signature")
        raise SignatureWrong()
    if not source.is_active:
        raise SourceOff()
    try:
        return _take_all(source, body, most=MOST_AT_ONCE)
    except Refusal as refusal:  # also a map that the rulebook of today knows no more
        note_fault(source, "unreadable", str(refusal))
        raise


def _take_all(source: Source, body: bytes, *, most: int) -> list[Received]:
    """Every message in it, each by itself."""
    try:
        mapped = reads.map_of(source)
        found = messages_in(read_json(body), mapped)
    except WrongRow as wrong:
        raise SentUnreadable(why=told_reason(wrong.reason)) from wrong
    if len(found) > most:
        raise SentUnreadable(why=f"> {most}")
    rows = []
    for one in found:
        raw = json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
        name = number_of(one, mapped) or f"#{hashlib.sha256(raw).hexdigest()[:40]}"
        rows.append(receive(source, Brought(name, raw)))
    if refused := [row for row in rows if row.fate == Fate.REFUSED]:
        note_fault(source, "refused", reads.reason_words(refused[-1]))
    return rows


def queue_asking() -> None:
    """Every minute: ask a worker for each source that is asked from here; try accidents again."""
    for source in reads.asked_by_us():
        queue_once(_JOB, lock=f"source:{source.id}", source_id=str(source.id))
    try_accidents()


def ask_source(source_id: UUID) -> int:
    """Ask one source for what is new; how many messages it brought. Two don't ask at once."""
    source = _claimed(source_id)
    if source is None:
        return 0
    ways: dict[Way, Callable[[Source], int]] = {Way.MAIL: _ask_mailbox, Way.PULL: _ask_board}
    try:
        brought = ways[reads.way(source)](source)
    except NotReached as failure:
        note_fault(source, failure.code, failure.detail)
        return 0
    except Refusal as refusal:
        note_fault(source, "answer", str(refusal))
        return 0
    except OperationalError:
        raise  # the connection, not the source
    except Exception:
        _log.exception("asking a source failed", source=str(source.id))
        note_fault(source, "accident")
        return 0
    finally:
        Source.objects.filter(pk=source.pk).update(busy_until=None)
    Source.objects.filter(pk=source.pk).update(asked_at=clock.now())
    return brought


def _claimed(source_id: UUID) -> Source | None:
    if not settings.ASK_SOURCES:
        return None
    now = clock.now()
    free = Q(busy_until__isnull=True) | Q(busy_until__lt=now)
    found = Source.objects.filter(free, pk=source_id, is_active=True)
    if not found.update(busy_until=now + _BUSY):
        return None
    return reads.any_source(source_id)


def _ask_board(source: Source) -> int:
    since = Received.objects.filter(county=source.county, source=source).aggregate(
        newest=Max("said_at")
    )["newest"]
    since = since - _OVERLAP if since else None
    answer = asking.ask_board(source.url, secret=source.secret, since=since)
    return len(_take_all(source, answer, most=MOST_OF_BOARD))


def _ask_mailbox(source: Source) -> int:
    """What is new since the last time, the oldest first; each is settled before the next.

    How far it is read is written with each mail, so that none is fetched twice or left out.
    """
    with asking.mailbox(server_of(source)) as box:
        validity = box.validity()
        if source.uid_validity != validity:
            source.uid_validity, source.last_uid = validity, 0
        uids = box.after(source.last_uid, most=MOST_IN_A_POLL)
        for count, uid in enumerate(uids):
            if reads.brought_since(source, clock.now() - _HOUR) >= reads.MOST_OF_SOURCE:
                note_fault(source, "full")
                return count
            _take_mail(source, box, uid)
        return len(uids)


def _take_mail(source: Source, box: Mailbox, uid: int) -> None:
    """Fetch it, then settle it and move on in one step, then say so to the mailbox."""
    head = box.head(uid)
    reason, sender = _too_much(source, head) if head else ("", "")
    raw = box.raw(uid) if head and not reason else b""
    row = None
    with transaction.atomic():
        if head and reason:
            row = _leave(source, head, reason, sender)
        elif head and raw:
            row = receive(source, Brought(name_of(raw), raw, uid, head.arrived_at))
        source.last_uid = uid
        source.save(update_fields=["uid_validity", "last_uid"])
    if row is not None:
        box.mark(uid, is_kept=row.fate in rules.KEPT)


def _too_much(source: Source, head: Head) -> tuple[str, str]:
    """Why it is left in the mailbox, unread, and whose it is; "" where it is not."""
    try:
        sender, is_automatic = read_header(head.header)
    except Exception:  # what is wrong with it is said when it is settled, and holds up no other
        _log.exception("mail header failed", source=str(source.id), uid=head.uid)
        sender, is_automatic = "", False
    if head.size > MOST_MB * 1024 * 1024:
        return "mail_large", sender
    since = clock.now() - _HOUR
    if not is_automatic and sender:
        sent = reads.sent_within(sender, county=source.county, since=since)
        if sent >= reads.MOST_OF_SENDER:
            return "sender_many", sender
    return "", sender


def _leave(source: Source, head: Head, reason: str, sender: str) -> Received:
    """Only that it is there is written down; the mailbox keeps it."""
    name = name_of(head.header)
    row = reads.received_as(source, name)
    if row is not None:
        Received.objects.filter(pk=row.pk).update(times=row.times + 1)
        return row
    now = clock.now()
    row = Received(
        county=source.county, source=source, external=name, digest="", size=head.size,
        received_at=now, said_at=head.arrived_at, fate=Fate.REFUSED.value, reason=reason,
        uid=head.uid, sender=sender,
        sender_index=blind_index(sender_text(sender)) if sender else None,
    )  # fmt: skip
    row.save(force_insert=True)
    note_fault(source, "refused", told_reason(reason))
    Source.objects.filter(pk=source.pk).update(received_at=now)
    return row
