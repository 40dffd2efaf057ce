"""How good a model is: what was right, where it may say it is sure, which of two is better."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gezhi.triage.rules.learning import Floats, shares

Ints = NDArray[np.intp]

WANTED = 0.95  # of the answers it says it is sure of, so many are to be right
NEVER = 2.0  # a margin that no two shares have
_LEAST_MARGIN = 0.1  # however good it is: a person decides between two that are as likely
_LEAST_SURE = 30  # answers from which a share says anything
_LEAST_SHARE = 1e-9
_TEMPERATURES = np.geomspace(0.02, 5.0, 120)
_DRAWS, _AHEAD = 1000, 0.95
_WORST = 3


def temperature_for(scores: Floats, truth: Ints) -> float:
    """The one under which the shares of belief fit best what held-out cases turned out to be.

    As if one more had turned out to be anything: where all were right, it is still not certain.
    """
    at = np.arange(len(truth))

    def loss(temperature: float) -> float:
        surprise = -np.log(np.maximum(shares(scores, temperature), _LEAST_SHARE))
        return float(surprise[at, truth].sum() + surprise.mean())

    return float(min(_TEMPERATURES, key=loss))


def margin_for(gaps: Floats, is_right: NDArray[np.bool_], wanted: float = WANTED) -> float:
    """The least margin above which `wanted` of the held-out answers are right.

    Answers are taken from the widest gap down; the last place where the wanted share of those
    taken was still right sets the margin, halfway to the next answer: how it would be between
    them nobody has seen. Where fewer than thirty can be taken it is never sure.
    """
    order = np.argsort(-gaps, kind="stable")
    share = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= wanted)
    if not enough.size or enough[-1] + 1 < _LEAST_SURE:
        return NEVER
    last, after = [*gaps[order], 0.0][enough[-1] :][:2]
    return max(float(last + after) / 2, _LEAST_MARGIN)


def confusion(truth: Ints, answers: Ints, classes: int) -> NDArray[np.int64]:
    """Rows are what cases were, columns what was answered."""
    table = np.bincount(truth * classes + answers, minlength=classes * classes)
    return table.reshape(classes, classes)


def f1_of(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each class; NaN for one that neither was nor was answered."""
    both = table.sum(axis=0) + table.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = 2 * np.diagonal(table) / both
    return found


def macro_f1(table: NDArray[np.int64]) -> float:
    """The mean over the classes that there were, small ones counting like large ones."""
    return float(f1_of(table)[table.sum(axis=1) > 0].mean())


def macro_f1_of(truth: Sequence[str], answers: Sequence[str]) -> float:
    """The same of answers by name; "" is none."""
    (are, said), classes = _numbered(truth, answers)
    return rounded(macro_f1(confusion(are, said, classes)))


def per_class(table: NDArray[np.int64], classes: Sequence[str]) -> list[dict[str, Any]]:
    """For each class how many, how well, and what it was most often taken for."""
    f1, asked, answered = f1_of(table), table.sum(axis=1), table.sum(axis=0)
    rows = []
    for at, key in enumerate(classes):
        right = int(table[at, at])
        taken = [int(other) for other in np.argsort(-table[at], kind="stable") if other != at]
        rows.append(
            {
                "key": key,
                "n": int(asked[at]),
                "precision": rounded(right / answered[at]) if answered[at] else None,
                "recall": rounded(right / asked[at]) if asked[at] else None,
                "f1": None if np.isnan(f1[at]) else rounded(f1[at]),
                "taken_for": [
                    [classes[other], int(table[at, other])]
                    for other in taken[:_WORST]
                    if table[at, other]
                ],
            }
        )
    return rows


def rounded(number: float) -> float:
    """Four places: more would be noise."""
    return round(float(number), 4)


def is_better(truth: Sequence[str], old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether `new` answers the same cases better than `old`, by macro-F1 and more than by chance.

    A paired bootstrap: of a thousand draws of these cases (with repetition, always the same
    draws), new must be ahead in 95 of a hundred.
    """
    (are, were, would), classes = _numbered(truth, old, new)
    draws = np.random.default_rng(0).integers(0, len(are), (_DRAWS, len(are)))
    ahead = sum(
        macro_f1(confusion(are[drawn], would[drawn], classes))
        > macro_f1(confusion(are[drawn], were[drawn], classes))
        for drawn in draws
    )
    return bool(ahead >= _AHEAD * _DRAWS)


def _numbered(*named: Sequence[str]) -> tuple[list[Ints], int]:
    """Names as numbers, the same in every sequence, and how many there are."""
    at = {key: number for number, key in enumerate(sorted(set().union(*named)))}
    return [np.array([at[key] for key in keys], dtype=np.intp) for keys in named], len(at)
