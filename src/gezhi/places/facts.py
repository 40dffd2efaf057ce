"""What happened to places, in ids and codes."""

from dataclasses import dataclass
from uuid import UUID

from gezhi.base.fact import Fact


@dataclass(frozen=True)
class AreasAdded(Fact, audited="rules"):
    """Areas were added (their codes, in order)."""

    county: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class AreaCounted(Fact):
    """Households and population of areas were counted again."""

    county: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class BoundariesSet(Fact, audited="rules"):
    """Areas got a new boundary."""

    county: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class FeaturesAdded(Fact):
    """The map of a county got features of these kinds."""

    county: str
    kinds: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class NamesAdded(Fact, audited="rules"):
    """So many names that people use for places were written down."""

    county: str
    count: int


@dataclass(frozen=True)
class NameConfirmed(Fact, audited="rules"):
    """A name that a grid worker wrote down leads everybody there."""

    county: str
    name_id: UUID


@dataclass(frozen=True)
class NameEnded(Fact, audited="rules"):
    """A name that people used is not to be found any more."""

    county: str
    name_id: UUID


@dataclass(frozen=True)
class ReliefSet(Fact):
    """A county got heights."""

    county: str


@dataclass(frozen=True)
class DivisionsChanged(Fact, audited="rules"):
    """Divisions were renamed, raised, moved or merged.

    `moves` are [old path, new path] prefixes, the longest old one first. They hold
    all at once: rewrite rows with `actions.rewrite_paths`, in this transaction, once. Rows
    that come in beside it are settled by a follower, with `actions.settle_paths`.
    A move may lead into another county; `counties` are all that are touched, and
    `county` is the first of them.
    """

    county: str
    counties: tuple[str, ...]
    moves: tuple[tuple[str, str], ...]
    on: str


@dataclass(frozen=True)
class ZoneAdded(Fact, audited="rules"):
    """A named ground was added."""

    county: str
    zone: UUID
    kind_of: str
    path: str


@dataclass(frozen=True)
class ZoneEnded(Fact, audited="rules"):
    """A named ground is no more."""

    county: str
    zone: UUID
    on: str


@dataclass(frozen=True)
class ZoneRedrawn(Fact, audited="rules"):
    """A named ground got another outline, or none."""

    county: str
    zone: UUID
    is_drawn: bool


@dataclass(frozen=True)
class ResponsibilitiesImported(Fact, audited="rules"):
    """A table said who answers for what."""

    county: str
    count: int


@dataclass(frozen=True)
class ResponsibilitySet(Fact, audited="rules"):
    """It was laid down who answers for something somewhere."""

    county: str
    responsibility: UUID
    path: str
    asset: str
    category: str
    unit: str


@dataclass(frozen=True)
class ResponsibilityEnded(Fact, audited="rules"):
    """That it is somebody's holds no longer."""

    county: str
    responsibility: UUID
    on: str
