"""Peers: which cities stand for which units, what they take, how the cases with them are doing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock, outgoing
from gezhi.base.days import moment
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.base.paging import page_of
from gezhi.base.refusal import Refusal
from gezhi.cases.models import Case
from gezhi.exchange import actions, reads, rules
from gezhi.exchange.errors import PeerHasCases
from gezhi.exchange.forms import AgainForm, PeerForm, ReachForm, ServicesForm
from gezhi.exchange.models import Handover, Heard, Peer
from gezhi.exchange.reads import WithPeer
from gezhi.exchange.rules import Halt, Reach, peers
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook

_PAGE = 50
_FOR_GOOD = (Halt.SECRET, Halt.LOOP)  # asking again changes nothing
_TONES = {
    Reach.WAITING: "soon", Reach.GIVEN: "soon", Reach.FOLLOWED: "on-time", Reach.DEAD: "late",
    Reach.OVER: "paused",
}  # fmt: skip


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """All of the county, each with how it is doing."""
    found = list(reads.peers_of(actor_of(request)).order_by("name", "id"))
    counts = reads.with_peers(found)
    shown = {
        "rows": [_row(each, counts[each.id]) for each in found],
        "is_off": not settings.WEBHOOKS,
    }
    return render(request, "exchange/peers.html", shown)


def _row(found: Peer, counts: WithPeer) -> dict[str, Any]:
    now = clock.now()
    is_failing = found.failed_at is not None and (
        found.well_at is None or found.failed_at > found.well_at
    )
    return {
        "peer": found,
        "counts": counts,
        "well": moment(found.well_at, now),
        "failed": moment(found.failed_at, now) if is_failing else "",
        "is_key_refused": (
            is_failing and not found.look_error and peers.is_key_refused(found.error)
        ),
        "due": moment(found.due, now) if found.due and found.due > now else "",
        "is_set": bool(found.services or found.others),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Name, unit, address and key; what it offers is looked at after that."""
    actor = actor_of(request)
    reads.peers_of(actor)
    form = _form(request, has_key=False)
    if request.method == "POST" and form.is_valid():
        made = _try(form, lambda: actions.make_peer(**form.cleaned_data, actor=actor))
        if made is not None:
            return redirect("peers:peer", made.id)
    status = 422 if form.errors else 200
    return render(request, "exchange/peer_form.html", {"form": form}, status=status)


def _form(request: HttpRequest, **values: Any) -> PeerForm:
    own = outgoing.own_address()
    return PeerForm(_sent(request), units=reads.units_for_peers(), own=own, **values)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _try(form: PeerForm | ServicesForm, do: Callable[[], Any]) -> Any:
    """Do it; what is refused stands beside its field, with all that was typed."""
    try:
        return do()
    except Refusal as refusal:
        if refusal.status != 422 and refusal.field not in form.fields:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


@require_safe
def peer(request: HttpRequest, peer: UUID) -> HttpResponse:
    """One: how it is set, how it is doing, its cases."""
    found = reads.peer_for(actor_of(request), peer)
    return _page(request, found)


def _page(request: HttpRequest, found: Peer, *, status: int = 200) -> HttpResponse:
    filter = ReachForm(request.GET)
    cursor = request.GET.get("cursor", "")
    rows = reads.handovers(found, reach=filter.chosen)
    page = page_of(rows, order=("-asked_at", "-id"), cursor=cursor, limit=_PAGE)
    heard, waiting = reads.last_heard(page.rows), reads.first_untaken(page.rows)
    shown = {
        **_now(found),
        "services": _services_of(found),
        "others": _offer_name(found, found.others),
        "by": people.who_are([found.made_by]).get(found.made_by, (_("系统"), ""))[0],
        "made": moment(found.made_at, clock.now()),
        "reaches": rules.REACH_NAMES.items(),
        "reach": filter.chosen.value if filter.chosen else "",
        "handovers": [
            _handover(each, heard.get(each.id), waiting.get(each.id)) for each in page.rows
        ],
        "next": page.cursor,
        "is_first": not cursor,
    }
    return render(request, "exchange/peer.html", shown, status=status)


def _offer_name(found: Peer, code: str) -> str:
    offers = {each["code"]: each["name"] for each in found.offers}
    return f"{offers.get(code, '')} {code}".strip()


def _services_of(found: Peer) -> list[tuple[str, str]]:
    known = rulebook.current(settings.COUNTY).categories
    return [
        (
            known[key].name_in(get_language() or "") if key in known else key,
            _offer_name(found, code),
        )
        for key, code in found.services.items()
    ]


@require_safe
def now(request: HttpRequest, peer: UUID) -> HttpResponse:
    """How it is doing, as a part that follows a look at it."""
    found = reads.peer_for(actor_of(request), peer)
    return render(request, "exchange/_peer_now.html", _now(found))


def _now(found: Peer) -> dict[str, Any]:
    return {
        "peer": found,
        "row": _row(found, reads.with_peers([found])[found.id]),
        "is_looking": found.look_asked_at is not None and found.looked_at is None,
        "looked": moment(found.looked_at, clock.now()),
        "offers": len(found.offers),
    }


def _handover(one: Handover, heard: Heard | None, waiting: Heard | None) -> dict[str, Any]:
    now, reach = clock.now(), Reach(one.reach)
    return {
        "one": one,
        "asked": moment(one.asked_at, now),
        "reach": rules.REACH_NAMES[reach],
        "tone": _TONES[reach],
        "why": rules.HALT_NAMES[Halt(one.why)] if one.why else "",
        "is_dead": reach == Reach.DEAD,
        "may_go": reach == Reach.DEAD and one.why not in _FOR_GOOD,
        "due": moment(one.due, now) if one.due and one.due > now else "",
        "expected": moment(one.expected, now),
        "said": mask_text(heard.words) if heard else "",
        "said_at": moment(min(heard.at, now), now) if heard else "",  # its clock may be ahead
        "stuck": waiting.error if waiting else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, peer: UUID) -> HttpResponse:
    """Name, unit, address, key."""
    actor = actor_of(request)
    found = reads.peer_for(actor, peer)
    before = {
        "name": found.name, "unit": found.unit_id, "address": found.address,
        "jurisdiction": found.jurisdiction,
    }  # fmt: skip
    form = _form(request, has_key=bool(found.key), initial=before)
    if (
        request.method == "POST"
        and form.is_valid()
        and _try(form, lambda: actions.change_peer(peer, **form.cleaned_data, actor=actor))
    ):
        messages.success(request, _("已保存。"))
        return redirect("peers:peer", peer)
    shown = {"form": form, "peer": found}
    return render(request, "exchange/peer_form.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def services(request: HttpRequest, peer: UUID) -> HttpResponse:
    """Which of its services each of our categories is, chosen from what it listed."""
    actor = actor_of(request)
    found = reads.peer_for(actor, peer)
    book = rulebook.current(settings.COUNTY)
    form = ServicesForm(_sent(request), peer=found, book=book)
    if (
        request.method == "POST"
        and form.is_valid()
        and _try(form, lambda: actions.change_peer(peer, **form.chosen, actor=actor))
    ):
        messages.success(request, _("已保存。"))
        return redirect("peers:peer", peer)
    shown = {"form": form, "peer": found, "groups": form.by_group(book)}
    return render(request, "exchange/peer_services.html", shown, status=422 if form.errors else 200)


@require_POST
def look(request: HttpRequest, peer: UUID) -> HttpResponse:
    """Have its services read; the page follows what comes of it."""
    actions.ask_look(peer, actor=actor_of(request))
    return redirect("peers:peer", peer)


@require_POST
def pause(request: HttpRequest, peer: UUID) -> HttpResponse:
    """Nothing is sent or asked until it is resumed."""
    actions.pause_peer(peer, actor=actor_of(request))
    return redirect("peers:peer", peer)


@require_POST
def resume(request: HttpRequest, peer: UUID) -> HttpResponse:
    """Go on where it was left."""
    actions.resume_peer(peer, actor=actor_of(request))
    return redirect("peers:peer", peer)


@require_POST
def remove(request: HttpRequest, peer: UUID) -> HttpResponse:
    """For good, once none of our cases is there."""
    try:
        actions.remove_peer(peer, actor=actor_of(request))
    except PeerHasCases as refusal:
        messages.error(request, str(refusal))
        return redirect("peers:peer", peer)
    messages.success(request, _("已删除对接单位。"))
    return redirect("peers:overview")


@require_POST
def again(request: HttpRequest, peer: UUID, handover: UUID) -> HttpResponse:
    """Send one that went no further once more, or follow it under the number it has there."""
    actor, form = actor_of(request), AgainForm(request.POST)
    if not form.is_valid():  # sending it again is not what was meant
        messages.error(request, _("对方编号最多 %(most)s 个字。") % {"most": peers.LONGEST_NUMBER})
        return redirect("peers:peer", peer)
    number = form.cleaned_data["request"]
    actions.hand_over_again(peer, handover, request=number, actor=actor)
    messages.success(request, _("会按这个编号跟进。") if number else _("已重新排队转出。"))
    return redirect("peers:peer", peer)


def on_case(case: Case) -> dict[str, Any] | None:
    """What stands on a case's page of its stretch with a peer; nothing once that is over."""
    one = reads.shown_on(case)
    if one is None or one.reach == Reach.OVER:
        return None
    heard, waiting = reads.last_heard([one]), reads.first_untaken([one])
    return {
        **_handover(one, heard.get(one.id), waiting.get(one.id)),
        "peer": one.peer.name,
        "request": one.request,
        "error": one.error,
    }
