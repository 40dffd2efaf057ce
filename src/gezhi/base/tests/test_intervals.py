"""Shares of few: what is said, and how sure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base.intervals import share


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 3, 0.0615, 0.7923)],
)
def test_wilsons_interval_as_in_the_books(count, of, low, high):
    found = share(count, of)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-3)


@given(st.integers(0, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_share_lies_in_its_interval_and_that_between_none_and_all(pair):
    found = share(*pair)
    assert 0 <= found.low <= found.high <= 1
    if found.of:
        assert found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high


def test_of_few_an_interval_is_said_and_of_many_one_number():
    assert share(1, 3).percent == "6–79%"
    assert share(3, 19).is_small
    assert share(5, 20).percent == "25.0%"
    assert share(0, 0).percent == "0–100%"
