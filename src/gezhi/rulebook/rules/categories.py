"""Kinds of matter: what each needs and who does it, and how words suggest one."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from gezhi.rulebook.rules.asking import Question
from gezhi.rulebook.rules.due import Span
from gezhi.rulebook.rules.naming import Named

SERVICE_TYPES = ("realtime", "batch", "blackbox")
PROOFS = ("photo_after", "photo_pair", "place", "document", "signature", "second_check")

# What people put first is what it is about: words there weigh more.
_OPENING_CHARACTERS = 40
_OPENING_WEIGHT = 2.0
_GROUP_WORD_WEIGHT = 0.5
_FALLBACK_WEIGHT = 0.4
_HINT_WEIGHT = 0.3
_MOST_SUGGESTIONS = 5


@dataclass(frozen=True)
class Stage(Named):
    """One of several limits of a category: stop work in 4 working hours, remove in 20 days.

    `key` is `category:key`, as both are written there: stable for ever; the names may change.
    """

    key: str
    within: Span


@dataclass(frozen=True)
class Group(Named):
    """One of the twelve major groups. Its synonyms point at the group, not at a category."""

    key: str
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Category(Named):
    """A kind of matter. `standards` holds its codes by standard, `label` the message-board label.

    `fallback`: its words say little, those of other categories go before them. `hints` are words
    that mostly say where it is, or who says it: they decide where nothing else does. Reports of a
    kind that is `personal` are each their reporter's own affair (a pension, a wage). How far apart
    and how many days after one another reports of it may be the same matter,
    it says or the limits do. `asset` is the kind of thing it is about, where it is about one.
    `questions` are what whoever receives it should ask, `asks` what forms and programs do.
    `open311` is the type of service it is to other cities' programs, where it says so itself.
    `oversight`: it is for somebody else to look into than who keeps the place.
    """

    key: str
    group: str
    size: str
    body: str
    station: str | None = None
    asset: str = ""
    by_grid: bool = False
    oversight: bool = False
    proof: frozenset[str] = frozenset()
    proof_metres: int | None = None
    sensitive: bool = False
    personal: bool = False
    public: bool = True
    urgent: bool = False
    fallback: bool = False
    keywords: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    label: str = ""
    standards: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    questions: tuple[str, ...] = ()
    asks: tuple[Question, ...] = ()
    open311: str = ""
    similar_radius_m: int | None = None
    similar_days: int | None = None

    @property
    def service_type(self) -> str:
        """What an answer to another program is: a number, a token, or neither.

        What nobody but those concerned may see can't be followed by its number either.
        """
        return self.open311 or ("realtime" if self.public and not self.sensitive else "blackbox")


@dataclass(frozen=True)
class Suggestion:
    """A category that words point at, how strongly, and by which words.

    `hints` are those that say little: where it is, who says it, of which group it is.
    """

    key: str
    score: float
    words: tuple[str, ...]
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """Words to look for, by their first letter: of a book's thousand a text can hold a few."""

    beginning: Mapping[str, tuple[str, ...]]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self.beginning.values())

    def find(self, text: str) -> dict[str, list[int]]:
        """Where they stand in `text`, the longest first; not inside of a longer one found."""
        here = [word for letter in set(text) for word in self.beginning.get(letter, ())]
        taken = bytearray(len(text))
        found: dict[str, list[int]] = {}
        for word in sorted((word for word in here if word in text), key=_longest_first):
            at = text.find(word)
            while at >= 0:
                if not any(taken[at : at + len(word)]):
                    taken[at : at + len(word)] = b"\x01" * len(word)
                    found.setdefault(word, []).append(at)
                at = text.find(word, at + 1)
        return found


def make_words(words: Iterable[str]) -> Words:
    """Words in the order in which they can be found."""
    beginning: dict[str, list[str]] = {}
    for word in sorted(words, key=_longest_first):
        beginning.setdefault(word[:1], []).append(word)
    return Words({letter: tuple(words) for letter, words in beginning.items()})


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word


@dataclass(frozen=True)
class Urgency:
    """Words that say that people may be in danger now.

    `calm` are longer words in which such a word says nothing: 落水管 is a pipe, nobody fell. An
    outage (`outages`) is one where somebody `frail` is named beside it.
    """

    words: Words
    calm: frozenset[str]
    outages: Words
    frail: Words

    def find(self, text: str) -> tuple[str, ...]:
        """The words found in `text`, the longest first."""
        found = [word for word in self.words.find(text) if word not in self.calm]
        outages, frail = self.outages.find(text), self.frail.find(text)
        if outages and frail:
            found += [*outages, *frail]
        return tuple(dict.fromkeys(found))

    def told(self) -> dict[str, frozenset[str]]:
        """The lists as they are written."""
        return {
            "urgent_words": frozenset(self.words) - self.calm,
            "calm_words": self.calm,
            "outage_words": frozenset(self.outages),
            "frail_words": frozenset(self.frail),
        }


@dataclass(frozen=True)
class Vocabulary:
    """All keywords, hints and synonyms of a book, and what each points at.

    `blanks` are longer words in which those say nothing: 外面的 is no 面的, nobody rents a van.
    """

    words: Words
    categories: Mapping[str, tuple[str, ...]]
    hints: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]]
    group_of: Mapping[str, str]
    fallbacks: frozenset[str]
    blanks: frozenset[str]

    def suggest(self, text: str) -> list[Suggestion]:
        """The categories that `text` points at, the strongest first; empty where nothing does."""
        found = self.words.find(text.casefold())
        scores: dict[str, float] = {}
        words: dict[str, list[str]] = {}
        hints: dict[str, list[str]] = {}
        groups: dict[str, dict[str, float]] = {}
        for word, places in found.items():
            weight = _weight(word, places)
            keys = self.categories.get(word, ())
            for key in keys:
                share = weight * (_FALLBACK_WEIGHT if key in self.fallbacks else 1) / len(keys)
                scores[key] = scores.get(key, 0) + share
                words.setdefault(key, []).append(word)
            for key in self.hints.get(word, ()):
                scores[key] = scores.get(key, 0) + weight * _HINT_WEIGHT
                hints.setdefault(key, []).append(word)
            for group in self.groups.get(word, ()):
                groups.setdefault(group, {})[word] = weight * _GROUP_WORD_WEIGHT
        for group, said in groups.items():
            scores.setdefault(f"{group}.other", 0)
            for key in scores:
                if self.group_of[key] == group:
                    scores[key] += sum(said.values())
                    hints.setdefault(key, []).extend(said)
        best = sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:_MOST_SUGGESTIONS]
        return [
            Suggestion(key, round(score, 2), tuple(words.get(key, ())), tuple(hints.get(key, ())))
            for key, score in best
        ]


def _weight(word: str, places: list[int]) -> float:
    """Longer words say more; the first time says more than the third; the opening most."""
    opening = _OPENING_WEIGHT if min(places) < _OPENING_CHARACTERS else 1.0
    return (len(word) - 0.5) * opening * (1 + 0.25 * min(len(places) - 1, 3))


def make_vocabulary(
    categories: Collection[Category], groups: Iterable[Group], blanks: Iterable[str] = ()
) -> Vocabulary:
    """The vocabulary of a book, built once when it is read."""
    pointing: dict[str, list[str]] = {}
    hinting: dict[str, list[str]] = {}
    to_groups: dict[str, list[str]] = {}
    group_of: dict[str, str] = {}
    blanks = frozenset(word.casefold() for word in blanks)
    for category in categories:
        group_of[category.key] = category.group
        for word in category.keywords:
            pointing.setdefault(word.casefold(), []).append(category.key)
        for word in category.hints:
            hinting.setdefault(word.casefold(), []).append(category.key)
    for group in groups:
        for word in group.synonyms:
            to_groups.setdefault(word.casefold(), []).append(group.key)
    return Vocabulary(
        words=make_words(pointing.keys() | hinting.keys() | to_groups.keys() | blanks),
        categories={word: tuple(keys) for word, keys in pointing.items()},
        hints={word: tuple(keys) for word, keys in hinting.items()},
        groups={word: tuple(keys) for word, keys in to_groups.items()},
        group_of=group_of,
        fallbacks=frozenset(one.key for one in categories if one.fallback),
        blanks=blanks,
    )
