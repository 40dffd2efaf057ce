"""What subscriptions do because a room below changed."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.exchange import actions
from gezhi.places.facts import DivisionsChanged


@reacts_to(DivisionsChanged)
def carry_areas_along(fact: DivisionsChanged, *, actor: Actor, now: datetime) -> None:
    """An area that is subscribed stays so when it gets another code."""
    actions.carry_areas_along(fact.moves)
