"""Accounts, posts and keys: who acts, and who works where."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from gezhi.base import actor as base
from gezhi.base import clock, rows
from gezhi.base.actor import NOBODY, Actor
from gezhi.base.refusal import NotFound, SignInNeeded
from gezhi.people import rules
from gezhi.people.models import Account, ApiKey, Post, Unit
from gezhi.people.reads.covering import inside


def today() -> date:
    """The day in the city."""
    return timezone.localdate(clock.now())


def signed_in(account_id: UUID | str) -> Account | None:
    """The account of a session, if it is active, together with the posts it holds today."""
    accounts, posts = rows.fetch_both(
        rows.Asked(Account, "id = %s AND is_active", [account_id]), _held_by(account_id)
    )
    for account in accounts:
        account.posts_today = posts  # type: ignore[attr-defined]  # read by `posts_of_today`
    return accounts[0] if accounts else None


def actor_for(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """The signed-in account with the posts it holds today.

    Until a first password is changed, an account has no posts.
    """
    if not isinstance(user, Account) or not user.is_active:
        return NOBODY
    if user.must_change_password:
        return Actor(label=f"account:{user.id}", kind="staff", account=user.id)
    return acting(user)


def acting(account: Account) -> Actor:
    """An account with the posts it holds today, whatever it may still have to do."""
    posts = actors_posts(posts_of_today(account))
    return Actor(label=f"account:{account.id}", kind="staff", account=account.id, posts=posts)


def posts_of_today(account: Account) -> list[Post]:
    """The posts an account holds today; of who is signed in they are known."""
    known: list[Post] | None = getattr(account, "posts_today", None)
    return held(account.id) if known is None else known


def accounts(actor: Actor) -> QuerySet[Account]:
    """Accounts this actor looks after: at home in its area, or with a post there today.

    Both who keeps accounts and who gives posts. Lists and single reads both start here.
    """
    paths = actor.paths("account.manage") | actor.paths("post.manage")
    posted = Post.objects.filter(held_on(today()), inside(paths), account=OuterRef("pk"))
    return Account.objects.filter(inside(paths) | Exists(posted))


def search_accounts(
    actor: Actor,
    *,
    words: str = "",
    role: str = "",
    area: str = "",
    unit: str = "",
    no_post: bool = False,
    closed: bool,
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
    if no_post:
        found = found.exclude(Exists(held.filter(account=OuterRef("pk"))))
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


def account_to_change(actor: Actor, id: UUID, right: str = "account.manage") -> Account:
    """One account, held until the transaction ends.

    Refused unless the actor has `right` over the account's home and the unit of every post it
    holds or will hold: whoever resets a password or makes a key could use all of them.
    """
    found = accounts(actor).filter(id=id).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(account=id)
    actor.must(right, path=found.path)
    for path in _not_ended(found.id).values_list("unit__path", flat=True):
        actor.must(right, path=path)
    return found


def account_posts(actor: Actor, id: UUID) -> QuerySet[Post]:
    """All posts of an account, past ones too, the newest first."""
    return (
        Post.objects.filter(account=account(actor, id))
        .select_related("unit", "delegated_by")
        .order_by("-valid_from", "-id")
    )


def own_id(actor: Actor) -> UUID | None:
    """The account of a signed-in person; None for programs, residents and the house."""
    return actor.account if actor.kind == "staff" else None


def own_account_seen(actor: Actor) -> Account:
    """The signed-in account as it is just now, held by nobody."""
    found = Account.objects.filter(id=own_id(actor) or UUID(int=0)).first()
    if found is None:
        raise SignInNeeded()
    return found


def own_account(actor: Actor) -> Account:
    """The signed-in account itself, held until the transaction ends."""
    mine = Account.objects.select_for_update().filter(id=own_id(actor) or UUID(int=0))
    if (found := mine.first()) is None:
        raise SignInNeeded()
    return found


def post_to_end(actor: Actor, id: UUID) -> Post:
    """A post in a unit where the actor gives posts, held until the transaction ends."""
    there = inside(actor.paths("post.manage"), "unit__path")
    found = Post.objects.filter(there, id=id).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(post=id)
    return found


def posts_at(unit: Unit, *, day: date) -> QuerySet[Post]:
    """Posts in a unit that hold on `day` or begin later."""
    return Post.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), unit=unit)


def posts_beside(post: Post) -> list[Post]:
    """The person's posts that hold on any of a new post's days, in this unit and elsewhere."""
    days = Q(valid_to=None) | Q(valid_to__gt=post.valid_from)
    if post.valid_to is not None:
        days &= Q(valid_from__lt=post.valid_to)
    # One that was taken back before it began has no day.
    days &= Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
    return list(Post.objects.filter(days, account=post.account_id).order_by("role"))


def holds_any(account: UUID) -> bool:
    """Whether an account has a post that hasn't ended."""
    return _not_ended(account).exists()


def roles_to_come(account: UUID) -> set[str]:
    """The roles an account has, or will have."""
    return set(_not_ended(account).values_list("role", flat=True))


def administrator_roles(account: UUID) -> set[str]:
    """Which of the three administrators' roles an account has, or will have."""
    return roles_to_come(account) & set(rules.ADMINISTRATORS)


def administrator_posts(account: UUID) -> list[Post]:
    """The posts of one of the three administrators that an account holds today."""
    return list(
        Post.objects.filter(held_on(today()), account=account, role__in=rules.ADMINISTRATORS)
    )


def has_way_in(account: UUID) -> bool:
    """Whether a password or a factor opens this account just now."""
    found = Account.objects.get(id=account)
    return found.has_factor or found.has_usable_password()


def hold_administrators(posts: Q) -> None:
    """Where these are posts of the three administrators, hold all posts of their roles.

    Until the transaction ends nobody else ends one: of two that end at once one is not the last.
    """
    roles = Post.objects.filter(posts, role__in=rules.ADMINISTRATORS).values("role")
    list(Post.objects.filter(role__in=roles).order_by("id").select_for_update().values("id"))


def administrators_over(path: str) -> set[str]:
    """Which of the three administrators' roles somebody has today over an area."""
    held = _administering(path).filter(role__in=rules.ADMINISTRATORS)
    return set(held.values_list("role", flat=True))


def who_administer(path: str) -> list[UUID]:
    """The accounts of those who administer the system over an area today."""
    held = _administering(path).filter(role=rules.Role.ADMINISTRATOR)
    return list(held.order_by("account").values_list("account", flat=True).distinct())


def programs_of(county: str) -> list[Account]:
    """The accounts that are other programs' and nobody else's, by name."""
    held = Post.objects.filter(held_on(today()), account=OuterRef("pk"))
    found = Account.objects.filter(
        Exists(held.filter(role=rules.Role.INTEGRATOR)),
        ~Exists(held.exclude(role=rules.Role.INTEGRATOR)),
        county=county,
        is_active=True,
    )
    return list(found.order_by("name", "id"))


def others_administer(post: Post) -> bool:
    """Whether somebody else has the same administrator's part over this post's area.

    From today on, and no shorter than this post would hold.
    """
    as_long = Q(valid_to=None)
    if post.valid_to is not None:
        as_long |= Q(valid_to__gte=post.valid_to)
    others = _administering(post.path).filter(as_long, role=post.role)
    return others.exclude(account=post.account_id).exists()


def _administering(path: str) -> QuerySet[Post]:
    """Posts held today over an area or one around it, by people who may sign in."""
    return Post.objects.filter(
        held_on(today()),
        path__in=rules.paths_around(path),
        account__is_active=True,
        unit__is_active=True,
    )


def staff_of(unit: Unit | UUID, *, role: str = "") -> QuerySet[Post]:
    """Who works in a unit today, with their accounts, by role and name."""
    found = Post.objects.filter(
        held_on(today()), unit=unit if isinstance(unit, UUID) else unit.id, account__is_active=True
    )
    if role:
        found = found.filter(role=role)
    return found.select_related("account", "delegated_by").order_by("role", "account__name")


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


def holders_of(labels: Iterable[str]) -> dict[str, UUID]:
    """The accounts behind labels of accounts and keys."""
    ids = {label: UUID(label.partition(":")[2]) for label in set(labels)
           if label.startswith(("account:", "key:"))}  # fmt: skip
    keys = dict(
        ApiKey.objects.filter(
            id__in=[id for label, id in ids.items() if label.startswith("key:")]
        ).values_list("id", "account_id")
    )
    return {label: keys.get(id, id) for label, id in ids.items()}


def who_are(labels: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name and unit behind labels of accounts and keys, of those that are somebody's."""
    persons = holders_of(labels)
    names = account_names(persons.values())
    posts = Post.objects.filter(held_on(today()), account__in=names).select_related("unit")
    units = {post.account_id: post.unit.name for post in posts.order_by("-unit__level", "-id")}
    return {label: (names[id], units.get(id, "")) for label, id in persons.items() if id in names}


def labels_called(text: str, *, county: str) -> list[str]:
    """The labels under which people of this login or name, and their keys, act."""
    called = Q(login=text) | Q(name=text)
    accounts = list(Account.objects.filter(called, county=county).values_list("id", flat=True))
    keys = ApiKey.objects.filter(account__in=accounts).values_list("id", flat=True)
    return [f"account:{id}" for id in accounts] + [f"key:{id}" for id in keys]


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


def held(account: UUID) -> list[Post]:
    asked = _held_by(account)
    return rows.fetch(asked.model, asked.where, asked.values)


def actors_posts(posts: Iterable[Post]) -> tuple[base.Post, ...]:
    return tuple(
        base.Post(
            each.unit_id, each.role, each.path, rules.rights_of(each.role), each.delegated_by_id
        )
        for each in posts
    )
