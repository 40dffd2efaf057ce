"""Delegation: a colleague holds a post on somebody's behalf until a day."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.people import errors, reads, rules
from gezhi.people.facts import DelegationEnded, PostDelegated
from gezhi.people.models import Account, Post
from gezhi.record.actions import announce


@transaction.atomic
def delegate_post(id: UUID, *, to: UUID, until: date, actor: Actor) -> Post:
    """Let a colleague of the same unit hold a post too, from today to `until`, both with."""
    own, today, days = reads.post_to_delegate(actor, id), reads.today(), settings.DELEGATION_DAYS
    # Both: the one may be closed in this moment, the other given a post that stands beside none.
    if not reads.accounts_held([own.account_id, to])[own.account_id].is_active:
        raise errors.AccountClosed()
    colleague = reads.delegates([own]).filter(id=to).first()
    is_fine = (
        rules.may_be_delegated(own.role, is_delegated=own.delegated_from_id is not None)
        and rules.holds_on(today, own.valid_from, own.valid_to)
        and rules.is_span_fine(today, until, longest=timedelta(days=days))
    )
    if colleague is None or not is_fine:
        raise errors.NotDelegable(days=days)
    after = until + timedelta(days=1)
    post = Post(
        account=colleague,
        unit_id=own.unit_id,
        role=own.role,
        path=own.path,
        valid_from=today,
        valid_to=min(after, own.valid_to) if own.valid_to else after,
        delegated_from=own,
        delegated_by_id=own.account_id,
    )
    _check_beside(post, colleague)
    post.save(force_insert=True)
    reads.forget_keys()
    now = clock.now()
    fact = PostDelegated(
        post=post.id,
        account=colleague.id,
        on_behalf_of=own.account_id,
        unit=post.unit_id,
        role=post.role,
        path=post.path,
        until=until,
    )
    county = reads.unit(post.unit_id).county
    announce(fact, about=f"account:{colleague.id}", county=county, actor=actor, now=now)
    return post


@transaction.atomic
def end_delegation(id: UUID, *, actor: Actor) -> Post:
    """Let it end now: by either side, or by who gives posts there."""
    post = reads.delegation_to_end(actor, id)
    if post.valid_to is not None and post.valid_to <= reads.today():
        raise errors.PostEndedAlready()
    _end(post, actor, clock.now())
    return post


def end_delegations_of(post: Post, actor: Actor, now: datetime) -> None:
    """What is done on behalf of a post ends with it, on the same day."""
    for each in reads.delegated(post.id):
        if post.valid_to is not None and (each.valid_to is None or post.valid_to < each.valid_to):
            _end(each, actor, now, on=max(post.valid_to, each.valid_from))


def end_delegations_by(account: Account, actor: Actor, now: datetime) -> None:
    """Nobody does anything on behalf of somebody who is no longer here."""
    for each in reads.delegated_by(account.id):
        _end(each, actor, now)


def _end(post: Post, actor: Actor, now: datetime, *, on: date | None = None) -> None:
    post.valid_to = on or reads.today()
    post.save(update_fields=["valid_to"])
    reads.forget_keys()
    fact = DelegationEnded(
        post=post.id,
        account=post.account_id,
        on_behalf_of=post.delegated_by_id,
        unit=post.unit_id,
        role=post.role,
    )
    county = reads.unit(post.unit_id).county
    announce(fact, about=f"account:{post.account_id}", county=county, actor=actor, now=now)


def _check_beside(post: Post, colleague: Account) -> None:
    beside = reads.posts_beside(post)
    if any((other.unit_id, other.role) == (post.unit_id, post.role) for other in beside):
        raise errors.PostTaken()
    if not rules.are_apart(post.role, [other.role for other in beside]):
        raise errors.NotDelegable(days=settings.DELEGATION_DAYS)
