"""Who acts. Every act names one; every read starts from what that one may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from gezhi.base.refusal import NotAllowed, SignInNeeded

Kind = Literal["staff", "resident", "key", "system"]


@dataclass(frozen=True)
class Post:
    """One person's place in the house: a unit, a role there, and the area it covers.

    `path` is the division code the post reaches down from ("" reaches everywhere). A delegated
    post is held `on_behalf_of` an account.
    """

    unit: UUID
    role: str
    path: str
    rights: frozenset[str] = frozenset()
    on_behalf_of: UUID | None = None


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

    @property
    def resident(self) -> UUID | None:
        """The resident who is signed in; None for everybody else, those with a code alone too."""
        if self.kind != "resident" or not self.label.startswith("resident:"):
            return None
        id = self.label.removeprefix("resident:")
        return None if id == "unknown" else UUID(id)

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

    def acting_for(self, may: Callable[["Actor"], bool]) -> UUID | None:
        """For whom this actor does what it may: nobody where posts of its own are enough."""
        lent = [post for post in self.posts if post.on_behalf_of]
        own = tuple(post for post in self.posts if not post.on_behalf_of)
        if not lent or may(replace(self, posts=own)):
            return None
        used = (post for post in lent if may(replace(self, posts=(*own, post))))
        return next(used, lent[0]).on_behalf_of

    def must(self, right: str, *, unit: UUID | None = None, path: str | None = None) -> None:
        """Refuse unless `may`."""
        if not self.may(right, unit=unit, path=path):
            raise NotAllowed() if self.kind != "resident" else SignInNeeded()


def system(name: str) -> Actor:
    """The house itself, doing what the rulebook says: `system("rulebook")`."""
    return Actor(label=f"system:{name}", kind="system")


NOBODY = Actor(label="resident:unknown", kind="resident")
