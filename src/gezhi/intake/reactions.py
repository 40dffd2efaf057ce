"""What imports do because a case changed."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases.facts import CaseErased
from gezhi.intake import actions

# Of a case that only loses a file or a follower, the message that was imported stays.
_OF_ITS_REPORTER = frozenset({"contacts", "words", "report"})


@reacts_to(CaseErased)
def forget_its_row(fact: CaseErased, *, actor: Actor, now: datetime) -> None:
    """No second copy stays of what went from the case."""
    if fact.what in _OF_ITS_REPORTER:
        actions.forget_rows_of(fact.case)
    if fact.what != "files":
        actions.forget_senders_of(fact.case, report=fact.report)
