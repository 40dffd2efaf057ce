"""What a source brought and nobody has taken: tried again, taken in by a person, or dropped."""

from collections.abc import Mapping
from uuid import UUID

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import translation

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.intake import adapters, rules
from gezhi.intake.actions.fetching import is_large, mark, sender_in, server_of
from gezhi.intake.actions.opening import SYSTEM
from gezhi.intake.actions.sources import note_fault
from gezhi.intake.actions.taking import Brought, read_ahead, receive, settle
from gezhi.intake.adapters import asking
from gezhi.intake.adapters.asking import Mailbox, NotReached
from gezhi.intake.errors import MessageGone, MessageLarge, MessageNeedsPerson, MessageSettled
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import lock_county
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import Fate, Way
from gezhi.intake.rules.mail import MOST_MB, is_named, name_of

_MOST_TRIES = 5
_SECONDS = 30.0  # of a mailbox that somebody waits for
_MOST_LOOKED, _MOST_TAKEN = 100, 10  # mails of a flood at once
_log = structlog.get_logger("gezhi.intake")


def try_again(received_id: UUID, *, by_person: bool = False, actor: Actor) -> Received:
    """Read it once more, by the map and rules of today.

    `by_person` makes a case of what waited for somebody to say so; only who takes in may.
    """
    reads.must(
        actor,
        reads.may_settle(actor),
        actor.is_system,
        reads.may_manage(actor) and not by_person,
    )
    left = reads.received_for(actor, received_id)
    if left.fate not in rules.KEPT:
        raise MessageSettled()
    if left.reason in rules.FOR_A_PERSON and not by_person:
        raise MessageNeedsPerson()
    if left.has_file:
        return _settle_again(left, reads.raw_of(left), by_person=by_person, actor=actor)
    source = left.source
    if reads.way(source) != Way.MAIL or left.uid is None:
        raise MessageGone()
    try:
        with asking.mailbox(server_of(source), seconds=_SECONDS) as box:
            if box.validity() != source.uid_validity:
                raise MessageGone()
            if left.reason == "sender_many":
                return _take_some(left, box, actor)
            raw = _fetched(left, box)
    except NotReached as failure:
        raise MessageGone() from failure
    row = _settle_again(left, raw, by_person=by_person, actor=actor)
    _say_so(source, {left.uid: row})
    return row


def _settle_again(left: Received, raw: bytes, *, by_person: bool, actor: Actor) -> Received:
    said = read_ahead(left.source, raw)
    with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
        lock_county(left.county)
        row = reads.received_to_change(actor, left.id)
        if row.fate not in rules.KEPT or row.digest != left.digest:
            raise MessageSettled()
        if by_person:
            row.settled_by, row.settled_at = actor.label, clock.now()
            row.case = None
        settle(row, row.source, raw, said, arrived_at=row.said_at, by_person=by_person)
    return row


def _fetched(row: Received, box: Mailbox) -> bytes:
    """A mail that was left in its mailbox."""
    head = box.head(row.uid or 0)
    if head and is_large(head):
        raise MessageLarge(mb=MOST_MB)
    found = box.raw(head.uid) if head else b""
    if not found or not is_named(found, row.external):  # of another folder, by the same number
        raise MessageGone()
    return found


def _take_some(left: Received, box: Mailbox, actor: Actor) -> Received:
    """The next of the mails that one address sent too many of, each by itself; others wait."""
    found = box.flagged(left.uid or 0, most=_MOST_LOOKED + 1)
    flagged, is_all = found[:_MOST_LOOKED], len(found) <= _MOST_LOOKED
    heads = [head for uid in flagged if (head := box.head(uid)) and not is_large(head)]
    theirs = [head for head in heads if sender_in(head).sender == left.sender]
    if not theirs and is_all:
        raise MessageGone()
    taken = {}
    for head in theirs[:_MOST_TAKEN]:
        if raw := box.raw(head.uid):
            brought = Brought(name_of(raw), raw, head.uid, head.arrived_at)
            taken[head.uid] = receive(left.source, brought)
    if theirs and not taken:
        raise MessageGone()
    rest = theirs[_MOST_TAKEN:]
    with transaction.atomic():
        row = reads.received_to_change(actor, left.id)
        row.times = max(len(rest), row.times - len(taken), 1)
        row.uid = rest[0].uid if rest else flagged[-1] + 1
        row.delete() if is_all and not rest else row.save(update_fields=["times", "uid"])
    _say_so(left.source, taken)
    return next(reversed(taken.values()), row)


def _say_so(source: Source, settled: Mapping[int, Received]) -> None:
    """Tell the mailbox of what it still kept for us, once that it is in is written down."""

    def say() -> None:
        try:
            with asking.mailbox(server_of(source), seconds=_SECONDS) as box:
                for uid, row in settled.items():
                    mark(source, box, uid, is_kept=row.fate in rules.KEPT, was_left=True)
        except NotReached as failure:
            note_fault(source, failure.code, failure.detail)

    transaction.on_commit(say)


def try_accidents() -> int:
    """What a fault of ours kept out, once more; how many."""
    found = reads.failed_by_accident(_MOST_TRIES)
    for row in found:
        try:
            try_again(row.id, actor=SYSTEM)
        except OperationalError:
            raise  # the connection, not the message
        except Exception as error:  # settled meanwhile, or its file is gone: no other waits for it
            _log.warning("another try failed", received=str(row.id), error=type(error).__name__)
            Received.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
    return len(found)


@transaction.atomic
def drop_message(received_id: UUID, *, actor: Actor) -> Received:
    """Somebody has read it and it is nothing to take; what it said is gone."""
    reads.must(actor, reads.may_settle(actor))
    row = reads.received_to_change(actor, received_id)
    if row.fate not in rules.KEPT:
        raise MessageSettled()
    row.fate, row.settled_by, row.settled_at = Fate.DROPPED.value, actor.label, clock.now()
    had_file, row.has_file = row.has_file, False
    row.sender, row.sender_index, row.letter_id, row.code_due = "", None, "", ""
    row.save()
    county, id = row.county, row.id
    if had_file:
        transaction.on_commit(lambda: adapters.drop_received(county, id))
    return row
