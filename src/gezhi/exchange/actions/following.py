"""What peers say becomes of their cases, taken as the steps of the unit each stands for.

A peer is asked in rounds, one process at a time. What it said is written down once, under its own
name for it, before anything follows; a step that can't be made waits for the next round.
"""

import time
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from gezhi.base import clock
from gezhi.base.refusal import Refusal
from gezhi.base.slices import SLICE
from gezhi.cases import actions as cases_actions
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.exchange import reads
from gezhi.exchange.actions.addresses import host_of
from gezhi.exchange.actions.handing import end_handover, sign_for
from gezhi.exchange.actions.peering import far_of, in_short
from gezhi.exchange.actions.queueing import leave_handover, leave_round
from gezhi.exchange.actions.warning import tell_of_stuck
from gezhi.exchange.adapters import Far, Request, Unheard, fetch_picture
from gezhi.exchange.models import Handover, Heard, Peer
from gezhi.exchange.rules import Halt, Reach, Step, peers
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_log = structlog.get_logger("gezhi.exchange")
_LONGEST_ASKED = timedelta(days=89)
_SERVER_FAULT = 500


def follow(id: UUID) -> None:
    """One round: updates first, then each request, then what they are to the cases here."""
    peer = _claim(id)
    if peer is None:
        return
    far, found, unheard = far_of(peer), reads.there(peer), None
    try:
        _hear(peer, far, found)
    except Unheard as error:
        unheard = error
    for each in found:
        _take_all(each)
    _let_go(peer, unheard)


@transaction.atomic
def _claim(id: UUID) -> Peer | None:
    now = clock.now()
    peer = reads.peer_to_follow(id, now=now)
    if peer is not None:
        peer.claimed_at = now
        peer.save(update_fields=["claimed_at"])
    return peer


def _let_go(peer: Peer, unheard: Unheard | None) -> None:
    """When it is asked again: sooner where it answers."""
    now = clock.now()
    failures = peer.failures + 1 if unheard else 0
    told = {"failed_at": now, "error": in_short(unheard)} if unheard else {"well_at": now}
    Peer.objects.filter(pk=peer.pk, claimed_at=peer.claimed_at).update(
        claimed_at=None, failures=failures, due=now + peers.wait_for_round(failures), **told
    )


def _hear(peer: Peer, far: Far, found: list[Handover]) -> None:
    if peer.has_updates:
        _hear_updates(peer, far, found)
    until = time.monotonic() + SLICE
    for each in found[: peers.MOST_ASKED]:
        try:
            _ask_number(each, far) if each.reach == Reach.GIVEN else _ask(each, far, peer)
        except Unheard as error:
            if error.status is None or error.status >= _SERVER_FAULT:
                raise  # nobody is there just now
            _note_fault(each, error)
        if time.monotonic() > until:
            break


def _note_fault(one: Handover, error: Unheard) -> None:
    """This one can't be asked for; the others can."""
    Handover.objects.filter(pk=one.pk).update(
        checked_at=clock.now(), status=error.status, error=in_short(error)
    )


def _hear_updates(peer: Peer, far: Far, found: list[Handover]) -> None:
    """All that happened since, with what was heard last once more: some is written late."""
    now = clock.now()
    since = peer.heard_until or min((each.sent_at or now for each in found), default=now)
    since = max(since - peers.OVERLAP, now - _LONGEST_ASKED)
    of = {each.request: each for each in found if each.request}
    told = [each for each in far.updates(since, now) if each.request in of]
    with transaction.atomic():
        Heard.objects.bulk_create(
            [
                Heard(
                    county=peer.county, handover=of[each.request], key=f"update:{each.id}"[:150],
                    at=each.at or now, heard_at=now, status=each.status[:32],
                    words=each.words[: peers.MOST_WORDS], media=_fetchable(each.media),
                )
                for each in told if _is_news(of[each.request], each.at)
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        Peer.objects.filter(pk=peer.pk).update(heard_until=now)


def _is_news(one: Handover, at: datetime | None) -> bool:
    """What the peer said of the same number before it was handed over is of no concern now."""
    return at is None or one.began_at is None or at >= one.began_at - peers.OVERLAP


def _ask_number(one: Handover, far: Far) -> None:
    """What a token stands for, once there is something."""
    number = far.number_of(one.token)
    changed = {"request": number, "reach": Reach.FOLLOWED.value} if number else {}
    Handover.objects.filter(pk=one.pk, reach=Reach.GIVEN.value).update(
        checked_at=clock.now(), **changed
    )


def _ask(one: Handover, far: Far, peer: Peer) -> None:
    """What the request says of itself; what changed is news, unless updates tell it better."""
    found = far.request(one.request)
    if found is None:
        _note_fault(one, Unheard("", 404))
        return
    with transaction.atomic():
        held = Handover.objects.select_for_update(of=("self",)).get(pk=one.pk)
        if _is_told(held, found, peer):
            now = clock.now()
            Heard.objects.create(
                county=peer.county, handover=held, key=f"request:{held.heard.count() + 1}",
                at=found.at or now, heard_at=now, status=found.status[:32],
                words=found.notes[: peers.MOST_WORDS], media=_fetchable(found.media),
            )  # fmt: skip
        held.seen_status, held.seen_notes = found.status[:32], found.notes[: peers.MOST_WORDS]
        held.expected, held.checked_at, held.error, held.status = (
            found.expected, clock.now(), "", None,
        )  # fmt: skip
        held.save(update_fields=[
            "seen_status", "seen_notes", "expected", "checked_at", "error", "status"
        ])  # fmt: skip


def _is_told(held: Handover, found: Request, peer: Peer) -> bool:
    is_end = peers.step_of(found.status) != Step.NOTE
    is_new = (found.status, found.notes) != (held.seen_status, held.seen_notes)
    if not is_new or (is_end and reads.has_ended_by(held)):
        return False
    # How it stood at first is no news.
    return is_end or (bool(held.seen_status) and not peer.has_updates)


def _fetchable(address: str) -> str:
    """An address of a picture, if it is one that may be called."""
    try:
        host_of(address)
    except Refusal:
        return ""
    return address


def _take_all(one: Handover) -> None:
    with suppress(Refusal):  # the case is gone
        while _take_next(one.pk, _picture(one)):
            pass


def _picture(one: Handover) -> bytes | None:
    """The picture of what is done, fetched before any row is held; tried for an hour."""
    said = reads.next_heard(one)
    if said is None or not said.media or peers.step_of(said.status) != Step.FINISH:
        return None
    if said.heard_at < clock.now() - peers.FETCHED_FOR:
        return None
    try:
        return fetch_picture(said.media)
    except Unheard as unheard:
        _log.info("a peer's picture did not come", handover=str(one.pk), status=unheard.status)
        return None


@transaction.atomic
def _take_next(id: UUID, picture: bytes | None) -> bool:
    """One thing the peer said becomes its unit's step; true if the next may follow."""
    seen = Handover.objects.get(pk=id)
    case = cases.case_held(seen.case_id)  # before the hand-over, as acts on cases do
    one = Handover.objects.select_for_update(of=("self",)).select_related("peer__unit").get(pk=id)
    if one.reach not in (Reach.GIVEN, Reach.FOLLOWED):
        return False
    if not reads.is_still_theirs(case, one.peer):
        end_handover(one, Halt.MOVED, clock.now())
        return False
    said = reads.next_heard(one)
    if said is None:
        return False
    try:
        sign_for(one, case)
        if picture is not None:
            _keep(one, case, said, picture)
        _step(one, case, said)
    except Refusal as refusal:
        _wait(one, case, said, str(refusal))
        return False
    said.taken_at, said.error = clock.now(), ""
    said.save(update_fields=["taken_at", "error"])
    return True


def _keep(one: Handover, case: Case, said: Heard, picture: bytes) -> None:
    """As any other picture of work that is done; what is none, or there already, is left."""
    upload = cases_actions.Upload("peer.jpg", picture, "after")
    with suppress(Refusal):
        cases_actions.attach(case.id, upload=upload, actor=reads.acting_as(one.peer))
    said.media = ""
    said.save(update_fields=["media"])


def _wait(one: Handover, case: Case, said: Heard, why: str) -> None:
    """It can't be done as things stand: a proof is missing, the clock stands. People hear once."""
    if said.error != why:
        said.error = why
        said.save(update_fields=["error"])
        tell_of_stuck(one, case, said.id, why)


def _step(one: Handover, case: Case, said: Heard) -> None:
    """The peer's words are the unit's: a note, the answer, or why it comes back."""
    actor, step = reads.acting_as(one.peer), peers.step_of(said.status)
    book = rulebook.book(case.county, case.book)
    words = peers.told_words(one.peer.name, said.status, said.words, most=book.limits.text_max)
    if step == Step.FINISH:
        cases_actions.finish(case.id, outcome=_solved(book), answer=words, actor=actor)
        end_handover(one, Halt.FINISHED, clock.now())
    elif step == Step.BACK:
        reason = peers.reason_back(list(book.reasons("send_back")))
        cases_actions.send_back(case.id, reason=reason, words=words, actor=actor)
        end_handover(one, Halt.BACK, clock.now())
    else:
        cases_actions.note(case.id, words=words, actor=actor)


def _solved(book: Book) -> str:
    return next(key for key, one in book.outcomes.items() if one.is_solved)


def forget_words(case: UUID) -> None:
    """What peers said of a case goes when its words go."""
    Heard.objects.filter(handover__case=case).update(words="")
    Handover.objects.filter(case=case).update(seen_notes="", error="")


def sweep_peers(now: datetime) -> int:
    """Ask again for what nobody does: a job was lost, a worker killed; and for rounds due."""
    sends, rounds = reads.due_to_send(now=now), reads.due_to_follow(now=now)
    for id in sends:
        leave_handover(id)
    for id in rounds:
        leave_round(id)
    return len(sends) + len(rounds)
