"""Finding who is to be told of a step: only people at work, and never nobody without a word."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gezhi.cases import reads as cases
from gezhi.deadlines.rules import Kind, Matter
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import Role
from gezhi.rulebook.rules import Rung

_WORKERS = frozenset({Role.GRID_WORKER, Role.RECEPTIONIST, Role.HANDLER, Role.MEDIATOR})
_VISITORS = frozenset({Role.RETURN_VISITOR})


@dataclass(frozen=True)
class Audience:
    """Whom the rulebook wants told, by its word for them, their unit, and who is at work there."""

    word: str
    unit: UUID | None
    told: tuple[UUID, ...] = ()


@dataclass
class Telling:
    """Who is at work at a moment, asked once for each unit."""

    at: datetime
    _staffing: people.Staffing = field(init=False)

    def __post_init__(self) -> None:
        self._staffing = people.Staffing(self.at)

    def holder(self, unit: UUID, kind: str) -> Audience:
        """Those who owe the promise."""
        roles = _VISITORS if kind == Kind.VISIT else _WORKERS
        return Audience("holder", unit, self._at_work(unit, roles))

    def asker(self, matter: Matter, at: datetime) -> Audience:
        """Whoever demanded an answer at that moment, at work or not: it waits for them."""
        person = people.person_behind(cases.who_demanded(matter.case, at))
        account = person.removeprefix("account:") if person.startswith("account:") else ""
        return Audience("asker", None, (UUID(account),) if account else ())

    def rung(self, matter: Matter, unit: UUID, ladder: Sequence[Rung], number: int) -> Audience:
        """Those whom a rung of the ladder names; no unit where the house is not that high."""
        word = ladder[number - 1].tell
        if word == "holder":
            return Audience(word, unit, self._at_work(unit, _WORKERS))
        if word == "head":
            return Audience(word, unit, self._at_work(unit, (), heads=True))
        above = sum(1 for each in ladder[:number] if each.tell == "above")
        centre = _centre(matter, word, above)
        if centre is None:
            return Audience(word, None)
        role = Role.LEADER if word == "leader" else Role.SUPERVISOR
        return Audience(word, centre.id, self._at_work(centre.id, {role}))

    def fallback(self, matter: Matter, unit: UUID) -> Audience:
        """Heads of the unit, or else supervisors from the centre in charge upward."""
        heads = Audience("head", unit, self._at_work(unit, (), heads=True))
        if heads.told:
            return heads
        centre: Unit | None = people.unit(matter.centre)
        while centre is not None:
            if told := self._at_work(centre.id, {Role.SUPERVISOR}):
                return Audience(
                    "centre" if centre.id == matter.centre else "above", centre.id, told
                )
            centre = people.parent_centre(centre)
        return Audience("centre", matter.centre)

    def _at_work(
        self, unit: UUID, roles: Collection[Role], *, heads: bool = False
    ) -> tuple[UUID, ...]:
        found = self._staffing.at_work(unit, roles=roles or None, heads=heads, at=self.at)
        return tuple(found)


def _centre(matter: Matter, word: str, above: int) -> Unit | None:
    centre: Unit | None = people.unit(matter.centre)
    if word == "centre":
        return centre
    if word == "above":
        for _ in range(above):
            centre = people.parent_centre(centre) if centre else None
        return centre
    while centre and (higher := people.parent_centre(centre)):
        centre = higher
    return centre
