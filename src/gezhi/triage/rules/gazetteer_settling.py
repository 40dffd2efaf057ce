"""Which place the names in a text mean: they narrow one another, or one question is left. Pure.

A name that several places bear is settled by the other names beside it, or by where the reporter
is; a name of a larger area never overrules a smaller one inside it. What can't be settled is asked.

Anybody may send any text, and every village has its 卫生室: how much is held against how much has
bounds. Paths speak whatever the number; distances only where a name means few places.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import shapely

from gezhi.places.rules import NamedPlace, metres_between, paths_outwards
from gezhi.triage.rules.gazetteer import AREAS, Gazetteer, Mention
from gezhi.triage.rules.proposals import Spot, Whereabouts

MOST_ASKED = 5
FAR = 1_000.0  # metres beyond its own extent from which a point is not at a place
_TOWN, _VILLAGE = 9, 12  # digits: so much of two paths must be one to speak for each other
_SAME = 300.0  # metres: one name twice so near is one place
_MOST_NAMES = 8  # of a text that are held against each other, the first ones
_MOST_MEANT = 60  # a name of more places tells nothing of another by where they are
_MOST_PAIRED = 400  # pairs of meanings of two names between which distances are asked
_MOST_DRAWN = 300  # distances to the course of a road or river, in one report
_DEGREE = 111_195.0  # metres
_CROSSING = 400.0
_GROWS = {"near": 150.0, "opposite": 100.0}


def settle(
    gazetteer: Gazetteer,
    place: Sequence[Mention],
    text: Sequence[Mention],
    *,
    near: str = "",
    is_elsewhere: bool = False,
) -> Whereabouts:
    """Where it is, by the names of the words for the place, else by those of the report.

    `is_elsewhere`: the words for the place name one that is not known. Then, and where the report
    only says where somebody is from, its names are asked about and never taken.
    """
    held, behind = _first_names(gazetteer, place), _first_names(gazetteer, text)
    if held:
        return _Settling(gazetteer, held, behind, near).answer()
    there = [each for each in behind if not each.is_from]
    if not behind:
        return Whereabouts((), is_sure=False)
    if not there:
        is_elsewhere, there, behind = True, behind, []
    found = _Settling(gazetteer, there, [each for each in behind if each.is_from], near).answer()
    found = replace(found, is_certain=False)
    return replace(found, is_sure=False, asks=True) if is_elsewhere else found


def _first_names(gazetteer: Gazetteer, mentions: Sequence[Mention]) -> list[Mention]:
    """The names that say something, each once."""
    useful = (each for each in mentions if _useful(gazetteer, each))
    distinct = {(each.words, each.tail, each.relation): each for each in useful}
    return list(distinct.values())[:_MOST_NAMES]


def _useful(gazetteer: Gazetteer, mention: Mention) -> bool:
    """Whether it says more than the county does."""
    top = {"city", "county"}
    return any(gazetteer.places[at].kind not in top for at in mention.means)


class _Settling:
    """The names of one report against each other."""

    def __init__(
        self, gazetteer: Gazetteer, held: list[Mention], behind: list[Mention], near: str
    ) -> None:
        self.gazetteer, self.near, self.behind = gazetteer, near, behind
        self.places = gazetteer.places
        self._drawn = 0
        self._areas: dict[tuple[int, ...], tuple[set[str], set[str]]] = {}
        self.held = [self._narrowed(each, held, behind) for each in held]

    def answer(self) -> Whereabouts:
        pair = self._pair()
        if pair is not None:
            return Whereabouts((pair,), is_sure=True, is_certain=True)
        finest = sorted(self.held, key=self._fineness)
        anchor = finest[0]
        apart = [each for each in finest[1:] if not self._fitting(anchor, each)]
        apart = [each for each in apart if self._is_place_of_its_own(each)]
        if apart:
            return self._asked([(each, at) for each in (anchor, *apart) for at in each.means])
        means = self._once(self._by_nearness(anchor.means))
        found = self._asked([(anchor, at) for at in means])
        return replace(found, is_certain=found.is_sure and self._is_plain(anchor))

    def _is_plain(self, anchor: Mention) -> bool:
        """Whether nobody would take it otherwise: a whole name, or two that agree."""
        fits = [bool(self._fitting(anchor, each)) for each in self.held if each is not anchor]
        against = (each for each in self.behind if self._is_place_of_its_own(each))
        if any(not each.is_from and not self._fitting(anchor, each) for each in against):
            return False
        return not anchor.is_short or any(fits)

    def _asked(self, meant: list[tuple[Mention, int]]) -> Whereabouts:
        """The one there is, the larger of places that lie in one another, or one question.

        Without answers where there are more than can be told: some of them would look like all.
        """
        is_all = len(meant) <= _MOST_MEANT
        spots = [self._spot(mention, at) for mention, at in meant[:_MOST_MEANT]]
        ordered = sorted(spots, key=lambda one: (self._nearest_first(one.path), one.name))
        broad = min(ordered, key=lambda one: len(one.path))
        is_nested = is_all and all(one.path.startswith(broad.path) for one in ordered)
        if is_nested and len(broad.path) >= _TOWN and len({one.name for one in ordered}) == 1:
            return Whereabouts((broad,), is_sure=True)
        distinct = tuple({(one.name, one.path): one for one in ordered}.values())
        if not is_all or len(distinct) > MOST_ASKED:
            return Whereabouts((), is_sure=False, asks=True)
        is_sure = len(distinct) == 1
        return Whereabouts(distinct, is_sure=is_sure, asks=not is_sure)

    def _nearest_first(self, path: str) -> tuple[int, str]:
        return -_shared(path, self.near), path

    def _narrowed(self, mention: Mention, held: list[Mention], behind: list[Mention]) -> Mention:
        """The meanings that the other names speak for most."""
        if len(mention.means) < 2:
            return mention
        for others in ([each for each in held if each is not mention], behind):
            speaking = Counter(at for each in others for at in self._fitting(mention, each))
            most = max(speaking.values(), default=0)
            kept = tuple(at for at in mention.means if speaking[at] == most)
            mention = replace(mention, means=kept)
        return mention

    def _fitting(self, mention: Mention, other: Mention) -> set[int]:
        """The meanings of one name that may be in one place with one of the other's."""
        there, around = self._paths(other.means)
        found = set()
        for at in mention.means:
            path = self.places[at].path
            if len(path) >= _TOWN and (
                path in around or path[:_TOWN] in there or path[:_VILLAGE] in there
            ):
                found.add(at)
        if len(mention.means) * len(other.means) > _MOST_PAIRED:
            return found
        found.update(
            at
            for at in mention.means
            if at not in found
            and any(self._is_near(self.places[at], self.places[there]) for there in other.means)
        )
        return found

    def _paths(self, means: tuple[int, ...]) -> tuple[set[str], set[str]]:
        """The areas of some places below the county, and those that hold them."""
        if means not in self._areas:
            there = {path for at in means if len(path := self.places[at].path) >= _TOWN}
            around = {outer for path in there for outer in paths_outwards(path)}
            self._areas[means] = there, around
        return self._areas[means]

    def _is_near(self, one: NamedPlace, other: NamedPlace) -> bool:
        """Whether both may be in one place though neither's area holds the other's."""
        if min(len(one.path), len(other.path)) < _TOWN:
            return self._within(one, other, FAR)
        if one.kind in AREAS or other.kind in AREAS:
            return False
        return self._within(one, other, FAR / 2)

    def _within(self, one: NamedPlace, other: NamedPlace, metres: float) -> bool:
        """Whether two places are so near to each other; of few pairs a course is looked at."""
        if _least_apart(one, other) > metres:
            return False
        if one.course is None and other.course is None:
            return True
        self._drawn += 1
        return self._drawn <= _MOST_DRAWN and _apart(one, other) <= metres

    def _is_place_of_its_own(self, mention: Mention) -> bool:
        """A road or river that runs by elsewhere too contradicts nothing."""
        return all(self.places[at].course is None for at in mention.means)

    def _fineness(self, mention: Mention) -> tuple[int, float, int]:
        """The smallest place first: a school before its village, a village before a river."""
        place = self.places[mention.means[0]]
        if place.course is not None:
            rank = 1 if mention.tail or len(place.path) > _TOWN else 3
        else:
            rank = {"town": 4, "village": 2, "community": 2}.get(place.kind, 0)
        return rank, place.metres, mention.start

    def _once(self, means: Sequence[int]) -> Sequence[int]:
        """Without the same place twice: the map's school and the one somebody wrote down."""
        if len(means) > _MOST_MEANT:
            return means
        kept: list[int] = []
        for at in sorted(means, key=lambda at: self.places[at].kind != "exclusive"):
            one = self.places[at]
            near = (self.places[other] for other in kept)
            if one.kind in AREAS or not any(self._is_same(one, other) for other in near):
                kept.append(at)
        return kept

    def _is_same(self, one: NamedPlace, other: NamedPlace) -> bool:
        """Near each other and in one village: a name for all of a village reaches to the next."""
        inner, outer = one.path[:_VILLAGE], other.path[:_VILLAGE]
        is_nested = inner.startswith(outer) or outer.startswith(inner)
        return is_nested and other.kind not in AREAS and self._within(one, other, _SAME)

    def _by_nearness(self, means: Sequence[int]) -> Sequence[int]:
        """Those in the town or village of the reporter, where there are any."""
        shared = {at: _shared(self.places[at].path, self.near) for at in means}
        most = max(shared.values())
        return [at for at in means if shared[at] == most] if most >= _TOWN else means

    def _spot(self, mention: Mention, at: int) -> Spot:
        place, path = self.places[at], self._path(mention, at)
        place = self._grid(mention, place) or place
        lon, lat = place.point or (None, None)
        # Beside the seventh house of an estate is still in the estate; of a street it may not be.
        is_inside = mention.tail and place.course is None and place.kind not in AREAS
        relation = "" if is_inside else mention.relation
        metres = place.metres + _GROWS.get(relation, 0.0)
        return Spot(
            name=place.short or place.name,
            kind=place.kind,
            path=max(path, place.path, key=len),
            words=(mention.words + mention.tail)[:60],
            lon=lon,
            lat=lat,
            metres=metres if place.point else None,
            relation=relation,
            passes=tuple(each for each in place.passes if each.startswith(path)),
        )

    def _grid(self, mention: Mention, place: NamedPlace) -> NamedPlace | None:
        """三组 of this village, where a grid is told by that number."""
        if mention.group is None or place.kind not in ("village", "community"):
            return None
        found = self.gazetteer.grid_of(place.path, *mention.group)
        return self.places[found] if found is not None else None

    def _path(self, mention: Mention, at: int) -> str:
        """The smallest area that the other names leave it in."""
        place = self.places[at]
        path = place.path
        for other in self.held:
            if other is mention or len(other.means) > _MOST_MEANT:
                continue
            inside = {
                found.path
                for there in other.means
                if (found := self.places[there]).path.startswith(path)
                and (found.kind in AREAS or place.course is not None)
            }
            if len(inside) == 1:
                path = max(path, inside.pop(), key=len)
        return path

    def _pair(self) -> Spot | None:
        """A crossing of two roads, or what lies between two places."""
        text = self.held
        for one, other in zip(text, text[1:], strict=False):
            if other.relation in ("crossing", "between"):
                found = self._paired(one, other)
                if found is not None:
                    return found
        return None

    def _paired(self, one: Mention, other: Mention) -> Spot | None:
        if len(one.means) * len(other.means) > _MOST_PAIRED:
            return None
        is_crossing = other.relation == "crossing"
        least = _CROSSING if is_crossing else math.inf
        best: tuple[NamedPlace, NamedPlace] | None = None
        for at, there in product(one.means, other.means):
            first, second = self.places[at], self.places[there]
            bonus = FAR * (_shared(first.path, self.near) >= _TOWN)
            if first is second or _least_apart(first, second) - bonus >= least:
                continue
            self._drawn += 1
            if self._drawn > _MOST_DRAWN:
                break
            apart = _apart(first, second, between_points=not is_crossing) - bonus
            if apart < least:
                least, best = apart, (first, second)
        return _joined(*best, one, other) if best else None


def _joined(first: NamedPlace, second: NamedPlace, one: Mention, other: Mention) -> Spot:
    is_crossing = other.relation == "crossing"
    line = _line(first, second, by_course=is_crossing)
    (west, south), (east, north) = line.coords[0], line.coords[-1]
    half = metres_between(west, south, east, north) / 2
    shared = _shared(first.path, second.path)
    path = first.path[:shared]
    sign = " × " if is_crossing else " — "
    return Spot(
        name=f"{first.name}{sign}{second.name}",
        kind=other.relation,
        path=path,
        words=f"{one.words}{one.tail}{sign}{other.words}{other.tail}"[:60],
        lon=(west + east) / 2,
        lat=(south + north) / 2,
        metres=half + (40.0 if is_crossing else 100.0),
        relation=other.relation,
    )


def _shared(path: str, near: str) -> int:
    """How many digits of areas two paths share: 9 in one town, 12 in one village."""
    return next((n for n in (15, 12, 9, 6) if len(path) >= n and path[:n] == near[:n]), 0)


def _line(first: NamedPlace, second: NamedPlace, *, by_course: bool) -> shapely.LineString:
    """The shortest line between two places, of roads by their course or from their middles."""
    ends = [
        place.course if by_course and place.course is not None else shapely.Point(place.point or ())
        for place in (first, second)
    ]
    line: shapely.LineString = shapely.shortest_line(*ends)
    return line


def _least_apart(one: NamedPlace, other: NamedPlace) -> float:
    """Metres that two places are apart at least, by their middles and how far they reach."""
    if one.point is None or other.point is None:
        return math.inf
    reach = one.metres + other.metres
    (lon, lat), (x, y) = one.point, other.point
    if (north := abs(lat - y) * _DEGREE - reach) > FAR:
        return north
    return max(0.0, metres_between(lon, lat, x, y) - reach)


def _apart(one: NamedPlace, other: NamedPlace, *, between_points: bool = False) -> float:
    """Metres between the edges of two places; without end where either's point is not known."""
    if one.point is None or other.point is None:
        return math.inf
    line = _line(one, other, by_course=not between_points)
    (west, south), (east, north) = line.coords[0], line.coords[-1]
    metres = metres_between(west, south, east, north)
    if between_points:
        return metres
    reach = sum(each.metres for each in (one, other) if each.course is None)
    return max(0.0, metres - reach)


def is_far(spot: Spot, place_path: str, lon: float, lat: float) -> bool:
    """Whether a point is far from what was named: outside its area and beyond its extent."""
    if spot.kind in AREAS and place_path.startswith(spot.path):
        return False
    if spot.lon is None or spot.lat is None:
        return False
    return metres_between(spot.lon, spot.lat, lon, lat) > (spot.metres or 0.0) + FAR
