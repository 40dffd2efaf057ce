"""Open cases that may be the same matter as a report: near it, or told in much the same words.

Candidates are found without reading what anybody wrote: by cells around the point or by the
area, and by bands that sketches share. Only the likeliest are read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import h3
import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.places import rules as places
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage.rules import matching, sameness
from gezhi.triage.rules.matching import Spotted

_MOST_NEAR = 200  # the newest of a village or a ring of cells
_MOST_OF_BAND = 30
_MOST_READ = 20
_RING_METRES = 250  # across a ring of cells at resolution 9, a little under, to be safe
_LIGHT = (
    "county", "path", "lon", "lat", "category", "proposed_category", "opened_at", "is_secret"
)  # fmt: skip


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
        return self.here.at + timedelta(days=self.days)


def same_as(
    text: str,
    *,
    county: str,
    here: Spotted,
    actor: Actor | None,
    besides: UUID | None = None,
    most: int = 5,
) -> list[Alike]:
    """Open cases that may be the same as what `text` tells `here`, the likeliest first.

    Of those `actor` may see; None is a passer-by, who is shown none of a kind that is never
    public, sensitive or told in secrecy. `besides` is the case itself, where it has one.
    """
    book = rulebook.current(county)
    radius, days = book.similar(here.category)
    said = sameness.said(text)
    asked = _Asked(said, sameness.sketch(said.grams), here, radius, days)
    found = cases.open_since(asked.since, county=county)
    if actor is not None:
        found &= cases.visible_to(actor)
    if besides is not None:
        found = found.exclude(pk=besides)
    near = _shown(_nearby(found, here, radius), book, actor)
    sketches = _sketches(asked, near, county)
    others = [id for id in sketches if id not in near]
    near |= _shown(found.filter(pk__in=others), book, actor)
    return _likeliest(asked, near, sketches, most)


def _nearby(found: QuerySet[Case], here: Spotted, radius: int) -> QuerySet[Case]:
    """Those around the point; where there is none, those of the village. The newest."""
    where = Q(pk__in=[])
    if here.lon is not None and here.lat is not None:
        cell = places.h3_cell(here.lon, here.lat)
        where = Q(h3__in=h3.grid_disk(cell, 1 + radius // _RING_METRES))
    elif len(here.path) >= matching.VILLAGE:
        where = Q(path__startswith=here.path[: matching.VILLAGE])
    return found.filter(where).order_by("-opened_at")[:_MOST_NEAR]


def _shown(found: QuerySet[Case], book: Book, actor: Actor | None) -> dict[UUID, Case]:
    return {
        case.id: case
        for case in found.only(*_LIGHT)
        if actor is not None or cases.is_shown_to_all(book, case)
    }


def _sketches(asked: _Asked, near: Iterable[UUID], county: str) -> dict[UUID, NDArray[np.uint32]]:
    """The sketches of these cases, and of some that were told in like words, band by band.

    Asked for all bands at once, the planner takes them for a good part of the table and reads it.
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


def _likeliest(
    asked: _Asked, found: dict[UUID, Case], sketches: dict[UUID, NDArray[np.uint32]], most: int
) -> list[Alike]:
    rest = {
        id: matching.rest_says(asked.here, spot_of(case), radius=asked.radius, days=asked.days)
        for id, case in found.items()
    }
    known = [id for id in found if id in sketches]
    shared: dict[UUID, float] = {}
    if known:
        table = np.stack([sketches[id] for id in known])
        shared = dict(zip(known, sameness.shared(asked.sketch, table).tolist(), strict=True))
    # What a sketch says is worth less than what the words will, and about as much as the rest.
    ranked = sorted(found, key=lambda id: -(rest[id] + _BY_SKETCH * shared.get(id, 0.0)))
    alike = []
    for case in cases.cases_behind(ranked[:_MOST_READ]):
        other = sameness.said(case.what)
        likeness = matching.together(sameness.likeness(asked.said, other), rest[case.id])
        if likeness >= sameness.SAME:
            words = sameness.words_shared(asked.said, other)
            alike.append(Alike(case, likeness, words, _metres(asked.here, case)))
    return sorted(alike, key=lambda one: -one.likeness)[:most]


_BY_SKETCH = 8.0


def spot_of(case: Case) -> Spotted:
    """When and where a case is, and its kind, accepted or proposed."""
    kind = case.category or case.proposed_category
    return Spotted(case.opened_at, case.path, case.lon, case.lat, kind)


def _metres(here: Spotted, case: Case) -> int | None:
    if cases.hides_place(case):
        return None
    metres = matching.metres_apart(here, spot_of(case))
    return None if metres is None else round(metres)
