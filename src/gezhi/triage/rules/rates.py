"""Whether there are more reports than before, and than elsewhere: ratios with their intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy import special

_SURE = 0.95
_TAIL = (1 - _SURE) / 2
# Times the low end that a high end may be, to say "about as many", and to say a number.
_USEFUL, _WIDE = 4.0, 20.0
_HALF = 0.5  # added to each cell (Haldane, Gart), so that none is nothing


@dataclass(frozen=True)
class Ratio:
    """How many times as much, between `low` and `high` in 95 of 100 such cases."""

    value: float
    low: float
    high: float


class Change(StrEnum):
    """What a ratio tells in words."""

    NEW = "new"  # nothing was there before
    FEW = "few"  # too few to see whether there are more or less
    SAME = "same"
    SURELY_MORE = "surely_more"  # so many times at least; nobody knows how many at most
    TOLD = "told"  # more or less, by a number with its interval


def change(found: Ratio) -> Change:
    """What there is to say of a ratio, by its interval."""
    if math.isinf(found.high):
        return Change.NEW
    if found.high < 1:
        return Change.TOLD
    if found.low > 1:
        return Change.TOLD if found.high <= _WIDE * found.low else Change.SURELY_MORE
    return Change.SAME if found.high <= _USEFUL * found.low else Change.FEW


def ratio(
    now: int, now_for: float, before: int, before_for: float, *, sure: float = _SURE
) -> Ratio | None:
    """The rate of events now to that before, over these lengths of time; None without any event.

    Given how many there are in all, those of now are binomial: its exact interval (Clopper and
    Pearson) is turned into one for the ratio. Right for small numbers, too.
    """
    total, tail = now + before, (1 - sure) / 2
    if not total:
        return None
    low = float(special.betaincinv(now, before + 1, tail)) if now else 0.0
    high = float(special.betaincinv(now + 1, before, 1 - tail)) if before else 1.0
    scale = before_for / now_for
    value = now / before * scale if before else math.inf
    return Ratio(value, _odds(low) * scale, _odds(high) * scale)


def _odds(part: float) -> float:
    return part / (1 - part) if part < 1 else math.inf


class Verdict(StrEnum):
    """What can be said of a root-cause case by numbers."""

    EARLY = "early"
    ALONE = "alone"  # nothing comparable to hold it against
    FEWER = "fewer"
    MORE = "more"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Series:
    """Reports of one area before and after a day."""

    before: int
    after: int


@dataclass(frozen=True)
class Effect:
    """What became of an area against similar ones. `weeks` have passed; `ratio` of two ratios."""

    verdict: Verdict
    own: Series
    others: Series
    areas: int
    weeks: float
    ratio: Ratio | None = None


LEAST_WEEKS = 4.0
LEAST_BEFORE = 5
LEAST_ELSEWHERE = 10
LEAST_AREAS = 3


def effect(own: Series, others: Sequence[Series], *, weeks: float) -> Effect:
    """Difference in differences of reports: the change here over the change in similar areas.

    Both are watched for the same time before and after, so the ratio of the two rate ratios is
    the odds ratio of a table of four counts. Its interval is Woolf's with half a report added to
    each cell, wider by how much more the similar areas differ among themselves than chance would
    make them (quasi-Poisson), with Student's quantile for as many areas.
    """
    sums = Series(sum(one.before for one in others), sum(one.after for one in others))
    found = Effect(Verdict.EARLY, own, sums, len(others), weeks)
    if weeks < LEAST_WEEKS or own.before < LEAST_BEFORE:
        return found
    if len(others) < LEAST_AREAS or sums.before < LEAST_ELSEWHERE or not sums.after:
        return Effect(Verdict.ALONE, own, sums, len(others), weeks)
    cells = [count + _HALF for count in (own.after, own.before, sums.after, sums.before)]
    middle = math.log(cells[0] / cells[1]) - math.log(cells[2] / cells[3])
    spread = math.sqrt(unevenness(others) * sum(1 / cell for cell in cells))
    reach = float(special.stdtrit(len(others) - 1, 1 - _TAIL)) * spread
    bounds = Ratio(math.exp(middle), math.exp(middle - reach), math.exp(middle + reach))
    return Effect(_verdict(bounds), own, sums, len(others), weeks, bounds)


def _verdict(found: Ratio) -> Verdict:
    if found.high < 1:
        return Verdict.FEWER
    return Verdict.MORE if found.low > 1 else Verdict.UNCLEAR


def unevenness(areas: Sequence[Series]) -> float:
    """How much more the changes of these areas differ than by chance: 1 for no more (Pearson)."""
    after, total = sum(one.after for one in areas), sum(one.after + one.before for one in areas)
    known = [one for one in areas if one.after + one.before]
    if len(known) < 2 or not 0 < after < total:
        return 1.0
    part = after / total
    apart = [
        (one.after - part * (one.after + one.before)) ** 2
        / ((one.after + one.before) * part * (1 - part))
        for one in known
    ]
    return max(1.0, sum(apart) / (len(known) - 1))


@dataclass(frozen=True)
class Candidate:
    """An area that may be held against another: what was reported before, how many live there."""

    path: str
    before: int
    households: int


_MOST_APART = math.log(3)


def similar(own: Candidate, others: Sequence[Candidate], *, most: int = 10) -> list[Candidate]:
    """Those whose earlier reports and households are each within three times, the nearest first.

    The earlier rate counts because an area was chosen for many reports, and some of those were
    chance that would not have come again anyway. Households nobody entered are not compared.
    """
    apart = {one.path: _apart(own, one) for one in others if one.path != own.path}
    near = [one for one in others if max(apart.get(one.path, (math.inf,))) <= _MOST_APART]
    return sorted(near, key=lambda one: (sum(apart[one.path]), one.path))[:most]


def _apart(own: Candidate, other: Candidate) -> tuple[float, float]:
    reports = abs(math.log((other.before + _HALF) / (own.before + _HALF)))
    if not own.households or not other.households:
        return reports, 0.0
    return reports, abs(math.log(other.households / own.households))
