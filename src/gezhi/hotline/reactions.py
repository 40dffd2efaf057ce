"""What the hotline does because a case changed."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases.facts import CaseErased
from gezhi.hotline import actions


@reacts_to(CaseErased)
def forget_its_calls(fact: CaseErased, *, actor: Actor, now: datetime) -> None:
    """The calls of that case keep no number and words, or those alone that became the report.

    Files are none of a call's.
    """
    if fact.what != "files":
        actions.forget_calls_of(fact.case, report=fact.report)
