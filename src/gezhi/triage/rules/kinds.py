"""What is proposed of a report's kind: by what was learned and by the book's words together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from gezhi.rulebook.rules import Book, Suggestion
from gezhi.triage.rules.learning import Learned, shares
from gezhi.triage.rules.learning_together import Scores, keys_of, table_of, together
from gezhi.triage.rules.proposals import Option, Source, What

MOST_OPTIONS = 3
_MOST_WORDS = 4
_SURE_SHARE, _SURE_SCORE = 0.6, 3.0  # of what all found words say, and how much that is
# One short word alone was wrong in 9 of 47 messages the words had not been widened for; two words
# or one as long as this in none of 13.
_LONG_WORD = 4
_NO_MORE = 0.3  # of what hints alone say (where it is, how it was): never enough to propose it
_NECK = 1.25  # what two say nearly alike is for a person to decide


@dataclass(frozen=True)
class InForce:
    """A version of the learned model, as a process keeps it."""

    version: int
    model: Learned


def kind_of(text: str, *, book: Book, in_force: InForce | None) -> What:
    """The kinds of matter that `text` points at; a category that left the book is never one.

    Until something is learned the book's words decide alone, and always where they tell of danger.
    How urgent it is, they say alone.
    """
    urgent, found = book.urgent_words(text), _found(text, book)
    told = {}
    if in_force and not book.dangers_in(text):
        told = _told(in_force.model, text, _scores(found), book.categories)
    if in_force is None or not told:
        return _by_words(found, urgent)
    best = nlargest(MOST_OPTIONS, told, key=lambda key: told[key])
    by_book = {one.key: _said(one) for one in found}
    options = tuple(
        Option(key, told[key], _words(text, key, by_book.get(key, ()), in_force.model))
        for key in best
    )
    is_sure = _stands_out(options) >= in_force.model.margin
    return What(options, Source.MODEL, is_sure=is_sure, urgent=urgent, model=in_force.version)


def said_of(text: str, book: Book) -> Scores | None:
    """What the book's words say of a text; None where they tell of danger, and so decide alone."""
    return None if book.dangers_in(text) else _scores(_found(text, book))


def _found(text: str, book: Book) -> list[Suggestion]:
    return [one for one in book.suggest(text) if one.key in book.categories]


def _scores(found: Sequence[Suggestion]) -> Scores:
    return {one.key: one.score for one in found}


def _told(model: Learned, text: str, said: Scores, known: Collection[str]) -> dict[str, float]:
    """How likely each category is by both, all together 1; nothing where nothing was learned."""
    beliefs = model.beliefs(text)
    if beliefs is None:
        return {}
    keys = keys_of(model.classes, [said])
    scores = together(beliefs, table_of([said], keys))
    scores[0, [key not in known for key in keys]] = -np.inf
    if not np.isfinite(scores).any():
        return {}
    told = shares(scores, model.both)[0].tolist()
    return {key: share for key, share in zip(keys, told, strict=True) if key in known}


def _stands_out(options: Sequence[Option]) -> float:
    """How far the first is before the second."""
    first, *others = (one.confidence for one in options)
    return first - max(others, default=0.0)


def _is_open(found: Sequence[Suggestion]) -> bool:
    """Whether the book's words say too little to propose what they point at."""
    first, *others = found
    return not first.words or any(one.score * _NECK > first.score for one in others)


def _is_clear(found: Sequence[Suggestion]) -> bool:
    """Whether the book's words alone leave little doubt."""
    total = sum(one.score for one in found)
    return (
        bool(found)
        and (len(found[0].words) > 1 or len("".join(found[0].words)) >= _LONG_WORD)
        and found[0].score >= max(_SURE_SCORE, _SURE_SHARE * total)
    )


def _said(one: Suggestion) -> tuple[str, ...]:
    """The book's words that count for it, the telling ones first."""
    return tuple(dict.fromkeys((*one.words, *one.hints)))[:_MOST_WORDS]


def _words(text: str, key: str, by_book: tuple[str, ...], model: Learned) -> tuple[str, ...]:
    """The book's words for it, then those that were learned, none inside another."""
    words = list(by_book)
    if key in model.classes:
        for word in model.words(text, key):
            if not any(word in other or other in word for other in words):
                words.append(word)
    return tuple(words[:_MOST_WORDS])


def _by_words(found: Sequence[Suggestion], urgent: tuple[str, ...]) -> What:
    if not found:
        return What((), Source.NONE, is_sure=False, urgent=urgent)
    total = sum(one.score for one in found) or 1.0
    most = _NO_MORE if _is_open(found) else 1.0
    options = tuple(
        Option(one.key, min(most, one.score / total), _said(one)) for one in found[:MOST_OPTIONS]
    )
    return What(options, Source.WORDS, is_sure=_is_clear(found), urgent=urgent)
