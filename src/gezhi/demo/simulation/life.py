"""One case as its story remembers it, and how long people take for things."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases import reads
from gezhi.cases.models import Case
from gezhi.demo.reads import WATCHER
from gezhi.demo.simulation.hours import minutes
from gezhi.demo.simulation.world import World

_MOST_ROUNDS = 3  # how often one case goes back to work or is reopened at most


@dataclass
class Life:
    """What the story of one case has to remember."""

    world: World
    case_id: UUID
    report_id: UUID
    category: str
    can_be_called: bool
    chance: np.random.Generator
    rounds: int = 0
    is_misrouted: bool = False
    came_down: bool = False

    @property
    def now(self) -> datetime:
        return clock.now()

    @property
    def reporter(self) -> Actor:
        """The resident, with the tracking code in hand."""
        return Actor(
            label=f"report:{self.report_id}", kind="resident", proven=frozenset({self.report_id})
        )

    def look(self) -> Case:
        """The case as it stands now."""
        return reads.case_for(WATCHER, self.case_id)

    def happens(self, odds: float) -> bool:
        """Whether something of these odds happens now."""
        return bool(self.chance.random() < odds)

    def fails(self, odds: float) -> bool:
        """Like `happens`, but nothing fails for ever."""
        return self.rounds < _MOST_ROUNDS and self.happens(odds)

    def after(self, median: float, spread: float = 0.7) -> datetime:
        """A moment some minutes from now."""
        return self.now + minutes(median, spread, self.chance)

    def after_hours(self, least: float, most: float) -> datetime:
        """A moment between `least` and `most` hours from now."""
        return self.now + timedelta(hours=round(float(self.chance.uniform(least, most)), 3))
