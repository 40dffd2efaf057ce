"""Accounts, posts and keys: who acts, and who works where."""

import hmac
import time
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from gezhi.base import actor as base
from gezhi.base import clock, rows
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.refusal import NotFound, SignInNeeded
from gezhi.people import rules
from gezhi.people.models import Account, ApiKey, Post, Unit
from gezhi.people.reads.covering import inside

_KEY_KEPT = 10.0  # seconds an answered key is believed without asking again


class _Known(NamedTuple):
    until: float
    actor: Actor


_known_keys: dict[bytes, _Known] = {}


def today() -> date:
    """The day in the city."""
    return timezone.localdate(clock.now())


def signed_in(account_id: UUID | str) -> Account | None:
    """The account of a session, if it is active, together with the posts it holds today."""
    accounts, posts = rows.fetch_both(
        rows.Asked(Account, "id = %s AND is_active", [account_id]), _held_by(account_id)
    )
    for account in accounts:
        account.posts_today = posts  # type: ignore[attr-defined]  # read by `actor_for` alone
    return accounts[0] if accounts else None


def actor_for(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """The signed-in account with the posts it holds today.

    Until a first password is changed, an account has no posts.
    """
    if not isinstance(user, Account) or not user.is_active:
        return NOBODY
    held = getattr(user, "posts_today", None)
    posts = () if user.must_change_password else _posts_of(user.id, held)
    return Actor(label=f"account:{user.id}", kind="staff", account=user.id, posts=posts)


def actor_for_key(token: str) -> Actor | None:
    """The program that holds this key; None for a key that is unknown or revoked.

    An answer is kept for ten seconds in this process, so a key revoked in
    another process may work that much longer.
    """
    digest = rules.token_digest(token)
    known = _known_keys.get(digest)
    if known is not None and time.monotonic() < known.until:
        return known.actor
    key = _key_with(token, digest)
    if key is None:
        _known_keys.pop(digest, None)
        return None
    posts = _posts_of(key.account_id)
    actor = Actor(label=f"key:{key.id}", kind="key", account=key.account_id, posts=posts)
    if len(_known_keys) > 1000:
        _known_keys.clear()
    _known_keys[digest] = _Known(time.monotonic() + _KEY_KEPT, actor)
    return actor


def forget_keys() -> None:
    """Ask the database again about every key (in this process)."""
    _known_keys.clear()


def accounts(actor: Actor) -> QuerySet[Account]:
    """Accounts this actor looks after: at home in its area, or with a post there today.

    Lists and single reads both start here.
    """
    paths = actor.paths("account.manage")
    posted = Post.objects.filter(held_on(today()), inside(paths), account=OuterRef("pk"))
    return Account.objects.filter(inside(paths) | Exists(posted))


def search_accounts(
    actor: Actor, *, words: str = "", role: str = "", area: str = "", unit: str = "", closed: bool
) -> QuerySet[Account]:
    """Accounts that fit the filters, with their posts of today, by name.

    `words` are looked for in names, logins and the names of units.
    """
    held = Post.objects.filter(held_on(today()))
    found = accounts(actor).filter(is_active=not closed)
    if words:
        working = held.filter(
            Q(unit__name__icontains=words) | Q(unit__short_name__icontains=words),
            account=OuterRef("pk"),
        )
        found = found.filter(Q(name__icontains=words) | Q(login__icontains=words) | Exists(working))
    wanted = {"role": role, "path__startswith": area, "unit": unit}
    if chosen := {field: value for field, value in wanted.items() if value}:
        found = found.filter(Exists(held.filter(account=OuterRef("pk"), **chosen)))
    return found.prefetch_related(
        Prefetch("posts", held.select_related("unit").order_by("path"), to_attr="held_posts")
    ).order_by("name", "login")


def account(actor: Actor, id: UUID) -> Account:
    """One account this actor looks after."""
    found = accounts(actor).filter(id=id).first()
    if found is None:
        raise NotFound(account=id)
    return found


def account_to_change(actor: Actor, id: UUID) -> Account:
    """One account, held until the transaction ends.

    Refused unless the actor's area covers the account's home and every post it holds or will
    hold: whoever resets a password could use all of them.
    """
    found = accounts(actor).filter(id=id).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(account=id)
    actor.must("account.manage", path=found.path)
    for path in _not_ended(found.id).values_list("path", flat=True):
        actor.must("account.manage", path=path)
    return found


def account_posts(actor: Actor, id: UUID) -> QuerySet[Post]:
    """All posts of an account, past ones too, the newest first."""
    return (
        Post.objects.filter(account=account(actor, id))
        .select_related("unit")
        .order_by("-valid_from", "-id")
    )


def account_keys(actor: Actor, id: UUID) -> QuerySet[ApiKey]:
    """All keys of an account, the newest first."""
    return ApiKey.objects.filter(account=account(actor, id)).order_by("-made_at")


def own_id(actor: Actor) -> UUID | None:
    """The account of a signed-in person; None for programs, residents and the house."""
    return actor.account if actor.kind == "staff" else None


def own_account(actor: Actor) -> Account:
    """The signed-in account itself, held until the transaction ends."""
    mine = Account.objects.select_for_update().filter(id=actor.account or UUID(int=0))
    if (found := mine.first()) is None:
        raise SignInNeeded()
    return found


def post_to_end(actor: Actor, id: UUID) -> Post:
    """A post in the actor's area, held until the transaction ends."""
    found = (
        Post.objects.filter(inside(actor.paths("account.manage")), id=id)
        .select_for_update()
        .first()
    )
    if found is None:
        raise NotFound(post=id)
    return found


def posts_at(unit: Unit, *, day: date) -> QuerySet[Post]:
    """Posts in a unit that hold on `day` or begin later."""
    return Post.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), unit=unit)


def holds_already(post: Post) -> bool:
    """Whether the person has the same role in the same unit on any of the new post's days."""
    days = Q(valid_to=None) | Q(valid_to__gt=post.valid_from)
    if post.valid_to is not None:
        days &= Q(valid_from__lt=post.valid_to)
    return Post.objects.filter(
        days, account=post.account_id, unit=post.unit_id, role=post.role
    ).exists()


def administrator_posts(account: UUID) -> list[Post]:
    """The administrator's posts an account holds today."""
    return list(
        Post.objects.filter(held_on(today()), account=account, role=rules.Role.ADMINISTRATOR)
    )


def others_administer(post: Post) -> bool:
    """Whether somebody else is administrator today of the area this post covers."""
    return (
        Post.objects.filter(
            held_on(today()),
            role=rules.Role.ADMINISTRATOR,
            path__in=rules.paths_around(post.path),
            account__is_active=True,
            unit__is_active=True,
        )
        .exclude(account=post.account_id)
        .exists()
    )


def key_to_change(actor: Actor, id: UUID) -> ApiKey:
    """A key of an account this actor may change, held until the transaction ends."""
    found = ApiKey.objects.filter(id=id).select_for_update().first()
    if found is None:
        raise NotFound(key=id)
    account_to_change(actor, found.account_id)
    return found


def staff_of(unit: Unit | UUID, *, role: str = "") -> QuerySet[Post]:
    """Who works in a unit today, with their accounts, by role and name."""
    found = Post.objects.filter(
        held_on(today()), unit=unit if isinstance(unit, UUID) else unit.id, account__is_active=True
    )
    if role:
        found = found.filter(role=role)
    return found.select_related("account").order_by("role", "account__name")


def account_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The display names of these accounts, in one query."""
    return dict(Account.objects.filter(id__in=set(ids)).values_list("id", "name"))


def person_behind(label: str) -> str:
    """`account:<id>` for the label of a key, whose account acts by it; other labels as they are."""
    kind, _colon, id = label.partition(":")
    if kind != "key":
        return label
    holder = ApiKey.objects.filter(id=UUID(id)).values_list("account_id", flat=True).first()
    return f"account:{holder}" if holder else label


def person_name(label: str) -> str:
    """The display name behind `account:<id>`; empty for other labels."""
    kind, _colon, id = label.partition(":")
    return account_names([UUID(id)]).get(UUID(id), "") if kind == "account" else ""


def demo_accounts(county: str) -> list[tuple[str, Account]]:
    """For each role and level of unit one account, to try the demo county with."""
    posts = (
        Post.objects.filter(held_on(today()), unit__county=county, account__is_active=True)
        .exclude(role=rules.Role.INTEGRATOR)
        .order_by("role", "unit__level", "unit__path", "account__login")
        .distinct("role", "unit__level")
        .select_related("account", "unit")
    )
    order = list(rules.Role)
    chosen = sorted(posts, key=lambda post: (order.index(rules.Role(post.role)), post.unit.path))
    return [(post.role, _with_post(post)) for post in chosen]


def accounts_by_login(logins: Iterable[str]) -> dict[str, Account]:
    """The active accounts with these logins."""
    found = Account.objects.filter(login__in=list(logins), is_active=True)
    return {account.login: account for account in found}


def logins_taken(logins: Iterable[str]) -> set[str]:
    """Which of these logins exist already."""
    return set(Account.objects.filter(login__in=list(logins)).values_list("login", flat=True))


def _with_post(post: Post) -> Account:
    found = post.account
    found.held_posts = [post]  # type: ignore[attr-defined]  # as in search_accounts
    return found


def held_on(day: date) -> Q:
    """The condition that a post holds on a day."""
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def _not_ended(account: UUID) -> QuerySet[Post]:
    return Post.objects.filter(Q(valid_to=None) | Q(valid_to__gt=today()), account=account)


def _held_by(account: UUID | str) -> rows.Asked[Post]:
    """Posts held today in units that work; whether the account does is asked beside it."""
    day = today()
    return rows.Asked(
        Post,
        "account_id = %s AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)"
        " AND EXISTS (SELECT 1 FROM people_unit WHERE id = unit_id AND is_active)"
        " ORDER BY path, role",
        [account, day, day],
    )


def _posts_of(account: UUID, held: Iterable[Post] | None = None) -> tuple[base.Post, ...]:
    if held is None:
        asked = _held_by(account)
        held = rows.fetch(asked.model, asked.where, asked.values)
    return tuple(
        base.Post(each.unit_id, each.role, each.path, rules.rights_of(each.role)) for each in held
    )


def _key_with(token: str, digest: bytes) -> ApiKey | None:
    prefix = rules.token_prefix(token)
    key = ApiKey.objects.filter(prefix=prefix, is_active=True, account__is_active=True).first()
    return key if key and hmac.compare_digest(bytes(key.digest), digest) else None
