"""No pattern of the house takes long for a text that somebody made for that."""

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

_LONG = 1200
_PARTS = (
    *"1aA一0１ \n-.，、(（〔{@/:号我王",
    *("1-", "1.", "a1", "a.", "a@", "1,", "1 ", "一百", "1号", "我叫", "王先生"),
    *("{日期}", "2026-", "1月", "a-1#", "http://"),
)
_ENDS = ["", "!", "@"]
_SECONDS = 5.0


class _TooLongError(Exception):
    pass


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The patterns that stand in the house's modules, wherever the house has loaded them."""
    found: dict[str, tuple[str, re.Pattern[str]]] = {}
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("gezhi.") or ".tests" in name:
            continue
        for own, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                found.setdefault(value.pattern, (f"{name}.{own}", value))
    return sorted(found.values(), key=lambda one: one[0])


_FOUND = _patterns()


@pytest.mark.parametrize("pattern", [one for _, one in _FOUND], ids=[name for name, _ in _FOUND])
def test_a_hostile_text_costs_no_pattern_long(pattern: re.Pattern[str]) -> None:
    for part in _PARTS:
        for end in _ENDS:
            text = (part * _LONG)[:_LONG] + end
            try:
                with _at_most(_SECONDS):
                    for _each in pattern.finditer(text):
                        pass
            except _TooLongError:
                pytest.fail(f"{pattern.pattern!r} takes long for {part!r} × {_LONG} and {end!r}")


def test_there_are_patterns_to_try() -> None:
    assert len(_FOUND) > 40
