"""Pairs of texts that somebody read and marked, and how often the rules say the same of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class Marked:
    """Two messages by their numbers, whether they are the same matter, and a word why."""

    number: str
    other: str
    is_same: bool
    why: str


@dataclass(frozen=True)
class Share:
    """A share with its n and its interval of 95 % (Wilson's)."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        if not self.n:
            return 0.0, 1.0
        z, n, share = 1.96, self.n, self.value
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Agreement:
    """Of those said to be the same, how many are; of those that are, how many are found."""

    precision: Share
    recall: Share


def agreement(marked: Sequence[bool], said: Sequence[bool]) -> Agreement:
    """How what is said goes with what was marked, pair by pair."""
    both = sum(one and other for one, other in zip(marked, said, strict=True))
    return Agreement(Share(both, sum(said)), Share(both, sum(marked)))


def halves(pairs: Sequence[Marked]) -> tuple[Sequence[Marked], Sequence[Marked]]:
    """Those the rules were fitted on, and those they are reported on."""
    middle = len(pairs) // 2
    return pairs[:middle], pairs[middle:]
