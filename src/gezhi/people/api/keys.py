"""Keys of programs, and who one is oneself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gezhi.base.api import (
    Answer,
    Input,
    Paging,
    Shown,
    Text48,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.people import actions, reads
from gezhi.people.models import ApiKey
from gezhi.record.api import answer_once

router = Router(tags=["accounts"])


class KeySent(Input):
    name: Text48 = Field(description="What the key is for.")
    most: int | None = Field(
        None, ge=1, le=1_000_000, description="Requests it may make in a minute; else as any key."
    )


class KeyShown(Shown):
    """A key of a program. Its text is shown once: a person's when they collect it.

    Until then it `waits` and opens nothing.
    """

    id: UUID
    name: str
    prefix: str
    made_at: datetime
    waits: bool
    last_used: datetime | None
    most: int | None
    is_active: bool


class KeyMade(Shown):
    """The key and its text; no text while the key waits for its holder."""

    key: KeyShown
    token: str | None


class KeyList(Shown):
    items: list[KeyShown]
    next: str | None


class PostHeld(Shown):
    unit: UUID
    role: str
    path: str
    rights: list[str]


class Me(Shown):
    """Who asks, and what the posts of today allow."""

    label: str
    kind: str
    account: UUID | None
    posts: list[PostHeld]


@router.get("/me", response=Me, summary="Who am I?")
def get_me(request: HttpRequest) -> HttpResponse:
    """The asker as the house sees it: posts of today and their rights."""
    actor = actor_of(request)
    posts = [
        {"unit": post.unit, "role": post.role, "path": post.path, "rights": sorted(post.rights)}
        for post in actor.posts
    ]
    return give(
        {"label": actor.label, "kind": actor.kind, "account": actor.account, "posts": posts}
    )


@router.get("/accounts/{uuid:account}/keys", response=KeyList, summary="Its keys")
def list_keys(request: HttpRequest, account: UUID, asked: Paging) -> HttpResponse:
    """All keys of an account, revoked ones too, the newest first."""
    page = page_of(
        reads.account_keys(actor_of(request), account),
        order=("-made_at", "-id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return give_page(request, page, key_shown)


def key_shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "made_at": key.made_at,
        "waits": key.waits,
        "last_used": key.last_used,
        "most": key.most,
        "is_active": key.is_active,
    }


@router.post(
    "/accounts/{uuid:account}/keys",
    response={201: KeyMade},
    summary="Make a key",
)
def make_key(request: HttpRequest, account: UUID, body: KeySent) -> HttpResponse:
    """A key that acts with the account's posts.

    Of another program's account its text is shown here and nowhere again; a person's waits until
    they collect it.
    """
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.make_key(account=account, name=body.name, most=body.most, actor=actor)
        return Answer({"key": key_shown(made.key), "token": made.token or None}, 201)

    return answer_once(request, do)


@router.get("/me/keys", response=KeyList, summary="My keys")
def list_own_keys(request: HttpRequest, asked: Paging) -> HttpResponse:
    """Those of the signed-in person that aren't revoked, the newest first."""
    found = reads.own_keys(actor_of(request))
    page = page_of(found, order=("-made_at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, key_shown)


@router.post("/me/keys/{uuid:key}/collect", response=KeyMade, summary="Collect a key")
def collect_key(request: HttpRequest, key: UUID) -> HttpResponse:
    """The signed-in person takes a key that waits; its text is shown here and nowhere again."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.collect_key(key, actor=actor)
        return Answer({"key": key_shown(made.key), "token": made.token})

    return answer_once(request, do)


@router.post("/keys/{uuid:key}/revoke", response=KeyShown, summary="Revoke a key")
def revoke_key(request: HttpRequest, key: UUID) -> HttpResponse:
    """It works no more: here at once, in other processes within ten seconds."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(key_shown(actions.revoke_key(key, actor=actor))))
