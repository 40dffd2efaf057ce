"""Delegation: what somebody may delegate, has delegated, and does for others."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people import rules
from gezhi.people.models import Account, Post
from gezhi.people.reads.staff import held_on, own_id, today


def delegations(account: UUID) -> QuerySet[Post]:
    """What others do on somebody's behalf, and what they do on others', as long as it holds."""
    theirs = Q(delegated_by=account) | Q(account=account)
    found = Post.objects.filter(_not_over(), theirs, delegated_from__isnull=False)
    return found.select_related("unit", "account", "delegated_by").order_by("valid_to", "id")


def delegated(post: UUID) -> QuerySet[Post]:
    """The posts that go with this one: held on its behalf and not over; held."""
    return Post.objects.filter(_not_over(), delegated_from=post).select_for_update(of=("self",))


def delegated_by(account: UUID) -> QuerySet[Post]:
    """What others hold on somebody's behalf and is not over; held."""
    return Post.objects.filter(_not_over(), delegated_by=account).select_for_update(of=("self",))


def post_to_delegate(actor: Actor, id: UUID) -> Post:
    """One's own post, or one in a unit of who gives posts; held until the transaction ends."""
    found = _held(Post.objects.filter(id=id))
    if found is None or not _may(actor, found, found.account_id):
        raise NotFound(post=id)
    return found


def delegation_to_end(actor: Actor, id: UUID) -> Post:
    """A delegated post, for both sides and for who gives posts there; held."""
    found = _held(Post.objects.filter(id=id, delegated_from__isnull=False))
    if found is None or not _may(actor, found, found.account_id, found.delegated_by_id):
        raise NotFound(post=id)
    return found


def posts_to_delegate(actor: Actor, account: UUID) -> list[Post]:
    """Which posts of somebody this actor may delegate: one's own, or those of its units."""
    held = Post.objects.filter(held_on(today()), account=account, delegated_from=None)
    return [
        post
        for post in held.select_related("unit").order_by("path", "role")
        if rules.may_be_delegated(post.role, is_delegated=False) and _may(actor, post, account)
    ]


def delegates(posts: Collection[Post]) -> QuerySet[Account]:
    """To whom one of these posts may be delegated, by name.

    Colleagues who work in its unit today in their own name, and are none of the administrators.
    """
    today_held = Post.objects.filter(held_on(today()), account=OuterRef("pk"))
    there = today_held.filter(unit__in={post.unit_id for post in posts}, delegated_from=None)
    others = Account.objects.exclude(id__in={post.account_id for post in posts})
    apart = today_held.filter(role__in=rules.ADMINISTRATORS)
    return others.filter(Exists(there), ~Exists(apart), is_active=True).order_by("name")


def _held(posts: QuerySet[Post]) -> Post | None:
    return posts.select_related("unit").select_for_update(of=("self",)).first()


def _may(actor: Actor, post: Post, *own: UUID | None) -> bool:
    """As one of these people, or as who gives posts in the whole unit."""
    me = own_id(actor)
    return (me is not None and me in own) or actor.may("post.manage", path=post.unit.path)


def _not_over() -> Q:
    return Q(valid_to=None) | Q(valid_to__gt=today())
