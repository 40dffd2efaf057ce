"""A model of kinds of matter, and how it reads a text: character n-grams and one weight for each.

numpy and nothing else, for every web process has it; it is fitted elsewhere (`learning_fit`).
"""

import io
import json
import unicodedata
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from gezhi.triage.rules.learning_words import deciding_words, word_spans

Floats = NDArray[np.float32]

MOST_GRAMS = 60_000  # of a vocabulary: with 120 kinds of matter 14 MB of weights
_LONGEST = 3
MOST_CHARACTERS = 1000  # nobody says what it is about later than that
_OPENING, _OPENING_TIMES = 60, 3  # what people put first says most
_MOST_SIGNS = 70_000  # remembered; more than any text of people has


class _Plain(dict[int, str]):
    """Small letters as they are; digits, signs and blanks part words. A letter stays one letter."""

    def __missing__(self, code: int) -> str:
        sign = unicodedata.normalize("NFKC", chr(code)).lower()
        plain = sign if len(sign) == 1 and sign.isalpha() else " "
        if len(self) < _MOST_SIGNS:
            self[code] = plain
        return plain


_plain = _Plain()


def plain(text: str) -> str:
    """What is read of a text, letter for letter. No number is: none can be learned by heart."""
    return text[:MOST_CHARACTERS].translate(_plain)


def grams(text: str) -> dict[str, int]:
    """How often each n-gram is in a text, those of its opening counted three times."""
    words, opening = _read(text)
    found = Counter(_grams_in(words))
    for gram, count in Counter(_grams_in(words[:opening])).items():
        found[gram] += count * (_OPENING_TIMES - 1)
    return found


def _read(text: str) -> tuple[str, int]:
    """The letters of a text, and where its opening ends: with its first line, or earlier."""
    return plain(text), min(_OPENING, len(text.partition("\n")[0]))


def _grams_in(words: str) -> list[str]:
    return [
        run[at : at + size]
        for run in words.split()
        for size in range(1, _LONGEST + 1)
        for at in range(len(run) - size + 1)
    ]


@dataclass(frozen=True, eq=False)
class Learned:
    """Categories, the n-grams they are told by, and what each n-gram says for each category.

    `temperature` makes scores into shares of belief. `both` does so with what it and the book's
    words say together; with less than `margin` between the first two of those a person decides.
    All three come from cases the weights had not seen.
    """

    classes: tuple[str, ...]
    rows: Mapping[str, int]
    idf: Floats
    weights: NDArray[np.float16]
    bias: Floats
    temperature: float
    both: float
    margin: float

    def beliefs(self, text: str) -> Floats | None:
        """How likely each category is, in one row; None where no letter was ever learned."""
        places = self._places(text.strip())
        if not places.size:
            return None
        rows, values = self._features(places)
        scores = values @ self.weights[rows].astype(np.float32) + self.bias
        return shares(scores[None, :], self.temperature)

    def words(self, text: str, category: str) -> tuple[str, ...]:
        """The words of the text that speak most for a category that was learned; single letters
        where no word does."""
        text = text.strip()
        places = self._places(text)
        rows, values = self._features(places)
        said = values * self.weights[rows, self.classes.index(category)]
        letters = _of_letters(places, rows, said)
        return deciding_words(text, word_spans(text[:MOST_CHARACTERS]), letters) or deciding_words(
            text, [(at, at + 1) for at in range(len(letters))], letters
        )

    def _places(self, text: str) -> NDArray[np.intp]:
        """Where known n-grams stand: begin, length, row, and how often they count."""
        words, opening = _read(text)
        found = [
            (at, size, row, _OPENING_TIMES if at + size <= opening else 1)
            for size in range(1, _LONGEST + 1)
            for at in range(len(words) - size + 1)
            if (row := self.rows.get(words[at : at + size])) is not None
        ]
        return np.array(found, dtype=np.intp)

    def _features(self, places: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats]:
        """The n-grams of a text, each once, and how much each weighs in it."""
        rows, place = np.unique(places[:, 2], return_inverse=True)
        counts = np.bincount(place, weights=places[:, 3])
        values = counts.astype(np.float32) * self.idf[rows]
        return rows, values / np.linalg.norm(values)


def _of_letters(places: NDArray[np.intp], rows: NDArray[np.intp], said: Floats) -> Floats:
    """What n-grams say, shared among the letters they stand on."""
    sizes = places[:, 1]
    each = said[np.searchsorted(rows, places[:, 2])] / sizes
    letters = np.zeros(int((places[:, 0] + sizes).max()), dtype=np.float32)
    for offset in range(_LONGEST):
        is_longer = sizes > offset
        np.add.at(letters, places[is_longer, 0] + offset, each[is_longer])
    return letters


def shares(scores: NDArray[np.floating], temperature: float) -> Floats:
    """Scores as shares of belief: each from 0 to 1, a row's sum is 1."""
    hot = (scores - scores.max(axis=1, keepdims=True)) / temperature
    raised = np.exp(hot.astype(np.float64))
    summed: Floats = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
    return summed


def margins(beliefs: Floats) -> Floats:
    """How far the first of each row stands above the second."""
    if beliefs.shape[1] < 2:
        return beliefs[:, 0]
    first_two = np.partition(beliefs, -2, axis=1)[:, -2:]
    return first_two[:, 1] - first_two[:, 0]


def packed(model: Learned) -> bytes:
    """A model as one npz without anything that runs when it is read."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        classes=_bytes(json.dumps(model.classes)),
        grams=_bytes("\n".join(sorted(model.rows, key=model.rows.__getitem__))),
        idf=model.idf,
        weights=model.weights,
        bias=model.bias,
        numbers=np.array([model.temperature, model.both, model.margin]),
    )
    return out.getvalue()


class Unreadable(ValueError):
    """Bytes that are no model, or one of another age."""


def unpacked(body: bytes) -> Learned:
    """The model that was packed."""
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as kept:
            grams = kept["grams"].tobytes().decode().split("\n")
            temperature, both, margin = kept["numbers"].tolist()
            return Learned(
                classes=tuple(json.loads(kept["classes"].tobytes())),
                rows={gram: row for row, gram in enumerate(grams)},
                idf=kept["idf"],
                weights=kept["weights"],
                bias=kept["bias"],
                temperature=temperature,
                both=both,
                margin=margin,
            )
    except (ValueError, LookupError, OSError, EOFError, BadZipFile, zlib.error) as error:
        raise Unreadable() from error


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)
