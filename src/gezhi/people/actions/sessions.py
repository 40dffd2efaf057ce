"""Ending sessions: one's own, somebody's, and those that what happened to an account ends."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.people import errors, reads
from gezhi.people.facts import SessionsEnded
from gezhi.people.models import Account, Session
from gezhi.record.actions import announce


@transaction.atomic
def end_own_session(ref: UUID, *, actor: Actor) -> Account:
    """Sign out of one browser; it takes effect there at its next click."""
    account, session = reads.own_account(actor), reads.own_session(actor, ref)
    end_all(account, Q(pk=session.pk), actor=actor, now=clock.now())
    return account


@transaction.atomic
def end_other_sessions(*, going_on: str, actor: Actor) -> int:
    """Sign out of every browser of one's own but the one whose key is `going_on`."""
    account = reads.own_account(actor)
    return end_all(account, ~Q(pk=going_on), actor=actor, now=clock.now())


@transaction.atomic
def end_sessions(id: UUID, *, actor: Actor) -> int:
    """Sign somebody out everywhere."""
    account = reads.account_to_change(actor, id, "post.manage")
    if account.id == actor.account:
        raise errors.OwnAccount()
    return end_all(account, actor=actor, now=clock.now())


@transaction.atomic
def forget_ended_sessions() -> int:
    """Remove sessions that have ended by themselves, strangers' too; how many that was."""
    gone, _each = Session.objects.filter(expire_date__lte=clock.now()).delete()
    return gone


def end_all(account: Account, which: Q | None = None, *, actor: Actor, now: datetime) -> int:
    """Forget the sessions of an account, inside the act that ends them; who listens live hears."""
    count, _each = Session.objects.filter(which or Q(), account=account).delete()
    if count:
        about, county = f"account:{account.id}", account.county
        fact = SessionsEnded(account=account.id, count=count)
        announce(fact, about=about, county=county, actor=actor, now=now)
    return count
