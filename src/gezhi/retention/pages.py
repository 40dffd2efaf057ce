"""The security administrator's page: how long what is kept, what would go, what has gone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.days import day, moment
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal
from gezhi.people import reads as people
from gezhi.retention import actions, reads
from gezhi.retention.errors import LookFirst, ReasonNeeded
from gezhi.retention.forms import DaysForm, HoldForm, LiftForm
from gezhi.retention.models import Hold, Removal, Rule
from gezhi.retention.reads import Kept

_REMOVALS = 20
_RULES = 20


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every kind with its rule and what would go now; nothing is changed by looking."""
    return _shown(request)


@require_POST
def set_days(request: HttpRequest, kind: str) -> HttpResponse:
    """Another number of days for a kind."""
    form = DaysForm(request.POST)
    if not form.is_valid():
        return _shown(request, fault=_first(form), kind=kind, status=422)
    try:
        actions.set_days(kind, actor=actor_of(request), **form.cleaned_data)
    except LookFirst as look:
        days = form.cleaned_data["days"]
        return _shown(request, fault=str(look), kind=kind, seen=days, status=look.status)
    except Refusal as refusal:
        return _shown(request, fault=str(refusal), kind=kind, status=refusal.status)
    messages.success(request, _("已保存。到期的内容会在一小时内开始清除。"))
    return _back(f"kind-{kind}")


@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    """Hold back a case or an area."""
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _shown(request, fault=_first(form), kind="hold", status=422)
    try:
        actions.hold(form.cleaned_data["about"], reason=form.cleaned_data["reason"],
                     actor=actor_of(request))  # fmt: skip
    except Refusal as refusal:
        return _shown(request, fault=str(refusal), kind="hold", status=refusal.status)
    return _back("holds")


@require_POST
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """End a hold, saying why."""
    form = LiftForm(request.POST)
    if not form.is_valid():
        return _shown(request, fault=_first(form), kind=str(hold_id), status=422)
    try:
        actions.lift(hold_id, actor=actor_of(request), **form.cleaned_data)
    except ReasonNeeded as refusal:
        return _shown(request, fault=str(refusal), kind=str(hold_id), status=refusal.status)
    messages.success(request, _("已解除。到期的内容会照规则清除。"))
    return _back("holds")


def _back(part: str) -> HttpResponse:
    """To the part of the page where something was done."""
    return redirect(f"{reverse('retention:overview')}#{part}")


@require_POST
def remove_now(request: HttpRequest) -> HttpResponse:
    """Have what is over removed without waiting for the hour."""
    made = actions.ask_removal(actor=actor_of(request))
    if not made:
        messages.info(request, _("现在没有到期的内容。"))
    return redirect("retention:overview")


@require_safe
def certificate(request: HttpRequest, removal_id: UUID) -> HttpResponse:
    """What was removed by which rule, to be printed."""
    found = reads.removal_for(actor_of(request), removal_id)
    shown = {"told": _told(found), "values": actions.certified(found)}
    return render(request, "retention/certificate.html", shown)


def _first(form: Any) -> str:
    field, faults = next(iter(form.errors.items()))
    return f"{form.fields[field].label}: {faults[0]}"


def _shown(
    request: HttpRequest, *, fault: str = "", kind: str = "", seen: int = 0, status: int = 200
) -> HttpResponse:
    """With what was typed, where it was refused; `seen` is the number whose effect is shown."""
    actor = actor_of(request)
    reads.must_manage(actor)
    now, kept = clock.now(), reads.preview(clock.now())
    holds, rules = list(reads.holds_now()), list(reads.rules_set(actor)[:_RULES])
    who = people.who_are([each.actor for each in holds] + [each.actor for each in rules])
    shown = {
        "rows": [_row(each, request, kind) for each in kept],
        "due": any(each.due.count and each.is_in_force for each in kept),
        "running": [_told(each) for each in reads.open_removals()],
        "holds": [
            _signed(each, who, now, name=each.about, is_wrong=kind == str(each.id))
            for each in holds
        ],
        "rules": [_signed(each, who, now, name=_name(each.kind)) for each in rules],
        "removals": [_told(each) for each in reads.removals(actor)[:_REMOVALS]],
        "fault": fault,
        "seen": seen,
        "wrong": kind,
        "typed": request.POST,
    }
    return render(request, "retention/overview.html", shown, status=status)


def _row(each: Kept, request: HttpRequest, wrong: str) -> dict[str, Any]:
    is_typed = wrong == each.kind.code
    return {
        "kept": each,
        "kind": each.kind,
        "oldest": _day(each.due.oldest) if each.due.oldest else "",
        "before": _day(each.before),
        "is_wrong": is_typed,
        "days": request.POST.get("days", "") if is_typed else each.days,
        "reason": request.POST.get("reason", "") if is_typed else "",
    }


def _signed(
    row: Hold | Rule, who: Mapping[str, tuple[str, str]], now: datetime, **more: Any
) -> dict[str, Any]:
    """Something that somebody decided: by whom, and when."""
    name, _unit = who.get(row.actor, (_("系统"), ""))
    return {"row": row, "by": name, "at": moment(row.at, now), **more}


def _told(removal: Removal) -> dict[str, Any]:
    return {
        "removal": removal,
        "name": _name(removal.kind),
        "began": moment(removal.began_at, clock.now()),
        "before": _day(removal.before),
    }


def _name(code: str) -> str:
    try:
        return str(reads.kind_of(code).name)
    except Refusal:  # of a room that is no longer there
        return code


def _day(at: datetime) -> str:
    return day(timezone.localdate(at), timezone.localdate(clock.now()))
