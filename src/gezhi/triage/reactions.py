"""What triage says when the cases room asks: a kind, a place, what in an answer must be seen.

And what it does because a case or a division changed.
"""

from collections.abc import Mapping
from datetime import datetime

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases.actions.answering import checks_answers
from gezhi.cases.actions.proposing import Proposed, proposes
from gezhi.cases.facts import CaseErased, WordsCorrected
from gezhi.cases.models import Case
from gezhi.places.facts import DivisionsChanged
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.reads import flags_routes
from gezhi.rulebook.rules import CameBack
from gezhi.triage import reads
from gezhi.triage.actions import answers as replies
from gezhi.triage.actions import roots, topics
from gezhi.triage.reads import answers
from gezhi.triage.rules.answers import must_be_seen


@proposes
def propose(county: str, what: str, place: str, is_placed: bool) -> Proposed:
    """The likeliest kind; the place where the words settle it and nobody has given one.

    A kind that is urgent and no more than a guess sets no clock: it is chosen at the desk.
    """
    found = reads.what(what, county=county)
    category = found.category
    kind = rulebook.current(county).categories.get(category)
    if kind and kind.urgent and not found.is_likely:
        category = ""
    if is_placed:
        return Proposed(category=category)
    spot = reads.whereabouts(what, place, county=county).spot
    return Proposed(category=category, path=spot.path if spot else "")


@flags_routes
def flag_routes(county: str) -> Mapping[str, CameBack]:
    """The rulebook's pages say of which rows of routing something came back this month."""
    return reads.flagged_rules(county, at=clock.now())


@reacts_to(WordsCorrected, CaseErased)
def forget_the_clause(fact: WordsCorrected | CaseErased, *, actor: Actor, now: datetime) -> None:
    """Where a clause stood in words that are others now is no use, and no trace is left of it."""
    topics.forget_lines_of(fact.case)


@reacts_to(CaseErased)
def forget_the_result(fact: CaseErased, *, actor: Actor, now: datetime) -> None:
    """What was written at the end of a root-cause case goes with the words of the case."""
    if fact.what == "words":
        roots.forget_result_of(fact.case)


@reacts_to(CaseErased)
def forget_the_replies(fact: CaseErased, *, actor: Actor, now: datetime) -> None:
    """An answer that was proposed as a standard reply goes with the case's own."""
    if fact.what in ("words", "report"):
        replies.forget_replies_of(fact.case)


@reacts_to(DivisionsChanged)
def carry_topics_along(fact: DivisionsChanged, *, actor: Actor, now: datetime) -> None:
    """Topics and root-cause cases lie where their area lies today."""
    roots.rewrite_paths(fact.moves, actor=actor, now=now)


@checks_answers
def look_over(case: Case, answer: str, outcome: str, actor: Actor) -> list[str]:
    """What must have been looked at before this answer goes out, in words."""
    found = answers.findings(actor, case, answer=answer, outcome=outcome, now=clock.now())
    return [one.says for one in must_be_seen(found)]
