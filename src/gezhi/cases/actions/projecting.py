"""Keeping what the case row shows of other rooms: due moments, paths."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from gezhi.base import rows
from gezhi.cases.models import Case
from gezhi.places import actions as places

# The outermost first: a reaction may act on another case while an act is being announced.
_under_way: ContextVar[tuple[Case, ...]] = ContextVar("under_way", default=())


@contextmanager
def under_way(case: Case) -> Iterator[None]:
    """While an act on `case` is announced: its row is still to be written, by that act."""
    before = _under_way.set((*_under_way.get(), case))
    try:
        yield
    finally:
        _under_way.reset(before)


def is_under_way(case_id: UUID) -> bool:
    """Whether an act on this case is being announced: its row is not what it will be."""
    return _written_later(case_id) is not None


def _written_later(case_id: UUID) -> Case | None:
    return next((case for case in _under_way.get() if case.id == case_id), None)


def show_due(
    case_id: UUID,
    *,
    start: datetime | None,
    due: datetime | None,
    runs_on: bool,
    finish_by: datetime | None,
) -> None:
    """Let lists show the next promise of a case. No act of anybody, so no line of history."""
    shown = {"due_from": start, "due_at": due, "due_runs_on": runs_on, "finish_by": finish_by}
    case = _written_later(case_id)
    if case is not None:
        vars(case).update(shown)
    else:
        rows.update(Case, "id = %s", [case_id], **shown)


def rewrite_paths(moves: Iterable[tuple[str, str]]) -> int:
    """After divisions changed: give every case in them its new path. Returns how many moved.

    A case stays in the book of the county that took it, wherever its village goes.
    """
    return places.rewrite_paths(Case.objects.all(), moves)
