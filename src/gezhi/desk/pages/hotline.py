"""The hotline's console: one caller on one screen, by keyboard alone, to the number read out."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.days import moment
from gezhi.base.http import actor_of
from gezhi.base.refusal import Malformed, Refusal
from gezhi.cases import actions as cases
from gezhi.cases.forms import AnswersForm, doubt_about
from gezhi.cases.pages.moves import digest_of
from gezhi.desk.forms import CallForm
from gezhi.desk.pages.alike import to_typed
from gezhi.desk.pages.opening import (
    answers_typed,
    areas_of,
    asks_of,
    done_words,
    show_typed,
    suggested,
)
from gezhi.desk.pages.rows import rows_of
from gezhi.hotline import actions, reads
from gezhi.hotline.actions import TYPED
from gezhi.hotline.models import Call
from gezhi.record.actions import once
from gezhi.rulebook import reads as rulebook
from gezhi.triage import reads as triage

_WORDS = ("what", "place", "name", "phone", "category")  # somebody said something


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def console(request: HttpRequest) -> HttpResponse:
    """The call at hand with all that was typed, one with words before one that only rings."""
    actor = actor_of(request)
    actor.must(reads.ANSWER)
    return _settle(request, actor) if request.method == "POST" else _open(request, actor)


def _open(request: HttpRequest, actor: Actor) -> HttpResponse:
    at_hand, wanted = reads.at_hand(actor), request.GET.get("call", "")
    call = reads.open_call(actor, _id(wanted)) if wanted else None
    call = call or next((one for one in at_hand if one.said), next(iter(at_hand), None))
    book = rulebook.current(settings.COUNTY)
    said = reads.said_in(call) if call else {}
    form = CallForm(initial=said, book=book, areas=areas_of(actor))
    asks = asks_of(request, book, chosen=said.get("category", ""))
    show_typed(asks, reads.answers_in(call) if call else {})
    settled = request.GET.get("settled", "")
    mistaken = reads.mistaken(actor, _id(settled)) if settled else None
    return _show(request, actor, form, asks, call=call, others=at_hand, mistaken=mistaken)


def _show(
    request: HttpRequest,
    actor: Actor,
    form: CallForm,
    asks: AnswersForm,
    *,
    call: Call | None,
    others: Sequence[Call],
    id: UUID | None = None,
    mistaken: Call | None = None,
    status: int = 200,
) -> HttpResponse:
    typed = {name: str(form[name].value() or "") for name in TYPED}
    shown = {
        "form": form,
        "asks": asks,
        **_standing(call, others, id),
        **_known(actor, call),
        "doubt": doubt_about(typed["phone"]),  # who it is, is looked up on record alone
        **_found(typed, actor),
        "mistaken": mistaken,
    }
    return render(request, "desk/hotline.html", shown, status=status)


# --- who calls ------------------------------------------------------------------------------------


@require_safe
def caller(request: HttpRequest) -> HttpResponse:
    """Who calls, where that has changed since the page was asked; 204 where it has not."""
    actor = actor_of(request)
    at_hand = reads.at_hand(actor)
    asked = _id(request.GET.get("call") or uuid4().hex)
    here = reads.open_call(actor, asked)
    if here is None and not reads.is_written_down(asked):
        here = next(iter(at_hand), None)  # nothing was typed yet: whoever rings is shown
    standing = _standing(here, at_hand, asked)
    if standing["standing"] == request.GET.get("standing", ""):
        return HttpResponse(status=204)
    shown = standing | _known(actor, here)
    return render(request, "desk/_hotline_caller.html", shown)


def _standing(call: Call | None, at_hand: Sequence[Call], id: UUID | None) -> dict[str, Any]:
    """The call, and who waits: `standing` tells one picture from another."""
    now = clock.now()
    id = call.id if call else id or uuid4()
    waiting = [one for one in at_hand if call is None or one.id != call.id]
    is_gone = call is None and reads.is_written_down(id)
    ended = call.ended_at if call else None
    return {
        "call_id": id,
        "call": call,
        "is_gone": is_gone,
        "began": moment(call.began_at, now) if call else "",
        "waiting": [(one.id, moment(one.began_at, now)) for one in waiting],
        "standing": f"{id if call else ''}:{ended or ''}:{is_gone}:{len(waiting)}",
    }


def _known(actor: Actor, call: Call | None) -> dict[str, Any]:
    """What the caller's number is known by."""
    known = reads.caller_of(actor, call.phone, besides=call.id) if call else None
    before = rows_of(known.cases, clock.now()) if known and known.cases else []
    return {"known": known, "before": before}


@require_POST
def number(request: HttpRequest) -> HttpResponse:
    """What a number that was typed is known by, on record. POST keeps it out of addresses."""
    actor = actor_of(request)
    actor.must(reads.ANSWER)
    phone = request.POST.get("phone", "")[:24]
    if phone.strip():
        actions.note_looked_up(actor=actor)
    known = reads.caller_of(actor, phone.strip()) if phone.strip() else None
    shown = {
        "doubt": doubt_about(phone),
        "typed_known": known,
        "typed_before": rows_of(known.cases, clock.now()) if known and known.cases else [],
    }
    return render(request, "desk/_hotline_number.html", shown)


# --- what is typed --------------------------------------------------------------------------------


@require_POST
def typed(request: HttpRequest) -> HttpResponse:
    """Keep what has been typed so far; articles, categories and open cases that fit it."""
    actor = actor_of(request)
    actor.must(reads.ANSWER)
    _keep(request, _id(request.POST.get("call", "")), actor)
    return render(request, "desk/_hotline_found.html", _found(request.POST.dict(), actor))


def _keep(request: HttpRequest, id: UUID, actor: Actor) -> bool:
    """Keep it with its call; false where nobody rings and nothing is typed: that is no call."""
    typed = request.POST.dict()
    if not any(typed.get(name, "").strip() for name in _WORDS) and not reads.is_written_down(id):
        return False
    actions.write_down(id, actor=actor)
    actions.note_typed(id, typed=typed, answers=answers_typed(request), actor=actor)
    return True


def _found(typed: Mapping[str, str], actor: Actor) -> dict[str, Any]:
    book, what = rulebook.current(settings.COUNTY), typed.get("what", "")
    return {
        "suggested": suggested(book, what[:5000]),
        "chosen": typed.get("category", ""),
        "urgent": book.urgent_words(what),
        "articles": reads.fitting(actor, what[:5000]) if what.strip() else [],
        "alike": to_typed(typed, actor, meant=_meant(typed, actor)),
        "has_typed": bool(what.strip()),
    }


def _meant(typed: Mapping[str, str], actor: Actor) -> str:
    """The area that the words name beyond doubt, where nobody has chosen one; else ""."""
    what, place = typed.get("what", "")[:5000], typed.get("place", "")[:200]
    if not what.strip() or typed.get("path"):
        return ""
    near = next((post.path for post in actor.posts), "")
    found = triage.whereabouts(what, place, county=settings.COUNTY, near=near)
    return found.spots[0].path if found.spots and not found.asks else ""


# --- what becomes of it ---------------------------------------------------------------------------


def _settle(request: HttpRequest, actor: Actor) -> HttpResponse:
    id = _id(request.POST.get("call", ""))
    book = rulebook.current(settings.COUNTY)
    joins = bool(request.POST.get("follows"))
    form = CallForm(request.POST, book=book, areas=areas_of(actor), joins=joins)
    asks = asks_of(request, book, is_sent=True)
    try:
        if answer := _without_case(request, id, actor):
            return answer
        if form.is_valid() and asks.is_valid():
            return render(
                request, "desk/hotline_done.html", _make(request, id, form, asks, actor), status=201
            )
        status = 422
    except Refusal as refusal:
        form.refuse(refusal)
        status = refusal.status
    at_hand, call = reads.at_hand(actor), reads.open_call(actor, id)
    return _show(request, actor, form, asks, call=call, others=at_hand, id=id, status=status)


def _without_case(request: HttpRequest, id: UUID, actor: Actor) -> HttpResponse | None:
    """Answered at once, nothing to be done, or neither after all; None where it is none of it."""
    article, again = request.POST.get("article", ""), request.POST.get("again", "")
    if not article and not again and request.POST.get("do") != "drop":
        return None
    is_call, home = _keep(request, id, actor), reverse("desk:hotline")
    if again:
        return redirect(f"{home}?call={actions.take_up_again(_id(again), actor=actor).id}")
    if not is_call:
        return redirect(home)
    if article:
        what, phone = request.POST.get("what", ""), request.POST.get("phone", "")[:24]
        actions.answer_call(id, article=_id(article), what=what, phone=phone, actor=actor)
        messages.success(request, _("已记为当场答复。"))
    else:
        actions.drop_call(id, actor=actor)
        messages.success(request, _("已记为无需办理。"))
    return redirect(f"{home}?settled={id}")


def _make(
    request: HttpRequest, id: UUID, form: CallForm, asks: AnswersForm, actor: Actor
) -> dict[str, Any]:
    """Sent twice, it is opened once; the code is in the first answer only and stored nowhere."""
    made: list[cases.Reported] = []
    follows = request.POST.get("follows", "")[:16]
    values = form.cleaned_data

    def do() -> tuple[int, dict[str, Any]]:
        actions.write_down(id, actor=actor)
        if follows:
            one = actions.join_case(
                id, follows, what=values["what"], contact=form.contact(), actor=actor
            )
        else:
            one = actions.open_case(
                id,
                what=values["what"],
                where=form.where(),
                contact=form.contact(),
                category=values["category"],
                answers=asks.given(),
                actor=actor,
            )
        made.append(one)
        return 201, {"number": one.case.number}

    kept = once(f"call-{id}", request=digest_of(request), do=do, actor=actor, now=clock.now())
    return done_words(kept.answer["number"], made, actor, has_joined=bool(follows)) | {
        "waits": len(reads.at_hand(actor)),
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Malformed(why="call") from error
