"""Keeping what the case row shows of other rooms: due moments, paths."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gezhi.base import rows
from gezhi.cases.models import Case
from gezhi.places import actions as places


def show_due(case_id: UUID, *, start: datetime | None, due: datetime | None) -> None:
    """Let lists show the next promise of a case. No act of anybody, so no line of history."""
    case = Case(pk=case_id, due_from=start, due_at=due)
    rows.write(changed=[(case, ("due_from", "due_at"))])


def rewrite_paths(moves: Iterable[tuple[str, str]]) -> int:
    """After divisions changed: give every case in them its new path. Returns how many moved.

    A case stays in the book of the county that took it, wherever its village goes.
    """
    return places.rewrite_paths(Case.objects.all(), moves)
