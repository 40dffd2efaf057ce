"""Who somebody was when they did something: unit and role that day, for the person concerned."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.conf import settings

from gezhi.people import rules
from gezhi.people.models import ApiKey, Post

_Done = tuple[str, date]


def standings_then(done: Iterable[_Done]) -> dict[_Done, str]:
    """`水务局 · 承办人` for each (label, day); the name too where NAMES_LOOKERS says so.

    Empty for what is no person. Whoever held several posts stands in all that may open something.
    At most two queries.
    """
    asked = set(done)
    accounts = _accounts({label for label, _day in asked})
    posts: dict[UUID, list[Post]] = {}
    held = Post.objects.filter(account__in=set(accounts.values()))
    for post in held.select_related("unit", "account").order_by("valid_from", "id"):
        posts.setdefault(post.account_id, []).append(post)
    return {
        (label, day): _standing(posts.get(accounts[label], []), day) if label in accounts else ""
        for label, day in asked
    }


def _accounts(labels: set[str]) -> dict[str, UUID]:
    """The account behind each label; a key's is its holder's."""
    by_kind = {label: label.partition(":")[::2] for label in labels}
    found = {label: UUID(id) for label, (kind, id) in by_kind.items() if kind == "account"}
    if keys := {UUID(id): label for label, (kind, id) in by_kind.items() if kind == "key"}:
        holders = ApiKey.objects.filter(id__in=keys).values_list("id", "account")
        found |= {keys[id]: account for id, account in holders}
    return found


def _standing(posts: list[Post], day: date) -> str:
    held = [post for post in posts if rules.holds_on(day, post.valid_from, post.valid_to)]
    looking = [post for post in held if "case.open_sealed" in rules.rights_of(post.role)] or held
    roles = rules.ROLE_NAMES
    words = [
        f"{post.unit.label} · {roles[rules.Role(post.role)]}"
        for post in looking
        if post.role in set(rules.Role)
    ]
    said = "、".join(dict.fromkeys(words))
    if settings.NAMES_LOOKERS and looking:
        return f"{said} · {looking[0].account.name}"
    return said
