"""Who is one person. An act's line names the door; who must be two is compared by account."""

from gezhi.base.actor import Actor


def person_of(actor: Actor) -> str:
    """One person by whatever door: `account:<id>`, in a browser or by a key; else the label."""
    return f"account:{actor.account}" if actor.account else actor.label


def is_by(kept: str, actor: Actor) -> bool:
    """Whether what is kept names this actor. Older rows may name a key."""
    return kept in (person_of(actor), actor.label)
