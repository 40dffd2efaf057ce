"""How likely two reports are one matter, by all that is known: words, place, time and kind.

The words are weighed as fitted on marked pairs (`sameness`). No pairs with points are marked
anywhere, so what place, time and kind add is set by hand, for these to hold: what is near, of
the same kind and of these days is shown, as it always was; near and of another kind only if the
words say so too; far away only if the words are the same and name the same places.
"""

from dataclasses import dataclass
from datetime import datetime
from math import exp, log

from gezhi.places.rules import metres_between


@dataclass(frozen=True)
class Spotted:
    """When and where a report is, and its kind; what is not known of it is None or empty."""

    at: datetime
    path: str = ""
    lon: float | None = None
    lat: float | None = None
    category: str = ""


def metres_apart(one: Spotted, other: Spotted) -> float | None:
    """How far apart two reports are, where both have a point."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    return metres_between(one.lon, one.lat, other.lon, other.lat)


def together(by_words: float, rest: float) -> float:
    """The likeness of the words (which is never quite 0 or 1) with what the rest says."""
    return 1 / (1 + exp(-log(by_words / (1 - by_words)) - rest))


def rest_says(one: Spotted, other: Spotted, *, radius: int, days: int) -> float:
    """What place, kind and time say for it, or below 0 against it, in odds on a log scale."""
    age = abs((one.at - other.at).total_seconds()) / (days * _DAY)
    return (
        _by_place(one, other, radius)
        + _by_kind(one.category, other.category)
        - _OLD * min(1.0, age)
    )


_DAY = 86_400
_OLD = 0.5
_NEAR, _NEARER = 0.8, 1.2
_FAR, _FARTHEST = -1.0, -3.0


def _by_place(one: Spotted, other: Spotted, radius: int) -> float:
    metres = metres_apart(one, other)
    if metres is None:
        return _by_area(one.path, other.path)
    if metres <= radius:
        return _NEAR + _NEARER * (1 - metres / radius)
    return max(_FARTHEST, _FAR - (metres / radius - 1))


VILLAGE, TOWN = 12, 9  # digits of their codes


def _by_area(one: str, other: str) -> float:
    """A village is small enough to speak for it; another village or town speaks against it."""
    least = min(len(one), len(other))
    if least < TOWN:
        return 0.0
    if least >= VILLAGE and one[:VILLAGE] == other[:VILLAGE]:
        return 0.4
    return -2.0 if one[:least] != other[:least] else 0.0


def _by_kind(one: str, other: str) -> float:
    if not one or not other:
        return -0.7
    if one == other:
        return 1.3
    return -1.2 if one.split(".")[0] == other.split(".")[0] else -2.0
