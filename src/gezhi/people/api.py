"""Units, accounts, posts and keys, for programs."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base.api import (
    Answer,
    AreaPath,
    Input,
    Paged,
    Paging,
    Shown,
    Text24,
    Text48,
    Text64,
    Text120,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of, page_of_list
from gezhi.people import actions, reads
from gezhi.people.models import Account, ApiKey, Post, Unit
from gezhi.record.api import answer_once

router = Router()
Kind = Literal["centre", "grid", "department", "station", "committee", "company"]
Level = Literal["city", "county", "town", "village", "grid"]
RoleName = Literal[
    "grid_worker", "receptionist", "handler", "supervisor", "return_visitor", "mediator",
    "leader", "administrator", "integrator",
]  # fmt: skip
Language = Literal["zh-hans", "en"]


class UnitShown(Shown):
    """A body that may hold a case."""

    id: UUID
    code: str
    kind: Kind
    level: Level
    name: str
    short_name: str
    path: str
    parent: UUID | None
    phone: str
    is_active: bool


class UnitList(Shown):
    items: list[UnitShown]
    next: str | None


class UnitsAsked(Paged):
    """Which units."""

    kind: Kind | None = None
    inside: AreaPath | None = Field(None, description="Units in this area.")
    covering: AreaPath | None = Field(None, description="Units whose area covers this one.")
    q: Text64 = Field("", description="Part of a name or code.")


class UnitSent(Input):
    """A new unit. Its level is that of its area."""

    code: Text48 = Field(description="Readable and for good: small letters, digits, -.")
    kind: Kind
    name: Text120
    short_name: Text24 = ""
    path: AreaPath
    phone: Text24 = ""
    parent: UUID | None = None


class UnitWords(Input):
    """What may change in a unit; left out means left as it is."""

    name: Text120 = ""
    short_name: Text24 = ""
    phone: Text24 = ""
    parent: UUID | None = None


class PostShown(Shown):
    """A role in a unit over an area. `valid_to` is the first day it no longer holds."""

    id: UUID
    unit: UUID
    role: str
    path: str
    valid_from: date
    valid_to: date | None


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
    closed: bool = False


class AccountSent(Input):
    """A new person with a first post."""

    login: Text48
    name: Text48
    unit: UUID
    role: RoleName
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
    valid_from: date | None = None
    valid_to: date | None = None


class PostEnd(Input):
    """From when the post no longer holds; empty: today."""

    on: date | None = None


class KeySent(Input):
    name: Text48 = Field(description="What the key is for.")


class KeyShown(Shown):
    """A key of a program. Its text is shown once, when it is made."""

    id: UUID
    name: str
    prefix: str
    made_at: datetime
    last_used: datetime | None
    is_active: bool


class KeyMade(Shown):
    key: KeyShown
    token: str


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


@router.get("/me", response=Me, tags=["accounts"], summary="Who am I?")
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


@router.get("/units", response=UnitList, tags=["units"], summary="Find units")
def list_units(request: HttpRequest, asked: Annotated[UnitsAsked, Query(...)]) -> HttpResponse:
    """Active units, by code."""
    kinds = (asked.kind,) if asked.kind else ()
    if asked.covering:
        found = reads.units_covering(asked.covering, county=settings.COUNTY, kinds=kinds)
    else:
        found = reads.units_under(asked.inside or "", county=settings.COUNTY, kinds=kinds)
    rows = [unit for unit in found if asked.q in f"{unit.name} {unit.short_name} {unit.code}"]
    page = page_of_list(rows, key=_code, cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, unit_shown)


def _code(unit: Unit) -> str:
    return unit.code


def unit_shown(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "code": unit.code,
        "kind": unit.kind,
        "level": unit.level,
        "name": unit.name,
        "short_name": unit.short_name,
        "path": unit.path,
        "parent": unit.parent_id,
        "phone": unit.phone,
        "is_active": unit.is_active,
    }


@router.get("/units/{uuid:unit}", response=UnitShown, tags=["units"], summary="Read a unit")
def get_unit(request: HttpRequest, unit: UUID) -> HttpResponse:
    """A unit, active or closed."""
    return give(unit_shown(reads.unit(unit)))


@router.post("/units", response={201: UnitShown}, tags=["units"], summary="Add a unit")
def add_unit(request: HttpRequest, body: UnitSent) -> HttpResponse:
    """A new unit that answers for an area."""
    actor = actor_of(request)
    values = body.model_dump()

    def do() -> Answer:
        made = actions.add_unit(county=settings.COUNTY, **values, actor=actor)
        return Answer(unit_shown(made), 201, {"Location": f"/api/v1/units/{made.id}"})

    return answer_once(request, do)


@router.patch("/units/{uuid:unit}", response=UnitShown, tags=["units"], summary="Change a unit")
def change_unit(request: HttpRequest, unit: UUID, body: UnitWords) -> HttpResponse:
    """Names, phone and the unit above; code, kind and area stay."""
    words = body.model_dump(exclude_unset=True)
    return give(unit_shown(actions.change_unit(unit, **words, actor=actor_of(request))))


@router.post("/units/{uuid:unit}/close", response=UnitShown, tags=["units"], summary="Close a unit")
def close_unit(request: HttpRequest, unit: UUID) -> HttpResponse:
    """Out of use; refused while people have posts there."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(unit_shown(actions.close_unit(unit, actor=actor))))


@router.post(
    "/units/{uuid:unit}/reopen", response=UnitShown, tags=["units"], summary="Open a unit again"
)
def reopen_unit(request: HttpRequest, unit: UUID) -> HttpResponse:
    """Into use again."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(unit_shown(actions.reopen_unit(unit, actor=actor))))


@router.get("/accounts", response=AccountList, tags=["accounts"], summary="Find accounts")
def list_accounts(
    request: HttpRequest, asked: Annotated[AccountsAsked, Query(...)]
) -> HttpResponse:
    """The accounts the asker looks after, by name."""
    actor = actor_of(request)
    actor.must("account.manage")
    found = reads.search_accounts(
        actor,
        words=asked.q,
        role=asked.role or "",
        area=asked.area or "",
        unit=str(asked.unit) if asked.unit else "",
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


@router.get(
    "/accounts/{uuid:account}", response=AccountShown, tags=["accounts"], summary="Read an account"
)
def get_account(request: HttpRequest, account: UUID) -> HttpResponse:
    """One account the asker looks after."""
    return give(account_shown(reads.account(actor_of(request), account)))


@router.post("/accounts", response={201: AccountMade}, tags=["accounts"], summary="Add a person")
def add_account(request: HttpRequest, body: AccountSent) -> HttpResponse:
    """An account with a first post; the one-time password is shown here and nowhere again."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.add_staff(**body.model_dump(), actor=actor)
        shown = {"account": account_shown(made.account), "password": made.password}
        return Answer(shown, 201, {"Location": f"/api/v1/accounts/{made.account.id}"})

    return answer_once(request, do)


@router.patch(
    "/accounts/{uuid:account}",
    response=AccountShown,
    tags=["accounts"],
    summary="Change an account",
)
def change_account(request: HttpRequest, account: UUID, body: AccountWordsSent) -> HttpResponse:
    """Name, language, open or closed."""
    words = body.model_dump(exclude_none=True)
    return give(account_shown(actions.change_account(account, **words, actor=actor_of(request))))


@router.post(
    "/accounts/{uuid:account}/password",
    response=PasswordShown,
    tags=["accounts"],
    summary="Give a one-time password",
)
def reset_password(request: HttpRequest, account: UUID) -> HttpResponse:
    """It must be changed at the next sign-in; a lock-out ends."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer({"password": actions.reset_password(account, actor=actor)})
    )


@router.get(
    "/accounts/{uuid:account}/posts", response=PostList, tags=["accounts"], summary="Its posts"
)
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
    }


@router.post(
    "/accounts/{uuid:account}/posts",
    response={201: PostShown},
    tags=["accounts"],
    summary="Give a post",
)
def give_post(request: HttpRequest, account: UUID, body: PostSent) -> HttpResponse:
    """A role in a unit, over its area or a part of it."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.give_post(account=account, **body.model_dump(), actor=actor)
        return Answer(post_shown(made), 201)

    return answer_once(request, do)


@router.post("/posts/{uuid:post}/end", response=PostShown, tags=["accounts"], summary="End a post")
def end_post(request: HttpRequest, post: UUID, body: PostEnd) -> HttpResponse:
    """From a day on, today if none is given."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(post_shown(actions.end_post(post, on=body.on, actor=actor)))
    )


@router.get(
    "/accounts/{uuid:account}/keys", response=KeyList, tags=["accounts"], summary="Its keys"
)
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
        "last_used": key.last_used,
        "is_active": key.is_active,
    }


@router.post(
    "/accounts/{uuid:account}/keys",
    response={201: KeyMade},
    tags=["accounts"],
    summary="Make a key",
)
def make_key(request: HttpRequest, account: UUID, body: KeySent) -> HttpResponse:
    """A key that acts with the account's posts; its text is shown here and nowhere again."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.make_key(account=account, name=body.name, actor=actor)
        return Answer({"key": key_shown(made.key), "token": made.token}, 201)

    return answer_once(request, do)


@router.post(
    "/keys/{uuid:key}/revoke", response=KeyShown, tags=["accounts"], summary="Revoke a key"
)
def revoke_key(request: HttpRequest, key: UUID) -> HttpResponse:
    """It works no more: here at once, in other processes within ten seconds."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(key_shown(actions.revoke_key(key, actor=actor))))
