"""Keeping what the case row shows of other rooms: due moments, paths."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from gezhi.cases import reads
from gezhi.cases.models import Case
from gezhi.places import rules as places


def show_due(case_id: UUID, *, start: datetime | None, due: datetime | None) -> None:
    """Let lists show the next promise of a case. No act of anybody, so no line of history."""
    Case.objects.filter(pk=case_id).update(due_from=start, due_at=due)


@transaction.atomic
def rewrite_paths(county: str, mapping: Mapping[str, str]) -> int:
    """After divisions changed: give every case in them its new path. Returns how many moved."""
    moved = 0
    for case_id, path in reads.paths_under(county, mapping):
        moved += Case.objects.filter(pk=case_id).update(path=places.rewrite_path(path, mapping))
    return moved
