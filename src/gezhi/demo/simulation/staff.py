"""Who acts: the people with the right, in the unit or over the place, each as an actor."""

from uuid import UUID

import numpy as np

from gezhi.base.actor import Actor
from gezhi.demo.reads import actors_by_unit
from gezhi.people import reads as people
from gezhi.people.models import Unit


class Staff:
    """The county's people, fetched once and asked for by unit and right."""

    def __init__(self, county: str) -> None:
        self.county = county
        self._of_unit = actors_by_unit(county)

    def pick(
        self, unit: UUID, right: str, chance: np.random.Generator, *, but: str = ""
    ) -> Actor | None:
        """Somebody of the unit who has the right, other than `but`."""
        able = [
            actor
            for actor in self._of_unit.get(unit, ())
            if actor.may(right, unit=unit) and actor.label != but
        ]
        return able[int(chance.integers(len(able)))] if able else None

    def over(self, path: str, right: str, chance: np.random.Generator) -> Actor | None:
        """Somebody of the lowest centre around `path` who has the right over it."""
        for centre in self.centres(path):
            if found := self.pick(centre.id, right, chance):
                return found
        return None

    def centres(self, path: str) -> list[Unit]:
        """The centres around a place, the lowest first."""
        return people.units_covering(path, county=self.county, kinds=("centre",))

    def departments(self) -> list[Unit]:
        """All departments of the county, by code."""
        return people.units_under(self.county, county=self.county, kinds=("department",))
