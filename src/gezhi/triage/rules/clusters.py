"""Which reports of some weeks speak of one matter: by their words, their places, their kinds.

Words are weighed as searches do (rare pairs of signs count, common ones don't), places pull
together or keep apart, and groups are joined while their centres are alike, so that a chain of
reports each like the next one does not become one matter. However alike their words, all reports of
a group share a village (of outages, a town) or a thing that they name; at its border, the next one.
"""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gezhi.triage.rules.sameness import Grams, grams

Progress = Callable[[int, int], None]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LONGEST = 300  # signs of a text that count: what it is about stands at its beginning
_HEAD = 40  # the first line, or so many signs of it, …
_HEAD_WEIGHS = 3.0  # … counts so much more
_COMMONEST = 0.03  # grams of more than this part of the texts say nothing,
_COMMON_IN = 30  # unless there are so few texts that this is more
_RAREST = 2
_MOST_WEIGHT = 4.0  # ln: else what two texts alone share by chance drowns a name that fifty share
_FAINT = 0.08  # pairs less alike in words than this are none
_JOINED = 0.3  # chosen on 4,326 messages of a board, see docs/decisions
_KEPT = 0.2  # the mean likeness of all pairs of a group: a habit of writing stays below it
_BLOCK = 512
_UNIT = 10_000  # likeness as whole numbers: sums don't depend on their order

_NEAR = 0.1  # added for the same village, a thing both name, or as near as the kind reaches
_OTHER_VILLAGE = 0.7  # times, for two villages of one town
_OTHER_KIND = 0.85
_OTHER_GROUP = 0.5  # besides: a lamp and the litter at one bus stop are told in half the same words
_MOST_NAMES = 2  # things of a report that are compared
_NEAR_METRES = 1000.0  # where nobody said how far it reaches
_WIDE_METRES = 1000  # of kinds that reach so far (no water, no power) a town is one place
_METRES_OF_DEGREE = 111_320.0
_TOWN, _VILLAGE = 9, 12  # digits of their codes


@dataclass(frozen=True)
class Told:
    """A report as topics see it. `text` is masked; `reports` are all its voices, the first too.

    `names` are things that everybody knows by name (an estate, a road, a school). Of a kind that
    `is_personal` each report is its reporter's own affair. `reach`: how far apart in metres
    reports of the kind may be one matter.
    """

    id: UUID
    text: str
    at: datetime
    path: str = ""
    category: str = ""
    lon: float | None = None
    lat: float | None = None
    reports: int = 1
    last_at: datetime | None = None
    likes: int = 0
    dislikes: int = 0
    names: tuple[str, ...] = ()
    is_personal: bool = False
    reach: int = 0


@dataclass(frozen=True)
class Vectors:
    """Texts as rows of weights of length one; `vocabulary` is sorted, a column for each gram."""

    rows: Any
    vocabulary: Grams

    def centre(self, members: Sequence[int]) -> Floats:
        """The mean of these rows."""
        mean: Floats = np.asarray(self.rows[list(members)].mean(axis=0)).ravel()
        return mean

    def weight_of(self, text: str, centre: Floats) -> tuple[float, int]:
        """How much of `centre` the grams of a text carry, and how many grams it has."""
        found = grams(text)
        if not len(found) or not len(self.vocabulary):
            return 0.0, len(found)
        at = np.minimum(np.searchsorted(self.vocabulary, found), len(self.vocabulary) - 1)
        return float(centre[at[self.vocabulary[at] == found]].sum()), len(found)


def vectors_of(texts: Sequence[str]) -> Vectors:
    """Every text as weights of its grams."""
    sets = [grams(text[:_LONGEST]) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in sets])]).astype(np.int64)
    every = np.concatenate([*sets, np.empty(0, dtype=np.uint64)])
    vocabulary, column, known = np.unique(every, return_inverse=True, return_counts=True)
    heads = [np.isin(one, grams(_head(text))) for one, text in zip(sets, texts, strict=True)]
    is_head = np.concatenate([*heads, np.empty(0, dtype=bool)])
    weight = np.minimum(np.log((len(texts) + 1) / known), _MOST_WEIGHT)
    kept = (known >= _RAREST) & (known <= max(_COMMONEST * len(texts), _COMMON_IN))
    data = weight[column] * np.where(is_head, _HEAD_WEIGHS, 1.0)
    rows = sparse.csr_matrix((data, column, starts), shape=(len(texts), len(vocabulary)))
    rows = rows[:, np.flatnonzero(kept)]
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    length[length == 0] = 1.0
    return Vectors((sparse.diags(1 / length) @ rows).tocsr(), vocabulary[kept])


def _head(text: str) -> str:
    return text.split("\n", 1)[0][:_HEAD]


def group(
    told: Sequence[Told], vectors: Vectors, *, progress: Progress | None = None
) -> list[list[int]]:
    """The groups of reports that speak of one matter, those alone too, in no order of meaning.

    The same reports give the same groups in whatever order they come, if `told` is sorted.
    """
    left, right, likeness = _pairs(vectors, progress)
    own = [_spots(one) for one in told]
    spots = list(own)
    if len(left):
        likeness, beside = _placed(told, left, right, likeness)
        for one, other in zip(left[beside].tolist(), right[beside].tolist(), strict=True):
            if not (told[one].is_personal or told[other].is_personal):
                spots[one] |= own[other]
                spots[other] |= own[one]
    whole = np.rint(np.clip(likeness, 0.0, 1.0) * _UNIT).astype(np.int64)
    return _joined(spots, left, right, whole)


def _spots(one: Told) -> frozenset[str]:
    """Where it is and which things it names: what two groups must share to be one matter.

    Of what is its reporter's own affair no place, only a thing, makes it another's too.
    """
    names = frozenset(f"{name}\n" for name in one.names)  # so that none is the beginning of another
    if one.is_personal:
        return names or frozenset({str(one.id)})
    known = one.path[: _TOWN if one.reach >= _WIDE_METRES else _VILLAGE]
    return names | ({known} if len(known) >= _TOWN else frozenset())


def _shared(here: frozenset[str], there: frozenset[str]) -> frozenset[str]:
    """What two groups share; of a town and a village in it the village. Unknown is anywhere."""
    if not here or not there:
        return here or there
    return frozenset(
        max(one, other, key=len)
        for one in here
        for other in there
        if one.startswith(other) or other.startswith(one)
    )


def _pairs(vectors: Vectors, progress: Progress | None) -> tuple[Ints, Ints, Floats]:
    """Every pair of rows that are at all alike in words."""
    rows, total = vectors.rows, vectors.rows.shape[0]
    turned = rows.T.tocsr()
    found: list[tuple[Ints, Ints, Floats]] = []
    for start in range(0, total, _BLOCK):
        block = (rows[start : start + _BLOCK] @ turned).tocoo()
        left = block.row.astype(np.int64) + start
        kept = (block.data >= _FAINT) & (left < block.col)
        found.append((left[kept], block.col[kept].astype(np.int64), block.data[kept]))
        if progress:
            progress(min(start + _BLOCK, total), total)
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    lefts, rights, values = zip(*found, strict=True)
    return np.concatenate(lefts), np.concatenate(rights), np.concatenate(values)


def _placed(
    told: Sequence[Told], left: Ints, right: Ints, likeness: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """The likeness of words, made more by one place and less by two, or by two kinds.

    And which pairs are beside one another. What is not known of one of the two changes nothing.
    """
    village, kind = _codes(told, _VILLAGE), np.array([one.category for one in told], dtype=object)
    group = np.array([one.category.partition(".")[0] for one in told], dtype=object)
    reach = np.array([one.reach or _NEAR_METRES for one in told])
    beside = _metres(told, left, right) < np.minimum(reach[left], reach[right])
    is_near = _same(village, left, right) | beside
    names = [
        np.array([one.names[at] if len(one.names) > at else "" for one in told], dtype=object)
        for at in range(_MOST_NAMES)
    ]
    for own in names:
        for other in names:
            is_near |= (own[left] == other[right]) & (own[left] != "")
    villages_differ = _differ(village, left, right) & ~is_near
    likeness = np.where(villages_differ, likeness * _OTHER_VILLAGE, likeness)
    likeness = np.where(is_near, likeness + _NEAR, likeness)
    likeness = np.where(_differ(kind, left, right), likeness * _OTHER_KIND, likeness)
    return np.where(_differ(group, left, right), likeness * _OTHER_GROUP, likeness), beside


def _codes(told: Sequence[Told], digits: int) -> NDArray[Any]:
    known = [one.path[:digits] if len(one.path) >= digits else "" for one in told]
    return np.array(known, dtype=object)


def _same(codes: NDArray[Any], left: Ints, right: Ints) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (codes[left] == codes[right]) & (codes[left] != "")
    return found


def _differ(codes: NDArray[Any], left: Ints, right: Ints) -> NDArray[np.bool_]:
    one, other = codes[left], codes[right]
    found: NDArray[np.bool_] = (one != other) & (one != "") & (other != "")
    return found


def _metres(told: Sequence[Told], left: Ints, right: Ints) -> Floats:
    """Between points, as on a plane: the distances that matter are short. NaN without points."""
    lon = np.array([np.nan if one.lon is None else one.lon for one in told])
    lat = np.array([np.nan if one.lat is None else one.lat for one in told])
    east = (lon[left] - lon[right]) * np.cos(np.radians(lat[left]))
    metres: Floats = np.hypot(east, lat[left] - lat[right]) * _METRES_OF_DEGREE
    return metres


def _joined(
    spots: Sequence[frozenset[str]], left: Ints, right: Ints, likeness: Ints
) -> list[list[int]]:
    """Join the two groups whose centres are most alike, again and again, while they are at all."""
    groups = _Groups(spots)
    for one, other, value in zip(left.tolist(), right.tolist(), likeness.tolist(), strict=True):
        groups.between[one][other] = groups.between[other][one] = value
    for one in range(len(spots)):
        groups.offer(one)
    while groups.waiting:
        least, one, other = heapq.heappop(groups.waiting)
        is_offer = groups.stand(one, other) and groups.likeness(one, other) == -least
        if is_offer and groups.may_join(one, other):
            groups.join(one, other)
    return [sorted(members) for members in groups.members.values()]


class _Groups:
    """Groups on their way. `weight` is the sum over all pairs within, each report with itself.

    The likeness of two centres is the sum between the groups over the root of both weights. A
    group that has grown is offered anew, so what it was offered as before is passed over.
    """

    def __init__(self, spots: Sequence[frozenset[str]]) -> None:
        total = len(spots)
        self.spots = list(spots)
        self.members = {one: [one] for one in range(total)}
        self.weight = dict.fromkeys(range(total), _UNIT)
        self.between: dict[int, dict[int, int]] = {one: {} for one in range(total)}
        self.waiting: list[tuple[float, int, int]] = []

    def stand(self, one: int, other: int) -> bool:
        return other in self.between.get(one, ())

    def likeness(self, one: int, other: int) -> float:
        return self.between[one][other] / math.sqrt(self.weight[one] * self.weight[other])

    def may_join(self, one: int, other: int) -> bool:
        here, there = self.spots[one], self.spots[other]
        meets = not here or not there or bool(_shared(here, there))
        return meets and self.mean_joined(one, other) >= _KEPT

    def mean_joined(self, one: int, other: int) -> float:
        """The mean likeness of two reports of both groups, were they one."""
        size = len(self.members[one]) + len(self.members[other])
        weight = self.weight[one] + self.weight[other] + 2 * self.between[one][other]
        return (weight / _UNIT - size) / (size * (size - 1))

    def offer(self, one: int) -> None:
        for other in self.between[one]:
            found = self.likeness(one, other)
            if found >= _JOINED:
                heapq.heappush(self.waiting, (-found, min(one, other), max(one, other)))

    def join(self, one: int, other: int) -> None:
        """The second goes into the first."""
        self.weight[one] += self.weight.pop(other) + 2 * self.between[one].pop(other)
        self.members[one] += self.members.pop(other)
        self.spots[one] = _shared(self.spots[one], self.spots[other])
        for third, value in self.between.pop(other).items():
            if third != one:
                del self.between[third][other]
                whole = self.between[one].get(third, 0) + value
                self.between[one][third] = self.between[third][one] = whole
        self.offer(one)
