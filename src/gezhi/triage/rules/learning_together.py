"""What was learned and what the book's words say, as one: the one place where both are weighed.

Both speak as independent witnesses do: their odds multiply. What was learned of few cases, or of
cases all told alike, knows little of new words, and the book's words know nothing of people's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gezhi.triage.rules.learning import Floats

Scores = Mapping[str, float]
# Neither is ever quite sure of what it leaves out, and words say as much as there are of them.
_UNHEARD_BY_MODEL, _UNHEARD_BY_WORDS = 0.01, 0.02
_FULL_SCORE = 6.0


@dataclass(frozen=True)
class Examples:
    """Texts, what each is, and how strongly the book's words point at which kinds in each.

    `said` is None for a text that the book's words answer alone: nothing is asked of it.
    """

    texts: Sequence[str]
    labels: Sequence[str]
    said: Sequence[Scores | None] = ()


def keys_of(classes: Sequence[str], said: Sequence[Scores]) -> tuple[str, ...]:
    """The kinds that were learned, then those that the words alone point at."""
    named = {key for scores in said for key in scores}
    return (*classes, *sorted(named.difference(classes)))


def table_of(said: Sequence[Scores], keys: Sequence[str]) -> Floats:
    """A row of scores for each text, a column for each kind."""
    at = {key: column for column, key in enumerate(keys)}
    table = np.zeros((len(said), len(keys)), dtype=np.float32)
    for row, scores in zip(table, said, strict=True):
        for key, score in scores.items():
            row[at[key]] = score
    return table


def together(beliefs: Floats, said: Floats) -> Floats:
    """How much speaks for each kind by both, as scores to be tempered; a row for each text.

    `beliefs` are of what was learned, the first columns of `said`. Of what it never saw, a model
    can't say that it isn't that; what neither names is nothing.
    """
    learned = beliefs.shape[1]
    whole, strongest = said.sum(axis=1, keepdims=True), said.max(axis=1, keepdims=True, initial=0)
    by_words = said / np.where(whole > 0, whole, 1)
    by_model = np.full_like(said, 1 / (learned + 1))
    by_model[:, :learned] = beliefs
    told: Floats = np.log(by_model + _UNHEARD_BY_MODEL) + np.minimum(
        1, strongest / _FULL_SCORE
    ) * np.log(by_words + _UNHEARD_BY_WORDS)
    told[:, learned:][said[:, learned:] <= 0] = -np.inf
    return told
