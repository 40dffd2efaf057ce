"""Open cases that may be the same matter as a report: near it, or told in much the same words.

Candidates are found without reading what anybody wrote: by cells around the point or by the
area, and by bands that sketches share. Only the likeliest are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import h3
import numpy as np
from numpy.typing import NDArray

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.reads import Light, OpenCases
from gezhi.cases.reads.originals import originals
from gezhi.places import rules as places
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage.reads.kinds import what
from gezhi.triage.rules import matching, sameness
from gezhi.triage.rules.matching import Spotted

_MOST_NEAR = 200  # the newest of a village or a ring of cells
_MOST_ALIKE = 200  # and of those told in like words
_MOST_OF_BAND = 2000  # a bound on time: whose open cases are of one wording, has merged too few
_MOST_READ = 20
_RING_METRES = 250  # across a ring of cells at resolution 9, a little under, to be safe


@dataclass(frozen=True)
class Alike:
    """An open case that may be the same matter as what is told.

    `likeness` and `words` (how much of the shorter text is in the longer one) are from 0 to 1.
    `metres` is None where either has no point, or the case's own would tell who reported.
    """

    case: Case
    likeness: float
    words: float
    metres: int | None


@dataclass(frozen=True)
class _Asked:
    """What is asked of: the words as they are compared, and where and when they were said."""

    said: sameness.Said
    sketch: sameness.Sketch
    here: Spotted
    radius: int
    days: int

    @property
    def since(self) -> datetime:
        return self.here.at - timedelta(days=self.days)

    @property
    def until(self) -> datetime:
        return min(self.here.at + timedelta(days=self.days), max(self.here.at, clock.now()))


def same_as(
    text: str,
    *,
    county: str,
    here: Spotted,
    actor: Actor | None,
    besides: Case | None = None,
    most: int = 5,
) -> list[Alike]:
    """Open cases that may be the same as what `text` tells `here`, the likeliest first.

    Of those `actor` may see; None is a passer-by, who is shown none of a kind that is never
    public, sensitive or told in secrecy, and from afar only what was reviewed as public.
    `besides` is the case itself, where it has one. What was handed on to another system and came
    in here is never the same as what it was handed on from: one goes on because of the other.
    """
    book = rulebook.current(county)
    radius, days = book.similar(here.category)
    said = sameness.said(text)
    asked = _Asked(said, sameness.sketch(said.grams), here, radius, days)
    open_ones = OpenCases(county, asked.since, actor)
    near = _shown(_nearby(open_ones, here, radius), book, actor)
    sketches = _sketches(asked, near, county)
    others = [id for id in sketches if id not in near]
    afar = open_ones.among(others, most=_MOST_ALIKE, are_public=actor is None)
    found = near | _shown(afar, book, actor)
    if besides is not None:
        found.pop(besides.id, None)
    readable = _ranked(asked, found, sketches)[:_MOST_READ]
    if book.urgent_words(text):
        readable = [one for one in readable if _may_hold(found[one[0]], here, book)]
    alike = (_compared(asked, case, likely, book) for case, likely in _read(readable))
    told = [one for one in alike if one and (actor is not None or _may_pass_by(one.case, book))]
    told = _without_copies(told, text, besides)
    return sorted(told, key=lambda one: -one.likeness)[:most]


def _without_copies(told: list[Alike], text: str, besides: Case | None) -> list[Alike]:
    """None that this is a copy of, or that is its copy; of others the one that people know."""
    of = originals([text, *(one.case.what for one in told)])
    here = {one.case.id for one in told} | ({besides.id} if besides else set())
    own = of.get(text, set())
    return [
        one for one in told if one.case.id not in own and not of.get(one.case.what, set()) & here
    ]


def _nearby(open_ones: OpenCases, here: Spotted, radius: int) -> list[Light]:
    """Those around the point; where there is none, those of the village, or for staff the town.

    What hides its place is of its village and never around a point: asked from a few points,
    that would tell where it is.
    """
    least = matching.VILLAGE if open_ones.actor is None else matching.TOWN
    area = here.path[: matching.VILLAGE] if len(here.path) >= least else ""
    if here.lon is None or here.lat is None:
        return open_ones.in_area(area, most=_MOST_NEAR) if area else []
    cell = places.h3_cell(here.lon, here.lat)
    ring = open_ones.in_cells(h3.grid_disk(cell, 1 + radius // _RING_METRES), most=_MOST_NEAR)
    near = [case for case in ring if not cases.hides_place(case)]
    if area and open_ones.actor is not None:
        secret = open_ones.in_area(area, most=_MOST_NEAR, are_secret=True)
        near += [case for case in secret if cases.hides_place(case)]
    return near


def _shown(found: Sequence[Light], book: Book, actor: Actor | None) -> dict[UUID | None, Light]:
    return {
        case.id: case for case in found if actor is not None or cases.is_shown_to_all(book, case)
    }


_Sketches = dict[UUID, NDArray[np.uint32]]


def _sketches(asked: _Asked, near: dict[UUID | None, Light], county: str) -> _Sketches:
    """The sketches of these cases, and of those that were told in like words, band by band.

    Asked for all bands at once, the planner takes them for a good part of the table and reads it.
    Prints are of open cases alone, so that what has ended takes nobody's place among them.
    """
    eras = sameness.eras_between(asked.since, asked.until)
    bands = [band for era in eras for band in sameness.bands(asked.sketch, era)]
    found = rows.ask(
        "SELECT case_id, sketch FROM triage_print WHERE case_id = ANY(ARRAY("
        "SELECT unnest(%s::uuid[]) UNION"
        " SELECT alike.case_id FROM unnest(%s::int[]) AS band, LATERAL ("
        " SELECT case_id FROM triage_print WHERE bands @> ARRAY[band]"
        " AND county = %s AND opened_at >= %s LIMIT %s) AS alike))",
        [list(near), bands, county, asked.since, _MOST_OF_BAND],
    )
    return {id: np.frombuffer(sketch, dtype="<u4") for id, sketch in found}


def _ranked(
    asked: _Asked, found: dict[UUID | None, Light], sketches: _Sketches
) -> list[tuple[UUID, float]]:
    """The likeliest first, each with what place, kind and time say for it."""
    rest = {
        case.id: matching.rest_says(asked.here, spot_of(case), radius=asked.radius, days=asked.days)
        for case in found.values()
    }
    known = [id for id in rest if id in sketches]
    shared: dict[UUID, float] = {}
    if known:
        table = np.stack([sketches[id] for id in known])
        shared = dict(zip(known, sameness.shared(asked.sketch, table).tolist(), strict=True))
    # What a sketch says is worth less than what the words will, and about as much as the rest.
    return sorted(
        rest.items(), key=lambda one: -(one[1] + _BY_SKETCH * shared.get(one[0], _UNKNOWN))
    )


_BY_SKETCH = 8.0
_UNKNOWN = 0.1  # shared with what has no print: it is read before what is of other words


def _read(ranked: Sequence[tuple[UUID, float]]) -> list[tuple[Case, float]]:
    likely = dict(ranked)
    return [(case, likely[case.id]) for case in cases.cases_behind(likely)] if likely else []


def _compared(asked: _Asked, case: Case, rest: float, book: Book) -> Alike | None:
    """What the words of a case say, with the rest; None where it is another matter."""
    other = sameness.said(case.what)
    likeness = matching.together(sameness.likeness(asked.said, other), rest)
    words = sameness.words_shared(asked.said, other)
    if likeness < sameness.SAME or (_is_private(book, case) and words < _TOLD_AGAIN):
        return None
    return Alike(case, likeness, words, _metres(asked.here, case))


# Of the words of one household's matter: the neighbour's is another one, however near.
_TOLD_AGAIN = 0.7


def _may_hold(case: Light, here: Spotted, book: Book) -> bool:
    """Whether what is urgent may go into a case: never into another kind that can wait."""
    key = case.category or case.proposed_category
    return key == here.category or cases.is_urgent(case, book)


def _is_private(book: Book, case: Case) -> bool:
    kind = book.categories.get(case.category or case.proposed_category)
    return kind is not None and (kind.sensitive or kind.personal)


def spot_of(case: Case | Light) -> Spotted:
    """When and where a case is, and its kind, accepted or proposed.

    Of what hides its place no more than the village: whatever is made of a point tells it.
    """
    kind = case.category or case.proposed_category
    if cases.hides_place(case):
        return Spotted(case.opened_at, case.path[: matching.VILLAGE], None, None, kind)
    return Spotted(case.opened_at, case.path, case.lon, case.lat, kind)


def _may_pass_by(case: Case, book: Book) -> bool:
    """Whether a passer-by may read it: somebody settled its kind, or none that it may be forbids.

    A guess that is not sure may be wrong, and what it is instead may be nobody's business.
    """
    if case.category:
        return True
    guess = what(case.what, county=case.county)
    kinds = [book.categories[one.category] for one in guess.options]
    return guess.is_sure or all(kind.public and not kind.sensitive for kind in kinds)


def _metres(here: Spotted, case: Case) -> int | None:
    metres = matching.metres_apart(here, spot_of(case))
    return None if metres is None else round(metres)
