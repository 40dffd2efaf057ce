"""One's own duties and leave."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal, SignInNeeded
from gezhi.people import actions, forms, reads, rules
from gezhi.people.models import Duty
from gezhi.people.pages.roster import hours

_AHEAD = timedelta(weeks=rules.WEEKS_AHEAD)
_BACK = timedelta(days=31)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I am on duty for in the next weeks, and my leave."""
    return _page(request, actor_of(request))


@require_POST
def take_leave(request: HttpRequest) -> HttpResponse:
    """Leave for myself; a refusal is shown in the form, with what was typed."""
    actor = actor_of(request)
    form = _form(_own(actor), request.POST)
    if form.is_valid():
        try:
            actions.take_leave(account=_own(actor), **form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("请假已经登记。"))
            return redirect("entrance:duty:mine")
    return _page(request, actor, form)


@require_POST
def end_leave(request: HttpRequest, id: UUID) -> HttpResponse:
    """End a leave now, or take it back; then to where the person or the administrator was."""
    actor = actor_of(request)
    ended = actions.end_leave(id, actor=actor)
    messages.success(request, _("请假已经结束。"))
    unit = request.POST.get("unit", "")
    if unit in {str(each.id) for each in reads.units_by_ids(_uuids(unit)).values()}:
        return redirect("people:unit", id=unit)
    if ended.account_id == actor.account:
        return redirect("entrance:duty:mine")
    return redirect("people:account", id=ended.account_id)


def _page(request: HttpRequest, actor: Actor, form: forms.NewLeave | None = None) -> HttpResponse:
    own, now = _own(actor), clock.now()
    today = timezone.localdate(now)
    duties = [
        (duty, hours(duty.shift), _is_now(duty))
        for duty in reads.own_duties(own, first=today - timedelta(days=1), last=today + _AHEAD)
        if not _is_over(duty)
    ]
    leaves = reads.leaves_between([own], now - _BACK, now + rules.LONGEST_LEAVE)
    units = reads.units_by_ids(dict.fromkeys(post.unit for post in actor.posts))
    context = {
        "duties": duties,
        "leaves": [
            (leave, rules.LEAVE_NAMES[rules.LeaveKind(leave.kind)], leave.ends > now)
            for leave in leaves
        ],
        "stands_in": reads.substitutions(own, after=now),
        "form": form or _form(own),
        "rosters": list(units.values()),
        "today": today,
        "tomorrow": today + timedelta(days=1),
        "now": now,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "people/duty.html", context, status=status)


def _own(actor: Actor) -> UUID:
    if (own := reads.own_id(actor)) is None:
        raise SignInNeeded()
    return own


def _form(own: UUID, typed: Any = None) -> forms.NewLeave:
    colleagues = reads.colleagues(own, on=reads.today()).values_list("id", "name")
    return forms.NewLeave(typed, colleagues=list(colleagues))


def _is_over(duty: Duty) -> bool:
    return _window(duty)[1] <= clock.now()


def _is_now(duty: Duty) -> bool:
    return _window(duty)[0] <= clock.now()


def _window(duty: Duty) -> tuple[datetime, datetime]:
    zone = timezone.get_current_timezone()
    return rules.shift_window(duty.day, duty.shift.starts, duty.shift.ends, zone)


def _uuids(text: str) -> list[UUID]:
    try:
        return [UUID(text)]
    except ValueError:
        return []
