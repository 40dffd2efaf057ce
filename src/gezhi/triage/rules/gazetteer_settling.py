"""Which place the names in a text mean: they narrow one another, or one question is left. Pure.

A name that several places bear is settled by the other names beside it, or by where the reporter
is; a name of a larger area never overrules a smaller one inside it. What can't be settled is asked.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import shapely

from gezhi.places.rules import NamedPlace, metres_between
from gezhi.triage.rules.gazetteer import AREAS, Gazetteer, Mention
from gezhi.triage.rules.proposals import Spot, Whereabouts

MOST_ASKED = 5
FAR = 1_000.0  # metres beyond its own extent from which a point is not at a place
_TOWN = 9  # digits: so much must two paths share to speak for each other
_SAME = 300.0  # metres: one name twice so near is one place
_MOST_PAIRED = 60  # meanings of a name that are tried out against another's
_CROSSING = 400.0
_GROWS = {"near": 150.0, "opposite": 100.0}


def settle(
    gazetteer: Gazetteer, place: Sequence[Mention], text: Sequence[Mention], *, near: str = ""
) -> Whereabouts:
    """Where it is, by the names of the words for the place, else by those of the report."""
    held = [each for each in place if _useful(gazetteer, each)]
    behind = [each for each in text if _useful(gazetteer, each)]
    if not held:
        held, behind = behind, []
    if not held:
        return Whereabouts((), is_sure=False)
    return _Settling(gazetteer, held, behind, near).answer()


def _useful(gazetteer: Gazetteer, mention: Mention) -> bool:
    """Whether it says more than the county does."""
    top = {"city", "county"}
    return any(gazetteer.places[at].kind not in top for at in mention.means)


class _Settling:
    """The names of one report against each other."""

    def __init__(
        self, gazetteer: Gazetteer, held: list[Mention], behind: list[Mention], near: str
    ) -> None:
        self.gazetteer, self.near = gazetteer, near
        self.places = gazetteer.places
        self.held = [self._narrowed(each, held, behind) for each in held]

    def answer(self) -> Whereabouts:
        pair = self._pair()
        if pair is not None:
            return Whereabouts((pair,), is_sure=True)
        finest = sorted(self.held, key=self._fineness)
        anchor = finest[0]
        apart = [each for each in finest[1:] if not self._agree(anchor, each)]
        apart = [each for each in apart if self._is_place_of_its_own(each)]
        if apart:
            spots = [self._spot(each, at) for each in (anchor, *apart) for at in each.means]
            return self._asked(spots)
        means = self._by_nearness(self._once(anchor.means))
        spots = [self._spot(anchor, at) for at in means]
        if len(spots) == 1:
            return Whereabouts(tuple(spots), is_sure=True)
        return self._asked(spots)

    def _asked(self, spots: list[Spot]) -> Whereabouts:
        """One question, or the larger of places that lie in one another."""
        ordered = sorted(spots, key=lambda one: (-_shared(one.path, self.near), one.path, one.name))
        broad = min(ordered, key=lambda one: len(one.path))
        is_nested = all(one.path.startswith(broad.path) for one in ordered)
        if is_nested and len(broad.path) >= _TOWN and len({one.name for one in ordered}) == 1:
            return Whereabouts((broad,), is_sure=True)
        distinct = tuple({(one.name, one.path): one for one in ordered}.values())[:MOST_ASKED]
        is_sure = len(distinct) == 1
        return Whereabouts(distinct, is_sure=is_sure, asks=not is_sure)

    def _narrowed(self, mention: Mention, held: list[Mention], behind: list[Mention]) -> Mention:
        """The meanings that the other names speak for most."""
        if len(mention.means) < 2:
            return mention
        for others in ([each for each in held if each is not mention], behind):
            scores = {at: self._spoken_for(at, others) for at in mention.means}
            most = max(scores.values())
            mention = replace(
                mention, means=tuple(at for at in mention.means if scores[at] == most)
            )
        return mention

    def _spoken_for(self, at: int, others: Sequence[Mention]) -> int:
        one = self.places[at]
        return sum(
            any(self._fits(one, self.places[other]) for other in each.means[:_MOST_PAIRED])
            for each in others
        )

    def _fits(self, one: NamedPlace, other: NamedPlace) -> bool:
        """Whether both may be in one place: one lies in the other, or they are near."""
        if min(len(one.path), len(other.path)) < _TOWN:
            return _apart(one, other) <= FAR
        if one.path.startswith(other.path) or other.path.startswith(one.path):
            return True
        if one.kind in AREAS or other.kind in AREAS:
            return False
        return _apart(one, other) <= FAR / 2

    def _agree(self, one: Mention, other: Mention) -> bool:
        return any(
            self._fits(self.places[at], self.places[there])
            for at in one.means[:_MOST_PAIRED]
            for there in other.means[:_MOST_PAIRED]
        )

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

    def _once(self, means: tuple[int, ...]) -> list[int]:
        """Without the same place twice: the map's school and the one somebody wrote down."""
        kept: list[int] = []
        for at in sorted(means, key=lambda at: self.places[at].kind != "exclusive"):
            one = self.places[at]
            near = (self.places[other] for other in kept)
            if one.kind in AREAS or not any(
                other.kind not in AREAS and _apart(one, other) <= _SAME for other in near
            ):
                kept.append(at)
        return kept

    def _by_nearness(self, means: list[int]) -> list[int]:
        """Those in the town or village of the reporter, where there are any."""
        shared = {at: _shared(self.places[at].path, self.near) for at in means}
        most = max(shared.values())
        return [at for at in means if shared[at] == most] if most >= _TOWN else means

    def _spot(self, mention: Mention, at: int) -> Spot:
        place, path = self.places[at], self._path(mention, at)
        place = self._grid(mention, place) or place
        lon, lat = place.point or (None, None)
        metres = place.metres + _GROWS.get(mention.relation, 0.0)
        return Spot(
            name=place.short or place.name,
            kind=place.kind,
            path=max(path, place.path, key=len),
            words=(mention.words + mention.tail)[:60],
            lon=lon,
            lat=lat,
            metres=metres if place.point else None,
            relation=mention.relation,
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
            if other is mention:
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
        best: tuple[float, NamedPlace, NamedPlace] | None = None
        for at in one.means[:_MOST_PAIRED]:
            for there in other.means[:_MOST_PAIRED]:
                first, second = self.places[at], self.places[there]
                if first is second:
                    continue
                apart = _apart(first, second, between_points=other.relation == "between")
                apart -= FAR * (_shared(first.path, self.near) >= _TOWN)
                if best is None or apart < best[0]:
                    best = (apart, first, second)
        most = _CROSSING if other.relation == "crossing" else math.inf
        if best is None or not best[0] < most:
            return None
        return _joined(best[1], best[2], one, other)


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
