"""Who acts. Every act names one; every read starts from what that one may see."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from gezhi.base.refusal import NotAllowed, SignInNeeded

Kind = Literal["staff", "resident", "key", "system"]


@dataclass(frozen=True)
class Post:
    """One person's place in the house: a unit, a role there, and the area it covers.

    `path` is the division code the post reaches down from ("" reaches everywhere).
    """

    unit: UUID
    role: str
    path: str
    rights: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Actor:
    """Somebody or something that may act: staff, a resident, another program, the system.

    `label` goes on the record (`account:<id>`, `report:<id>`, `key:<id>`,
    `system:<name>`) and never holds a name or a phone.
    `proven` holds the ids of reports this actor has shown the tracking code of.
    """

    label: str
    kind: Kind
    account: UUID | None = None
    posts: tuple[Post, ...] = ()
    proven: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    @property
    def units(self) -> frozenset[UUID]:
        return frozenset(post.unit for post in self.posts)

    def may(self, right: str, *, unit: UUID | None = None, path: str | None = None) -> bool:
        """Whether a post gives `right`, in `unit` and over `path` where these are asked for."""
        return self.is_system or any(
            right in post.rights
            and (unit is None or post.unit == unit)
            and (path is None or path.startswith(post.path))
            for post in self.posts
        )

    def may_in(self, right: str, units: Iterable[UUID]) -> bool:
        """Whether a post in one of `units` gives `right`."""
        return any(self.may(right, unit=unit) for unit in units)

    def paths(self, right: str) -> frozenset[str]:
        """The areas over which this actor has `right`."""
        if self.is_system:
            return frozenset({""})
        return frozenset(post.path for post in self.posts if right in post.rights)

    def must(self, right: str, *, unit: UUID | None = None, path: str | None = None) -> None:
        """Refuse unless `may`."""
        if not self.may(right, unit=unit, path=path):
            raise NotAllowed() if self.kind != "resident" else SignInNeeded()


def system(name: str) -> Actor:
    """The house itself, doing what the rulebook says: `system("rulebook")`."""
    return Actor(label=f"system:{name}", kind="system")


NOBODY = Actor(label="resident:unknown", kind="resident")
