"""What triage says when the cases room asks: a kind and a place for a report that comes in.

And what it does because a case or a division changed.
"""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases.actions.proposing import Proposed, proposes
from gezhi.cases.facts import CaseErased, WordsCorrected
from gezhi.places.facts import DivisionsChanged
from gezhi.triage import reads
from gezhi.triage.actions import roots, topics


@proposes
def propose(county: str, what: str, place: str, is_placed: bool) -> Proposed:
    """The likeliest kind; the place where the words settle it and nobody has given one."""
    category = reads.what(what, county=county).category
    if is_placed:
        return Proposed(category=category)
    spot = reads.whereabouts(what, place, county=county).spot
    return Proposed(category=category, path=spot.path if spot else "")


@reacts_to(WordsCorrected, CaseErased)
def forget_the_clause(fact: WordsCorrected | CaseErased, *, actor: Actor, now: datetime) -> None:
    """Where a clause stood in words that are others now is no use, and no trace is left of it."""
    topics.forget_lines_of(fact.case)


@reacts_to(CaseErased)
def forget_the_result(fact: CaseErased, *, actor: Actor, now: datetime) -> None:
    """What was written at the end of a root-cause case goes with the words of the case."""
    if fact.what == "words":
        roots.forget_result_of(fact.case)


@reacts_to(DivisionsChanged)
def carry_topics_along(fact: DivisionsChanged, *, actor: Actor, now: datetime) -> None:
    """Topics and root-cause cases lie where their area lies today."""
    roots.rewrite_paths(fact.moves)
