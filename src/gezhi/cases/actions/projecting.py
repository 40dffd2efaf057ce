"""Keeping what the case row shows of other rooms: due moments, paths."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from gezhi.base import rows
from gezhi.cases.models import Case
from gezhi.places import actions as places

_under_way: ContextVar[Case | None] = ContextVar("under_way", default=None)


@contextmanager
def under_way(case: Case) -> Iterator[None]:
    """While an act on `case` is announced: its row is still to be written, by that act."""
    before = _under_way.set(case)
    try:
        yield
    finally:
        _under_way.reset(before)


def is_under_way(case_id: UUID) -> bool:
    """Whether an act on this case is being announced: its row is not what it will be."""
    case = _under_way.get()
    return case is not None and case.id == case_id


def show_due(case_id: UUID, *, start: datetime | None, due: datetime | None) -> None:
    """Let lists show the next promise of a case. No act of anybody, so no line of history."""
    case = _under_way.get()
    if case is not None and is_under_way(case_id):
        case.due_from, case.due_at = start, due
    else:
        rows.update(Case, "id = %s", [case_id], due_from=start, due_at=due)


def rewrite_paths(moves: Iterable[tuple[str, str]]) -> int:
    """After divisions changed: give every case in them its new path. Returns how many moved.

    A case stays in the book of the county that took it, wherever its village goes.
    """
    return places.rewrite_paths(Case.objects.all(), moves)
