"""Standard replies for who keeps them: the list, one of them, what was changed."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Named
from gezhi.triage.actions import answers as actions
from gezhi.triage.forms import ReplyForm
from gezhi.triage.models import StandardReply
from gezhi.triage.reads import answers as reads
from gezhi.triage.rules.answers_replies import CHANGE_NAMES, STATE_NAMES

_ORDER = ("proposed", "in_use", "dropped")


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """All of them: first what was proposed; and a form for a new one."""
    actor = actor_of(request)
    reads.must_manage(actor)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_reply(**form.values(), actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存，办结时就能选用。"))
            return redirect("triage:replies")
    found = reads.counted(reads.replies(actor, county=settings.COUNTY))
    names = people.who_are({one.row.made_by for one in found})
    rows = [_row(one, names) for one in found]
    groups = [(STATE_NAMES[state], [row for row in rows if row["reply"].row.state == state])
              for state in _ORDER]  # fmt: skip
    shown = {"form": form, "groups": [group for group in groups if group[1]]}
    return render(request, "triage/answer_replies.html", shown, status=422 if form.errors else 200)


def _row(reply: reads.Reply, names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        "reply": reply,
        "kind": kind_name(reply.row),
        "by": names.get(reply.row.made_by, ("", ""))[0],
    }


def kind_name(row: StandardReply) -> str:
    """For what it is, in words; a kind that the rulebook has no more by its key."""
    book, language = rulebook.current(settings.COUNTY), get_language() or "zh-hans"
    known: Named | None = book.categories.get(row.category) or book.groups.get(row.group)
    return known.name_in(language) if known else row.category or row.group or _("所有事项")


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    """One of them, to be changed, with who changed it before."""
    actor = actor_of(request)
    row = reads.reply_for(actor, reply_id, county=settings.COUNTY)
    form = ReplyForm(request.POST or None, initial=ReplyForm.of(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_reply(row.id, **form.values(), actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("triage:reply", row.id)
    return _show(request, actor, row, form)


def _show(request: HttpRequest, actor: Actor, row: StandardReply, form: ReplyForm) -> HttpResponse:
    changes = reads.changes_of(actor, row)
    names = people.who_are({row.made_by, *(one.actor for one in changes)})
    shown = {
        "form": form,
        "reply": reads.counted([row])[0],
        "state": STATE_NAMES[row.state],
        "kind": kind_name(row),
        "by": names.get(row.made_by, ("", ""))[0],
        "changes": [
            (one, CHANGE_NAMES[one.act], names.get(one.actor, ("", ""))[0]) for one in changes
        ],
    }
    return render(request, "triage/answer_reply.html", shown, status=422 if form.errors else 200)


@require_POST
def take(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    """It may be used from now on."""
    actions.take_reply(reply_id, actor=actor_of(request))
    messages.success(request, _("已采用，办结时就能选用。"))
    return redirect("triage:replies")


@require_POST
def drop(request: HttpRequest, reply_id: UUID) -> HttpResponse:
    """It is offered to nobody any more."""
    actions.drop_reply(reply_id, actor=actor_of(request))
    messages.success(request, _("已停用。"))
    return redirect("triage:replies")
