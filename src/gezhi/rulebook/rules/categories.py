"""Kinds of matter: what each needs and who does it, and how words suggest one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from gezhi.rulebook.rules.due import Span
from gezhi.rulebook.rules.naming import Named

PROOFS = ("photo_after", "photo_pair", "place", "document", "signature", "second_check")

# What people put first is what it is about: words there weigh more.
_OPENING_CHARACTERS = 40
_OPENING_WEIGHT = 2.0
_GROUP_WORD_WEIGHT = 0.5
_FALLBACK_WEIGHT = 0.4
_MOST_SUGGESTIONS = 5


@dataclass(frozen=True)
class Stage:
    """One of several limits of a category: stop work in 4 working hours, remove in 20 days."""

    name: str
    within: Span


@dataclass(frozen=True)
class Group(Named):
    """One of the twelve major groups. Its synonyms point at the group, not at a category."""

    key: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Category(Named):
    """A kind of matter. `standards` holds its codes by standard, `label` the message-board label.

    `fallback`: its words say little, those of other categories go before them.
    """

    key: str
    group: str
    size: str
    body: str
    station: str | None = None
    by_grid: bool = False
    proof: frozenset[str] = frozenset()
    proof_metres: int | None = None
    sensitive: bool = False
    public: bool = True
    urgent: bool = False
    fallback: bool = False
    keywords: tuple[str, ...] = ()
    label: str = ""
    standards: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A category that words point at, how strongly, and by which words."""

    key: str
    score: float
    words: tuple[str, ...]


def find_words(text: str, words: Iterable[str]) -> dict[str, list[int]]:
    """Where `words` (longest first) stand in `text`; not inside of a longer one that was found."""
    taken = bytearray(len(text))
    found: dict[str, list[int]] = {}
    # Of a book's thousand words a text holds a dozen: sorting out the others comes first.
    for word in [word for word in words if word in text]:
        at = text.find(word)
        while at >= 0:
            if not any(taken[at : at + len(word)]):
                taken[at : at + len(word)] = b"\x01" * len(word)
                found.setdefault(word, []).append(at)
            at = text.find(word, at + 1)
    return found


@dataclass(frozen=True)
class Vocabulary:
    """All keywords and synonyms of a book, longest first, and what each points at."""

    words: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]]
    group_of: Mapping[str, str]
    fallbacks: frozenset[str]

    def suggest(self, text: str) -> list[Suggestion]:
        """The categories that `text` points at, the strongest first; empty where nothing does."""
        found = find_words(text.casefold(), self.words)
        scores: dict[str, float] = {}
        words: dict[str, list[str]] = {}
        groups: dict[str, float] = {}
        for word, places in found.items():
            weight = _weight(word, places)
            keys = self.categories.get(word, ())
            for key in keys:
                share = weight * (_FALLBACK_WEIGHT if key in self.fallbacks else 1) / len(keys)
                scores[key] = scores.get(key, 0) + share
                words.setdefault(key, []).append(word)
            for group in self.groups.get(word, ()):
                groups[group] = groups.get(group, 0) + weight * _GROUP_WORD_WEIGHT
        for group, bonus in groups.items():
            scores.setdefault(f"{group}.other", 0)
            for key in scores:
                if self.group_of[key] == group:
                    scores[key] += bonus
        best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:_MOST_SUGGESTIONS]
        return [Suggestion(key, round(score, 2), tuple(words.get(key, ()))) for key, score in best]


def _weight(word: str, places: list[int]) -> float:
    """Longer words say more; the first time says more than the third; the opening most."""
    opening = _OPENING_WEIGHT if min(places) < _OPENING_CHARACTERS else 1.0
    return (len(word) - 0.5) * opening * (1 + 0.25 * min(len(places) - 1, 3))


def make_vocabulary(categories: Collection[Category], groups: Iterable[Group]) -> Vocabulary:
    """The vocabulary of a book, built once when it is read."""
    pointing: dict[str, list[str]] = {}
    to_groups: dict[str, list[str]] = {}
    group_of: dict[str, str] = {}
    for category in categories:
        group_of[category.key] = category.group
        for word in category.keywords:
            pointing.setdefault(word.casefold(), []).append(category.key)
    for group in groups:
        for word in group.synonyms:
            to_groups.setdefault(word.casefold(), []).append(group.key)
    return Vocabulary(
        words=tuple(sorted(pointing.keys() | to_groups.keys(), key=lambda one: (-len(one), one))),
        categories={word: tuple(keys) for word, keys in pointing.items()},
        groups={word: tuple(keys) for word, keys in to_groups.items()},
        group_of=group_of,
        fallbacks=frozenset(one.key for one in categories if one.fallback),
    )
