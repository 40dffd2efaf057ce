"""Units, from a copy each process keeps: looking for the unit of a place costs no query.

The copy is checked against the stored token at most once a second, so another
process's change is seen a second later. Inside a transaction that itself
changed units, a copy of its own is used, which a rollback throws away.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people import rules
from gezhi.people.errors import CentreMissing
from gezhi.people.models import Unit, UnitRevision

_CHECK_EVERY = 1.0  # seconds
_LEVELS = {level: at for at, level in enumerate(rules.Level)}


@dataclass
class _Copy:
    """All units as of one token. The rows are shared: read them, never save them."""

    token: UUID | None
    by_id: dict[UUID, Unit] = field(default_factory=dict)
    by_code: dict[tuple[str, str], Unit] = field(default_factory=dict)
    by_path: dict[str, list[Unit]] = field(default_factory=lambda: defaultdict(list))


_lock = threading.Lock()
_shared: _Copy | None = None
_checked = 0.0


def unit(id: UUID) -> Unit:
    """The unit with this id, active or not."""
    found = _copy().by_id.get(id)
    if found is None:
        raise NotFound(unit=id)
    return found


def unit_by_code(county: str, code: str) -> Unit:
    """The unit with this readable code, active or not."""
    found = _copy().by_code.get((county, code))
    if found is None:
        raise NotFound(unit=code)
    return found


def units_by_ids(ids: Iterable[UUID]) -> dict[UUID, Unit]:
    """The units with these ids; unknown ids are left out."""
    known = _copy().by_id
    return {id: known[id] for id in ids if id in known}


def unit_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """What lists call these units."""
    return {id: found.label for id, found in units_by_ids(ids).items()}


def centre_for(path: str, *, county: str, level: str | None = None) -> Unit:
    """The lowest active centre that covers `path` (the one at `level`, if given).

    Refuses with CentreMissing where there is none.
    """
    centre = _lowest_centre(path, county=county, level=level)
    if centre is None:
        raise CentreMissing(path=path)
    return centre


def parent_centre(unit: Unit) -> Unit | None:
    """The next centre above: for a centre the one around it, for others the one they belong to.

    None for the highest centre.
    """
    if unit.kind != rules.UnitKind.CENTRE:
        return _lowest_centre(unit.path, county=unit.county)
    above = [path for path in rules.paths_around(unit.path) if path != unit.path]
    return _lowest_centre(above[0], county=unit.county) if above else None


def children_centres(unit: Unit) -> list[Unit]:
    """The active centres directly below a centre, by code."""
    below = (
        other
        for other in _copy().by_id.values()
        if other.kind == rules.UnitKind.CENTRE
        and other.is_active
        and other.id != unit.id
        and rules.covers(unit.path, other.path)
    )
    return sorted(
        (other for other in below if (above := parent_centre(other)) and above.id == unit.id),
        key=lambda other: other.code,
    )


def units_covering(path: str, *, county: str, kinds: Collection[str] = ()) -> list[Unit]:
    """Active units whose area covers `path`, the lowest first, then by code."""
    copy = _copy()
    return [
        found
        for around in rules.paths_around(path)
        for found in copy.by_path.get(around, ())
        if found.is_active and _same_county(found, county) and (not kinds or found.kind in kinds)
    ]


def units_under(path: str, *, county: str, kinds: Collection[str] = ()) -> list[Unit]:
    """Active units inside `path` (itself included), the highest first, then by code."""
    inside = (
        found
        for found in _copy().by_id.values()
        if found.is_active
        and found.county == county
        and rules.covers(path, found.path)
        and (not kinds or found.kind in kinds)
    )
    return sorted(inside, key=lambda found: (_LEVELS[rules.Level(found.level)], found.code))


def unit_choices(actor: Actor, right: str) -> list[Unit]:
    """Active units over which `actor` has `right`, by area."""
    paths = actor.paths(right)
    return sorted(
        (
            found
            for found in _copy().by_id.values()
            if found.is_active and any(rules.covers(path, found.path) for path in paths)
        ),
        key=lambda found: (found.path, found.code),
    )


def units(actor: Actor) -> QuerySet[Unit]:
    """The units this actor administers or gives posts in. Lists and single reads start here."""
    paths = actor.paths("unit.manage") | actor.paths("post.manage")
    return Unit.objects.filter(inside(paths)).select_related("area")


def search_units(
    actor: Actor, *, words: str = "", kind: str = "", level: str = "", area: str = "", closed: bool
) -> QuerySet[Unit]:
    """Administered units that fit the filters, in the order of the area tree."""
    found = units(actor)
    if words:
        found = found.filter(
            Q(name__icontains=words) | Q(short_name__icontains=words) | Q(code__icontains=words)
        )
    if kind:
        found = found.filter(kind=kind)
    if level:
        found = found.filter(level=level)
    if area:
        found = found.filter(path__startswith=area)
    return found.filter(is_active=not closed).order_by("path", "kind", "code")


def unit_to_change(actor: Actor, id: UUID) -> Unit:
    """An administered unit, held until the transaction ends."""
    found = (
        Unit.objects.filter(inside(actor.paths("unit.manage")), id=id)
        .select_for_update(of=("self",))
        .first()
    )
    if found is None:
        raise NotFound(unit=id)
    return found


def inside(paths: Iterable[str], field: str = "path") -> Q:
    """The condition that a row lies in one of these areas."""
    nothing: Q = Q(pk__in=[])
    return reduce(or_, (Q(**{f"{field}__startswith": path}) for path in paths), nothing)


def _lowest_centre(path: str, *, county: str, level: str | None = None) -> Unit | None:
    covering = units_covering(path, county=county, kinds=(rules.UnitKind.CENTRE,))
    return next((found for found in covering if level in (None, found.level)), None)


def _same_county(found: Unit, county: str) -> bool:
    # A city's units stand over all its counties.
    return found.county == county or found.level == rules.Level.CITY


def forget_units() -> None:
    """Throw this process's copy away; inside a transaction, only this connection's view of it."""
    global _shared
    if connection.in_atomic_block:
        transaction.on_commit(_Changed())
    with _lock:
        _shared = None


class _Changed:
    """Stands in the list of things to do on commit; a rollback takes it out again."""

    def __call__(self) -> None:
        global _shared
        with _lock:
            _shared = None


def _copy() -> _Copy:
    changes = [entry[1] for entry in connection.run_on_commit if _is_change(entry[1])]
    return _own_copy(changes) if changes else _shared_copy()


def _is_change(call: Callable[[], Any]) -> bool:
    return isinstance(call, _Changed)


def _own_copy(changes: list[Callable[[], Any]]) -> _Copy:
    kept: tuple[list[Callable[[], Any]], _Copy] | None = getattr(connection, "gezhi_units", None)
    if kept is None or kept[0] != changes:
        kept = (changes, _load(None))
        connection.gezhi_units = kept  # type: ignore[attr-defined]  # a mark of our own on it
    return kept[1]


def _shared_copy() -> _Copy:
    global _shared, _checked
    copy, now = _shared, time.monotonic()
    if copy is not None and now - _checked < _CHECK_EVERY:
        return copy
    token = UnitRevision.objects.values_list("token", flat=True).first()
    if copy is None or copy.token != token:
        # The token is read before the units: a change in between makes the copy look old.
        copy = _load(token)
    with _lock:
        _shared, _checked = copy, now
    return copy


def _load(token: UUID | None) -> _Copy:
    copy = _Copy(token)
    for found in Unit.objects.order_by("path", "code"):
        copy.by_id[found.id] = found
        copy.by_code[found.county, found.code] = found
        copy.by_path[found.path].append(found)
    return copy
