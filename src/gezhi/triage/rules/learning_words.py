"""The words that decided: what n-grams say, told in words that people read."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import rjieba
from numpy.typing import NDArray

_MOST = 4
_LONGEST = 8  # letters of what is merged from words that touch
_LEAST_SHARE = 0.25  # of what the strongest word says
Span = tuple[int, int]


def word_spans(text: str) -> list[Span]:
    """Where the words of a text begin and end; single letters and what isn't written in letters
    are left out."""
    ends = [0]
    for word in rjieba.cut(text):
        ends.append(ends[-1] + len(word))
    return [(start, end) for start, end in pairwise(ends)
            if end - start > 1 and text[start:end].isalpha()]  # fmt: skip


def deciding_words(
    text: str, spans: Sequence[Span], letters: NDArray[np.float32]
) -> tuple[str, ...]:
    """At most four words that said most, the strongest first. `letters`: what each letter says.

    Words that touch and both count are one: 井盖 and 丢失 are 井盖丢失.
    """
    said = [float(letters[start:end].sum()) for start, end in spans]
    least = max(said, default=0.0) * _LEAST_SHARE
    strong = [
        (start, end, weight)
        for (start, end), weight in zip(spans, said, strict=True)
        if weight > 0 and weight >= least
    ]
    found: dict[str, float] = {}
    for start, end, weight in _merged(strong):
        word = text[start:end]
        found[word] = max(found.get(word, 0.0), weight)
    return tuple(sorted(found, key=lambda word: (-found[word], word))[:_MOST])


def _merged(words: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    found: list[tuple[int, int, float]] = []
    for start, end, weight in words:
        if found and found[-1][1] == start and end - found[-1][0] <= _LONGEST:
            first, _, before = found.pop()
            found.append((first, end, before + weight))
        else:
            found.append((start, end, weight))
    return found
