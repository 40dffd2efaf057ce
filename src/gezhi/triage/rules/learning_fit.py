"""Fitting a model of kinds of matter. It alone loads scikit-learn: never in a web process.

Run as a program it reads texts and labels as JSON, says how far it is, and answers with a model:
so the memory it takes is given back when it ends, and the worker goes on meanwhile.
"""

import base64
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.svm import LinearSVC

from gezhi.triage.rules.answers_model import hide
from gezhi.triage.rules.learning import (
    MOST_CHARACTERS,
    MOST_GRAMS,
    Floats,
    Learned,
    grams,
    margins,
    packed,
    shares,
)
from gezhi.triage.rules.learning_groups import groups_of
from gezhi.triage.rules.learning_scores import (
    NEVER,
    WANTED,
    Ints,
    confusion,
    macro_f1,
    margin_for,
    per_class,
    rounded,
    temperature_for,
)
from gezhi.triage.rules.learning_together import Examples, keys_of, table_of, together

Tell = Callable[[int, int], None]
_FOLDS, _FEWER_FOLDS = 5, 3
_LONG = 1_000_000  # texts × classes, from which there are fewer: minutes matter more then
_LEAST_TEXTS = 3  # an n-gram that fewer share is nobody's but theirs; one who writes thrice is one
_MOST_CANDIDATES = 150_000
_PRUNED_AT = 1_500_000  # n-grams counted at once; a bound on memory


@dataclass(frozen=True, eq=False)
class Corpus:
    """How often each n-gram is in each text. Numbers alone; which n-grams count is a fit's to say.

    `groups`: texts that are nearly the same have one number, and are never on both sides of a test.
    """

    counts: csr_matrix
    grams: list[str]
    groups: Ints


@dataclass(frozen=True, eq=False)
class Fit:
    """Weights over some columns of a corpus."""

    columns: Ints
    idf: Floats
    weights: Floats
    bias: Floats

    def scores(self, corpus: Corpus, rows: Ints) -> Floats:
        found: Floats = _weighed(corpus.counts[rows], self.columns, self.idf) @ self.weights
        return found + self.bias


def read_corpus(texts: Sequence[str]) -> Corpus:
    """Count n-grams twice: which there are, then where. Rare ones are dropped on the way."""
    groups = groups_of(texts)
    alike: dict[int, list[str]] = defaultdict(list)
    for text, group in zip(texts, groups.tolist(), strict=True):
        alike[group].append(text)
    shared: Counter[str] = Counter()
    for members in alike.values():
        shared.update({gram for text in members for gram in grams(text)})
        if len(shared) > _PRUNED_AT:
            shared = Counter({gram: count for gram, count in shared.items() if count > 1})
    kept = sorted(gram for gram, count in shared.most_common(_MOST_CANDIDATES)
                  if count >= _LEAST_TEXTS)  # fmt: skip
    at = {gram: column for column, gram in enumerate(kept)}
    columns, values, ends = [], [], [0]
    for text in texts:
        found = [(at[gram], count) for gram, count in grams(text).items() if gram in at]
        columns.append(np.array([column for column, _ in found], dtype=np.int32))
        values.append(np.array([count for _, count in found], dtype=np.float32))
        ends.append(ends[-1] + len(found))
    parts = (np.concatenate(values), np.concatenate(columns), np.array(ends))
    counts = csr_matrix(parts, shape=(len(texts), len(kept)))
    return Corpus(counts, kept, groups)


def fit(corpus: Corpus, rows: Ints, truth: Ints, classes: int) -> Fit:
    """Weights from these texts alone: their n-grams, their idf, a linear SVM for each class.

    Rare classes count for more than their cases, by the square root, so that they are not drowned.
    """
    counts = corpus.counts[rows]
    texts_with = np.bincount(counts.indices, minlength=counts.shape[1])
    most = np.argsort(-texts_with, kind="stable")[:MOST_GRAMS]
    columns = np.sort(most[texts_with[most] >= _LEAST_TEXTS])
    idf = (np.log((1 + len(rows)) / (1 + texts_with[columns])) + 1).astype(np.float32)
    present, sizes = np.unique(truth, return_counts=True)
    weights = np.zeros((len(columns), classes), dtype=np.float32)
    if len(present) < 2 or not len(columns):  # nothing to tell apart, or nothing to tell it by
        bias = np.zeros(classes, dtype=np.float32)
        bias[present] = sizes / len(truth)
        return Fit(columns, idf, weights, bias)
    weight = np.sqrt(len(truth) / (len(present) * sizes))
    machine = LinearSVC(
        C=1.0, dual=True, tol=1e-3, max_iter=300, random_state=0,
        class_weight=dict(zip(present.tolist(), weight.tolist(), strict=True)),
    )  # fmt: skip
    machine.fit(_weighed(counts, columns, idf), truth)
    told, bias = machine.coef_, machine.intercept_
    if len(present) == 2:  # one row for both
        told, bias = np.vstack([-told[0], told[0]]), np.array([-bias[0], bias[0]])
    weights[:, present] = told.T
    level = np.full(classes, bias.min() - 2.0, dtype=np.float32)  # one it never saw comes last
    level[present] = bias
    return Fit(columns, idf, weights, level)


def _weighed(counts: csr_matrix, columns: Ints, idf: Floats) -> csr_matrix:
    """tf-idf, each text of length one. Counts as they are: dampened they told less (benchmarks)."""
    found = counts[:, columns].astype(np.float32) @ diags(idf)
    lengths = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    return csr_matrix(diags(1 / np.maximum(lengths, 1e-9)) @ found, dtype=np.float32)


def folds_of(groups: Ints, truth: Ints, folds: int) -> Ints:
    """A fold for each text: classes spread evenly, a group never torn apart."""
    members: dict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(groups.tolist()):
        members[group].append(at)
    order = np.random.default_rng(0).permutation(list(members))
    dealt = sorted(order.tolist(), key=lambda group: truth[members[group][0]])
    found = np.empty(len(groups), dtype=np.intp)
    for turn, group in enumerate(dealt):
        found[members[group]] = turn % folds
    return found


def cross_scores(
    corpus: Corpus, rows: Ints, truth: Ints, classes: int, tell: Tell
) -> tuple[Floats, Ints]:
    """Scores for each of these texts from a fit that has not seen it, and its fold."""
    many = _FOLDS if len(rows) * classes < _LONG else _FEWER_FOLDS
    folds = folds_of(corpus.groups[rows], truth, many)
    scores = np.empty((len(rows), classes), dtype=np.float32)
    for fold in range(many):
        rest, held = folds != fold, folds == fold
        if held.any():
            made = fit(corpus, rows[rest], truth[rest], classes)
            scores[held] = made.scores(corpus, rows[held])
        tell(fold + 1, many)
    return scores, folds


def honest_margins(
    scores: Floats, truth: Ints, folds: Ints, wanted: float
) -> tuple[Floats, NDArray[np.bool_]]:
    """Each text's gap and whether it would be sure, by a margin that other folds have set."""
    gaps, is_sure = np.empty(len(truth), dtype=np.float32), np.zeros(len(truth), dtype=bool)
    for fold in np.unique(folds):
        rest, held = folds != fold, folds == fold
        temperature, margin = settled_by(scores[rest], truth[rest], wanted)
        gaps[held] = margins(shares(scores[held], temperature))
        is_sure[held] = gaps[held] >= margin
    return gaps, is_sure


def settled_by(scores: Floats, truth: Ints, wanted: float = WANTED) -> tuple[float, float]:
    """Temperature and margin from scores of texts that the fit had not seen."""
    if not len(truth):
        return 1.0, NEVER
    temperature = temperature_for(scores, truth)
    gaps = margins(shares(scores, temperature))
    return temperature, margin_for(gaps, scores.argmax(axis=1) == truth, wanted)


def told_of(
    scores: Floats, truth: Ints, gaps: Floats, is_sure: NDArray[np.bool_], classes: Sequence[str]
) -> dict[str, Any]:
    """How well held-out texts were answered, in all and where it was sure."""
    answers = scores.argmax(axis=1)
    is_right = answers == truth
    table = confusion(truth, answers, len(classes))
    surest = np.argsort(-gaps, kind="stable")
    return {
        "accuracy": rounded(is_right.mean()),
        "macro_f1": rounded(macro_f1(table)),
        "abstained": rounded(1 - is_sure.mean()),
        "accuracy_when_sure": rounded(is_right[is_sure].mean()) if is_sure.any() else None,
        "accuracy_of_surest": {
            f"{share}%": rounded(is_right[surest[: max(1, len(truth) * share // 100)]].mean())
            for share in (100, 90, 80, 70, 60, 50)
        },
        "per_class": per_class(table, classes),
    }


@dataclass(frozen=True, eq=False)
class Asked:
    """Held-out texts: scores from fits that had not seen them, what the book's words say of each,
    what they are, and in which fold. The first columns of `said` are those of `scores`."""

    scores: Floats
    said: Floats
    truth: Ints
    folds: Ints

    def some(self, which: NDArray[np.bool_]) -> "Asked":
        return Asked(self.scores[which], self.said[which], self.truth[which], self.folds[which])

    def together(self, temperature: float) -> Floats:
        return together(shares(self.scores, temperature), self.said)

    def settled(self, wanted: float = WANTED) -> tuple[float, float, float]:
        """Temperature of what was learned; temperature and margin of both together."""
        known = self.truth < self.scores.shape[1]
        temperature = temperature_for(self.scores[known], self.truth[known])
        return temperature, *settled_by(self.together(temperature), self.truth, wanted)

    def told(self, keys: Sequence[str]) -> dict[str, Any]:
        """How well both answer together, each text by what other folds have settled."""
        both = np.empty_like(self.said)
        gaps, is_sure = np.empty(len(both), np.float32), np.zeros(len(both), dtype=bool)
        for fold in np.unique(self.folds):
            held = self.folds == fold
            temperature, hot, margin = self.some(~held).settled()
            both[held] = self.some(held).together(temperature)
            gaps[held] = margins(shares(both[held], hot))
            is_sure[held] = gaps[held] >= margin
        told = told_of(both, self.truth, gaps, is_sure, keys)
        learned = keys[: self.scores.shape[1]]
        rows = [
            {**row, "is_learned": row["key"] in learned} for row in told["per_class"] if row["n"]
        ]
        return {**told, "per_class": rows}


def learn(
    found: Examples, tell: Tell = lambda done, total: None, *, least: int = 1
) -> tuple[Learned, dict[str, Any]]:
    """A model of these, and how well its like answered what it had not seen, with the book's words.

    Of a kind with fewer than `least` texts nothing is learned; they are asked about all the same,
    as they will be. Nobody's name is learned, nor any number.
    """
    many = Counter(found.labels)
    classes = tuple(sorted(key for key in many if many[key] >= least))
    said = found.said or [{}] * len(found.texts)
    keys = keys_of(classes, [*filter(None, said), dict.fromkeys(many, 0.0)])
    at = {key: number for number, key in enumerate(keys)}
    truth = np.array([at[label] for label in found.labels], dtype=np.intp)
    corpus = read_corpus([hide(text[:MOST_CHARACTERS]).text for text in found.texts])
    is_known = truth < len(classes)
    rows, rest = np.flatnonzero(is_known), np.flatnonzero(~is_known)
    steps = 0

    def count(done: int, total: int) -> None:
        nonlocal steps
        steps = total + 1
        tell(done, steps)

    scores = np.empty((len(truth), len(classes)), dtype=np.float32)
    folds = np.arange(len(truth))
    scores[rows], folds[rows] = cross_scores(corpus, rows, truth[rows], len(classes), count)
    made = fit(corpus, rows, truth[rows], len(classes))
    scores[rest], folds[rest] = made.scores(corpus, rest), folds[rest] % (folds[rows].max() + 1)
    is_asked = np.array([each is not None for each in said])
    asked = Asked(scores, table_of([each or {} for each in said], keys), truth, folds)
    asked = asked.some(is_asked)
    temperature, both, margin = asked.settled()
    told = asked.told(keys)
    tell(steps, steps)
    model = Learned(
        classes=classes,
        rows={corpus.grams[column]: row for row, column in enumerate(made.columns.tolist())},
        idf=made.idf,
        weights=made.weights.astype(np.float16),
        bias=made.bias,
        temperature=temperature,
        both=both,
        margin=margin,
    )
    return model, told


if __name__ == "__main__":
    asked = json.load(sys.stdin)

    def say(**values: Any) -> None:
        sys.stdout.write(json.dumps(values) + "\n")
        sys.stdout.flush()

    model, told = learn(
        Examples(asked["texts"], asked["labels"], asked["said"]),
        lambda done, total: say(done=done, total=total),
        least=asked["least"],
    )
    say(told=told, body=base64.b64encode(packed(model)).decode())
