"""Delegations of posts, for programs."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from gezhi.base.api import Answer, Day, Input
from gezhi.base.http import actor_of
from gezhi.people import actions
from gezhi.people.api.accounts import PostShown, post_shown
from gezhi.record.api import answer_once

router = Router(tags=["accounts"])


class DelegationSent(Input):
    """To whom, and the last day on which it holds."""

    to: UUID
    until: Day


@router.post("/posts/{uuid:post}/delegations", response={201: PostShown}, summary="Delegate a post")
def delegate_post(request: HttpRequest, post: UUID, body: DelegationSent) -> HttpResponse:
    """A colleague of the same unit holds it too, from today to a day."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.delegate_post(post, to=body.to, until=body.until, actor=actor)
        return Answer(post_shown(made), 201)

    return answer_once(request, do)


@router.post("/delegations/{uuid:post}/end", response=PostShown, summary="End a delegation")
def end_delegation(request: HttpRequest, post: UUID) -> HttpResponse:
    """By either side, or by who gives posts there."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(post_shown(actions.end_delegation(post, actor=actor)))
    )
