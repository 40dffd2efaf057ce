"""How far a share may be from what a few of many show."""

import math
from dataclasses import dataclass

_SURE = 1.959964  # of the normal distribution, for 95 of 100
LEAST = 20  # of fewer, an interval is shown


@dataclass(frozen=True)
class Share:
    """So many of so many; `low` and `high` are Wilson's interval."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def is_small(self) -> bool:
        """Whether there are too few for one number."""
        return self.of < LEAST

    @property
    def percent(self) -> str:
        """`12%`, or `4–31%` where there are few."""
        if self.is_small:
            return f"{self.low * 100:.0f}–{self.high * 100:.0f}%"
        return f"{self.value * 100:.1f}%"


def share(count: int, of: int) -> Share:
    """The share with the interval of Wilson, which holds for few and for none or all of them."""
    if not of:
        return Share(count, of, 0.0, 1.0)
    part, square = count / of, _SURE**2
    middle = part + square / (2 * of)
    reach = _SURE * math.sqrt(part * (1 - part) / of + square / (4 * of**2))
    scale = 1 + square / of
    low, high = (middle - reach) / scale, (middle + reach) / scale
    return Share(count, of, max(0.0, low), min(1.0, high))
