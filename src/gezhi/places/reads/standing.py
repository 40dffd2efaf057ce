"""The area at a path, which every report asks for: kept in memory while the county stays as it is.

Like the tree of boundaries: thrown away when the county's revision has another token, which a
process asks for once a second at most; a transaction that has itself changed places asks the rows.
"""

import copy
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from gezhi.base import rows
from gezhi.places import rules
from gezhi.places.errors import DivisionUnknown
from gezhi.places.models import Area, Revision
from gezhi.places.reads.areas import areas_by_paths, revision, revisions
from gezhi.places.reads.locating import LOOK_AGAIN, forget, is_draft, times_forgotten

_MOST_KEPT = 20_000  # areas of one county; a large city has about ten thousand grids


@dataclass
class _Kept:
    token: UUID | None
    names: UUID | None
    asked: float
    forgotten: int
    areas: dict[str, Area] = field(default_factory=dict)


_kept: dict[str, _Kept] = {}


def area_by_path(county: str, path: str) -> Area:
    """The area that stands at this path today."""
    if connection.in_atomic_block and is_draft(county):
        return _ask(county, path)
    known = _known(county)
    found = known.areas.get(path)
    if found is None:
        found = _ask(county, path)
        if len(known.areas) < _MOST_KEPT:
            known.areas[path] = found
    return copy.copy(found)


def hold(county: str) -> None:
    """Nobody changes the county's places until this transaction ends.

    For acts that write a path down which no area's id stands beside: what is read of places
    after this is what stands, and a change that comes now finds what was written.
    """
    rows.fetch(Revision, "county = %s FOR SHARE", [county])
    forget(county)


def token_of(county: str) -> UUID | None:
    """The county's revision, no older than a second."""
    if connection.in_atomic_block and is_draft(county):
        return revision(county)
    return _known(county).token


def names_token_of(county: str) -> UUID | None:
    """The same for what has a name, and where that is."""
    if connection.in_atomic_block and is_draft(county):
        return revisions(county)[1]
    return _known(county).names


def root(county: str) -> Area:
    """The county itself."""
    return area_by_path(county, rules.path_of(county))


def _ask(county: str, path: str) -> Area:
    found = areas_by_paths([path]).get(path)
    if found is None or found.county != county:
        raise DivisionUnknown(code=path[:20])
    return found


def _known(county: str) -> _Kept:
    kept, now, forgotten = _kept.get(county), time.monotonic(), times_forgotten(county)
    if kept and kept.forgotten == forgotten and now - kept.asked < LOOK_AGAIN:
        return kept
    # The token is asked for before the areas are: what changes in between shows in a second.
    token, names = revisions(county)
    if kept is None or kept.token != token:
        kept = _kept[county] = _Kept(token, names, now, forgotten)
    kept.asked, kept.forgotten = now, forgotten
    return kept
