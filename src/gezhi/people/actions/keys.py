"""Keys for other programs: made, used, revoked."""

import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.people import errors, reads, rules
from gezhi.people.actions.units import check_texts
from gezhi.people.facts import KeyCollected, KeyMade, KeyRevoked
from gezhi.people.models import ApiKey
from gezhi.record.actions import announce

# When this process last noted the use of a key, so that most uses cost nothing.
_noted: dict[str, datetime] = {}


class NewKey(NamedTuple):
    """A key and its text, which is shown once and never stored; "" while the key waits."""

    key: ApiKey
    token: str


@transaction.atomic
def make_key(*, account: UUID, name: str, most: int | None = None, actor: Actor) -> NewKey:
    """Make a key that acts with the posts of an account, `most` requests in a minute.

    Whoever makes it sees it only where the account is another program's. A person's waits until
    they collect it, so that nobody else acts with their posts.
    """
    holder = reads.account_to_change(actor, account, "post.manage")
    if not holder.is_active:
        raise errors.AccountClosed()
    if not actor.is_system and (roles := reads.administrator_roles(holder.id)):
        raise errors.KeyForAdministrator(roles=rules.role_names(roles))
    now = clock.now()
    prefix = secrets.token_hex(4)
    key = ApiKey(account=holder, name=name, prefix=prefix, digest=b"", made_at=now, most=most)
    check_texts(key, "name")
    token = ""
    if actor.is_system or rules.is_program(reads.roles_to_come(holder.id)):
        token = _fill(key)
        key.collected_at = now if actor.is_system else None
    key.save(force_insert=True)
    fact = KeyMade(key=key.id, account=account)
    announce(fact, about=f"account:{account}", county=holder.county, actor=actor, now=now)
    return NewKey(key, token)


@transaction.atomic
def collect_key(id: UUID, *, actor: Actor) -> NewKey:
    """The holder takes a key that waits for them: from here on it works."""
    key, now = reads.key_to_collect(actor, id), clock.now()
    token = _fill(key)
    key.collected_at = now
    key.save(update_fields=["digest", "collected_at"])
    fact = KeyCollected(key=id, account=key.account_id)
    about, county = f"account:{key.account_id}", key.account.county
    announce(fact, about=about, county=county, actor=actor, now=now)
    return NewKey(key, token)


def _fill(key: ApiKey) -> str:
    """The text of a key from here on; only its digest stays."""
    token = rules.make_token(bytes.fromhex(key.prefix) + secrets.token_bytes(24))
    key.digest = rules.token_digest(token)
    return token


@transaction.atomic
def revoke_key(id: UUID, *, actor: Actor) -> ApiKey:
    """Let a key work no more: here at once, in other processes within ten seconds."""
    key = reads.key_to_change(actor, id)
    if not key.is_active:
        raise errors.KeyRevokedAlready()
    key.is_active = False
    key.save(update_fields=["is_active"])
    reads.forget_keys()
    fact = KeyRevoked(key=id, account=key.account_id)
    county, now = key.account.county, clock.now()
    announce(fact, about=f"account:{key.account_id}", county=county, actor=actor, now=now)
    return key


def use_key(token: str) -> Actor | None:
    """Like `reads.actor_for_key`, noting at most once a minute that the key is in use."""
    actor = reads.actor_for_key(token)
    if actor is None:
        return None
    now = clock.now()
    if not rules.is_use_noted(_noted.get(actor.label), now):
        _noted[actor.label] = now
        before = Q(last_used=None) | Q(last_used__lte=now - rules.KEY_NOTED_EVERY)
        ApiKey.objects.filter(before, id=UUID(actor.label.removeprefix("key:"))).update(
            last_used=now
        )
    return actor
