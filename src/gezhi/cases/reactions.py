"""What the cases do because a room below changed."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases import actions
from gezhi.places.facts import DivisionsChanged


@reacts_to(DivisionsChanged)
def carry_cases_along(fact: DivisionsChanged, *, actor: Actor, now: datetime) -> None:
    """No case is lost when a town moves: its path follows."""
    actions.rewrite_paths(fact.moves)
