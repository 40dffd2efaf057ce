"""What is told of the book, once its lines are committed."""

from collections.abc import Sequence

from gezhi.base import clock
from gezhi.notices import actions
from gezhi.record.followers import follows
from gezhi.record.models import Line


@follows("notices")
def tell(lines: Sequence[Line]) -> None:
    """A batch with its cursor is one transaction, so nothing is told twice or passed over."""
    actions.note(lines, now=clock.now())
