"""Rehearsals: begun from checked files, left and found again, stopped, removed, read."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.http import actor_of
from gezhi.base.slices import seconds_left
from gezhi.deadlines import reads
from gezhi.deadlines.actions import rehearsing as actions
from gezhi.deadlines.forms import RehearseForm
from gezhi.deadlines.models import Rehearsal
from gezhi.deadlines.pages import results, words
from gezhi.deadlines.rules import rehearsing as rules
from gezhi.deadlines.rules.rehearsing import RehearsalState
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.errors import BrokenRulebook

AT_ONCE = 1.0  # seconds somebody waits for the answer; what takes longer goes on by itself
_PAGE = 20
_LOOKS_BACK = timedelta(days=90)
STATES = {
    RehearsalState.WORKING: gettext_lazy("正在预演"),
    RehearsalState.STOPPED: gettext_lazy("已停止"),
    RehearsalState.DONE: gettext_lazy("已完成"),
    RehearsalState.FAILED: gettext_lazy("出了差错"),
}
_TONES = {
    RehearsalState.WORKING: "paused",
    RehearsalState.STOPPED: "soon",
    RehearsalState.DONE: "on-time",
    RehearsalState.FAILED: "late",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """All rehearsals of the last three months, and how to begin one."""
    found = reads.rehearsals(actor_of(request), county=settings.COUNTY)
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "entries": [_told(one) for one in page],
        "days": rules.KEPT_FOR.days,
    }
    return render(request, "deadlines/rehearsals.html", shown)


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Files that were checked: which days shall they be tried on?"""
    actor_of(request).must("rulebook.manage")
    today = timezone.localtime(clock.now()).date()
    typed = {
        "texts": request.POST.get("texts", ""),
        "once": uuid4().hex,
        "since": (today - _LOOKS_BACK).isoformat(),
        "last": today.isoformat(),
    }
    return _ask(request, RehearseForm(typed))


def _ask(request: HttpRequest, form: RehearseForm, status: int = 200) -> HttpResponse:
    """The form once more, or what is wrong with the files it carries."""
    form.is_valid()
    if "texts" not in form.cleaned_data:
        messages.error(request, _("内容已损坏，请重新上传。"))
        return redirect("rulebook:overview")
    old = rulebook.current(settings.COUNTY)
    try:
        book = rulebook.read_files(form.cleaned_data["texts"])
    except BrokenRulebook as broken:
        problems = {"problems": broken.problems}
        return render(request, "rulebook/check.html", problems, status=broken.status)
    shown = {"form": form, "old": old, "changes": len(rulebook.diff(old, book))}
    return render(request, "deadlines/rehearse.html", shown, status=status)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin; a second of it at once, the rest is left to the worker."""
    actor = actor_of(request)
    actor.must("rulebook.manage")
    form = RehearseForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    try:
        found = actions.start_rehearsal(
            form.cleaned_data["texts"],
            since=form.cleaned_data["since"],
            until=form.until,
            key=form.cleaned_data["once"],
            county=settings.COUNTY,
            actor=actor,
        )
    except BrokenRulebook:
        return _ask(request, form, status=422)
    if actions.work_on(found.id, seconds=AT_ONCE):
        actions.leave_to_worker(found.id)
    return redirect("rehearsals:run", found.id)


@require_safe
def run(request: HttpRequest, id: UUID) -> HttpResponse:
    """One rehearsal: how far it is, or what it came to."""
    found = _found(request, id)
    shown = _told(found)
    if not shown["is_working"]:
        shown["tables"] = [results.first_rows(table) for table in results.tables(found)]
    return render(request, "deadlines/rehearsal.html", shown)


@require_safe
def progress(request: HttpRequest, id: UUID) -> HttpResponse:
    """The part of that page that asks again; at the end it asks for the whole page."""
    shown = _told(_found(request, id))
    answer = render(request, "deadlines/_rehearsing.html", shown)
    if not shown["is_working"]:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def stop(request: HttpRequest, id: UUID) -> HttpResponse:
    """Leave the rest; what was found stays."""
    actions.stop_rehearsal(id, county=settings.COUNTY, actor=actor_of(request))
    return redirect("rehearsals:run", id)


@require_POST
def drop(request: HttpRequest, id: UUID) -> HttpResponse:
    """Remove it."""
    actions.drop_rehearsal(id, county=settings.COUNTY, actor=actor_of(request))
    messages.success(request, _("预演结果已删除。"))
    return redirect("rehearsals:home")


def _found(request: HttpRequest, id: UUID) -> Rehearsal:
    return reads.rehearsal_for(actor_of(request), id, county=settings.COUNTY)


def _told(found: Rehearsal) -> dict[str, Any]:
    state = RehearsalState(found.state)
    left = seconds_left(total=found.total, done=found.done, pace=found.pace)
    is_working = state == RehearsalState.WORKING
    return {
        "found": found,
        "state": STATES[state],
        "tone": _TONES[state],
        "is_working": is_working,
        "left": words.about(left) if is_working and left is not None else "",
        "asked": words.moment(found.asked_at),
        "since": f"{timezone.localtime(found.since):%Y-%m-%d}",
        "last": f"{timezone.localtime(found.until) - timedelta(days=1):%Y-%m-%d}",
        "untouched": found.total - found.done,
        "cards": results.cards(found),
    }
