"""Importing tables of divisions. A second run adds nothing; no line is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from gezhi.base.actor import Actor
from gezhi.places import reads, rules
from gezhi.places.actions.areas import add_areas
from gezhi.places.models import AreaCode
from gezhi.places.rules import DivisionRow, NewArea, RowError


@dataclass(frozen=True)
class ImportReport:
    """What became of each line: added + known + len(errors) is lines."""

    kind: str
    lines: int
    added: int
    known: int
    errors: tuple[RowError, ...]


@transaction.atomic
def import_divisions(data: bytes | str, *, on: date, actor: Actor) -> ImportReport:
    """Add the divisions of a table that are not there yet, from `on`.

    A line whose code and name were borne by an area at any time is known. A
    line that gives a standing code another name is an error: renaming is
    `change_divisions`.
    """
    table = rules.read_divisions(data)
    counties = {rules.county_of(row.path) for row in table.rows}
    for county in sorted(counties):
        actor.must("area.manage", path=rules.path_of(county))
    reads.counties_to_change(counties)
    sorting = _Sorting([row.path for row in table.rows])
    for row in sorted(table.rows, key=lambda row: (len(row.path), row.line)):
        sorting.take(row)
    if sorting.new:
        add_areas(list(sorting.new.values()), on=on, actor=actor)
    errors = sorted([*table.errors, *sorting.errors], key=lambda error: error.line)
    return ImportReport(table.kind, table.lines, len(sorting.new), sorting.known, tuple(errors))


class _Sorting:
    """Puts each row of a table with the new, the known or the wrong ones."""

    def __init__(self, paths: list[str]) -> None:
        above = {rules.parent_path(path) for path in paths}
        self._borne = set(AreaCode.objects.filter(code__in=paths).values_list("code", "name"))
        self._standing: Mapping[str, object] = reads.areas_by_paths([*paths, *above])
        self.new: dict[str, NewArea] = {}
        self.known = 0
        self.errors: list[RowError] = []

    def take(self, row: DivisionRow) -> None:
        reason = self._reason_against(row)
        if reason == "known":
            self.known += 1
        elif reason:
            self.errors.append(RowError(row.line, reason, f"{row.path} {row.name}"))
        else:
            self.new[row.path] = NewArea(row.path, row.name)

    def _reason_against(self, row: DivisionRow) -> str:
        if (row.path, row.name) in self._borne:
            return "known"
        if row.path in self.new:
            return "known" if self.new[row.path].name == row.name else "repeated"
        if row.path in self._standing:
            return "name_differs"
        above = rules.parent_path(row.path)
        if len(row.path) > 6 and above not in self.new and above not in self._standing:
            return "parent_missing"
        return ""
