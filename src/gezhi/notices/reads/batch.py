"""The cases of a batch of occasions, and what hangs on them: asked once for all, never one by one.

What is fetched here is fetched when somebody first needs it, for every case that is known by then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import prefetch_related_objects

from gezhi.base.actor import system
from gezhi.base.words import mobile_of
from gezhi.cases import reads as cases
from gezhi.cases.models import Case, Report
from gezhi.cases.rules import is_a_reporters
from gezhi.deadlines import reads as deadlines
from gezhi.intake.reads import letters
from gezhi.notices.rules import Occasion
from gezhi.people import reads as people
from gezhi.people.rules import Role
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_NOTICES = system("notices")


class Wish(NamedTuple):
    """Somebody asked leave for something."""

    id: UUID
    asked_by: str
    decided_at: datetime | None
    is_granted: bool | None


class Said(NamedTuple):
    """The words of a line of history: whether only the house reads them, and whose they are."""

    words: str
    is_inner: bool
    is_reporters: bool


class Joint(NamedTuple):
    """A unit was called to help."""

    unit: UUID
    ended_at: datetime | None


class Batch:
    """What the occasions of a county are about. A preview puts its own copy in `cases`."""

    def __init__(self, county: str, occasions: Iterable[Occasion]) -> None:
        self.county = county
        self.book = rulebook.current(county)
        self._occasions = list(occasions)
        self.cases = self._fetched(
            pk__in={id for one in self._occasions for id in (one.case, one.main) if id}
        )
        self._books: dict[int, Book] = {}
        self._targets: dict[UUID, datetime | None] = {}
        self._posted: dict[tuple[UUID, date], list[UUID]] = {}
        self._voices: dict[UUID, list[Report]] = {}
        self._addresses: dict[UUID, str] = {}
        self._below: dict[UUID, list[UUID]] = {}

    def _fetched(self, **asked: Any) -> dict[UUID, Case]:
        found = cases.visible_to(_NOTICES).filter(county=self.county, **asked)
        return {case.id: case for case in found.defer("words", "head")}

    def _hanging(self, ids: Collection[UUID], *columns: str, **asked: Any) -> Sequence[Any]:
        """Columns of the rows that hang on these cases, each after the id of its case."""
        if not ids:
            return ()
        found = cases.visible_to(_NOTICES).filter(county=self.county, pk__in=ids, **asked)
        return list(found.values_list("pk", *columns))

    # --- rulebooks and promises --------------------------------------------------------------

    def book_of(self, case: Case) -> Book:
        """The rulebook the case was opened under; the templates are those in force."""
        if case.book not in self._books:
            self._books[case.book] = rulebook.book(self.county, case.book)
        return self._books[case.book]

    def target(self, case: Case) -> datetime | None:
        """By when its reporter was promised that it is solved."""
        if case.id not in self._targets:
            unknown = self.cases.keys() - self._targets.keys() | {case.id}
            found = deadlines.targets(unknown)
            self._targets |= {id: found[id].due if id in found else None for id in unknown}
        return self._targets[case.id]

    def set_target(self, case: UUID, due: datetime | None) -> None:
        """As it would be after a move that is only looked at."""
        self._targets[case] = due

    # --- who reported ------------------------------------------------------------------------

    def learn_voices(self, of: Iterable[UUID], *, below: Iterable[UUID]) -> None:
        """Fetch who reported these cases, and those that were merged into the ones of `below`."""
        wanted = {*of, *self._learn_below(below)} - self._voices.keys()
        known = [self.cases[id] for id in wanted]
        prefetch_related_objects(known, "reports")
        for case in known:
            self._voices[case.id] = sorted(case.reports.all(), key=lambda one: (one.at, one.id))
        found = [voice for case in known for voice in self._voices[case.id]]
        without = [voice for voice in found if not mobile_of(voice.phone)]
        self._addresses |= letters.addresses_of(without)

    def address(self, report: UUID) -> str:
        """Where a letter came from that was answered; "" of other reports."""
        return self._addresses.get(report, "")

    def _learn_below(self, mains: Iterable[UUID]) -> set[UUID]:
        """The cases merged into these, and into those; one query for each depth there is."""
        found: set[UUID] = set()
        level = {id for id in mains if id not in self._below}
        while level:
            under = self._fetched(main__in=level)
            self._below |= {id: [] for id in level}
            for case in under.values():
                if case.main_id is not None:  # which is how it was found
                    self._below[case.main_id].append(case.id)
            self.cases = under | self.cases
            found |= under.keys()
            level = under.keys() - self._below.keys()
        return found

    def voices(self, case: UUID) -> list[Report]:
        """Every voice in the case, the first reporter's first."""
        return self._voices.get(case, [])

    def voices_below(self, case: UUID) -> list[Report]:
        """The voices of what was merged into it, and into that."""
        found: list[Report] = []
        seen, left = {case}, list(self._below.get(case, ()))
        while left:
            id = left.pop(0)
            if id not in seen:
                seen.add(id)
                found += self.voices(id)
                left += self._below.get(id, ())
        return found

    # --- what was said, asked and called for ---------------------------------------------------

    def said(self, occasion: Occasion) -> Said:
        """The words of its line of history."""
        return self._said.get((occasion.case, occasion.seq), Said("", True, False))

    @cached_property
    def _said(self) -> dict[tuple[UUID, int], Said]:
        """By case and number of the line, of every occasion that may be told with its words."""
        asked = [one for one in self._occasions if one.seq and one.event in self._speaking]
        if not asked:
            return {}
        moments = [one.at for one in asked]
        found = self._hanging(
            {one.case for one in asked}, "history__seq", "history__words", "history__is_public",
            "history__act", "history__actor",
            history__county=self.county,
            history__seq__in={one.seq for one in asked},
            history__at__range=(min(moments), max(moments)),
        )  # fmt: skip
        return {
            (case, seq): Said(words, not is_public, is_a_reporters(act, actor))
            for case, seq, words, is_public, act, actor in found
        }

    @cached_property
    def _speaking(self) -> frozenset[str]:
        """The events that some template tells with words of the act."""
        return frozenset(one.event for one in self.book.notices.templates if one.says_words)

    def wishes(self, case: UUID) -> list[Wish]:
        """What leave was asked for in the case."""
        return self._wishes.get(case, [])

    @cached_property
    def _wishes(self) -> dict[UUID, list[Wish]]:
        asked = {id for id, case in self.cases.items() if case.has_asked is not False}
        found: dict[UUID, list[Wish]] = defaultdict(list)
        for case, *wish in self._hanging(
            asked, "approvals__id", "approvals__asked_by", "approvals__decided_at",
            "approvals__is_granted", approvals__county=self.county,
        ):  # fmt: skip
            found[case].append(Wish(*wish))
        return found

    def demanded_by(self, demand: UUID) -> str:
        """Who demanded what is answered."""
        return self._demands.get(demand, "")

    @cached_property
    def _demands(self) -> dict[UUID, str]:
        demands = [(one.case, one.demand) for one in self._occasions if one.demand]
        found = self._hanging(
            {case for case, _demand in demands}, "questions__id", "questions__asked_by",
            questions__county=self.county,
            questions__id__in={demand for _case, demand in demands},
        )  # fmt: skip
        return {demand: asked_by for _case, demand, asked_by in found}

    def joint(self, case: UUID) -> list[Joint]:
        """The units that were ever called to help, in that order."""
        return self._joint.get(case, [])

    @cached_property
    def _joint(self) -> dict[UUID, list[Joint]]:
        asked = {"legs__county": self.county, "legs__role": "joint"}
        columns = ("legs__unit_id", "legs__ended_at", "legs__opened_at", "legs__id")
        rows = self._hanging(self.cases.keys(), *columns, **asked)
        found: dict[UUID, list[Joint]] = defaultdict(list)
        for case, unit, ended_at, _opened_at, _id in sorted(rows, key=lambda row: row[3:]):
            found[case].append(Joint(unit, ended_at))
        return found

    def units_of(self, legs: Iterable[UUID]) -> list[UUID]:
        """Which units these legs are of, each once."""
        return list(dict.fromkeys(self._units[leg] for leg in legs if leg in self._units))

    @cached_property
    def _units(self) -> dict[UUID, UUID]:
        return cases.units_of_legs({leg for one in self._occasions for leg in one.legs})

    def posted(self, unit: UUID, roles: Collection[Role], on: date) -> list[UUID]:
        """Everybody with one of these roles in a unit on a day, at work or not."""
        if (unit, on) not in self._posted:
            self._posted[unit, on] = people.posted(unit, roles=roles, on=on)
        return self._posted[unit, on]
