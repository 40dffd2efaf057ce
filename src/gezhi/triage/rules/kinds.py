"""What is proposed of a report's kind: by a model where there is one, else by the book's words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from gezhi.rulebook.rules import Book, Suggestion
from gezhi.triage.rules.learning import MOST_OPTIONS, Learned
from gezhi.triage.rules.proposals import Option, Source, What

_SURE_SHARE, _SURE_SCORE = 0.6, 3.0  # of what all found words say, and how much that is


@dataclass(frozen=True)
class InForce:
    """A version of the learned model, as a process keeps it."""

    version: int
    model: Learned


def kind_of(text: str, *, book: Book, in_force: InForce | None) -> What:
    """The kinds of matter that `text` points at; a category that left the book is never one.

    Of categories that the model has learned it decides. Where the keywords point clearly at
    another one the model can't know better: each has half a say, and nobody is sure. How urgent it
    is, is the book's words' to say alone.
    """
    urgent = book.urgent_words(text)
    found = book.suggest(text)
    told, is_sure = in_force.model.read(text) if in_force else ((), False)
    options = [option for option in told if option.category in book.categories]
    if in_force is None or not options:
        return _by_words(found, urgent)
    is_sure = is_sure and options[0] == told[0]
    unlearned = _clear_but_unlearned(found, in_force.model.classes)
    if unlearned:
        halves = [replace(each, confidence=each.confidence / 2) for each in (unlearned, *options)]
        options = sorted(halves, key=lambda each: -each.confidence)
    return What(
        tuple(options[:MOST_OPTIONS]),
        Source.MODEL,
        is_sure=is_sure and not unlearned,
        urgent=urgent,
        model=in_force.version,
    )


def _by_words(found: Sequence[Suggestion], urgent: tuple[str, ...]) -> What:
    if not found:
        return What((), Source.NONE, is_sure=False, urgent=urgent)
    options = tuple(_option(one, found) for one in found[:MOST_OPTIONS])
    return What(options, Source.WORDS, is_sure=_is_clear(found), urgent=urgent)


def _option(one: Suggestion, found: Sequence[Suggestion]) -> Option:
    total = sum(each.score for each in found) or 1.0
    return Option(one.key, one.score / total, one.words)


def _is_clear(found: Sequence[Suggestion]) -> bool:
    total = sum(one.score for one in found)
    return (
        bool(found)
        and bool(found[0].words)
        and found[0].score >= max(_SURE_SCORE, _SURE_SHARE * total)
    )


def _clear_but_unlearned(found: Sequence[Suggestion], learned: Collection[str]) -> Option | None:
    if not _is_clear(found) or found[0].key in learned:
        return None
    return _option(found[0], found)
