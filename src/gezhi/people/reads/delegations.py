"""Delegation: what somebody may delegate, has delegated, and does for others."""

from uuid import UUID

from django.db.models import Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people.models import Account, Post
from gezhi.people.reads.staff import held_on, own_id, today


def own_posts(account: UUID) -> QuerySet[Post]:
    """The posts somebody holds today in their own name."""
    found = Post.objects.filter(held_on(today()), account=account, delegated_from=None)
    return found.select_related("unit").order_by("path", "role")


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
    """One's own post, or one in the area of who gives posts; held until the transaction ends."""
    found = Post.objects.filter(id=id).select_for_update(of=("self",)).first()
    if found is None or not _may(actor, found.account_id, path=found.path):
        raise NotFound(post=id)
    return found


def delegation_to_end(actor: Actor, id: UUID) -> Post:
    """A delegated post, for both sides and for who gives posts there; held."""
    found = (
        Post.objects.filter(id=id, delegated_from__isnull=False)
        .select_for_update(of=("self",))
        .first()
    )
    if found is None or not (
        _may(actor, found.account_id, path=found.path)
        or _may(actor, found.delegated_by_id, path=found.path)
    ):
        raise NotFound(post=id)
    return found


def delegate_for(post: Post, account: UUID) -> Account | None:
    """A colleague who works in the post's unit today in their own name; held."""
    there = Post.objects.filter(held_on(today()), unit=post.unit_id, delegated_from=None)
    found = Account.objects.filter(
        id=account, is_active=True, id__in=there.values("account")
    ).exclude(id=post.account_id)
    return found.select_for_update(of=("self",)).first()


def _may(actor: Actor, account: UUID | None, *, path: str) -> bool:
    is_own = account is not None and own_id(actor) == account
    return is_own or actor.may("post.manage", path=path)


def _not_over() -> Q:
    return Q(valid_to=None) | Q(valid_to__gt=today())
