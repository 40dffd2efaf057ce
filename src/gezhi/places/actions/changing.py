"""Carrying a change of divisions through: codes close, paths move all at once, nothing is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Concat, Substr

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.places import reads, rules
from gezhi.places.actions.areas import add_areas, touch
from gezhi.places.errors import (
    ChangesDoNotFit,
    DatesOutOfOrder,
    DivisionsUnreadable,
    SuccessorsNeeded,
)
from gezhi.places.facts import DivisionsChanged
from gezhi.places.models import (
    Area,
    AreaCode,
    Boundary,
    PlaceName,
    Responsibility,
    Succession,
    Zone,
)
from gezhi.places.rules import Change, NewArea, Plan
from gezhi.places.rules.changes import Moves, in_order, stem_of
from gezhi.record.actions import announce

# Stands before a path while its old place may still be taken; no real path begins with it.
_ON_THE_WAY = "0"


@dataclass(frozen=True)
class ChangeReport:
    """What a change came to. `already` and `elsewhere` count lines with nothing to do."""

    plan: Plan
    moves: Moves
    added: tuple[str, ...]
    already: int
    elsewhere: int


def rewrite_paths(
    rows: QuerySet[Any], moves: Iterable[tuple[str, str]], *, path: str = "path", county: str = ""
) -> int:
    """Move the paths of rows, all at once; `county` names the column that follows the path.

    For the rooms above: call it in a reaction to `DivisionsChanged`, once per table.
    """
    ordered = in_order(moves)
    if not ordered:
        return 0
    inside = Q()
    for old, _new in ordered:
        inside |= Q(**{f"{path}__startswith": old})
    values: dict[str, Any] = {path: _moved(ordered, path, whole=True)}
    if county:
        values[county] = _moved(ordered, path, whole=False, otherwise=county)
    return rows.filter(inside).update(**values)


def settle_paths(rows: QuerySet[Any]) -> int:
    """Give rows with an `area` the path it has today, where they bear another; how many did.

    `rewrite_paths` finds what stands before the change. A row written beside it, by a process
    that still knew the old paths or in a transaction that had begun before, is found by its
    area, whose id never changes. Call it once both are committed, in a follower of the two.
    """
    own = Area.objects.filter(id=OuterRef("area_id"))
    elsewhere = Exists(own.exclude(path=OuterRef("path")))
    return rows.filter(elsewhere).update(path=Subquery(own.values("path")))


def _moved(moves: Moves | list[Any], path: str, *, whole: bool, otherwise: str = "") -> Case:
    def target(old: str, new: str) -> Any:
        if whole:
            return Concat(Value(new), Substr(path, len(old) + 1), output_field=CharField())
        return Value(rules.county_of(new))

    return Case(
        *(When(**{f"{path}__startswith": old}, then=target(old, new)) for old, new in moves),
        default=F(otherwise or path),
        output_field=CharField(),
    )


@transaction.atomic
def change_divisions(
    changes: bytes | str | Iterable[Change],
    *,
    on: date,
    successors: Mapping[str, str] | None = None,
    actor: Actor,
) -> ChangeReport:
    """Carry a table of changed towns through from `on`.

    `successors` says into which code (as it stands afterwards) a town went that
    ended without a namesake; its own code says that it stays. Refused as a whole
    if one is missing or the table does not fit what stands.
    """
    now = clock.now()
    given = _given(changes)
    held = _held(rules.county_of(change.code) for change in given)
    for county in sorted(held):
        actor.must("area.manage", path=rules.path_of(county))
    reads.counties_to_change(held)
    here = [change for change in given if rules.county_of(change.code) in held]
    todo = _still_to_do(here)
    plan = rules.plan_changes(todo, _trimmed(successors or {}))
    areas = _areas_of(held)
    _refuse_what_does_not_fit(plan, areas)
    moves = rules.moves_of(plan, areas.keys())
    _carry_out(plan, moves, areas, on=on, actor=actor)
    touch(held, now=now)
    if plan.pairs or plan.merges:
        _announce(held, moves, on=on, actor=actor, now=now)
    added = tuple(change.code for change in plan.new)
    return ChangeReport(plan, moves, added, len(here) - len(todo), len(given) - len(here))


def _given(changes: bytes | str | Iterable[Change]) -> list[Change]:
    if not isinstance(changes, bytes | str):
        return list(changes)
    read, errors = rules.read_changes(changes)
    if errors:
        wrong = ", ".join(f"{error.line}: {error.value}" for error in errors)
        raise ChangesDoNotFit(list=wrong)
    if not read:
        raise DivisionsUnreadable()
    return list(read)


def _trimmed(successors: Mapping[str, str]) -> dict[str, str]:
    return {rules.path_of(old): rules.path_of(new) for old, new in successors.items()}


def _held(counties: Iterable[str]) -> set[str]:
    roots = Area.objects.filter(county__in=set(counties), level="county", valid_to=None)
    return set(roots.values_list("county", flat=True))


def _still_to_do(changes: list[Change]) -> list[Change]:
    """The lines whose outcome does not stand yet, so that a second run does nothing."""
    codes = [change.code for change in changes]
    borne: dict[str, set[str]] = {}
    standing: dict[str, str] = {}
    rows = AreaCode.objects.filter(code__in=codes).values_list("code", "name", "valid_to")
    for code, name, ends in rows:
        borne.setdefault(code, set()).add(name)
        if ends is None:
            standing[code] = name
    return [
        change
        for change in changes
        if not (
            standing.get(change.code, "") == change.after
            and (not change.before or change.before in borne.get(change.code, ()))
        )
    ]


def _areas_of(counties: Iterable[str]) -> dict[str, Area]:
    rows = Area.objects.filter(county__in=counties, valid_to=None).order_by("path")
    return {area.path: area for area in rows}


def _refuse_what_does_not_fit(plan: Plan, areas: Mapping[str, Area]) -> None:
    """Say no before the first row is touched."""
    wrong = _misfits(plan, areas)
    if wrong:
        raise ChangesDoNotFit(list="、".join(wrong))
    if plan.undecided:
        needed = "、".join(f"{each.code} {each.name}" for each in plan.undecided)
        raise SuccessorsNeeded(
            list=needed,
            undecided=plan.undecided,
            allowed=[each.code for each in plan.undecided],
        )


def _misfits(plan: Plan, areas: Mapping[str, Area]) -> list[str]:
    before = [(pair.old_code, pair.old_name) for pair in plan.pairs]
    before += [(merge.code, merge.name) for merge in plan.merges]
    before += [(each.code, each.name) for each in plan.undecided]
    wrong = [f"{code} {name}" for code, name in before if not _bears(areas, code, name)]
    leaving = {code for code, _name in before if code in areas}
    leaving -= {pair.old_code for pair in plan.pairs if pair.old_code == pair.new_code}
    arriving = [pair.new_code for pair in plan.pairs if pair.old_code != pair.new_code]
    arriving += [change.code for change in plan.new]
    wrong += [code for code in arriving if code in areas and code not in leaving]
    after = (areas.keys() - leaving) | set(arriving)
    wrong += [merge.into for merge in plan.merges if merge.into not in after]
    wrong += [code for code in arriving if rules.parent_path(code) not in after]
    return wrong


def _bears(areas: Mapping[str, Area], code: str, name: str) -> bool:
    return code in areas and stem_of(areas[code].name) == stem_of(name)


def _carry_out(
    plan: Plan, moves: Moves, areas: Mapping[str, Area], *, on: date, actor: Actor
) -> None:
    """Rewrite areas, codes and successions for a plan that is known to fit."""
    names = {pair.old_code: pair.new_name for pair in plan.pairs}
    ending = {merge.code for merge in plan.merges}
    changed = [
        area
        for path, area in areas.items()
        if path in names or rules.rewrite_path(path, moves) != path
    ]
    _close_codes(changed, on=on)
    _end([area for area in changed if area.path in ending], on=on)
    _move(moves)
    staying = [area for area in changed if area.path not in ending]
    _give_new_codes(staying, names, moves, on=on)
    if plan.new:
        new = [NewArea(change.code, change.after) for change in plan.new]
        add_areas(new, on=on, actor=actor)
    _find_parents(changed)
    _write_successions(changed, ending, moves, on=on)


def _close_codes(areas: list[Area], *, on: date) -> None:
    codes = AreaCode.objects.filter(area__in=areas, valid_to=None)
    if late := codes.filter(valid_from__gte=on).order_by("-valid_from").first():
        raise DatesOutOfOrder(since=late.valid_from.isoformat())
    codes.update(valid_to=on)


def _end(areas: list[Area], *, on: date) -> None:
    Area.objects.filter(id__in=[area.id for area in areas]).update(valid_to=on)
    Boundary.objects.filter(area__in=areas, valid_to=None, valid_from__lt=on).update(valid_to=on)
    Boundary.objects.filter(area__in=areas, valid_to=None).delete()


def _move(moves: Moves) -> None:
    """Two steps: unique paths may trade places, and each row is checked as it is written."""
    rewrite_paths(
        Area.objects.all(), [(old, _ON_THE_WAY + new) for old, new in moves if old != new]
    )
    moved = Area.objects.filter(path__startswith=_ON_THE_WAY)
    moved.update(path=Substr("path", 2), county=Substr("path", 2, 6))
    own = Area.objects.filter(id=OuterRef("area_id")).values("county")
    PlaceName.objects.exclude(county=F("area__county")).update(county=Subquery(own))
    Zone.objects.exclude(county=F("area__county")).update(county=Subquery(own))
    of_area = Responsibility.objects.filter(zone=None).exclude(county=F("area__county"))
    of_area.update(county=Subquery(own))
    of_zone = Responsibility.objects.filter(area=None).exclude(county=F("zone__county"))
    zones = Zone.objects.filter(id=OuterRef("zone_id")).values("county")
    of_zone.update(county=Subquery(zones))


def _give_new_codes(areas: list[Area], names: Mapping[str, str], moves: Moves, *, on: date) -> None:
    for area in areas:
        if area.path in names:
            area.name = names[area.path]
            area.short_name = rules.short_name_of(area.name, area.path)
        area.code = rules.rewrite_path(area.path, moves)
    Area.objects.bulk_update(areas, ["code", "name", "short_name"], batch_size=500)
    AreaCode.objects.bulk_create(
        [AreaCode(area=area, code=area.code, name=area.name, valid_from=on) for area in areas],
        batch_size=1000,
    )


def _find_parents(areas: list[Area]) -> None:
    """Set the parent of moved areas by their new path."""
    fresh = list(Area.objects.filter(id__in=[area.id for area in areas], valid_to=None))
    parents = reads.areas_by_paths(rules.parent_path(area.path) for area in fresh)
    for area in fresh:
        area.parent = parents.get(rules.parent_path(area.path))
    Area.objects.bulk_update(fresh, ["parent"], batch_size=500)


def _write_successions(areas: list[Area], ending: set[str], moves: Moves, *, on: date) -> None:
    standing = reads.areas_by_paths(rules.rewrite_path(area.path, moves) for area in areas)
    rows = []
    for area in areas:
        new = rules.rewrite_path(area.path, moves)
        kind = "merged" if area.path in ending else _kind(area.path, new)
        rows.append(
            Succession(
                before=area,
                after=standing[new],
                before_code=area.path,
                after_code=new,
                on=on,
                kind=kind,
            )
        )
    Succession.objects.bulk_create(rows, batch_size=1000)


def _kind(old: str, new: str) -> str:
    if old == new:
        return "renamed"
    return "recoded" if rules.county_of(old) == rules.county_of(new) else "moved"


def _announce(
    counties: Iterable[str], moves: Moves, *, on: date, actor: Actor, now: datetime
) -> None:
    touched = tuple(sorted(counties))
    real = tuple(move for move in moves if move[0] != move[1])
    fact = DivisionsChanged(county=touched[0], counties=touched, moves=real, on=on.isoformat())
    announce(fact, about=f"county:{touched[0]}", county=touched[0], actor=actor, now=now)
