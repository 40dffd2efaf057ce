"""Keys of programs: who acts by one, whose they are."""

import hmac
import time
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people import rules
from gezhi.people.models import ApiKey
from gezhi.people.reads.staff import account, account_to_change, actors_posts, held, own_id

_KEY_KEPT = 10.0  # seconds an answered key is believed without asking again


class _Known(NamedTuple):
    until: float
    actor: Actor


_quotas: dict[str, int] = {}  # by the actor's label; of those that have one of their own


_known_keys: dict[bytes, _Known] = {}


def actor_for_key(token: str) -> Actor | None:
    """The program that holds this key; None for one that is unknown, revoked or still waits.

    A key that somebody else than its holder has seen acts with no person's posts.
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
    posts = held(key.account_id)
    if key.collected_at is None:
        posts = [post for post in posts if rules.is_program([post.role])]
    actor = Actor(
        label=f"key:{key.id}", kind="key", account=key.account_id, posts=actors_posts(posts)
    )
    if len(_known_keys) > 1000:
        _known_keys.clear()
    _known_keys[digest] = _Known(time.monotonic() + _KEY_KEPT, actor)
    if key.most is not None:
        _quotas[actor.label] = key.most
    return actor


def quota_of(actor: Actor) -> int | None:
    """How many requests a minute were said for the key that this actor came with; None: none."""
    return _quotas.get(actor.label)


def forget_keys() -> None:
    """Ask the database again about every key (in this process)."""
    _known_keys.clear()
    _quotas.clear()


def account_keys(actor: Actor, id: UUID) -> QuerySet[ApiKey]:
    """All keys of an account, the newest first."""
    return ApiKey.objects.filter(account=account(actor, id)).order_by("-made_at")


def has_key(account: UUID) -> bool:
    """Whether a program may act by a key of this account, now or once it is collected."""
    return ApiKey.objects.filter(account=account, is_active=True).exists()


def labels_of_program(actor: Actor) -> list[str]:
    """The labels of all keys that the holder of this one ever had: what the program did by them."""
    return [
        f"key:{id}"
        for id in ApiKey.objects.filter(account=actor.account).values_list("id", flat=True)
    ]


def own_keys(actor: Actor) -> QuerySet[ApiKey]:
    """The signed-in person's own keys that are not revoked, the newest first."""
    return ApiKey.objects.filter(account=own_id(actor), is_active=True).order_by("-made_at", "-id")


def key_to_collect(actor: Actor, id: UUID) -> ApiKey:
    """One of the signed-in person's own that waits, held until the transaction ends."""
    waiting = own_keys(actor).filter(id=id, digest=b"").select_related("account")
    found = waiting.select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(key=id)
    return found


def key_to_change(actor: Actor, id: UUID) -> ApiKey:
    """A key of an account this actor may change, held until the transaction ends."""
    found = ApiKey.objects.filter(id=id).select_for_update().first()
    if found is None:
        raise NotFound(key=id)
    account_to_change(actor, found.account_id, "post.manage")
    return found


def _key_with(token: str, digest: bytes) -> ApiKey | None:
    prefix = rules.token_prefix(token)
    key = ApiKey.objects.filter(prefix=prefix, is_active=True, account__is_active=True).first()
    return key if key and hmac.compare_digest(bytes(key.digest), digest) else None
