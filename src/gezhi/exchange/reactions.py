"""What subscriptions and peers do because a room below changed."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases.facts import CaseAssigned, CaseErased, CaseFact, CaseReturned, CaseUnmerged
from gezhi.exchange import actions
from gezhi.places.facts import DivisionsChanged


@reacts_to(DivisionsChanged)
def carry_areas_along(fact: DivisionsChanged, *, actor: Actor, now: datetime) -> None:
    """An area that is subscribed stays so when it gets another code."""
    actions.carry_areas_along(fact.moves)


@reacts_to(CaseAssigned, CaseReturned)
def hand_to_peer(fact: CaseFact, *, actor: Actor, now: datetime) -> None:
    """A case that comes to a unit for which another city stands is sent there."""
    actions.begin_handover(fact.case, fact.number, fact.holder, now=now)


@reacts_to(CaseUnmerged)
def follow_again(fact: CaseUnmerged, *, actor: Actor, now: datetime) -> None:
    """While it was merged nobody asked what became of it there."""
    actions.take_up_again(fact.case, fact.number, fact.holder, now=now)


@reacts_to(CaseErased)
def forget_what_peers_said(fact: CaseErased, *, actor: Actor, now: datetime) -> None:
    """Words that are erased here are not kept beside it."""
    actions.forget_words(fact.case)
