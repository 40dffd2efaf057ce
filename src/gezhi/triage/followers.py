"""What triage keeps of the book, once its lines are committed."""

from collections.abc import Sequence
from uuid import UUID

from gezhi.cases.facts import CaseErased, CaseReported, WordsCorrected
from gezhi.record.followers import follows
from gezhi.record.models import Line
from gezhi.triage import actions

_WORDS_CHANGE = frozenset({CaseReported.kind, WordsCorrected.kind, CaseErased.kind})


@follows("prints")
def keep_prints(lines: Sequence[Line]) -> None:
    """A print follows the words of its case: it comes, changes and goes with them.

    It is made from the case as it is now, so it may be made again from the first line.
    """
    actions.print_cases({UUID(line.data["case"]) for line in lines if line.kind in _WORDS_CHANGE})
