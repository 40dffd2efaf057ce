"""What residents ask about their data, for those who decide it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.base.paging import page_of
from gezhi.base.refusal import NotAllowed, Refusal
from gezhi.residents import actions, reads, rules
from gezhi.residents.errors import NothingToDecide
from gezhi.residents.forms import DecideForm
from gezhi.residents.models import DataRequest
from gezhi.residents.rules import RequestState, Wish

_PAGE = 50
_MOST = 200


@never_cache
@require_safe
def data_requests(request: HttpRequest) -> HttpResponse:
    """What waits, the soonest due first; then what was decided."""
    actor = actor_of(request)
    if not reads.may_decide(actor):
        raise NotAllowed()
    return _show(request, actor)


def _show(
    request: HttpRequest, actor: Actor, *, kept: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    found = reads.requests_for(actor)
    waiting = found.filter(state=RequestState.OPEN.value).order_by("due_at", "id")
    cursor = request.GET.get("cursor", "")
    over = found.exclude(state=RequestState.OPEN.value)
    past = page_of(over, order=("-asked_at", "-id"), cursor=cursor, limit=_PAGE)
    shown = {
        "waiting": [_row(each, actor) for each in waiting[:_MOST]],
        "past": [_row(each, actor) for each in past.rows],
        "after": past.cursor,
        "kept": kept or {},
    }
    return render(request, "residents/data_requests.html", shown, status=status)


def _row(row: DataRequest, actor: Actor) -> dict[str, Any]:
    """Numbers of people are masked; what was written is for the centre that has the case alone.

    It may say who asked for secrecy.
    """
    report, case = row.report, row.case
    is_theirs = reads.has_case(actor, case)
    words = reads.words_of(report)
    return {
        "id": row.id,
        "number": case.number,
        "may_open": is_theirs,
        "wish": rules.WISH_NAMES[Wish(row.wish)],
        "is_correction": row.wish == Wish.CORRECT,
        "words": mask_text(words) if is_theirs else "",
        "wanted": mask_text(row.wanted) if is_theirs else "",
        "reason": mask_text(row.reason) if is_theirs else "",
        "is_by_code": row.is_by_code,
        "has_phone": bool(report.phone),
        "asked": timezone.localtime(row.asked_at),
        "due": timezone.localtime(row.due_at),
        "is_late": row.state == RequestState.OPEN and row.due_at < clock.now(),
        "state": rules.STATE_NAMES[RequestState(row.state)],
        "answer": mask_text(row.answer) if is_theirs else "",
    }


@require_POST
def decide(request: HttpRequest, id: UUID) -> HttpResponse:
    """Grant it or say why not; what was typed stays where it is refused."""
    actor, form = actor_of(request), DecideForm(request.POST)
    if not reads.may_decide(actor):
        raise NotAllowed()
    if not form.is_valid():
        kept = {"id": id, "answer": request.POST.get("answer", ""), "why": _("请选同意或不同意。")}
        return _show(request, actor, kept=kept, status=422)
    try:
        actions.decide(id, **form.cleaned_data, actor=actor)
    except NothingToDecide:
        raise  # there is no row to show it beside
    except Refusal as refusal:
        kept = {"id": id, "answer": form.cleaned_data["answer"], "why": str(refusal)}
        return _show(request, actor, kept=kept, status=refusal.status)
    messages.success(request, _("已答复，申请的人会收到。"))
    return redirect("residents:data_requests")
