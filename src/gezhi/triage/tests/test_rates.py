"""Ratios and their intervals; what can be said of a root-cause case, and what can't."""

import math

import numpy as np
import pytest
from scipy import stats

from gezhi.triage.rules import rates
from gezhi.triage.rules.rates import (
    Candidate,
    Change,
    Ratio,
    Series,
    Verdict,
    change,
    effect,
    ratio,
    similar,
)


def test_a_ratio_has_the_exact_interval_of_the_binomial() -> None:
    found = ratio(11, 7, 5, 21)
    part = stats.binomtest(11, 16).proportion_ci(method="exact")
    assert found is not None
    assert found.value == pytest.approx(6.6)
    assert found.low == pytest.approx(part.low / (1 - part.low) * 3)
    assert found.high == pytest.approx(part.high / (1 - part.high) * 3)


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [(0, 3, 0.0, None), (3, 0, None, math.inf), (0, 0, None, None)],
)
def test_a_ratio_without_events_has_an_open_end(
    now: int, before: int, low: float | None, high: float | None
) -> None:
    found = ratio(now, 1, before, 1)
    if low is None and high is None:
        assert found is None
        return
    assert found is not None
    assert low is None or found.low == low
    assert high is None or found.high == high


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.7, 472.5, Change.FEW),
        (0.5, 53.9, Change.FEW),
        (0.0, 1.4, Change.FEW),
        (0.7, 1.5, Change.SAME),
        (2.1, 24.0, Change.TOLD),
        (0.1, 0.8, Change.TOLD),
        (0.0, 0.9, Change.TOLD),
        (1.2, 400.0, Change.SURELY_MORE),
        (3.0, math.inf, Change.NEW),
    ],
)
def test_what_a_ratio_tells_in_words(low: float, high: float, said: Change) -> None:
    assert change(Ratio(1, low, high)) == said


def _others(before: int, after: int, areas: int = 6) -> list[Series]:
    return [Series(before, after)] * areas


@pytest.mark.parametrize(
    ("own", "others", "weeks", "verdict"),
    [
        (Series(20, 5), _others(18, 18), 26, Verdict.FEWER),
        (Series(20, 21), _others(18, 18), 26, Verdict.UNCLEAR),
        (Series(20, 10), _others(18, 9), 26, Verdict.UNCLEAR),  # it fell everywhere
        (Series(10, 40), _others(10, 10), 26, Verdict.MORE),
        (Series(20, 0), _others(18, 3), 3.9, Verdict.EARLY),
        (Series(4, 0), _others(5, 5), 26, Verdict.EARLY),
        (Series(20, 2), _others(18, 18, areas=2), 26, Verdict.ALONE),
        (Series(20, 2), _others(3, 0), 26, Verdict.ALONE),
        (Series(20, 2), [], 26, Verdict.ALONE),
    ],
)
def test_what_can_be_said_and_what_not(
    own: Series, others: list[Series], weeks: float, verdict: Verdict
) -> None:
    found = effect(own, others, weeks=weeks)
    assert found.verdict == verdict
    assert (found.ratio is None) == (verdict in (Verdict.EARLY, Verdict.ALONE))


def _series(rng: np.random.Generator, rate: float, change: float, uneven: float) -> Series:
    """A made area: so many reports in half a year, changed by this much, in clumps if `uneven`."""
    shake = rng.gamma(1 / uneven, uneven, 2) if uneven else (1.0, 1.0)
    return Series(int(rng.poisson(rate * shake[0])), int(rng.poisson(rate * shake[1] * change)))


def _claims(
    change: float, uneven: float, verdict: Verdict, *, rate: int, tries: int = 400
) -> float:
    """In which part of so many made counties this is said of an area that changed like that."""
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(tries):
        own = _series(rng, rate, 0.9 * change, uneven)
        others = [_series(rng, rate, 0.9, uneven) for _ in range(10)]
        found += effect(own, others, weeks=26).verdict == verdict
    return found / tries


def test_an_effect_that_is_there_is_found() -> None:
    assert _claims(0.25, 0.0, Verdict.FEWER, rate=60) > 0.9


@pytest.mark.parametrize("uneven", [0.0, 0.1])
def test_an_effect_that_is_not_there_is_hardly_ever_claimed(uneven: float) -> None:
    assert _claims(1.0, uneven, Verdict.FEWER, rate=24) <= 0.035
    assert _claims(1.0, uneven, Verdict.MORE, rate=24) <= 0.035


def test_areas_that_differ_more_than_by_chance_widen_the_interval() -> None:
    even = [Series(20, 20)] * 6
    uneven = [Series(30, 10), Series(10, 30)] * 3
    assert rates.unevenness(even) == 1
    assert rates.unevenness(uneven) > 3
    calm, wild = effect(Series(20, 8), even, weeks=26), effect(Series(20, 8), uneven, weeks=26)
    assert calm.ratio is not None
    assert wild.ratio is not None
    assert wild.ratio.high > calm.ratio.high


def test_similar_areas_had_about_as_many_reports_and_households() -> None:
    own = Candidate("a", 12, 300)
    others = [
        own,
        Candidate("same", 12, 310),
        Candidate("near", 8, 250),
        Candidate("unknown", 12, 0),
        Candidate("quiet", 1, 300),
        Candidate("large", 12, 3000),
    ]
    assert [one.path for one in similar(own, others)] == ["unknown", "same", "near"]
    assert len(similar(own, others, most=1)) == 1
