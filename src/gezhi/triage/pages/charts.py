"""Small pictures of numbers, as values that a template writes into SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

_STEP, _BAR, _HIGH = 4, 3, 24


@dataclass(frozen=True)
class Bar:
    """One bar, from the lower edge up; `is_last` for those that are set off."""

    x: int
    y: float
    height: float
    is_last: bool


@dataclass(frozen=True)
class Bars:
    """A sparkline of bars."""

    bars: list[Bar]
    width: int
    height: int = _HIGH
    bar: int = _BAR


def bars(counts: Sequence[int], *, last: int) -> Bars:
    """A bar for each count; a day without any has none. The last ones are set off."""
    most = max(counts, default=0) or 1
    drawn = []
    for at, count in enumerate(counts):
        if count:
            height = round(max(count / most * _HIGH, 2), 1)
            drawn.append(Bar(at * _STEP, _HIGH - height, height, at >= len(counts) - last))
    return Bars(drawn, max(len(counts) * _STEP, 1))


@dataclass(frozen=True)
class Lines:
    """Two lines over the same weeks, and where the day between before and after stands."""

    own: str
    others: str
    middle: int
    width: int
    height: int
    most: float


_WEEK, _TALL = 12, 120


def lines(own: Sequence[float], others: Sequence[float], *, shown: int, middle: int) -> Lines:
    """The first `shown` weeks of both series, as points of a polyline."""
    most = max([*own[:shown], *others[:shown], 1])

    def points(values: Sequence[float]) -> str:
        return " ".join(
            f"{at * _WEEK},{_TALL - value / most * _TALL:.1f}"
            for at, value in enumerate(values[:shown])
        )

    width = max(len(own) - 1, 1) * _WEEK
    return Lines(points(own), points(others), middle * _WEEK, width, _TALL, most)
