"""What a report is about."""

from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Suggestion
from gezhi.triage.rules import Option, Source, What

_MOST = 3
_ENOUGH = 3.0  # of a score: a word of two letters at the beginning
_SURE = 0.6  # of what all found words say, the share that the first category's do


def what(text: str, *, county: str) -> What:
    """The kinds of matter that `text` points at, and how sure that is."""
    book = rulebook.current(county)
    urgent = book.urgent_words(text)
    found = book.suggest(text)
    if not found:
        return What((), Source.NONE, is_sure=False, urgent=urgent)
    options = _by_words(found)
    first = found[0]
    is_sure = options[0].confidence >= _SURE and first.score >= _ENOUGH and bool(first.words)
    return What(options, Source.WORDS, is_sure=is_sure, urgent=urgent)


def _by_words(found: list[Suggestion]) -> tuple[Option, ...]:
    total = sum(one.score for one in found) or 1.0
    return tuple(Option(one.key, one.score / total, one.words) for one in found[:_MOST])
