"""What triage keeps of the book, once its lines are committed."""

from collections.abc import Sequence
from uuid import UUID

from gezhi.base import clock
from gezhi.cases.facts import CaseErased, CaseFinished, CaseReported, WordsCorrected
from gezhi.cases.rules import OPEN
from gezhi.record.followers import follows
from gezhi.record.models import Line
from gezhi.triage import actions
from gezhi.triage.actions import answers

_WORDS_CHANGE = frozenset({CaseReported.kind, WordsCorrected.kind, CaseErased.kind})


@follows("prints")
def keep_prints(lines: Sequence[Line]) -> None:
    """A print follows its case: it comes and changes with its words, and goes when it ends.

    It is made from the case as it is now, so it may be made again from the first line.
    """
    actions.print_cases({UUID(line.data["case"]) for line in lines if _changes_print(line)})


def _changes_print(line: Line) -> bool:
    """Whether words, whether it is open, or its kind, which may be sensitive, have changed."""
    told = line.data
    if line.kind in _WORDS_CHANGE:
        return True
    return "case" in told and (
        (told.get("was") in OPEN) != (told.get("state") in OPEN)
        or told.get("category") != told.get("category_was")
    )


@follows("uses of replies")
def note_uses(lines: Sequence[Line]) -> None:
    """Which standard replies were used; a batch with its cursor is one transaction."""
    finished = {
        UUID(line.about.removeprefix("case:")) for line in lines if line.kind == CaseFinished.kind
    }
    if finished:
        answers.note_uses(finished, now=clock.now())


@follows("dispatches")
def keep_dispatches(lines: Sequence[Line]) -> None:
    """What was sent by which rule, and came back: the month's table and the flags of rules."""
    actions.keep_dispatches(lines)
