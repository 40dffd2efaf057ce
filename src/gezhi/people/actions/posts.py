"""Posts: giving and ending them, naming heads."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.people import errors, reads, rules
from gezhi.people.actions.accounts import NewAccount, add_account, must_not_be_last
from gezhi.people.actions.delegations import end_delegations_of
from gezhi.people.actions.factors import forget_factors
from gezhi.people.actions.identities import forget_identity
from gezhi.people.actions.passwords import forget_password
from gezhi.people.actions.sessions import end_all
from gezhi.people.actions.units import hold_divisions
from gezhi.people.facts import HeadNamed, PostEnded, PostGiven
from gezhi.people.models import Account, Post, Unit
from gezhi.record.actions import announce


@transaction.atomic
def add_staff(
    *, unit: UUID, role: str, login: str, name: str, language: str = "zh-hans", actor: Actor
) -> NewAccount:
    """Add a person with a first post, whose area is the account's home.

    No person has the rights for both: it is how the house itself sets people up.
    """
    hold_divisions(reads.unit(unit).county)
    place = reads.unit(unit)
    made = add_account(
        county=place.county,
        path=place.path,
        login=login,
        name=name,
        language=language,
        actor=actor,
    )
    give_post(account=made.account.id, unit=unit, role=role, actor=actor)
    return made


@transaction.atomic
def give_post(
    *,
    account: UUID,
    unit: UUID,
    role: str,
    path: str = "",
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_head: bool = False,
    actor: Actor,
) -> Post:
    """Give a person a role in a unit, over the unit's area or a part of it (`path`).

    From today if no day is given; `valid_to` is the first day it no longer holds. With `is_head`
    it is that of the unit's head.
    Refused beyond the giver's own area.
    """
    hold_divisions(reads.unit(unit).county)
    place = reads.unit(unit)
    # A post in a unit reaches all the unit holds, however small its path.
    actor.must("post.manage", path=place.path)
    holder = reads.account_to_change(actor, account, "post.manage")
    if holder.id == actor.account:
        raise errors.OwnAccount()
    if not holder.is_active:
        raise errors.AccountClosed()
    post = Post(
        account=holder,
        unit_id=place.id,
        role=role,
        path=path or place.path,
        valid_from=valid_from or reads.today(),
        valid_to=valid_to,
        is_head=is_head,
    )
    _check(post, place)
    if post.role in rules.ADMINISTRATORS and not actor.is_system:
        _begin_anew(holder, actor, clock.now())
    post.save(force_insert=True)
    reads.forget_keys()
    now = clock.now()
    fact = PostGiven(post=post.id, account=account, unit=unit, role=role, path=post.path)
    announce(fact, about=f"account:{account}", county=place.county, actor=actor, now=now)
    if is_head:
        _announce_head(post, place, actor, now)
    return post


def _begin_anew(holder: Account, actor: Actor, now: datetime) -> None:
    """Whoever added the account may know its password or hold its passkey: none of it stays.

    The person gets in by a password given on the server. Who is an administrator of the kind
    already keeps what is theirs.
    """
    if reads.administrator_roles(holder.id):
        return
    forget_password(holder)
    forget_factors(holder)
    forget_identity(holder)
    end_all(holder, actor=actor, now=now)


@transaction.atomic
def end_post(id: UUID, *, on: date | None = None, actor: Actor) -> Post:
    """Let a post end: today if no day is given, which takes its rights at once.

    Never later than it would by itself: days more would be given past all that `give_post` asks.
    """
    reads.hold_administrators(Q(id=id))
    post = reads.post_to_end(actor, id)
    today = reads.today()
    if post.account_id == actor.account:
        raise errors.OwnAccount()
    if post.valid_to is not None and post.valid_to <= today:
        raise errors.PostEndedAlready()
    if on and post.valid_to is not None and on > post.valid_to:
        raise errors.PostEndsBefore(day=post.valid_to.isoformat())
    if post.role in rules.ADMINISTRATORS:
        must_not_be_last(post)
    post.valid_to = max(on or today, post.valid_from)
    post.save(update_fields=["valid_to"])
    reads.forget_keys()
    fact = PostEnded(
        post=id, account=post.account_id, unit=post.unit_id, role=post.role, on=post.valid_to
    )
    county, now = reads.unit(post.unit_id).county, clock.now()
    announce(fact, about=f"account:{post.account_id}", county=county, actor=actor, now=now)
    end_delegations_of(post, actor, now)
    if not reads.holds_any(post.account_id):
        end_all(post.account, actor=actor, now=now)
    return post


@transaction.atomic
def name_head(id: UUID, *, is_head: bool = True, actor: Actor) -> Post:
    """Make a post that of the head of its unit, or take that away; a unit may have several."""
    post = reads.post_to_end(actor, id)
    if post.valid_to is not None and post.valid_to <= reads.today():
        raise errors.PostEndedAlready()
    if post.is_head != is_head:
        post.is_head = is_head
        post.save(update_fields=["is_head"])
        _announce_head(post, reads.unit(post.unit_id), actor, clock.now())
    return post


def _announce_head(post: Post, place: Unit, actor: Actor, now: datetime) -> None:
    fact = HeadNamed(post=post.id, account=post.account_id, unit=post.unit_id, is_head=post.is_head)
    announce(fact, about=f"unit:{place.id}", county=place.county, actor=actor, now=now)


def _check(post: Post, place: Unit) -> None:
    rules.must_fit(post.role, place.kind)
    if not place.is_active:
        raise errors.UnitClosedAlready()
    if not rules.covers(place.path, post.path):
        raise errors.PostAreaWrong()
    if post.valid_to is not None and post.valid_to <= post.valid_from:
        raise errors.PostDatesWrong()
    beside = reads.posts_beside(post)
    if any((other.unit_id, other.role) == (post.unit_id, post.role) for other in beside):
        raise errors.PostTaken()
    must_be_apart(post.role, [other.role for other in beside], post.account)
    if post.role in rules.ADMINISTRATORS and reads.has_key(post.account_id):
        raise errors.KeyForAdministrator(roles=rules.role_names([post.role]))


def must_be_apart(role: str, beside: Sequence[str], account: Account) -> None:
    """Refuse a post beside which no other may stand, or that may not stand beside these."""
    if not rules.are_apart(role, beside):
        raise errors.AdministratorsApart(name=account.name, roles=rules.role_names(beside))
