"""Cases sent to peers: begun in the act that hands them over, sent by a job, never twice.

Before the call it is written down that nobody knows what will come of it. Where no clear answer
follows, or the process is killed, the request is looked for at the peer before it is sent again.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.masking import mask_text
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases_actions
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import handed
from gezhi.exchange import errors, reads
from gezhi.exchange.actions.peering import far_of, in_short, is_same_door, look
from gezhi.exchange.actions.queueing import leave_handover
from gezhi.exchange.actions.warning import tell_of_halt
from gezhi.exchange.adapters import Far, Made, Unclear, Unheard
from gezhi.exchange.facts import CaseSentToPeer, HandoverSentAgain
from gezhi.exchange.models import Handover, Peer
from gezhi.exchange.rules import Halt, Reach, peers
from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.record.actions import announce

_EXCHANGE = system("exchange")
_LISTED = "realtime"  # the type of service whose requests are in lists at once


def begin_handover(case: UUID, number: str, unit: UUID, *, now: datetime) -> None:
    """Where a peer stands for the unit that has the case now, it is sent there by the worker."""
    peer = reads.peer_of_unit(unit)
    for held in reads.open_handovers(case):
        end_handover(held, Halt.MOVED, now)
    if peer is None or not peer.is_active or now < peer.made_at:
        return  # a demo's history is filled in while it can be used already
    made = Handover.objects.create(
        county=peer.county, peer=peer, case_id=case, number=number, asked_at=now,
        before=reads.number_before(peer, case),
    )  # fmt: skip
    leave_handover(made.id)


def take_up_again(case: UUID, number: str, unit: UUID, *, now: datetime) -> None:
    """A case that was merged stands by itself again: the peer goes on with the number it has."""
    last = reads.last_handover(case)
    if last is None or last.peer.unit_id != unit or last.reach in peers.OPEN:
        return
    if last.why != Halt.MOVED:
        return
    if not last.request and not last.token and not last.is_unclear:
        begin_handover(case, number, unit, now=now)
        return
    sent = Reach.GIVEN if last.token else Reach.WAITING
    last.reach = (Reach.FOLLOWED if last.request else sent).value
    last.why, last.ended_at = "", None
    last.save(update_fields=["reach", "why", "ended_at"])
    if last.reach == Reach.WAITING:
        leave_handover(last.id)


def end_handover(held: Handover, why: Halt, now: datetime) -> None:
    held.reach, held.why, held.ended_at = Reach.OVER.value, why.value, now
    held.claimed_at = held.due = None
    held.save(update_fields=["reach", "why", "ended_at", "claimed_at", "due"])


class _Sending(NamedTuple):
    """One try under way: claimed, so nobody else makes it."""

    one: Handover
    case: Case

    @property
    def peer(self) -> Peer:
        return self.one.peer

    @property
    def ours(self) -> QuerySet[Handover]:
        return Handover.objects.filter(pk=self.one.pk, claimed_at=self.one.claimed_at)


def hand_over(id: UUID) -> None:
    """One try to send a case, or to find out what became of the last one."""
    sending = _claim(id)
    if sending is None:
        return
    try:
        made = _sent(sending)
    except Unheard as unheard:
        _put_off(sending, unheard)
    else:
        _settle(sending, made) if made is not None else _put_off(sending, None)


@transaction.atomic
def _claim(id: UUID) -> _Sending | None:
    """Committed before the first call. What can't be sent at all is not tried."""
    now = clock.now()
    one = reads.handover_to_send(id, now=now)
    if one is None:
        return None
    [case] = cases.cases_behind([one.case_id])
    if not reads.is_still_theirs(case, one.peer):
        end_handover(one, Halt.MOVED, now)
        return None
    one.service = peers.service_for(case.category, one.peer.services, one.peer.others)
    if halt := _halt(one, case):
        stop(one, case, halt)
        return None
    one.tries += 1
    one.claimed_at, one.began_at = now, one.began_at or now
    one.save(update_fields=["service", "tries", "claimed_at", "began_at"])
    return _Sending(one, case)


def _halt(one: Handover, case: Case) -> Halt | None:
    if reads.is_kept_close(case):
        return Halt.SECRET
    if not one.service:
        return Halt.SERVICE
    return Halt.LOOP if reads.came_from_here(case) else None


def _sent(sending: _Sending) -> Made | None:
    """What the peer has made of it, now or by the try before; None to look again later."""
    one = sending.one
    _must_speak(one.peer)
    far, offer = far_of(one.peer), _offer(one)
    if one.is_unclear:
        if found := _find(far, one):
            return found
        if one.looks + 1 < peers.LOOKS or offer.get("type") != _LISTED:
            sending.ours.update(looks=one.looks + 1)
            return None
    codes = far.questions(one.service) if offer.get("has_questions") else []
    return _send(sending, far, _fields(sending, codes))


def _must_speak(peer: Peer) -> None:
    """Which form it speaks is found out first."""
    if not peer.form:
        look(peer.id)
        peer.refresh_from_db(fields=["form", "offers", "look_error"])
    if not peer.form:
        raise Unheard(peer.look_error)


def _send(sending: _Sending, far: Far, fields: list[tuple[str, str]]) -> Made | None:
    """The call itself; before it stands that nobody knows what comes of it."""
    if not sending.ours.update(is_unclear=True, looks=0):
        return None
    try:
        return far.report(fields, once=str(sending.one.id))
    except Unclear:
        raise
    except Unheard:  # it was not taken, and that is certain
        sending.ours.update(is_unclear=False)
        raise


def _offer(one: Handover) -> dict[str, object]:
    return next((each for each in one.peer.offers if each["code"] == one.service), {})


def _find(far: Far, one: Handover) -> Made | None:
    """The request that the try before has left there, by the mark in its words."""
    mark, since = handed.mark_of(one.id), (one.began_at or one.asked_at) - peers.OVERLAP
    for request in far.requests_since(since, clock.now() + peers.OVERLAP, one.service):
        if mark in request.description and 0 < len(request.id) <= peers.LONGEST_NUMBER:
            return Made(request.id, "")
    return None


def _fields(sending: _Sending, codes: list[str]) -> list[tuple[str, str]]:
    """What is told: never who reported it. Words as the public sees them, a picture if it may."""
    one, case = sending
    point = cases.shown_point(case)
    what = peers.description(mask_text(case.what), case.number, one.before, handed.mark_of(one.id))
    fields = [
        ("service_code", one.service),
        ("description", what),
        ("address_string", with_spot(places.words_for(case.path), cases.shown_place(case))[:200]),
    ]
    if point is not None:
        fields += [("lat", f"{point[1]:.6f}"), ("long", f"{point[0]:.6f}")]
    picture = cases.public_pictures([case.id]).get(case.id)
    if picture is not None and settings.ADDRESS:
        address = urljoin(f"{settings.ADDRESS}/", reverse("portal:file", args=[picture]))
        fields.append(("media_url", address))
    return [*fields, *reads.told_attributes(case, codes)]


@transaction.atomic
def _settle(sending: _Sending, made: Made) -> None:
    """The peer has it: its number is kept, and its unit has signed for the case."""
    case = cases.case_held(sending.case.id)  # before the hand-over, as acts on cases do
    hear_again(sending.one)
    one = sending.ours.select_for_update(of=("self",)).select_related("peer__unit").first()
    if one is None:
        return
    now = clock.now()
    one.claimed_at = one.due = None
    one.is_unclear, one.error, one.status, one.sent_at = False, "", None, now
    one.request, one.token, one.looks = made.request, made.token, 0
    one.is_doubted = not is_same_door(one.peer, sending.peer)  # it was changed during the call
    is_blind = not made.request and not made.token
    one.reach = (Reach.FOLLOWED if made.request else Reach.GIVEN).value
    one.save()
    told = CaseSentToPeer(peer=one.peer_id, handover=one.id, number=one.number, host=one.peer.host)
    announce(told, about=f"peer:{one.peer_id}", county=one.county, actor=_EXCHANGE, now=now)
    sign_for(one, case)
    if is_blind:
        stop(one, case, Halt.BLIND)


def hear_again(one: Handover) -> None:
    """Its number is known only now: what was said of it since it began is read once more.

    Before the hand-over is held, as who looks after peers does.
    """
    began = one.began_at or one.asked_at
    Peer.objects.filter(pk=one.peer_id, heard_until__gt=began).update(heard_until=began)


def sign_for(one: Handover, case: Case) -> None:
    """The peer took it on, so its unit signs; what is paused, in the first round after that."""
    if case.state == "assigned" and not case.paused_until:
        words = f"{one.peer.name} {one.request}".strip()
        with suppress(Refusal), transaction.atomic():  # the peer has it, whoever may sign here
            cases_actions.sign(case.id, words=words, actor=reads.acting_as(one.peer))


@transaction.atomic
def _put_off(sending: _Sending, unheard: Unheard | None) -> None:
    """It is tried again later, or given up: refused, or tried often enough."""
    one = sending.ours.select_for_update(of=("self",)).select_related("peer__unit").first()
    if one is None:
        return
    one.claimed_at = None
    if unheard is not None:
        one.status, one.error = unheard.status, in_short(unheard)
    wait = peers.wait_for_try(one.tries)
    if wait and unheard is not None:
        wait = max(wait, min(timedelta(seconds=unheard.seconds), peers.LONGEST_ROUND))
    one.due = clock.now() + wait if wait else None
    one.save(update_fields=["claimed_at", "status", "error", "due"])
    if unheard is not None and unheard.is_refusal and not one.is_unclear:
        stop(one, sending.case, Halt.REFUSED)
    elif wait is None:
        stop(one, sending.case, Halt.UNCLEAR if one.is_unclear else Halt.FAILED)
    else:
        leave_handover(one.id, due=one.due)


def stop(one: Handover, case: Case, why: Halt) -> None:
    """It goes no further by itself; the case's page says so, and people hear of it."""
    one.reach, one.why, one.due, one.claimed_at = Reach.DEAD.value, why.value, None, None
    one.save(update_fields=["reach", "why", "due", "claimed_at", "service"])
    tell_of_halt(one, case)


@transaction.atomic
def hand_over_again(peer: UUID, id: UUID, *, request: str = "", actor: Actor) -> Handover:
    """Send one that stopped once more; or, with the number it has there, follow that.

    Who has asked the peer knows whether it took it: nothing is unclear any more.
    """
    found = reads.peer_to_change(actor, peer)
    one = reads.handover_of(found, id)
    [case] = cases.cases_behind([one.case_id])
    is_theirs = reads.is_still_theirs(case, found)
    others = reads.open_handovers(one.case_id).exists()
    if one.reach != Reach.DEAD or not is_theirs or others:
        raise errors.HandoverWrong()
    if request:
        hear_again(one)
    one.reach = (Reach.FOLLOWED if request else Reach.WAITING).value
    one.why, one.tries, one.looks, one.is_unclear, one.is_doubted = "", 0, 0, False, False
    one.request, one.due, one.error, one.status = request.strip(), None, "", None
    one.save()
    fact = HandoverSentAgain(peer=peer, handover=id, number=one.number)
    announce(fact, about=f"peer:{peer}", county=one.county, actor=actor, now=clock.now())
    if not request:
        leave_handover(id)
    return one
