"""Subscriptions: made, changed, paused, resumed, their secret changed, removed."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.words import clean
from gezhi.exchange import errors, reads, rules
from gezhi.exchange.actions.addresses import host_of
from gezhi.exchange.actions.queueing import ask_for_ping, leave_to_worker
from gezhi.exchange.actions.stopping import tell
from gezhi.exchange.facts import (
    WebhookChanged,
    WebhookMade,
    WebhookPaused,
    WebhookRemoved,
    WebhookResumed,
    WebhookSecretChanged,
)
from gezhi.exchange.models import Subscription
from gezhi.exchange.rules import Stage, State
from gezhi.people.models import Account
from gezhi.places import reads as places
from gezhi.places.rules import rewrite_path
from gezhi.record import reads as record
from gezhi.rulebook import reads as rulebook


class Made(NamedTuple):
    """A subscription and its secret, which is shown once."""

    subscription: Subscription
    secret: str


@transaction.atomic
def subscribe(
    *, name: str, address: str, account: UUID | None = None, types: Sequence[str] = (),
    categories: Sequence[str] = (), areas: Sequence[str] = (), actor: Actor,
) -> Made:  # fmt: skip
    """Tell a program's account of facts from now on; a program subscribes for itself."""
    known = reads.subscriptions(actor)
    if not reads.may_manage(actor) and known.count() >= rules.MOST_OF_PROGRAM:
        raise errors.TooManyWebhooks(most=rules.MOST_OF_PROGRAM)
    if Subscription.objects.filter(county=settings.COUNTY).count() >= rules.MOST_WEBHOOKS:
        raise errors.TooManyWebhooks(most=rules.MOST_WEBHOOKS)
    holder, now = _holder(account, actor), clock.now()
    xid, line = record.last_place()
    made = Subscription(
        county=settings.COUNTY, account=holder, xid=xid, line=line,
        secret=_new_secret(), made_by=actor.label, made_at=now, changed_at=now,
    )  # fmt: skip
    _fill(made, name=name, address=address, types=types, categories=categories, areas=areas)
    made.save(force_insert=True)
    tell(
        WebhookMade(webhook=made.id, account=holder.id, host=made.host), made, actor=actor, now=now
    )
    return Made(made, made.secret)


@transaction.atomic
def change(id: UUID, *, actor: Actor, **values: Any) -> Subscription:
    """Change name, address, or what it is told of from now on; what isn't named stays."""
    found, now = reads.subscription_to_change(actor, id), clock.now()
    before = {name: getattr(found, name) for name in _FIELDS}
    _fill(found, **values)
    changed = tuple(name for name in _FIELDS if getattr(found, name) != before[name])
    if changed:
        found.changed_at = now
        if "address" in changed:  # what failed there is tried here at once, and says nothing of it
            found.due = found.failed_at = found.ping_asked_at = found.pinged_at = None
            found.error = found.ping_error = ""
            leave_to_worker(id)
        found.save(update_fields=[*changed, "host", "changed_at", *_OF_ADDRESS])
        fact = WebhookChanged(webhook=id, fields=changed, host=found.host)
        tell(fact, found, actor=actor, now=now)
    return found


_OF_ADDRESS = ("due", "failed_at", "error", "ping_asked_at", "pinged_at", "ping_error")
_FIELDS = ("name", "address", "kinds", "categories", "areas")


def _fill(
    made: Subscription,
    *,
    name: str | None = None,
    address: str | None = None,
    types: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    areas: Sequence[str] | None = None,
) -> None:
    """Put in what was given, each looked at first."""
    if name is not None:
        made.name = _name(name)
    if address is not None:
        made.address = address.strip()
        made.host = host_of(made.address)
    if types is not None:
        made.kinds = _kinds(types)
    if categories is not None:
        made.categories = _categories(categories)
    if areas is not None:
        made.areas = _areas(areas, made.account)


def _name(typed: str) -> str:
    if not (name := clean(typed)):
        raise errors.NameMissing()
    return name


def _kinds(types: Sequence[str]) -> list[str]:
    for type in types:
        if type not in rules.KIND_OF:
            raise errors.TypeUnknown(type=type, allowed=list(rules.KIND_OF))
    return sorted({rules.KIND_OF[type] for type in types})


def _categories(wanted: Sequence[str]) -> list[str]:
    known = rulebook.current(settings.COUNTY).categories
    for category in wanted:
        if category not in known:
            raise errors.CategoryUnknown(category=category)
    return sorted(set(wanted))


def _areas(wanted: Sequence[str], account: Account) -> list[str]:
    there, reach = places.areas_by_paths(wanted), tuple(reads.reach_of(account))
    for area in wanted:
        if area not in there or not area.startswith(reach):
            raise errors.AreaElsewhere(area=area)
    return sorted(set(wanted))


def _holder(account: UUID | None, actor: Actor) -> Account:
    """The program's account that is told; somebody's own where they look after no others."""
    if not reads.may_manage(actor):
        account = account or actor.account
        if account != actor.account:
            raise errors.ProgramWrong()
    found = next((each for each in reads.programs() if each.id == account), None)
    if found is None:
        raise errors.ProgramWrong()
    return found


def _new_secret() -> str:
    return rules.secret_of(os.urandom(rules.SECRET_BYTES))


@transaction.atomic
def change_secret(id: UUID, *, actor: Actor) -> Made:
    """A new secret; the one before signs too for a day, so that the other side may change over."""
    found, now = reads.subscription_to_change(actor, id), clock.now()
    found.secret_before, found.secret = found.secret, _new_secret()
    found.secret_until = now + rules.SECRETS_OVERLAP
    found.save(update_fields=["secret", "secret_before", "secret_until"])
    tell(WebhookSecretChanged(webhook=id, until=found.secret_until), found, actor=actor, now=now)
    return Made(found, found.secret)


@transaction.atomic
def pause(id: UUID, *, actor: Actor) -> Subscription:
    """Send nothing for now. What happens meanwhile is sent once it is resumed."""
    found, now = reads.subscription_to_change(actor, id), clock.now()
    if found.state != State.ACTIVE:
        raise errors.StateWrong(state=rules.STATE_NAMES[State(found.state)])
    found.state = State.PAUSED.value
    found.save(update_fields=["state"])
    tell(WebhookPaused(webhook=id), found, actor=actor, now=now)
    return found


@transaction.atomic
def resume(id: UUID, *, actor: Actor) -> Subscription:
    """Go on where it was left; what waits has all its tries again."""
    found, now = reads.subscription_to_change(actor, id), clock.now()
    if found.state == State.ACTIVE:
        raise errors.StateWrong(state=rules.STATE_NAMES[State.ACTIVE])
    found.state, found.why, found.due, found.dead_in_row = State.ACTIVE.value, "", None, 0
    found.claimed_at = None
    found.save(update_fields=["state", "why", "due", "dead_in_row", "claimed_at"])
    reads.deliveries(found, stage=Stage.WAITING).update(tries=0)
    leave_to_worker(id)
    tell(WebhookResumed(webhook=id), found, actor=actor, now=now)
    return found


@transaction.atomic
def ask_ping(id: UUID, *, actor: Actor) -> Subscription:
    """Have the worker send an event that says nothing, whatever the subscription's state."""
    found = reads.subscription_to_change(actor, id)
    found.ping_asked_at, found.pinged_at, found.ping_error = clock.now(), None, ""
    found.save(update_fields=["ping_asked_at", "pinged_at", "ping_error"])
    ask_for_ping(id)
    return found


@transaction.atomic
def remove(id: UUID, *, actor: Actor) -> None:
    """For good, with its deliveries. What was decided about it stays on the audit."""
    found = reads.subscription_to_change(actor, id)
    fact = WebhookRemoved(webhook=id, host=found.host)
    tell(fact, found, actor=actor, now=clock.now())
    found.delete()


@transaction.atomic
def carry_areas_along(moves: Sequence[tuple[str, str]]) -> None:
    """What is told of an area is told of it still when it gets another code."""
    for found in reads.all_narrowed():
        areas = sorted({rewrite_path(area, moves) for area in found.areas})
        if areas != found.areas:
            found.areas = areas
            found.save(update_fields=["areas"])
