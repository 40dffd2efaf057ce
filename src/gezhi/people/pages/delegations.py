"""What I have delegated, and what I do on others' behalf."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal, SignInNeeded
from gezhi.people import actions, forms, reads, rules
from gezhi.people.models import Post


@require_http_methods(["GET", "POST"])
def my_delegations(request: HttpRequest) -> HttpResponse:
    """Both sides, and a form for a new one; a refusal is shown in it, with what was typed."""
    actor = actor_of(request)
    own = _own(actor)
    form = delegation_form(actor, own, request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            actions.delegate_post(typed["post"], to=typed["to"], until=typed["until"], actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已经委托，对方现在就可以办。"))
            return redirect("entrance:delegations:mine")
    found = [(post, role_name(post)) for post in reads.delegations(own)]
    shown = {
        "given": [each for each in found if each[0].delegated_by_id == own],
        "taken": [each for each in found if each[0].account_id == own],
        "form": form,
        "days": settings.DELEGATION_DAYS,
    }
    return render(request, "people/delegations.html", shown, status=422 if form.errors else 200)


@require_POST
def end_delegation(request: HttpRequest, id: UUID) -> HttpResponse:
    """End it now; then to where the person or the administrator was."""
    actor = actor_of(request)
    ended = actions.end_delegation(id, actor=actor)
    messages.success(request, _("委托已经结束。"))
    if actor.account in (ended.account_id, ended.delegated_by_id):
        return redirect("entrance:delegations:mine")
    return redirect("people:account", id=ended.account_id)


def role_name(post: Post) -> Any:
    return rules.ROLE_NAMES[rules.Role(post.role)]


def _own(actor: Actor) -> UUID:
    if (own := reads.own_id(actor)) is None:
        raise SignInNeeded()
    return own


def delegation_form(
    actor: Actor, whose: UUID, typed: Any, *, id_format: str = "id_%s"
) -> forms.NewDelegation:
    """What of somebody's the actor may delegate, and to whom."""
    found = reads.posts_to_delegate(actor, whose)
    posts = [(post.id, f"{post.unit.label} · {role_name(post)}") for post in found]
    colleagues = list(reads.delegates(found).values_list("id", "name"))
    return forms.NewDelegation(typed, posts=posts, colleagues=colleagues, auto_id=id_format)
