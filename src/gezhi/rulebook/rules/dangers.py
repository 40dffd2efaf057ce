"""Danger told in people's own words: what is named, and what happens to it, in whatever order."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gezhi.rulebook.rules.categories import Suggestion

_BREATHS = re.compile(r"[，。！？；、…,.!?;\s]+")
# Whoever is in danger says so first; in a long story it is one part of it, or long over.
_OPENING_CHARACTERS = 100
_AHEAD = 2.0  # times what all other words say


@dataclass(frozen=True)
class Danger:
    """What people may come to harm by, and whose it is.

    A word of `words` tells of it alone; else one of `things` and one of `signs` must stand in one
    breath. A word of `unless` beside them says that it is something else, or over. One of `calm` is
    a longer word in which they say nothing; it takes back itself alone: a 燃气管 beside a 暖气管 is
    heard. Where `also` has words one of them must stand there too, all three anywhere (what was
    eaten, that it made ill, and several). `call` are the numbers whoever is there should ring.
    """

    key: str
    category: str
    words: tuple[str, ...]
    things: tuple[str, ...]
    signs: tuple[str, ...]
    unless: tuple[str, ...]
    calm: tuple[str, ...]
    also: tuple[str, ...]
    call: tuple[str, ...]

    def find(self, breath: str) -> tuple[str, ...]:
        """The words by which one breath tells of it."""
        if any(word in breath for word in self.unless):
            return ()
        for word in self.calm:
            breath = breath.replace(word, " ")
        if alone := _longest(self.words, breath):
            return (alone,)
        thing, sign = _longest(self.things, breath), _longest(self.signs, breath)
        return (thing, sign) if thing and sign else ()

    def find_in(self, text: str) -> list[str]:
        """The words by which a text tells of it."""
        if self.also:
            third = _longest(self.also, text)
            return [*self.find(text), third] if third and self.find(text) else []
        return [word for breath in _BREATHS.split(text) if breath for word in self.find(breath)]


@dataclass(frozen=True)
class Told:
    """A danger that a text tells of, and by which words."""

    danger: Danger
    words: tuple[str, ...]


def _longest(words: Iterable[str], text: str) -> str:
    return max((word for word in words if word in text), key=len, default="")


def find_dangers(dangers: Sequence[Danger], calm: Iterable[str], text: str) -> list[Told]:
    """Those that `text` tells of, in the order in which the book has them."""
    for word in calm:
        text = text.replace(word, " ")
    found = []
    for danger in dangers:
        if words := danger.find_in(text[:_OPENING_CHARACTERS]):
            found.append(Told(danger, tuple(dict.fromkeys(words))))
    return found


def put_first(told: Sequence[Told], found: Sequence[Suggestion]) -> list[Suggestion]:
    """The first danger's category before all others, those of further dangers next."""
    if not told:
        return list(found)
    first: dict[str, Suggestion] = {}
    known = {one.key: one for one in found}
    scored = sum(one.score for one in found)
    for at, one in enumerate(told):
        key = one.danger.category
        was = known.get(key) or Suggestion(key, 0.0, ())
        score = max(scored, len("".join(one.words))) * _AHEAD if at == 0 else was.score
        words = tuple(dict.fromkeys((*one.words, *was.words)))
        first.setdefault(key, replace(was, score=round(score, 2), words=words))
    rest = [one for one in found if one.key not in first]
    return [*first.values(), *rest]
