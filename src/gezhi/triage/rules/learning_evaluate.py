"""How well kinds are learned from a set of texts: cross-validated, or on another set; the curve.

The model alone, without any book's words: a file has kinds of its own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from gezhi.triage.rules.learning import Floats, margins, shares
from gezhi.triage.rules.learning_fit import (
    Corpus,
    Tell,
    cross_scores,
    fit,
    honest_margins,
    read_corpus,
    settled_by,
    told_of,
)
from gezhi.triage.rules.learning_groups import not_seen
from gezhi.triage.rules.learning_scores import WANTED, Ints, confusion, macro_f1, rounded
from gezhi.triage.rules.learning_together import Examples

_SHARES = (0.2, 0.4, 0.6, 0.8)
_LONG_CURVE = 400_000  # texts × classes, from which a point of the curve is one fold's


class NothingLeft(Exception):
    """Whatever could be learned from is nearly the same as what is asked."""


@dataclass(frozen=True, eq=False)
class _Set:
    """Examples as numbers."""

    corpus: Corpus
    truth: Ints
    classes: tuple[str, ...]

    @property
    def rows(self) -> Ints:
        return np.arange(len(self.truth))


def evaluate(train: Examples, test: Examples | None, tell: Tell) -> dict[str, Any]:
    """Accuracy, macro-F1, where it is sure, each class, and how all of it grows with the examples.

    Whole texts are held out, and what is nearly the same as a text is never learned from when
    that text is asked. Margins are judged on texts that did not set them.
    """
    return _crossed(_numbered(train), tell) if test is None else _on_another(train, test, tell)


def _numbered(found: Examples) -> _Set:
    classes = tuple(sorted(set(found.labels)))
    at = {key: number for number, key in enumerate(classes)}
    truth = np.array([at[label] for label in found.labels], dtype=np.intp)
    return _Set(read_corpus(found.texts), truth, classes)


def _crossed(found: _Set, tell: Tell) -> dict[str, Any]:
    many, count = len(found.truth), len(found.classes)
    scores, folds = cross_scores(
        found.corpus, found.rows, found.truth, count, lambda done, total: tell(done, total * 2)
    )
    parts = int(folds.max()) + 1
    told = told_of(
        scores, found.truth, *honest_margins(scores, found.truth, folds, WANTED), found.classes
    )
    temperature, margin = settled_by(scores, found.truth)
    asked = range(1 if many * count >= _LONG_CURVE else parts)
    points = []
    for step, share in enumerate(_SHARES):
        answers, right, learned = [], [], 0
        for fold in asked:
            rest, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            some = _part_of(found, rest, share)
            answers.append(_answers(found, some, held))
            right.append(found.truth[held])
            learned = len(some)
        points.append(_point(share, learned, np.concatenate(right), np.concatenate(answers), count))
        tell(parts + 1 + step * (parts - 1) // len(_SHARES), parts * 2)
    whole = _point(1.0, many - many // parts, found.truth, scores.argmax(axis=1), count)
    tell(parts * 2, parts * 2)
    groups = len(np.unique(found.corpus.groups))
    return {
        "n": many, "classes": count, "folds": parts, "nearly_same": many - groups,
        "wanted_when_sure": WANTED, "margin": rounded(margin), "temperature": rounded(temperature),
        **told, "curve": [*points, whole],
    }  # fmt: skip


def _on_another(train: Examples, test: Examples, tell: Tell) -> dict[str, Any]:
    fresh = not_seen(train.texts, test.texts)
    if not any(fresh):
        raise NothingLeft()
    both = Examples(
        [*(text for text, is_fresh in zip(train.texts, fresh, strict=True) if is_fresh),
         *test.texts],
        [*(label for label, is_fresh in zip(train.labels, fresh, strict=True) if is_fresh),
         *test.labels],
    )  # fmt: skip
    found = _numbered(both)
    count, learned = len(found.classes), sum(fresh)
    rows, held = found.rows[:learned], found.rows[learned:]
    truth = found.truth[held]
    scores, _folds = cross_scores(
        found.corpus, rows, found.truth[rows], count, lambda done, total: tell(done, total * 2)
    )
    temperature, margin = settled_by(scores, found.truth[rows])
    asked = _scores(found, rows, held)
    gaps = margins(shares(asked, temperature))
    told = told_of(asked, truth, gaps, gaps >= margin, found.classes)
    points = []
    for share in _SHARES:
        some = _part_of(found, rows, share)
        points.append(_point(share, len(some), truth, _answers(found, some, held), count))
    tell(1, 1)
    whole = _point(1.0, learned, truth, asked.argmax(axis=1), count)
    return {
        "n": learned, "n_test": len(held), "classes": count,
        "nearly_same": len(train.texts) - learned, "wanted_when_sure": WANTED,
        "margin": rounded(margin), "temperature": rounded(temperature),
        **told, "curve": [*points, whole],
    }  # fmt: skip


def _part_of(found: _Set, rows: Ints, share: float) -> Ints:
    """So many of them, drawn by chance, always the same."""
    drawn = np.random.default_rng(0).permutation(rows)[: max(2, round(len(rows) * share))]
    return np.sort(drawn)


def _scores(found: _Set, learned: Ints, held: Ints) -> Floats:
    made = fit(found.corpus, learned, found.truth[learned], len(found.classes))
    return made.scores(found.corpus, held)


def _answers(found: _Set, learned: Ints, held: Ints) -> Ints:
    answers: Ints = _scores(found, learned, held).argmax(axis=1)
    return answers


def _point(share: float, learned: int, truth: Ints, answers: Ints, classes: int) -> dict[str, Any]:
    return {
        "share": share,
        "learned_from": learned,
        "accuracy": rounded((truth == answers).mean()),
        "macro_f1": rounded(macro_f1(confusion(truth, answers, classes))),
    }
