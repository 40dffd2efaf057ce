"""Accounts and their posts, for programs."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base.api import (
    Answer,
    AreaPath,
    Day,
    Input,
    Paged,
    Paging,
    Shown,
    Text48,
    Text64,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.base.refusal import NotAllowed
from gezhi.people import actions, reads
from gezhi.people.models import Account, Post
from gezhi.places.rules import county_of
from gezhi.record.api import answer_once

router = Router(tags=["accounts"])
RoleName = Literal[
    "grid_worker", "receptionist", "handler", "supervisor", "return_visitor", "mediator",
    "leader", "administrator", "security_administrator", "auditor", "integrator",
]  # fmt: skip
Language = Literal["zh-hans", "en"]


class PostShown(Shown):
    """A role in a unit over an area. `valid_to` is the first day it no longer holds.

    `is_head` marks the head of the unit, which gives no right. A delegated post is held
    `on_behalf_of` an account.
    """

    id: UUID
    unit: UUID
    role: str
    path: str
    valid_from: date
    valid_to: date | None
    is_head: bool
    on_behalf_of: UUID | None


class AccountShown(Shown):
    """A person, or a program, that may sign in."""

    id: UUID
    login: str
    name: str
    path: str
    language: str
    is_active: bool
    must_change_password: bool


class AccountList(Shown):
    items: list[AccountShown]
    next: str | None


class PostList(Shown):
    items: list[PostShown]
    next: str | None


class AccountsAsked(Paged):
    """Which accounts."""

    q: Text64 = Field("", description="Part of a name, a login or a unit's name.")
    role: RoleName | None = None
    area: AreaPath | None = None
    unit: UUID | None = None
    no_post: bool = Field(False, description="Only those without a post today.")
    closed: bool = False


class AccountSent(Input):
    """A new person. Posts are given by the security administrator, `POST …/posts`."""

    login: Text48
    name: Text48
    path: AreaPath = Field(description="Whose administrators look after the account.")
    language: Language = "zh-hans"


class AccountWordsSent(Input):
    """What may change in an account; left out means left as it is."""

    name: Text48 | None = None
    language: Language | None = None
    is_active: bool | None = None


class AccountMade(Shown):
    """The new account. The password is shown once and must be changed."""

    account: AccountShown
    password: str


class PasswordShown(Shown):
    password: str


class PostSent(Input):
    """A post for a person."""

    unit: UUID
    role: RoleName
    path: AreaPath | Literal[""] = Field("", description="Empty: all of the unit's area.")
    valid_from: Day | None = None
    valid_to: Day | None = None
    is_head: bool = False


class PostWords(Input):
    """What may change in a post."""

    is_head: bool


class PostEnd(Input):
    """From when the post no longer holds; empty: today."""

    on: Day | None = None


@router.get("/accounts", response=AccountList, summary="Find accounts")
def list_accounts(
    request: HttpRequest, asked: Annotated[AccountsAsked, Query(...)]
) -> HttpResponse:
    """The accounts the asker looks after, by name."""
    actor = actor_of(request)
    if not (actor.may("account.manage") or actor.may("post.manage")):
        raise NotAllowed()
    found = reads.search_accounts(
        actor,
        words=asked.q,
        role=asked.role or "",
        area=asked.area or "",
        unit=str(asked.unit) if asked.unit else "",
        no_post=asked.no_post,
        closed=asked.closed,
    )
    page = page_of(found, order=("name", "login"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, account_shown)


def account_shown(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "path": account.path,
        "language": account.language,
        "is_active": account.is_active,
        "must_change_password": account.must_change_password,
    }


@router.get("/accounts/{uuid:account}", response=AccountShown, summary="Read an account")
def get_account(request: HttpRequest, account: UUID) -> HttpResponse:
    """One account the asker looks after."""
    return give(account_shown(reads.account(actor_of(request), account)))


@router.post("/accounts", response={201: AccountMade}, summary="Add a person")
def add_account(request: HttpRequest, body: AccountSent) -> HttpResponse:
    """An account without a post; the one-time password is shown here and nowhere again."""
    actor = actor_of(request)
    county = county_of(body.path)

    def do() -> Answer:
        made = actions.add_account(county=county, **body.model_dump(), actor=actor)
        shown = {"account": account_shown(made.account), "password": made.password}
        return Answer(shown, 201, {"Location": f"/api/v1/accounts/{made.account.id}"})

    return answer_once(request, do)


@router.patch(
    "/accounts/{uuid:account}",
    response=AccountShown,
    summary="Change an account",
)
def change_account(request: HttpRequest, account: UUID, body: AccountWordsSent) -> HttpResponse:
    """Name, language, open or closed."""
    words = body.model_dump(exclude_none=True)
    return give(account_shown(actions.change_account(account, **words, actor=actor_of(request))))


@router.post(
    "/accounts/{uuid:account}/password",
    response=PasswordShown,
    summary="Give a one-time password",
)
def reset_password(request: HttpRequest, account: UUID) -> HttpResponse:
    """It must be changed at the next sign-in; a lock-out ends."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer({"password": actions.reset_password(account, actor=actor)})
    )


@router.get("/accounts/{uuid:account}/posts", response=PostList, summary="Its posts")
def list_posts(request: HttpRequest, account: UUID, asked: Paging) -> HttpResponse:
    """All posts of an account, past ones too, the newest first."""
    page = page_of(
        reads.account_posts(actor_of(request), account),
        order=("-valid_from", "-id"),
        cursor=asked.cursor,
        limit=asked.limit,
    )
    return give_page(request, page, post_shown)


def post_shown(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "unit": post.unit_id,
        "role": post.role,
        "path": post.path,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
        "is_head": post.is_head,
        "on_behalf_of": post.delegated_by_id,
    }


@router.post(
    "/accounts/{uuid:account}/posts",
    response={201: PostShown},
    summary="Give a post",
)
def give_post(request: HttpRequest, account: UUID, body: PostSent) -> HttpResponse:
    """A role in a unit, over its area or a part of it.

    Where it makes the person one of the three administrators, password, factors and sessions of
    the account are gone: the way in is a password given on the server (`gezhi password`).
    """
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.give_post(account=account, **body.model_dump(), actor=actor)
        return Answer(post_shown(made), 201)

    return answer_once(request, do)


@router.patch("/posts/{uuid:post}", response=PostShown, summary="Name the head of a unit")
def name_head(request: HttpRequest, post: UUID, body: PostWords) -> HttpResponse:
    """The post is that of its unit's head, or no more; a unit may have several."""
    named = actions.name_head(post, is_head=body.is_head, actor=actor_of(request))
    return give(post_shown(named))


@router.post("/posts/{uuid:post}/end", response=PostShown, summary="End a post")
def end_post(request: HttpRequest, post: UUID, body: PostEnd) -> HttpResponse:
    """From a day on, today if none is given."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(post_shown(actions.end_post(post, on=body.on, actor=actor)))
    )
