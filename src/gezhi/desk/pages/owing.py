"""What the house owes today as the supervision page and its file show it: filters, rows, alarms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.days import midnight
from gezhi.cases.models import Case
from gezhi.cases.rules import MOVES, STATE_NAMES, Act, State, is_late
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.rules import UNSTOPPED, Kind
from gezhi.desk.pages import rows, words
from gezhi.desk.pages.story import owed
from gezhi.desk.rules import Colour, Left, left_of
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.people.rules import LEVEL_NAMES, Level
from gezhi.rulebook.forms import TELL_NAMES

MOST_ALARMS = 100  # cases
_MOST_LOOKED_AT = 500  # steps; a promise may have several, a case several promises
_ALARMS = timedelta(days=1)
_LATE, _SOON = "late", "soon"


@dataclass(frozen=True)
class Count:
    """A number, and the address of the list that is behind it."""

    number: int
    query: str
    is_here: bool


@dataclass(frozen=True)
class Line:
    """A level or a unit: how much is late there, how much may become so today."""

    code: str
    name: str
    since: str
    all: Count
    late: Count
    soon: Count


@dataclass(frozen=True)
class Climbed:
    """Who heard of a promise last: as a sentence, and as a cell under 已升级到."""

    said: str = ""
    cell: str = ""


@dataclass(frozen=True)
class Owed:
    """One promise of a case that counts here."""

    kind: str
    owner: str
    level: str
    due: datetime
    left: Left
    promise: str
    climbed: Climbed

    @property
    def colour(self) -> str:
        """What falls due today is soon, however much of its time is left."""
        return (Colour.LATE if self.is_late else Colour.SOON).value

    @property
    def is_late(self) -> bool:
        return self.left.colour == Colour.LATE


@dataclass(frozen=True)
class Entry:
    """A case with all that it owes here; `demanded` is by when an answer is awaited already.

    `why_not`: why nothing can be asked of whoever holds it, where nothing can.
    """

    row: rows.Row
    owes: list[Owed]
    demanded: str
    is_answer_late: bool
    why_not: str


@dataclass(frozen=True)
class Alarms:
    """By number of the case what nobody heard of; `is_cut`: there are more than these."""

    cases: dict[str, list[dict[str, Any]]]
    is_cut: bool

    @property
    def number(self) -> str:
        """How many cases, as far as they were counted."""
        return f"{len(self.cases)}+" if self.is_cut else str(len(self.cases))


def _why_not(state: State) -> str:
    if state in MOVES[Act.SUPERVISE].froms:
        return ""
    return _("%(state)s，不能督办") % {"state": STATE_NAMES[state]}


# Whom of the unit that owes it: what the rulebook calls the centre above may be that one itself.
_OWN_PEOPLE = {
    "holder": gettext_lazy("已催办本单位承办人员"),
    "head": gettext_lazy("已催办本单位负责人"),
    "leader": gettext_lazy("已催办本单位领导"),
}


def _climbed(row: Deadline, reached: Raised | None, names: dict[UUID, str]) -> Climbed:
    if reached is None or reached.unit_id is None:
        return Climbed()
    if reached.unit_id != row.unit_id:
        unit = names.get(reached.unit_id, "")
        return Climbed(_("已升级到%(unit)s") % {"unit": unit}, unit)
    said = str(_OWN_PEOPLE.get(reached.audience) or _("已催办本单位督办员"))
    return Climbed(said, said)


class View:
    """The page as its address asks for it. What nobody understands is no condition."""

    def __init__(self, actor: Actor, data: QueryDict) -> None:
        actor.must("case.supervise")
        self.actor, self.now = actor, clock.now()
        level, show = data.get("level", ""), data.get("show", "")
        self.level = level if level in set(Level) else ""
        self.show = show if show in (_LATE, _SOON) else ""
        tonight = midnight(timezone.localdate(self.now) + timedelta(days=1))
        due = deadlines.due_by(actor, moment=tonight)
        self.due = due.filter(county=settings.COUNTY)
        self._owing = deadlines.owing(self.due, now=self.now)
        self._units = people.units_by_ids(one.unit for one in self._owing)
        self.unit = self._holder(data.get("holder", ""))
        self.holder = str(self.unit.id) if self.unit else ""

    def _holder(self, typed: str) -> Unit | None:
        """The unit whose promises alone are shown: one that is known, and of the chosen level.

        One that owes nothing now is still asked for; of a list that is done nothing is left.
        """
        try:
            id = UUID(typed)
        except ValueError:
            return None
        unit = people.units_by_ids([id]).get(id)
        return unit if unit and self.level in ("", unit.level) else None

    def found(self) -> QuerySet[Deadline]:
        """The promises of the list, the longest due first."""
        found = self.due.filter(unit__in=[unit.id for unit in self._chosen()])
        if self.show == _LATE:
            found = found.filter(due__lt=self.now)
        if self.show == _SOON:
            found = found.filter(due__gte=self.now)
        return found.select_related("case")

    def _chosen(self) -> list[Unit]:
        return [
            unit
            for unit in self._units.values()
            if self.level in ("", unit.level) and self.holder in ("", str(unit.id))
        ]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.level or self.holder or self.show)

    @property
    def query(self) -> str:
        return self._query()

    def _query(self, **changed: str) -> str:
        asked = {"level": self.level, "holder": self.holder, "show": self.show, **changed}
        return urlencode({name: value for name, value in asked.items() if value})

    def _count(self, number: int, **asked: str) -> Count:
        asked = {"level": "", "holder": "", "show": "", **asked}
        here = {"level": self.level, "holder": self.holder, "show": self.show}
        return Count(number, self._query(**asked), asked == here)

    def _line(self, code: str, name: str, owing: list[deadlines.Owing], **asked: str) -> Line:
        late, soon = sum(one.late for one in owing), sum(one.soon for one in owing)
        first = min((one.first for one in owing), default=None)
        return Line(
            code=code,
            name=name,
            since=words.moment(first, self.now),
            all=self._count(late + soon, **asked),
            late=self._count(late, **asked, show=_LATE),
            soon=self._count(soon, **asked, show=_SOON),
        )

    def whole(self) -> Line:
        """All of it."""
        return self._line("", "", self._known())

    def levels(self) -> list[Line]:
        """By level, where something is owed."""
        by_level: dict[str, list[deadlines.Owing]] = {}
        for one in self._known():
            by_level.setdefault(self._units[one.unit].level, []).append(one)
        return [
            self._line(level, str(LEVEL_NAMES[level]), by_level[level], level=level.value)
            for level in Level
            if level in by_level
        ]

    def holders(self) -> list[Line]:
        """By unit within the level that is looked at, those with the most late first."""
        return [
            self._line(
                str(one.unit), self._units[one.unit].label, [one],
                level=self.level, holder=str(one.unit),
            )
            for one in self._known()
            if self.level in ("", self._units[one.unit].level)
        ]  # fmt: skip

    def _known(self) -> list[deadlines.Owing]:
        return [one for one in self._owing if one.unit in self._units]

    def number(self) -> int:
        """How many promises the list holds."""
        chosen = {unit.id for unit in self._chosen()}
        return sum(
            (one.late if self.show != _SOON else 0) + (one.soon if self.show != _LATE else 0)
            for one in self._owing
            if one.unit in chosen
        )

    def entries(self, found: Sequence[Deadline]) -> list[Entry]:
        """A line for each case, in the order of what is due first of it."""
        by_case: dict[UUID, list[Deadline]] = {}
        for promise in found:
            by_case.setdefault(promise.case_id, []).append(promise)
        shown: list[Case] = [promises[0].case for promises in by_case.values()]
        owed = self._all_owed(found)
        demanded = deadlines.demanded(by_case, county=settings.COUNTY)
        return [
            Entry(
                row=row,
                owes=[owed[promise.id] for promise in by_case[case.id]],
                demanded=words.moment(demanded.get(case.id), self.now),
                is_answer_late=is_late(demanded.get(case.id, self.now), at=self.now),
                why_not=_why_not(State(case.state)),
            )
            for case, row in zip(shown, rows.rows_of(shown, self.now), strict=True)
        ]

    def _all_owed(self, found: Sequence[Deadline]) -> dict[UUID, Owed]:
        """Each promise with whose it is and who has heard of it. Two queries."""
        owners = people.units_by_ids(row.unit_id for row in found)
        reached = deadlines.climbed(found)
        above = people.unit_names(one.unit_id for one in reached.values() if one.unit_id)
        return {row.id: self._owed(row, owners, reached.get(row.id), above) for row in found}

    def _owed(
        self,
        row: Deadline,
        owners: dict[UUID, Unit],
        reached: Raised | None,
        above: dict[UUID, str],
    ) -> Owed:
        owner = owners[row.unit_id]
        stands = Kind(row.kind) not in UNSTOPPED
        left = left_of(
            start=row.starts,
            due=row.due,
            paused_until=row.case.paused_until if stands else None,
            paused_at=row.case.paused_at,
            now=self.now,
        )
        return Owed(
            kind=owed(row, row.case),
            owner=owner.label,
            level=str(LEVEL_NAMES[Level(owner.level)]),
            due=row.due,
            left=left,
            promise=words.promise(left),
            climbed=_climbed(row, reached, above),
        )

    def alarms(self) -> Alarms:
        """Cases with promises that nobody was told of, because nobody was at work.

        Of each promise the newest step; the newest case first.
        """
        unheard = deadlines.unheard(self.actor, since=self.now - _ALARMS, most=_MOST_LOOKED_AT + 1)
        newest: dict[UUID, Raised] = {}
        for one in unheard:
            newest.setdefault(one.deadline_id, one)
        by_case: dict[str, list[Raised]] = {}
        for one in newest.values():
            by_case.setdefault(one.case.number, []).append(one)
        shown = dict(islice(by_case.items(), MOST_ALARMS))
        units = people.units_by_ids(one.unit_id for one in newest.values() if one.unit_id)
        return Alarms(
            cases={number: [self._alarm(one, units) for one in of] for number, of in shown.items()},
            is_cut=len(unheard) > _MOST_LOOKED_AT or len(by_case) > MOST_ALARMS,
        )

    def _alarm(self, one: Raised, units: dict[UUID, Unit]) -> dict[str, Any]:
        unit = units.get(one.unit_id) if one.unit_id else None
        may_see = unit is not None and self.actor.may("case.read_area", path=unit.path)
        return {
            "owes": owed(one.deadline, one.case),
            "unit": unit.label if unit else "",
            "roster": reverse("entrance:duty:roster", args=[unit.id]) if may_see and unit else "",
            "audience": TELL_NAMES.get(one.audience, one.audience),
            "at": words.moment(one.at, self.now),
        }
