"""Paces: how many at once, how many after, and that processes count together."""

import os

from hypothesis import given
from hypothesis import strategies as st

from gezhi.base.pace import Pace, SharedCounts, weigh

TEN = Pace("ten", 10, 60.0)


def test_all_at_once_then_one_in_each_interval() -> None:
    counts = SharedCounts()
    granted = [counts.spend(TEN, "a", now=100.0) for _ in range(12)]
    assert [each.is_granted for each in granted] == [True] * 10 + [False] * 2
    assert [each.left for each in granted] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
    assert granted[-1].wait == 6.0
    assert not counts.spend(TEN, "a", now=105.9).is_granted
    assert counts.spend(TEN, "a", now=106.1).is_granted
    assert not counts.spend(TEN, "a", now=106.2).is_granted


def test_others_are_not_held_up() -> None:
    counts = SharedCounts()
    for _ in range(20):
        counts.spend(TEN, "a", now=100.0)
    assert counts.spend(TEN, "b", now=100.0).is_granted
    assert counts.spend(Pace("other", 10, 60.0), "a", now=100.0).is_granted


def test_a_pace_of_none_counts_nobody() -> None:
    counts = SharedCounts()
    assert all(counts.spend(Pace("off", 0, 60.0), "a").is_granted for _ in range(1000))


@given(
    st.integers(1, 50),
    st.floats(1.0, 3600.0),
    st.lists(st.floats(0.0, 600.0), min_size=1, max_size=200),
)
def test_never_more_than_twice_the_most_in_any_stretch_of_its_seconds(
    most: int, seconds: float, steps: list[float]
) -> None:
    pace, counts, now = Pace("any", most, seconds), SharedCounts(), 1000.0
    granted: list[float] = []
    for step in steps:
        now += step / 100
        if counts.spend(pace, "a", now=now).is_granted:
            granted.append(now)
    for start in granted:
        assert len([each for each in granted if start <= each < start + seconds]) <= 2 * most


@given(st.integers(1, 1000), st.floats(0.1, 1e5), st.floats(0, 1e6), st.floats(0, 1e6))
def test_whoever_waits_as_long_as_told_is_let_in(
    most: int, seconds: float, until: float, now: float
) -> None:
    pace = Pace("any", most, seconds)
    spent = weigh(pace, until, now)
    if not spent.is_granted:
        assert weigh(pace, until, now + spent.wait + 1e-3).is_granted


def test_processes_count_together() -> None:
    counts = SharedCounts()
    for _ in range(5):
        child = os.fork()
        if child == 0:
            for _each in range(2):
                counts.spend(TEN, "a", now=100.0)
            os._exit(0)
        os.waitpid(child, 0)
    assert not counts.spend(TEN, "a", now=100.0).is_granted
