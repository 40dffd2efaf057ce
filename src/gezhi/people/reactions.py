"""What the people do when divisions change: follow."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.people import actions
from gezhi.places.facts import DivisionsChanged


@reacts_to(DivisionsChanged)
def follow_divisions(fact: DivisionsChanged, *, actor: Actor, now: datetime) -> None:
    """Units, posts and accounts keep covering the land they covered."""
    actions.follow_divisions(moves=fact.moves, counties=fact.counties, actor=actor)
