"""What words say only together: thanks and what was mended, a lamp and that it is dark."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gezhi.rulebook.rules.categories import Suggestion

_OPENING_CHARACTERS = 100
_LEAST_SCORE = 3.0  # where no other word says anything


@dataclass(frozen=True)
class Meaning:
    """A thing and a sign that mean a category where both stand in a text, and nothing of `unless`.

    It goes before what each word says alone, and never so far that nobody needs to look.
    """

    key: str
    category: str
    things: tuple[str, ...]
    signs: tuple[str, ...]
    unless: tuple[str, ...]

    def find(self, text: str) -> tuple[str, ...]:
        """The words by which a text means it: the longest thing and the longest sign."""
        if any(word in text for word in self.unless):
            return ()
        words = [
            max((word for word in words if word in text), key=len, default="")
            for words in (self.things, self.signs)
        ]
        return tuple(words) if all(words) else ()


def put_ahead(
    meanings: Sequence[Meaning], text: str, found: Sequence[Suggestion]
) -> list[Suggestion]:
    """The category of the first meaning that `text` has before all others, with half of the say."""
    text = text[:_OPENING_CHARACTERS].casefold()
    for meaning in meanings:
        if words := meaning.find(text):
            key = meaning.category
            was = next((one for one in found if one.key == key), Suggestion(key, 0.0, ()))
            rest = [one for one in found if one.key != key]
            score = max(was.score, sum(one.score for one in rest), _LEAST_SCORE)
            said = tuple(dict.fromkeys((*words, *was.words)))
            return [replace(was, score=round(score, 2), words=said), *rest]
    return list(found)
