"""Facts: what happened, in ids and codes, never in what people wrote or who they are.

A fact is a frozen dataclass in a room's `facts.py`. Rooms above listen with
`@reacts_to`; their reactions run inside the act's transaction.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from gezhi.base.actor import Actor


@dataclass(frozen=True)
class Fact:
    """Base of all facts. `kind` is the class name in snake case: `case_opened`."""

    kind: ClassVar[str] = "fact"
    audited: ClassVar[str] = ""

    def __init_subclass__(cls, *, audited: str = "") -> None:
        """`audited` names the kind of line that the audit has of such a fact, if any."""
        super().__init_subclass__()
        cls.audited = audited or cls.audited
        cls.kind = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def data(self) -> dict[str, Any]:
        """The fields as the book keeps them (JSON writes UUIDs and moments as text)."""
        return dict(vars(self))


F = TypeVar("F", bound=Fact, contravariant=True)


class Reaction(Protocol[F]):
    def __call__(self, fact: F, *, actor: Actor, now: datetime) -> None: ...


_reactions: dict[type[Fact], list[Callable[..., None]]] = defaultdict(list)
R = TypeVar("R", bound=Callable[..., None])


def reacts_to(*kinds: type[Fact]) -> Callable[[R], R]:
    """Run the decorated function inside the transaction that announces one of `kinds`."""

    def register(reaction: R) -> R:
        for kind in kinds:
            if reaction not in _reactions[kind]:
                _reactions[kind].append(reaction)
        return reaction

    return register


def reactions_to(kind: type[Fact]) -> tuple[Callable[..., None], ...]:
    """What listens to facts of exactly this kind."""
    return tuple(_reactions.get(kind, ()))
