"""What holds do because a room below changed."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.places.facts import DivisionsChanged
from gezhi.retention import actions


@reacts_to(DivisionsChanged)
def carry_holds_along(fact: DivisionsChanged, *, actor: Actor, now: datetime) -> None:
    """What is held stays held when its area gets another code."""
    actions.rewrite_paths(fact.moves)
