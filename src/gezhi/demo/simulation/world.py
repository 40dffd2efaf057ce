"""What the lives of all cases share: staff, places, the rulebook, the hours, what was refused."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal
from gezhi.demo.simulation.hours import within
from gezhi.demo.simulation.spots import Spots
from gezhi.demo.simulation.staff import Staff
from gezhi.rulebook import reads as rulebook

T = TypeVar("T")


class World:
    """One county being simulated."""

    def __init__(self, county: str, seed: int, start: datetime) -> None:
        self.county = county
        self.seed = seed
        self.start = start
        self.zone = ZoneInfo(settings.TIME_ZONE)
        self.staff = Staff(county)
        self.spots = Spots(county)
        self.book = rulebook.current(county)
        self.acts = 0
        self.reported = 0
        self.refused: Counter[str] = Counter()
        self._recent: dict[tuple[str, str], list[tuple[datetime, UUID]]] = defaultdict(list)

    def chance(self, *numbers: int) -> np.random.Generator:
        """A source of chance of its own for each case, so that cases don't disturb each other."""
        return np.random.default_rng([self.seed, *numbers])

    def do(self, act: Callable[..., T], *args: Any, actor: Actor | None, **values: Any) -> T | None:
        """Let somebody act; a refusal is counted, as in life it is an answer."""
        if actor is None:
            self.refused["nobody"] += 1
            return None
        try:
            done = act(*args, actor=actor, **values)
        except Refusal as refusal:
            self.refused[f"{act.__name__}: {refusal.code}"] += 1
            return None
        self.acts += 1
        return done

    def day_work(self, moment: datetime) -> datetime:
        """When a department gets to it: in office hours of a working day."""
        return within(moment, 8.5, 18, zone=self.zone, is_working=self._is_working)

    def any_day(self, moment: datetime) -> datetime:
        """When a grid worker or resident gets to it: by daylight, on any day."""
        return within(moment, 7.2, 20.8, zone=self.zone)

    def is_night(self, moment: datetime) -> bool:
        hour = moment.astimezone(self.zone).hour
        return hour < 7 or hour >= 22

    def _is_working(self, day: date) -> bool:
        return self.book.calendar.is_working(day)

    def remember(self, path: str, category: str, at: datetime, case: UUID) -> None:
        """Keep a case in mind as one that others may be about too."""
        self._recent[path[:12], category].append((at, case))

    def same_nearby(self, path: str, category: str, at: datetime, case: UUID) -> UUID | None:
        """An older case about the same kind of thing in the same village, of the last four days."""
        older = [
            other
            for moment, other in self._recent[path[:12], category]
            if other != case and moment <= at and (at - moment).days < 4
        ]
        return older[-1] if older else None
