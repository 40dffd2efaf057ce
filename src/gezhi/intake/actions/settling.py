"""What a source brought and nobody has taken: tried again, taken in by a person, or dropped."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal
from gezhi.intake import adapters, rules
from gezhi.intake.actions.opening import SYSTEM
from gezhi.intake.actions.taking import read_ahead, settle
from gezhi.intake.adapters import asking
from gezhi.intake.adapters.asking import NotReached, Server
from gezhi.intake.errors import MessageGone, MessageNeedsPerson, MessageSettled
from gezhi.intake.models import Received, Source
from gezhi.intake.reads import lock_county
from gezhi.intake.reads import sources as reads
from gezhi.intake.rules import Fate, Way
from gezhi.intake.rules.mail import is_named

_MOST_TRIES = 5


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
    raw = reads.raw_of(left) if left.has_file else _fetched(left)
    said = read_ahead(left.source, raw)
    with translation.override(settings.LANGUAGE_CODE), transaction.atomic():
        lock_county(left.county)
        row = reads.received_to_change(actor, received_id)
        if row.fate not in rules.KEPT or row.digest != left.digest:
            raise MessageSettled()
        if by_person:
            row.settled_by, row.settled_at = actor.label, clock.now()
            row.case = None
        settle(row, row.source, raw, said, arrived_at=row.said_at, by_person=by_person)
    return row


def _fetched(row: Received) -> bytes:
    """A mail that was left in its mailbox."""
    source = row.source
    if reads.way(source) != Way.MAIL or row.uid is None:
        raise MessageGone()
    try:
        with asking.mailbox(server_of(source)) as box:
            found = box.raw(row.uid) if box.validity() == source.uid_validity else b""
    except NotReached as failure:
        raise MessageGone() from failure
    if not found or not is_named(found, row.external):  # of another folder, by the same number
        raise MessageGone()
    return found


def server_of(source: Source) -> Server:
    """Where its mailbox is."""
    return Server(
        source.host, source.port, source.line, source.user, source.secret, source.folder,
        source.done_folder,
    )  # fmt: skip


def try_accidents() -> int:
    """What a fault of ours kept out, once more; how many."""
    found = reads.failed_by_accident(_MOST_TRIES)
    for row in found:
        try:
            try_again(row.id, actor=SYSTEM)
        except Refusal:  # settled meanwhile, or its file is gone: that keeps no other waiting
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
