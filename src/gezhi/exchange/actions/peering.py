"""Peers: made, changed, looked at, paused, resumed, removed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.fact import Fact
from gezhi.base.masking import mask_text
from gezhi.base.words import clean
from gezhi.exchange import errors, reads, rules
from gezhi.exchange.actions.addresses import host_of
from gezhi.exchange.actions.queueing import ask_for_look, leave_round
from gezhi.exchange.adapters import Far, Unheard
from gezhi.exchange.facts import PeerChanged, PeerMade, PeerPaused, PeerRemoved, PeerResumed
from gezhi.exchange.models import Heard, Peer
from gezhi.exchange.rules import peers
from gezhi.record.actions import announce
from gezhi.rulebook import reads as rulebook

_log = structlog.get_logger("gezhi.exchange")
_FIELDS = ("name", "unit_id", "address", "jurisdiction", "key", "services", "others")
_DOOR = ("address", "jurisdiction", "key")
_PLACE = frozenset({"address", "jurisdiction"})  # where its numbers mean something
_LOOKED = (
    "form", "offers", "has_updates", "looked_at", "look_error", "well_at", "failed_at", "error",
)  # fmt: skip
_MOST_OFFERS = 3000


@transaction.atomic
def make_peer(
    *, name: str, unit: UUID, address: str, jurisdiction: str = "", key: str = "", actor: Actor
) -> Peer:
    """From now on what is handed to the unit is sent there; what it offers is looked at first."""
    known = reads.peers_of(actor)
    if known.count() >= peers.MOST_PEERS:
        raise errors.TooManyPeers(most=peers.MOST_PEERS)
    now = clock.now()
    made = Peer(
        county=settings.COUNTY, made_by=actor.label, made_at=now, changed_at=now, look_asked_at=now
    )
    _fill(made, name=name, unit=unit, address=address, jurisdiction=jurisdiction, key=key)
    made.save(force_insert=True)
    _tell(PeerMade(peer=made.id, unit=made.unit_id, host=made.host), made, actor)
    ask_for_look(made.id)
    return made


@transaction.atomic
def change_peer(id: UUID, *, actor: Actor, **values: Any) -> Peer:
    """Change what is given; the rest stays. What is on its way goes to the new address.

    There what it has already is believed of the requests alone that carry our marks.
    """
    found = reads.peer_to_change(actor, id)
    before = {name: getattr(found, name) for name in _FIELDS}
    _fill(found, **values)
    changed = tuple(name for name in _FIELDS if getattr(found, name) != before[name])
    if "unit_id" in changed:
        _must_have_no_cases(found)
    if not _PLACE.isdisjoint(changed):
        numbered = found.handovers.exclude(request="", token="")
        numbered.update(is_doubted=True, checked_at=None, looks=0)
        _put_aside(found)
    if changed:
        found.changed_at = clock.now()
        more = ["host", "changed_at"]
        if not {*_DOOR}.isdisjoint(changed):  # whether it speaks the same is seen anew
            found.form, found.look_asked_at, found.due, found.failures = "", clock.now(), None, 0
            more += ["form", "look_asked_at", "due", "failures"]
            ask_for_look(id)
        found.save(update_fields=[*changed, *more])
        _tell(PeerChanged(peer=id, fields=changed, host=found.host), found, actor)
    return found


def _put_aside(found: Peer) -> None:
    """What was heard at the old address: another's update of the same id is none of these."""
    heard = Heard.objects.filter(handover__in=reads.there(found), key__startswith="update:")
    for one in (rows := list(heard)):
        one.key = peers.old_key(one.key, one.at)
    Heard.objects.bulk_update(rows, ["key"], batch_size=500)


def _must_have_no_cases(found: Peer) -> None:
    counts = reads.with_peers([found])[found.id]
    if count := counts.open + counts.waiting:
        raise errors.PeerHasCases(count=count)


def _fill(
    made: Peer, *, name: str | None = None, unit: UUID | None = None, address: str | None = None,
    jurisdiction: str | None = None, key: str | None = None,
    services: Mapping[str, str] | None = None, others: str | None = None,
) -> None:  # fmt: skip
    """Put in what was given, each looked at first. An empty key leaves the one there is."""
    if name is not None:
        made.name = clean(name)
        if not made.name:
            raise errors.PeerNameMissing()
    if unit is not None:
        _stand_for(made, unit)
    if address is not None:
        made.address = address.strip().rstrip("/")
        made.host = host_of(made.address)
    if jurisdiction is not None:
        made.jurisdiction = clean(jurisdiction)
    if key:
        made.key = key.strip()
    _choose(made, services, others)


def _choose(made: Peer, services: Mapping[str, str] | None, others: str | None) -> None:
    """Which of its services each category is."""
    if services is not None:
        made.services = _services(made, services)
    if others is not None:
        _must_be_offered(made, others)
        made.others = others


def _stand_for(made: Peer, unit: UUID) -> None:
    if unit not in {each.id for each in reads.units_for_peers()}:
        raise errors.PeerUnitWrong()
    other = reads.peer_of_unit(unit)
    if other is not None and other.id != made.id:
        raise errors.PeerUnitTaken(name=other.name)
    made.unit_id = unit


def _services(made: Peer, wanted: Mapping[str, str]) -> dict[str, str]:
    known = rulebook.current(settings.COUNTY).categories
    for category, service in wanted.items():
        if category not in known:
            raise errors.PeerCategoryUnknown(category=category)
        _must_be_offered(made, service)
    return {category: service for category, service in sorted(wanted.items()) if service}


def _must_be_offered(made: Peer, service: str) -> None:
    if service and service not in {each["code"] for each in made.offers}:
        raise errors.PeerServiceUnknown(service=service)


@transaction.atomic
def pause_peer(id: UUID, *, actor: Actor) -> Peer:
    """Nothing is sent to it and it isn't asked; what is handed to its unit stays with that."""
    found = reads.peer_to_change(actor, id)
    if not found.is_active:
        raise errors.PeerStateWrong()
    found.is_active = False
    found.save(update_fields=["is_active"])
    _tell(PeerPaused(peer=id), found, actor)
    return found


@transaction.atomic
def resume_peer(id: UUID, *, actor: Actor) -> Peer:
    """Go on where it was left."""
    found = reads.peer_to_change(actor, id)
    if found.is_active:
        raise errors.PeerStateWrong()
    found.is_active, found.due, found.failures = True, None, 0
    found.save(update_fields=["is_active", "due", "failures"])
    leave_round(id)
    _tell(PeerResumed(peer=id), found, actor)
    return found


@transaction.atomic
def remove_peer(id: UUID, *, actor: Actor) -> None:
    """For good, with the record of what was there. Not while it has cases."""
    found = reads.peer_to_change(actor, id)
    _must_have_no_cases(found)
    _tell(PeerRemoved(peer=id, host=found.host), found, actor)
    found.delete()


@transaction.atomic
def ask_look(id: UUID, *, actor: Actor) -> Peer:
    """Have the worker read what the peer offers."""
    found = reads.peer_to_change(actor, id)
    found.look_asked_at, found.looked_at, found.look_error = clock.now(), None, ""
    found.save(update_fields=["look_asked_at", "looked_at", "look_error"])
    ask_for_look(id)
    return found


def far_of(peer: Peer) -> Far:
    """The peer's door, in the form it is known to speak."""
    return Far(peer.address, peer.jurisdiction, peer.key, peer.form or "json")


def is_same_door(one: Peer, other: Peer) -> bool:
    """Whether a number that the one has given is meant at the other too."""
    return all(getattr(one, name) == getattr(other, name) for name in _PLACE)


def look(id: UUID) -> None:
    """Which form it speaks, its services, and whether it tells updates; or why it doesn't answer.

    XML is what every such city must speak; JSON says the same in less.
    """
    peer = Peer.objects.filter(pk=id).first()
    if peer is None or not settings.WEBHOOKS:
        return
    error = ""
    for form in ("json", "xml"):
        far = Far(peer.address, peer.jurisdiction, peer.key, form)
        try:
            services = far.services()
        except Unheard as unheard:
            error = error or in_short(unheard)
            continue
        _keep_looks(peer, far, [
            {"code": each.code, "name": each.name, "group": each.group,
             "has_questions": each.has_questions, "type": each.type}
            for each in services[:_MOST_OFFERS]
        ])  # fmt: skip
        return
    now = clock.now()
    Peer.objects.filter(pk=id).update(
        looked_at=now, look_error=error, failed_at=now, error=error
    )  # fmt: skip


def _keep_looks(peer: Peer, far: Far, offers: list[dict[str, Any]]) -> None:
    """Updates are the first that is asked for with the key: one that is wrong shows here."""
    now, fault, has_updates = clock.now(), "", True
    try:
        far.updates(now - peers.ROUND, now)
    except Unheard as unheard:
        _log.info("a peer gives no updates", peer=str(peer.id), status=unheard.status)
        if unheard.status is None or unheard.is_untaken or unheard.status in peers.KEY_REFUSED:
            fault = in_short(unheard)
        has_updates = False
    with transaction.atomic():
        held = Peer.objects.select_for_update().filter(pk=peer.id).first()
        # At another door, or with another key, another look is on its way.
        if held is None or any(getattr(held, name) != getattr(peer, name) for name in _DOOR):
            return
        held.form, held.offers, held.looked_at, held.look_error = far.form, offers, now, ""
        if fault:  # it says nothing of whether there are updates
            held.failed_at, held.error = now, fault
        else:
            held.has_updates, held.well_at = has_updates, now
        held.save(update_fields=_LOOKED)


def in_short(unheard: Unheard) -> str:
    """What came instead of an answer, masked: others' words may hold anything."""
    status = f"HTTP {unheard.status} " if unheard.status else ""
    return f"{status}{mask_text(unheard.words)}"[: rules.MOST_SAID].strip()


def _tell(fact: Fact, peer: Peer, actor: Actor) -> None:
    about = f"peer:{peer.id}"
    announce(fact, about=about, county=peer.county, actor=actor, now=clock.now())
