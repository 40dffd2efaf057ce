"""The words that the reports of a topic share more than others do: things and what became of them.

No sentence of anybody, and nobody's name: only words that a dictionary knows, and that as many
reports use as make a topic.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import rjieba

_THINGS = frozenset({"n", "vn", "nz", "l", "j"})
_KINDS = _THINGS | {"v", "vi"}
_LEAST = 3  # reports that use a word
_LEAST_PART = 0.3  # of the topic's
_MOST = 3
_LESS = 0.6  # what becomes of things says less than the things
_MOST_WEIGHT = 4.0  # ln: of words that hardly anybody else uses, those that more use are plainer


Said = Mapping[str, float]  # words, and what each is worth


def words_said(text: str, common: Collection[str]) -> Said:
    """The words of a masked text that may tell what it is about.

    Without guessing where unknown words end: names of persons are such.
    """
    return {
        word: 1.0 if kind in _THINGS else _LESS
        for word, kind in rjieba.tag(text, False)
        if len(word) > 1 and kind in _KINDS and word not in common
    }


def words_shared(
    topic: Sequence[Said], all_use: Counter[str], total: int, *, told: str
) -> tuple[str, ...]:
    """Those of a topic's reports, the most telling first; none that is `told` by its place."""
    used = Counter(word for one in topic for word in one)
    worth = {word: most for one in topic for word, most in one.items()}
    often = {
        word: count * worth[word] * _weight(count / len(topic) * (total + 1) / all_use[word])
        for word, count in used.items()
        if count >= max(_LEAST, _LEAST_PART * len(topic)) and word not in told
    }
    found: list[str] = []
    for word in sorted(often, key=lambda word: (-often[word], -all_use[word], word)):
        if often[word] > 0 and not any(word in other or other in word for other in found):
            found.append(word)
    return tuple(found[:_MOST])


def _weight(times: float) -> float:
    return min(math.log(times), _MOST_WEIGHT)
