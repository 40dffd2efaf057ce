"""What is proposed of a report's kind: by what was learned and by the book's words together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import exp, log

from gezhi.rulebook.rules import Book, Suggestion
from gezhi.triage.rules.learning import Learned
from gezhi.triage.rules.proposals import Option, Source, What

MOST_OPTIONS = 3
_MOST_WORDS = 4
_SURE_SHARE, _SURE_SCORE = 0.6, 3.0  # of what all found words say, and how much that is
# One short word alone was wrong in 9 of 47 messages the words had not been widened for; two words
# or one as long as this in none of 13.
_LONG_WORD = 4
# Both speak as independent witnesses do: their odds multiply. Neither is ever quite sure of what
# it leaves out, and words say as much as there are of them.
_UNHEARD_BY_MODEL, _UNHEARD_BY_WORDS = 0.01, 0.02
_FULL_SCORE = 6.0
_LEAST_MARGIN = 0.5


@dataclass(frozen=True)
class InForce:
    """A version of the learned model, as a process keeps it."""

    version: int
    model: Learned


def kind_of(text: str, *, book: Book, in_force: InForce | None) -> What:
    """The kinds of matter that `text` points at; a category that left the book is never one.

    Until something is learned the book's words decide alone. What was learned of few cases, or of
    cases all told alike, knows little of new words, and the book's words know nothing of people's
    own: together they are right more often than either. How urgent it is, and what is danger, the
    book's words say alone.
    """
    urgent = book.urgent_words(text)
    found = [one for one in book.suggest(text) if one.key in book.categories]
    learned = in_force.model.beliefs(text) if in_force else {}
    beliefs = {key: share for key, share in learned.items() if key in book.categories}
    if in_force is None or not beliefs or book.dangers_in(text):
        return _by_words(found, urgent)
    told = _together(beliefs, found)
    best = nlargest(MOST_OPTIONS, told, key=lambda key: told[key])
    speaks = _stands_out(beliefs, best[0]) >= in_force.model.margin
    is_sure = _stands_out(told, best[0]) >= _LEAST_MARGIN and (
        speaks or (_is_clear(found) and found[0].key == best[0])
    )
    by_book = {one.key: one.words for one in found}
    options = tuple(
        Option(key, told[key], _words(text, key, by_book.get(key, ()), in_force.model))
        for key in best
    )
    return What(options, Source.MODEL, is_sure=is_sure, urgent=urgent, model=in_force.version)


def _together(beliefs: Mapping[str, float], found: Sequence[Suggestion]) -> dict[str, float]:
    """How likely each category is by both, all together 1."""
    unlearned = 1 / (len(beliefs) + 1)  # of what it never saw, it can't say that it isn't that
    total = sum(one.score for one in found) or 1.0
    by_words = {one.key: one.score / total for one in found}
    strength = min(1.0, found[0].score / _FULL_SCORE) if found else 0.0
    scores = {
        key: log(beliefs.get(key, unlearned) + _UNHEARD_BY_MODEL)
        + strength * log(by_words.get(key, 0.0) + _UNHEARD_BY_WORDS)
        for key in beliefs.keys() | by_words.keys()
    }
    highest = max(scores.values())
    odds = {key: exp(score - highest) for key, score in sorted(scores.items())}
    whole = sum(odds.values())
    return {key: odd / whole for key, odd in odds.items()}


def _stands_out(told: Mapping[str, float], key: str) -> float:
    """How far one is before all others; below 0 where it isn't the first."""
    others = (share for other, share in told.items() if other != key)
    return told.get(key, 0.0) - max(others, default=0.0)


def _is_clear(found: Sequence[Suggestion]) -> bool:
    """Whether the book's words alone leave little doubt."""
    total = sum(one.score for one in found)
    return (
        bool(found)
        and (len(found[0].words) > 1 or len("".join(found[0].words)) >= _LONG_WORD)
        and found[0].score >= max(_SURE_SCORE, _SURE_SHARE * total)
    )


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
    options = tuple(Option(one.key, one.score / total, one.words) for one in found[:MOST_OPTIONS])
    return What(options, Source.WORDS, is_sure=_is_clear(found), urgent=urgent)
