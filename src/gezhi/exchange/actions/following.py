"""What peers say becomes of their cases, taken as the steps of the unit each stands for.

A peer is asked in rounds, one process at a time. What it said is written down once, under its own
name for it, before anything follows; a step that can't be made waits for the next round.
"""

import hashlib
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
from gezhi.exchange.actions.handing import end_handover, hear_again, sign_for, stop
from gezhi.exchange.actions.peering import far_of, in_short, is_same_door
from gezhi.exchange.actions.queueing import leave_handover, leave_round
from gezhi.exchange.actions.warning import tell_of_lost, tell_of_stuck
from gezhi.exchange.adapters import Far, Request, Unheard, Update, fetch_picture
from gezhi.exchange.models import Handover, Heard, Peer
from gezhi.exchange.rules import Halt, Reach, Step, peers
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_log = structlog.get_logger("gezhi.exchange")
_LONGEST_ASKED = timedelta(days=89)
_SERVER_FAULT = 500
_GONE = (404, 410)


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
    except Exception as error:  # it is asked again like one that doesn't answer
        _log.exception("a peer can't be heard", peer=str(peer.pk))
        unheard = Unheard(type(error).__name__)
    until = time.monotonic() + SLICE
    for each in reads.to_take(peer):
        try:
            _take_all(each)
        except Exception as error:  # nothing that is wrong with one holds up the others
            _log.exception("what a peer said can't be taken", handover=str(each.pk))
            Handover.objects.filter(pk=each.pk).update(error=type(error).__name__)
        if time.monotonic() > until:
            break
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
    is_all_heard = peer.has_updates and _hear_updates(peer, far, found)
    until = time.monotonic() + SLICE
    for each in found[: peers.MOST_ASKED]:
        _ask_one(each, far, peer, is_all_heard=is_all_heard)
        if time.monotonic() > until:
            break


def _ask_one(one: Handover, far: Far, peer: Peer, *, is_all_heard: bool) -> None:
    """What is wrong with one is kept with it, and the others are asked all the same."""
    try:
        if one.reach == Reach.GIVEN:
            _ask_number(one, far)
        else:
            _ask(one, far, peer, is_all_heard=is_all_heard)
    except Unheard as error:
        if error.status is None or error.is_untaken or error.status >= _SERVER_FAULT:
            raise  # nobody is there just now, or has time
        _note_fault(one, error)
    except Exception as error:
        _log.exception("what a peer says can't be kept", handover=str(one.pk))
        _note_fault(one, Unheard(type(error).__name__))


@transaction.atomic
def _note_fault(one: Handover, error: Unheard) -> None:
    """This one can't be asked for; the others can. Where it stays so people hear of it, once."""
    seen = Handover.objects.select_for_update(of=("self",)).select_related("peer")
    held = seen.get(pk=one.pk)
    held.looks += error.status in _GONE
    held.checked_at, held.status, held.error = clock.now(), error.status, in_short(error)
    held.save(update_fields=["looks", "checked_at", "status", "error"])
    if error.status in _GONE and held.looks == peers.LOST and held.reach in peers.OPEN:
        [case] = cases.cases_behind([held.case_id])
        if held.is_doubted:
            stop(held, case, Halt.STRANGE)
        else:
            tell_of_lost(held, case)


def _hear_updates(peer: Peer, far: Far, found: list[Handover]) -> bool:
    """All that happened since, with what was heard last once more: some is written late.

    Whether that is all up to now: where there was too much for one round the next goes on.
    """
    now = clock.now()
    since = min((each.began_at or each.asked_at for each in found), default=now)
    since = max(since, peer.heard_until or since) - peers.OVERLAP
    of: dict[str, list[Handover]] = {}  # two cases may be one request there
    for each in found:
        if not each.is_doubted:
            of.setdefault(each.request, []).append(each)
    told, until = far.updates(max(since, now - _LONGEST_ASKED), now)
    with transaction.atomic():
        if not is_same_door(peer, Peer.objects.select_for_update().get(pk=peer.pk)):
            return False  # it was changed meanwhile: these are another's words
        kept = Heard.objects.filter(handover__in=found, key__startswith="before:")
        old = set(kept.values_list("handover", "key"))
        Heard.objects.bulk_create(
            [
                Heard(
                    county=peer.county, handover=one, key=peers.update_key(each.id),
                    at=each.at or now, heard_at=now, status=each.status[:32],
                    words=each.words[: peers.MOST_WORDS], media=_fetchable(each.media),
                )
                for each in told if each.request
                for one in of.get(each.request, ())
                if _is_news(one, each.at) and not _is_known(one, each, old)
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        # The next round begins where this one was cut off, and not half an hour before that.
        heard = now if until >= now else until + peers.OVERLAP
        # Unless a number became known meanwhile, for which they are read again.
        Peer.objects.filter(pk=peer.pk, heard_until=peer.heard_until).update(heard_until=heard)
    return until >= now


def _is_news(one: Handover, at: datetime | None) -> bool:
    """What the peer said of the same number before it was handed over is of no concern now."""
    return at is None or one.began_at is None or at >= one.began_at - peers.OVERLAP


def _is_known(one: Handover, told: Update, old: set[tuple[UUID, str]]) -> bool:
    """Whether the same was said at the address the peer had before."""
    if told.at is None:
        return False
    return (one.pk, peers.old_key(peers.update_key(told.id), told.at)) in old


def _ask_number(one: Handover, far: Far) -> None:
    """What a token stands for, once there is something."""
    number = far.number_of(one.token)
    changed = {"request": number, "reach": Reach.FOLLOWED.value} if number else {}
    with transaction.atomic():
        if number:
            hear_again(one)
        Handover.objects.filter(pk=one.pk, reach=Reach.GIVEN.value).update(
            checked_at=clock.now(), **changed
        )


def _ask(one: Handover, far: Far, peer: Peer, *, is_all_heard: bool) -> None:
    """What the request says of itself; what changed is news, unless updates tell it better."""
    found = far.request(one.request)
    if found is None:
        raise Unheard("", 404)
    with transaction.atomic():
        if one.is_doubted:
            hear_again(one)  # its updates were left unread until it was seen
        seen = Handover.objects.select_for_update(of=("self",)).select_related("peer")
        held = seen.get(pk=one.pk)
        if held.reach != Reach.FOLLOWED or not is_same_door(peer, held.peer):
            return
        if not _is_ours(held, found):
            stop(held, cases.cases_behind([held.case_id])[0], Halt.STRANGE)
            return
        is_told = (
            _is_end_told(held, found, is_all_heard) if peer.has_updates else _is_told(held, found)
        )
        if is_told:
            now = clock.now()
            Heard.objects.create(
                county=peer.county, handover=held, key=f"request:{held.heard.count() + 1}",
                at=found.at or now, heard_at=now, status=found.status[:32],
                words=found.notes[: peers.MOST_WORDS], media=_fetchable(found.media),
            )  # fmt: skip
        held.is_doubted = False
        held.seen_status, held.seen_notes = found.status[:32], _digest(found.notes)
        held.expected, held.checked_at, held.error, held.status, held.looks = (
            found.expected, clock.now(), "", None, 0,
        )  # fmt: skip
        held.save(update_fields=[
            "seen_status", "seen_notes", "expected", "checked_at", "error", "status", "looks",
            "is_doubted",
        ])  # fmt: skip


def _is_ours(held: Handover, found: Request) -> bool:
    """Whether it is what was sent there, as far as it can be known: words may be changed there."""
    is_ours = reads.carries_mark(held, found.description)
    if held.is_doubted and is_ours is None and not found.description:
        raise Unheard("", 404)  # it may not be for us to see by now
    return bool(is_ours) or (is_ours is None and not held.is_doubted)


def _is_told(held: Handover, found: Request) -> bool:
    """Of who has no updates: what changed, and how it ended. How it stood at first is no news."""
    if (found.status[:32], _digest(found.notes)) == (held.seen_status, held.seen_notes):
        return False
    return not reads.has_ended_by(held) if _is_end(found.status) else bool(held.seen_status)


def _digest(words: str) -> str:
    """Enough to see that they changed: erased here, they would be read there again as news."""
    return hashlib.sha256(words.encode()).hexdigest()


def _is_end_told(held: Handover, found: Request, is_all_heard: bool) -> bool:
    """Of who has updates: an end of which none came, though all were read since it was seen.

    An update says how it ended; the request alone says `closed` of a duplicate too.
    """
    was_seen = _is_end(held.seen_status) and _is_end(found.status)
    return was_seen and is_all_heard and not reads.has_ended_by(held)


def _is_end(status: str) -> bool:
    return peers.step_of(status) != Step.NOTE


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
    sign_for(one, case)
    said = reads.next_heard(one)
    if said is None:
        return False
    try:
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
        reason = peers.reason_back(said.status, list(book.reasons("send_back")))
        cases_actions.send_back(case.id, reason=reason, words=words, actor=actor)
        end_handover(one, Halt.BACK, clock.now())
    else:
        cases_actions.note(case.id, words=words, actor=actor)


def _solved(book: Book) -> str:
    return next(key for key, one in book.outcomes.items() if one.is_solved)


def forget_words(case: UUID) -> None:
    """What peers said of a case goes when its words go."""
    Heard.objects.filter(handover__case=case).update(words="")
    Handover.objects.filter(case=case).update(error="")


def sweep_peers(now: datetime) -> int:
    """Ask again for what nobody does: a job was lost, a worker killed; and for rounds due."""
    sends, rounds = reads.due_to_send(now=now), reads.due_to_follow(now=now)
    for id in sends:
        leave_handover(id)
    for id in rounds:
        leave_round(id)
    return len(sends) + len(rounds)
