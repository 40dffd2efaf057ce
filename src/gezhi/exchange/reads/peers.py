"""Peers and the cases with them: for who looks after them, for the jobs, for the case's page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from gezhi.base.actor import Actor, Post
from gezhi.base.masking import mask_text
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.reads.originals import tells_handed
from gezhi.cases.reads.platforms import tells_platforms
from gezhi.cases.rules import handed
from gezhi.exchange.models import Handover, Heard, Peer
from gezhi.exchange.reads.looking import may_manage
from gezhi.exchange.rules import Reach, peers
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import UnitKind
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import ALWAYS

_OPEN = [reach.value for reach in peers.OPEN]
_RIGHTS = frozenset({"case.read", "case.sign", "case.work", "case.send_back", "case.note"})
_NO_PEERS = (UnitKind.CENTRE, UnitKind.GRID)


def peers_of(actor: Actor) -> QuerySet[Peer]:
    """The county's peers, for its administrator. Lists and single reads both start here."""
    if not may_manage(actor):
        raise NotAllowed()
    return Peer.objects.filter(county=settings.COUNTY).select_related("unit")


def peer_for(actor: Actor, id: UUID) -> Peer:
    """One of them."""
    found = peers_of(actor).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def peer_to_change(actor: Actor, id: UUID) -> Peer:
    """One of them, held until the transaction ends."""
    found = peers_of(actor).select_for_update(of=("self",)).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def units_for_peers() -> list[Unit]:
    """The bodies that another city may stand for, by area."""
    found = people.units_under(settings.COUNTY, county=settings.COUNTY)
    return [unit for unit in found if unit.kind not in _NO_PEERS]


def peer_of_unit(unit: UUID) -> Peer | None:
    """Which peer stands for a unit, at work or not."""
    return Peer.objects.filter(county=settings.COUNTY, unit=unit).first()


@tells_platforms
def platforms_of_units() -> dict[UUID, str]:
    """Which units a peer at work stands for: what comes to them is sent to its platform."""
    found = Peer.objects.filter(county=settings.COUNTY, is_active=True)
    return dict(found.order_by().values_list("unit", "name"))


@dataclass(frozen=True)
class WithPeer:
    """How many cases a peer has, how many wait to be sent, how many could not be."""

    open: int
    waiting: int
    dead: int


def silent_peers(*, now: datetime) -> list[Peer]:
    """Those at work that have not answered for long though they were asked, by name."""
    found = Peer.objects.filter(county=settings.COUNTY, is_active=True, failed_at__isnull=False)
    since = Coalesce("well_at", "made_at")
    long_ago = now - peers.SILENT_FOR
    found = found.filter(failed_at__gt=since).annotate(since=since).filter(since__lt=long_ago)
    return list(found.defer("address", "key").order_by("name", "id"))


def peers_with_dead() -> list[tuple[Peer, int]]:
    """Those with cases that went no further by themselves, and how many, by name."""
    dead = Count("handovers", filter=Q(handovers__reach=Reach.DEAD.value))
    found = Peer.objects.filter(county=settings.COUNTY).annotate(dead=dead).filter(dead__gt=0)
    return [(each, each.dead) for each in found.defer("address", "key").order_by("name", "id")]


def with_peers(found: Iterable[Peer]) -> dict[UUID, WithPeer]:
    """The counts of these peers, in one trip."""
    rows = Handover.objects.filter(peer__in=list(found)).exclude(reach=Reach.OVER.value)
    counts = {
        (peer, reach): count
        for peer, reach, count in rows.order_by().values_list("peer", "reach").annotate(Count("id"))
    }
    return {
        each.id: WithPeer(
            open=sum(counts.get((each.id, reach.value), 0)
                     for reach in (Reach.GIVEN, Reach.FOLLOWED)),
            waiting=counts.get((each.id, Reach.WAITING.value), 0),
            dead=counts.get((each.id, Reach.DEAD.value), 0),
        )
        for each in found
    }  # fmt: skip


def handovers(peer: Peer, *, reach: Reach | None = None) -> QuerySet[Handover]:
    """What went or is to go to a peer that the caller was let at."""
    found = Handover.objects.filter(peer=peer)
    return found.filter(reach=reach.value) if reach else found


def handover_of(peer: Peer, id: UUID) -> Handover:
    """One of them, held until the transaction ends."""
    found = handovers(peer).select_for_update(of=("self",)).filter(pk=id).first()
    if found is None:
        raise NotFound()
    return found


def last_heard(found: Iterable[Handover]) -> dict[UUID, Heard]:
    """The last thing the peer said of each."""
    rows = Heard.objects.filter(handover__in=list(found)).order_by("handover", "-at", "-id")
    return {each.handover_id: each for each in rows.distinct("handover")}


def first_untaken(found: Iterable[Handover]) -> dict[UUID, Heard]:
    """What each waits for, where something the peer said can't be done here."""
    rows = Heard.objects.filter(handover__in=list(found), taken_at=None)
    rows = rows.order_by("handover", "at", "id")
    return {each.handover_id: each for each in rows.distinct("handover")}


def shown_on(case: Case) -> Handover | None:
    """The newest hand-over of a case that the caller sees, for its page."""
    found = Handover.objects.filter(case=case).select_related("peer")
    return found.order_by("-asked_at", "-id").first()


# --- for the jobs --------------------------------------------------------------------------------


def acting_as(peer: Peer) -> Actor:
    """The peer as it acts on cases: its unit's work and no more, in its own name."""
    post = Post(peer.unit_id, "peer", peer.unit.path, _RIGHTS)
    return Actor(label=f"peer:{peer.id}", kind="key", posts=(post,))


def is_still_theirs(case: Case, peer: Peer) -> bool:
    """Whether the unit the peer stands for leads the work now."""
    return case.holder_id == peer.unit_id and case.state in ("assigned", "handling")


def handover_to_send(id: UUID, *, now: datetime) -> Handover | None:
    """One whose turn it is and that nobody sends, held."""
    return _to_send(now).filter(pk=id).select_for_update(of=("self",)).first()


def _to_send(now: datetime) -> QuerySet[Handover]:
    if not settings.WEBHOOKS:
        return Handover.objects.none()
    is_due = Q(due__isnull=True) | Q(due__lte=now)
    is_free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - peers.CLAIM_HOLDS)
    found = Handover.objects.filter(
        is_due, is_free, reach=Reach.WAITING.value, county=settings.COUNTY, peer__is_active=True
    )
    return found.select_related("peer__unit")


def due_to_send(*, now: datetime) -> list[UUID]:
    """Hand-overs whose turn it is: a job was lost, or killed."""
    return list(_to_send(now).values_list("id", flat=True))


def _to_follow(now: datetime) -> QuerySet[Peer]:
    if not settings.WEBHOOKS:
        return Peer.objects.none()
    is_due = Q(due__isnull=True) | Q(due__lte=now)
    is_free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - peers.CLAIM_HOLDS)
    there = Handover.objects.filter(peer=OuterRef("pk"), reach__in=["given", "followed"])
    return Peer.objects.filter(
        is_due, is_free, Exists(there), county=settings.COUNTY, is_active=True
    )


def peer_to_follow(id: UUID, *, now: datetime) -> Peer | None:
    """One whose turn it is to be asked and that nobody asks, held."""
    found = _to_follow(now).select_related("unit").filter(pk=id)
    return found.select_for_update(of=("self",)).first()


def due_to_follow(*, now: datetime) -> list[UUID]:
    """Peers whose turn it is to be asked."""
    return list(_to_follow(now).values_list("id", flat=True))


def there(peer: Peer) -> list[Handover]:
    """The cases that lie with a peer, the one not asked for longest first."""
    found = Handover.objects.filter(peer=peer, reach__in=["given", "followed"])
    return list(found.order_by(F("checked_at").asc(nulls_first=True), "id"))


def to_take(peer: Peer) -> list[Handover]:
    """Of those the ones with something to do here: said and not taken, to be signed, moved on.

    In any order: where there is no time for all, none is always the last.
    """
    waiting = Heard.objects.filter(handover=OuterRef("pk"), taken_at=None)
    is_at_work = Q(case__holder=peer.unit_id, case__state="handling")
    found = Handover.objects.filter(Exists(waiting) | ~is_at_work, peer=peer)
    return list(found.filter(reach__in=["given", "followed"]).order_by("?"))


def open_handovers(case: UUID) -> QuerySet[Handover]:
    """The one that a case has under way, if any, held."""
    return Handover.objects.select_for_update(of=("self",)).filter(case=case, reach__in=_OPEN)


def last_handover(case: UUID) -> Handover | None:
    """The newest of a case, held."""
    found = Handover.objects.select_for_update(of=("self",)).filter(case=case)
    return found.select_related("peer").order_by("-asked_at", "-id").first()


def number_before(peer: Peer, case: UUID) -> str:
    """The peer's own number of a case that was there before."""
    found = Handover.objects.filter(peer=peer, case=case).exclude(request="")
    return found.order_by("-asked_at").values_list("request", flat=True).first() or ""


def next_heard(handover: Handover) -> Heard | None:
    """What the peer said first of what waits for its step."""
    return Heard.objects.filter(handover=handover, taken_at=None).order_by("at", "id").first()


def has_ended_by(handover: Handover) -> bool:
    """Whether the peer said already, by an update, that it is done with it."""
    said = Heard.objects.filter(handover=handover).values_list("status", flat=True)
    return any(peers.step_of(status) != peers.Step.NOTE for status in said)


@tells_handed
def cases_handed(marks: Collection[UUID]) -> dict[UUID, UUID]:
    """Of which case of ours each hand-over was."""
    return dict(Handover.objects.filter(pk__in=marks).values_list("pk", "case"))


def came_from_here(case: Case) -> bool:
    """Whether the words carry the mark of a hand-over of our own: it went out and came back."""
    marked = handed.marked_in(case.what)
    return bool(marked) and Handover.objects.filter(pk__in=marked).exists()


def carries_mark(one: Handover, text: str) -> bool | None:
    """Whether a request at the peer is this case's: None where it says neither that nor another."""
    marked = Handover.objects.filter(pk__in=handed.marked_in(text)).values_list("case", flat=True)
    found = set(marked)
    return one.case_id in found if found else None


def is_kept_close(case: Case) -> bool:
    """Whether a case is told to nobody who may publish it: secret, or of a sensitive kind."""
    return cases.is_sensitive(rulebook.book(case.county, case.book), case)


def told_attributes(case: Case, codes: Iterable[str]) -> list[tuple[str, str]]:
    """The answers to what the peer asks, by its codes, masked; no other leaves the house.

    Nor the links to pictures that came with a report: nobody has looked at what they show.
    """
    told, never = [], {each.code for each in ALWAYS}
    for code in codes:
        if code in never:
            continue
        answer = case.answers.get(code)
        if isinstance(answer, str):
            told.append((f"attribute[{code}]", mask_text(answer)))
        else:
            told += [(f"attribute[{code}][]", mask_text(each)) for each in answer or ()]
    return told
