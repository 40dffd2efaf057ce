"""How alike what two reports say is: by sketches, and exactly.

A text is the set of the two and three characters that stand side by side in it. A sketch is
64 numbers, of which two texts share about as large a part as they share of those sets. Whether
it is the same matter is then read off the texts: how much of the shorter one is in the longer
one, and whether they name the same places.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp
from typing import cast
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gezhi.base.masking import mask_text

Grams = NDArray[np.uint64]
Sketch = NDArray[np.uint32]

SIZE = 64
_ROWS = 3
BANDS = SIZE // _ROWS
_LONGEST = 2000  # characters; who writes more says the same again

# What a letter to the office begins and ends with, whatever it is about.
_COURTESY = re.compile(
    r"尊敬的.{0,12}?(?:领导|书记|市长|区长|县长|主任|局长|同志)们?|各位领导|有关部门|相关部门"
    r"|领导们?[:,]?(?:您|你)们?好|(?:您|你)们?好|谢谢|感谢|恳请|恳求|请求|强烈要求|希望|麻烦|请问|此致|敬礼"
)
_NUMBERS = re.compile(r"[\d*]{6,}")  # phones and what masking leaves of them
_SIGNS = re.compile(r"[\W_]+")
# They stand in every sentence: what they stand in says nothing of the matter.
_SMALL = "的了是我们在有和不也都就这那很还把被给对等为与及到上下中市区县"
_IS_SMALL = np.zeros(0x110000, dtype=bool)
_IS_SMALL[[ord(sign) for sign in _SMALL]] = True

# A name of a place by how it ends and the two characters before: 芳园小, 兰路. No list of names.
_ENDS = (
    r"小区|社区|街道|大厦|广场|学校|小学|中学|学院|医院|公园|花园|国际城|家园|公寓|车站|公司|项目|楼盘|幼儿园"
    r"|[路街巷镇乡村苑园城湾府桥湖栋号]"
)
_NAME = re.compile(rf"(?=(\w\w)({_ENDS}))")
_NO_NAME = frozenset(
    "的了是我们该本此这个各附近边在和与等住宅居民到从内外旁对于有一两家农老新市上下里中前后左右请将"
    "把被给要会可能没不无也都就还又再为因所以及如或说向往来去"
)

# Fitted on one half of 200 pairs read and marked by hand, reported on the other (docs/benchmarks).
_BASE, _BY_WORDS, _BY_NAMES = -1.33, 1.79, 5.96
_FEW = 5  # grams: "路灯不亮" is no more than that, and may be said of any lamp
SAME = 0.5  # from here on it is said to be the same


@dataclass(frozen=True)
class Said:
    """What is compared of a text: its grams, and the names of places that it seems to hold."""

    grams: Grams
    names: frozenset[str]


def said(text: str) -> Said:
    """A text as it is compared."""
    parts = _parts_of(text)
    return Said(_grams_of("".join(parts)), _names_in(parts))


def plain(text: str) -> str:
    """What is left of a text once signs, courtesies and numbers that name a person are gone."""
    return "".join(_parts_of(text))


def _parts_of(text: str) -> list[str]:
    """The same, in the parts that signs and courtesies leave."""
    text = mask_text(normalize("NFKC", text[:_LONGEST]))
    return _SIGNS.sub(" ", _COURTESY.sub(" ", _NUMBERS.sub(" ", text))).lower().split()


def grams(text: str) -> Grams:
    """The twos and threes of characters in the plain text, each once, as numbers."""
    return _grams_of(plain(text))


def _grams_of(left: str) -> Grams:
    signs = np.frombuffer(left.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(signs) < 2:
        return signs
    tells = ~_IS_SMALL[signs]
    twos = (signs[:-1] << _SHIFT) | signs[1:]
    threes = (twos[:-1] << _SHIFT) | signs[2:]
    pairs = tells[:-1] & tells[1:]
    return np.unique(np.concatenate([twos[pairs], threes[pairs[:-1] & tells[2:]]]))


_SHIFT = np.uint64(21)  # bits of a character


def _names_in(parts: Sequence[str]) -> frozenset[str]:
    found = ((one[1], one[2][0]) for part in parts for one in _NAME.finditer(part))
    return frozenset(name + end for name, end in found if _NO_NAME.isdisjoint(name))


def sketch(found: Grams) -> Sketch:
    """The sketch of a set; of an empty one all its numbers are the largest."""
    if not len(found):
        return np.full(SIZE, np.iinfo(np.uint32).max, dtype=np.uint32)
    hashed = (_mixed(found)[:, None] * _TIMES + _PLUS) >> np.uint64(32)
    return cast(Sketch, hashed.min(axis=0).astype(np.uint32))


def _mixed(numbers: Grams) -> Grams:
    """Numbers that lie close together spread over all 64 bits (the end of splitmix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


_SEEDS = _mixed(np.arange(1, 2 * SIZE + 1, dtype=np.uint64))  # the same on every machine, for ever
_TIMES, _PLUS = _SEEDS[:SIZE] | np.uint64(1), _SEEDS[SIZE:]


def bands(found: Sketch, era: int) -> list[int]:
    """Numbers of which two sketches of an era share one where their texts are much alike.

    They fit a signed integer of 32 bits. Texts that share half of their grams share one 19 times
    out of 20, those that share a tenth one time out of 50. A text without grams has none. They
    differ from era to era, so that what is looked up does not grow with all that was ever said.
    """
    if (found == np.iinfo(np.uint32).max).all():
        return []
    parts = found[: BANDS * _ROWS].astype(np.uint64).reshape(BANDS, _ROWS)
    number = np.arange(BANDS, dtype=np.uint64) + np.uint64(era * BANDS)
    for column in range(_ROWS):
        number = _mixed(number * _TIMES[0] + parts[:, column])
    return [int(one) for one in (number >> np.uint64(32)).astype(np.uint32).view(np.int32)]


_ERA = 28  # days


def era_of(at: datetime) -> int:
    """Which stretch of days a moment lies in, the same in every time zone."""
    return at.astimezone(UTC).toordinal() // _ERA


def eras_between(since: datetime, until: datetime) -> range:
    """Every era with a moment of these."""
    return range(era_of(since), era_of(until) + 1)


def shared(one: Sketch, others: NDArray[np.uint32]) -> NDArray[np.float64]:
    """About which part of their grams this sketch's text has in common with each of the others'."""
    return cast(NDArray[np.float64], (others == one).mean(axis=1))


def words_shared(one: Said, other: Said) -> float:
    """How much of the shorter text is in the longer one, from 0 to 1."""
    least = min(len(one.grams), len(other.grams))
    if not least:
        return 0.0
    return len(np.intersect1d(one.grams, other.grams, assume_unique=True)) / least


def likeness(one: Said, other: Said) -> float:
    """How likely it is, by what they say alone, that two texts are about the same matter."""
    return _likeness(words_shared(one, other), one, other)


def _likeness(words: float, one: Said, other: Said) -> float:
    size = min(len(one.grams), len(other.grams))
    words *= size / (size + _FEW)
    least = min(len(one.names), len(other.names))
    place = len(one.names & other.names) / least if least else 0.0
    return 1 / (1 + exp(-(_BASE + words * (_BY_WORDS + _BY_NAMES * place))))


def near_pairs(texts: Sequence[str], *, least: float = SAME) -> list[tuple[int, int, float]]:
    """All pairs of the texts (by their places, the smaller first) at least so likely the same."""
    read = [said(text) for text in texts]
    return [
        (one, other, likely)
        for one, other, words in _pairs_that_share([each.grams for each in read])
        if (likely := _likeness(words, read[one], read[other])) >= least
    ]


_LEAST_SHARED = 0.1  # of the shorter text; whoever shares less is not the same by any name
_COMMON = 0.1  # grams in more of the texts than this don't bring two of them together
_AT_ONCE = 500


def _pairs_that_share(found: Sequence[Grams]) -> list[tuple[int, int, float]]:
    """Pairs of texts, and how much of the shorter one is in the longer one."""
    sizes = np.array([len(one) for one in found])
    if not sizes.sum():
        return []
    _kinds, column = np.unique(np.concatenate(found), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    table = sparse.csr_matrix((np.ones(len(column), dtype=np.int32), column, starts))
    texts_of = np.bincount(column)
    tells = table[:, (texts_of > 1) & (texts_of <= max(2.0, _COMMON * len(found)))]
    least = np.maximum(1, sizes)
    pairs: list[tuple[int, int, float]] = []
    for start in range(0, len(found), _AT_ONCE):
        both = (tells[start : start + _AT_ONCE] @ tells.T).tocoo()
        one, other = both.row + start, both.col
        part = both.data / np.minimum(least[one], least[other])
        kept = (one < other) & (part >= _LEAST_SHARED)
        pairs += zip(one[kept].tolist(), other[kept].tolist(), part[kept].tolist(), strict=True)
    return pairs
