"""What triage says of a report: a kind, a place, each with why and how sure. Pure values."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a proposed category comes from."""

    MODEL = "model"  # learned from what people decided
    WORDS = "words"  # the rulebook's keywords
    NONE = "none"


@dataclass(frozen=True)
class Option:
    """A category the words point at; `confidence` from 0 to 1, `words` those that decided."""

    category: str
    confidence: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class What:
    """What a report is about, the likeliest of at most three first.

    `is_sure` is false where a person should decide: the margin between the first two is less
    than what held-out cases asked for, or nothing was found. `urgent` holds the words that say
    that people may be in danger; they count whatever the category is.
    """

    options: tuple[Option, ...]
    source: Source
    is_sure: bool
    urgent: tuple[str, ...] = ()
    model: int | None = None

    @property
    def category(self) -> str:
        """The likeliest, or "" where there is none."""
        return self.options[0].category if self.options else ""

    @property
    def is_likely(self) -> bool:
        """Whether the likeliest may be proposed; else it is one of those to choose from."""
        return self.is_sure or (bool(self.options) and self.options[0].confidence >= _LIKELY)


_LIKELY = 0.4


@dataclass(frozen=True)
class Spot:
    """A place that words name. `metres`: how far from the point it may be; None without a point.

    `words` are those of the report, `kind` is what was named: area, road, estate, school…
    `relation` is how the report stands to it: "" at it, near, opposite, crossing, between.
    `passes` are the villages of a road or river that `path` leaves open.
    """

    name: str
    kind: str
    path: str
    words: str
    lon: float | None = None
    lat: float | None = None
    metres: float | None = None
    relation: str = ""
    passes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Whereabouts:
    """Where a report is, by its words, the likeliest first.

    `is_sure`: there is one place, or all that are found lie in one another. `is_certain`: the words
    for the place say so with a whole name, or with two that agree. `asks` is true where one
    question would settle which; the spots are its answers. Where more places bear the name than
    can be offered there are no spots: the village is to be asked for. `disagrees` is true where a
    point was given and the words name a place far from it: the point stands, somebody should look;
    the second spot is what was named.
    """

    spots: tuple[Spot, ...]
    is_sure: bool
    asks: bool = False
    is_certain: bool = False
    disagrees: bool = False

    @property
    def spot(self) -> Spot | None:
        """The place, where the words settle it."""
        return self.spots[0] if self.spots and self.is_sure else None
