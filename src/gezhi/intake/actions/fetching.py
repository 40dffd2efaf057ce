"""Reading a mailbox: what is new, mail by mail, and what is left there."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction

from gezhi.base import clock
from gezhi.base.sealed import blind_index
from gezhi.intake import rules
from gezhi.intake.actions.sources import note_fault
from gezhi.intake.actions.taking import Brought, receive
from gezhi.intake.adapters import asking
from gezhi.intake.adapters.asking import Head, Mailbox, NotReached, Server, TooSlow
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import Fate
from gezhi.intake.rules.mail import MOST_MB, Writer, name_of, read_header, sender_text
from gezhi.intake.rules.returned import MOST_KB

_log = structlog.get_logger("gezhi.intake")
MOST_IN_A_POLL = 100
_SECONDS = 180.0  # after which no other mail is begun: the rest comes in a minute
_HOUR = timedelta(hours=1)
_LEAST_LEFT = 1024 * 1024  # bytes: smaller ones are slow because the server is
# Goes on with the claim and writes how far it is read, or raises.
Renew = Callable[..., None]


def server_of(source: Source) -> Server:
    """Where its mailbox is."""
    return Server(
        source.host, source.port, source.line, source.user, source.secret, source.folder,
        source.done_folder,
    )  # fmt: skip


def read_mailbox(source: Source, renew: Renew) -> int:
    """What is new since the last time, the oldest first; each is settled before the next.

    How far it is read is written with each mail, so that none is fetched twice or left out.
    """
    began = time.monotonic()
    with asking.mailbox(server_of(source)) as box:
        validity = box.validity()
        last = source.last_uid if source.uid_validity == validity else 0
        uids = box.after(last, since=source.begins_at, most=MOST_IN_A_POLL)
        for count, uid in enumerate(uids):
            if reads.brought_since(source, clock.now() - _HOUR) >= reads.MOST_OF_SOURCE:
                note_fault(source, "full")
                return count
            if time.monotonic() - began > _SECONDS:
                return count
            _take_mail(source, box, uid, lambda **more: renew(uid_validity=validity, **more))
        return len(uids)


def _take_mail(source: Source, box: Mailbox, uid: int, renew: Renew) -> None:
    """Fetch it, then settle it and move on in one step, then say so to the mailbox.

    Of what no person wrote the headers say all that is kept of it; of a report on a mail that did
    not arrive the rest says which.
    """
    head = box.head(uid)
    if head and source.begins_at and head.arrived_at and head.arrived_at < source.begins_at:
        head = None  # it lay there before anybody wanted it read
    writer = sender_in(head) if head else Writer()
    reason = _too_much(source, head, writer) if head else ""
    raw = b""
    if head and not reason:
        is_whole = not writer.is_automatic or (writer.is_report and head.size <= MOST_KB * 1024)
        raw = _fetched(source, box, head, writer.sender, renew) if is_whole else head.header
    row = None
    with transaction.atomic():
        if head and reason:
            row = _leave(source, head, reason, writer.sender)
        elif head and raw:
            row = receive(source, Brought(name_of(raw), raw, uid, head.arrived_at))
        renew(last_uid=uid)
    if row is not None:
        mark(source, box, uid, is_kept=row.fate in rules.KEPT)


def mark(source: Source, box: Mailbox, uid: int, **how: Any) -> None:
    """Say in the mailbox what became of it; where that fails, what is in is in all the same."""
    try:
        box.mark(uid, **how)
    except NotReached as failure:
        note_fault(source, failure.code, failure.detail)


def is_large(head: Head) -> bool:
    """Whether it is larger than what is fetched."""
    return head.size > MOST_MB * 1024 * 1024


def sender_in(head: Head) -> Writer:
    """Whose it is, and whether no person wrote it; what is wrong with it holds up no other."""
    try:
        return read_header(head.header)
    except Exception:  # said when it is settled
        _log.exception("mail header failed", uid=head.uid)
        return Writer()


def _fetched(source: Source, box: Mailbox, head: Head, sender: str, renew: Renew) -> bytes:
    """The whole of it; what is so large that no session is long enough holds up no other."""
    try:
        return box.raw(head.uid)
    except TooSlow:
        if head.size > _LEAST_LEFT:
            with transaction.atomic():
                _leave(source, head, "mail_large", sender)
                renew(last_uid=head.uid)
        raise


def _too_much(source: Source, head: Head, writer: Writer) -> str:
    """Why it is left in the mailbox, unread; "" where it is not."""
    if is_large(head):
        return "mail_large"
    if not writer.is_automatic and writer.sender:
        since = clock.now() - _HOUR
        sent = reads.sent_within(writer.sender, county=source.county, since=since)
        if sent >= reads.MOST_OF_SENDER:
            return "sender_many"
    return ""


def _leave(source: Source, head: Head, reason: str, sender: str) -> Received:
    """Only that it is there is written down; the mailbox keeps it.

    What one address sent too much of is one row that says how many, from the first one on.
    """
    name = name_of(head.header)
    row = reads.received_as(source, name)
    if row is None and reason == "sender_many":
        row, name = reads.flood_of(source, sender), f"many:{head.uid}:{name}"
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
    note_fault(source, "refused", rules.stored(reason))
    Source.objects.filter(pk=source.pk).update(received_at=now)
    return row
