"""The promises of a past case once more, under any book: from the lines of its history alone.

What people did and when stays as it was; categories and sizes as they decided them. A size that
is the category's own is not taken for somebody's decision: another book may make it another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from gezhi.cases.rules import Act, Entry, State, pauses_over
from gezhi.deadlines.rules.promises import (
    EFFECTS,
    OF_THE_HOLDER,
    Effect,
    Kind,
    Promise,
    due_after,
)
from gezhi.rulebook.rules import Book, Calendar, Due

# What a book alone decides; the others are due at moments that people named, or are windows.
REPLAYED = (Kind.ACCEPT, Kind.FORWARD, Kind.SIGN, Kind.FINISH, Kind.STAGE)
_MEASURED = frozenset(REPLAYED)
_CENTRES = frozenset({Kind.ACCEPT, Kind.FORWARD})
_NO_CATEGORY_SIZE = "big"  # as a report without a category is opened
_EXTEND, _UNMERGE, _RETURN = "extend", "unmerge", "case_returned"
_REACH = "stage_reached"
_FACTS: Mapping[str, str] = {
    Act.REPORT: "case_reported",
    Act.ACCEPT: "case_accepted",
    Act.REFUSE: "case_refused",
    Act.ASSIGN: "case_assigned",
    Act.SIGN: "case_signed",
    Act.SEND_BACK: "case_sent_back",
    Act.ESCALATE: "case_escalated",
    Act.HAND_DOWN: "case_handed_down",
    Act.ANSWER: "reporter_answered",
    Act.RESUME: "case_resumed",
    Act.EXTEND: _EXTEND,
    Act.REACH_STAGE: _REACH,
    Act.FINISH: "case_finished",
    Act.CLOSE: "case_closed",
    Act.MERGE: "case_merged",
    Act.UNMERGE: _UNMERGE,
    Act.WITHDRAW: "case_withdrawn",
    Act.RECLASSIFY: "case_reclassified",
}
# Acts that end in one state or another tell by it what they brought.
_FACTS_BY_STATE: Mapping[tuple[str, str], str] = {
    (Act.VERIFY, State.HANDLING): _RETURN,
    (Act.VISIT_BACK, State.HANDLING): _RETURN,
    (Act.VISIT_BACK, State.CLOSED): "case_closed",
    (Act.REOPEN, State.HANDLING): _RETURN,
    (Act.REOPEN, State.ACCEPTED): "case_reopened",
}
_MOVES_CENTRE = frozenset({"case_sent_back", "case_escalated", "case_handed_down"})
_CLASSIFIES = frozenset({"case_accepted", "case_reclassified"})
_WANTED = {
    State.REPORTED: Kind.ACCEPT,
    State.ACCEPTED: Kind.FORWARD,
    State.ASSIGNED: Kind.SIGN,
}


@dataclass(frozen=True)
class Line:
    """One line of the history, without its words."""

    at: datetime
    act: str
    state: str
    holder: UUID
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Body:
    """What of a unit a book asks for."""

    code: str
    level: str


@dataclass(frozen=True)
class Step:
    """A line that touches promises, with what was decided by then. Not yet: no category.

    `stage` is the one that was reached by it, `reached` are all those by then.
    """

    fact: str
    at: datetime
    state: str
    centre: UUID
    holder: UUID
    category: str
    size: str
    is_own_size: bool
    due: datetime | None = None
    stage: str = ""
    reached: frozenset[str] = frozenset()


@dataclass
class Replayed:
    """A promise as a book would have made and moved it."""

    kind: Kind
    starts: datetime
    base_from: datetime
    base_due: datetime
    due: datetime
    is_working: bool
    unit: UUID
    stage: str = ""
    is_open: bool = True
    is_dropped: bool = False
    is_extended: bool = False
    met_at: datetime | None = None


def fact_of(line: Line) -> str:
    """Which effect the line had on promises; "" for none. To ask leave for an act has none."""
    if "asks" in line.data:
        return ""
    return _FACTS_BY_STATE.get((line.act, line.state)) or _FACTS.get(line.act, "")


def steps_of(lines: Sequence[Line], *, category: str, proposed: str, own: Book) -> list[Step]:
    """The steps of a case that has this category now, by the book it was opened under."""
    steps: list[Step] = []
    centre = lines[0].holder
    decided, size = "", _size_by(own, proposed)
    reached: frozenset[str] = frozenset()
    for at, line in enumerate(lines):
        fact = fact_of(line)
        if fact in _MOVES_CENTRE:
            centre = line.holder
        if fact in _CLASSIFIES:
            decided, size = line.data["category"], line.data["size"]
        elif fact == "case_assigned":
            decided = decided or _decided_on_the_way(lines[at + 1 :], category)
            size = line.data.get("size", size)
        stage = line.data["stage"] if fact == _REACH else ""
        reached |= {stage} - {""}
        if fact:
            usual = _size_by(own, decided or proposed)
            due = datetime.fromisoformat(line.data["due"]) if fact == _EXTEND else None
            steps.append(
                Step(
                    fact,
                    line.at,
                    line.state,
                    centre,
                    line.holder,
                    decided,
                    size,
                    size == usual,
                    due,
                    stage,
                    reached,
                )
            )
    return steps


def _decided_on_the_way(later: Sequence[Line], category: str) -> str:
    """What a case was sent as that nobody had accepted: the line of that act doesn't say."""
    was = (line.data["category_was"] for line in later if line.act == Act.RECLASSIFY)
    return next(was, category)


def _size_by(book: Book, category: str) -> str:
    known = book.categories.get(category)
    return known.size if known else _NO_CATEGORY_SIZE


@dataclass(frozen=True)
class Reader:
    """A book and what it makes of one case: what it proposes for it, its units.

    `instead` stands for a category that the book doesn't have.
    """

    book: Book
    proposed: str
    channel: str
    units: Mapping[UUID, Body]
    instead: str = ""
    _calendars: dict[str, Calendar] = field(default_factory=dict)

    def category(self, step: Step) -> str:
        if not step.category:
            return self.proposed
        return step.category if step.category in self.book.categories else self.instead

    def size(self, step: Step) -> str:
        return _size_by(self.book, self.category(step)) if step.is_own_size else step.size

    def sort(self, step: Step) -> tuple[str, str]:
        return self.category(step), self.size(step)

    def calendar(self, unit: UUID) -> Calendar:
        code = self.units[unit].code
        if code not in self._calendars:
            self._calendars[code] = self.book.calendar.for_unit(code)
        return self._calendars[code]

    def promise(self, kind: Kind, step: Step) -> Replayed:
        unit = step.centre if kind in _CENTRES else step.holder
        made = Replayed(kind, step.at, step.at, step.at, step.at, False, unit)
        self.work_out(made, step)
        return made

    def work_out(self, row: Replayed, step: Step) -> None:
        """Due as the book says, from the promise's own start."""
        _set(row, self.book.due(row.kind.value, start=row.starts, **self._asked(step)))

    def stages(self, step: Step, start: datetime) -> dict[str, Due]:
        """By their keys, those that are still to be reached; they count from `start`."""
        category = self.category(step)
        known = self.book.categories.get(category)
        if known is None or not known.stages:
            return {}
        asked = {**self._asked(step), "category": category}
        found = self.book.stages_on_the_way(**asked, start=start)
        return {stage.key: due for stage, due in found if stage.key not in step.reached}

    def _asked(self, step: Step) -> dict[str, Any]:
        return {
            "category": self.category(step) or None,
            "size": self.size(step) or None,
            "channel": self.channel,
            "level": self.units[step.centre].level,
            "unit_code": self.units[step.holder].code,
        }

    def shift(self, rows: Sequence[Replayed], entries: Sequence[Entry], now: datetime) -> None:
        until_now = [entry for entry in entries if entry.at <= now]
        for row in rows:
            stood = pauses_over(until_now, since=row.base_from, now=now)
            promise = Promise(row.base_from, row.base_due, row.is_working, stood)
            row.due = due_after(promise, self.calendar(row.unit))


def _set(row: Replayed, told: Due) -> None:
    row.base_from, row.base_due, row.due = row.starts, told.at, told.at
    row.is_working = told.working


def replay(steps: Sequence[Step], entries: Sequence[Entry], reader: Reader) -> list[Replayed]:
    """Every promise of `REPLAYED`, in an order that is the same under any book but for stages."""
    made: list[Replayed] = []
    for before, step in zip([*steps[:1], *steps], steps, strict=False):
        there = [row for row in made if row.is_open]
        if step.fact == _EXTEND:
            _extend(there, step)
        elif step.fact == _UNMERGE:
            made += _stand_alone(there, step, entries, reader)
        else:
            is_sorted_anew = reader.sort(step) != reader.sort(before)
            made += _follow(made, step, entries, reader, is_sorted_anew)
    return made


def _follow(
    made: Sequence[Replayed],
    step: Step,
    entries: Sequence[Entry],
    reader: Reader,
    is_sorted_anew: bool,
) -> list[Replayed]:
    """The same that happens to the promises of a case under way (`reactions.follow_the_case`)."""
    effect = EFFECTS[step.fact]
    still = _settle(made, effect, step)
    if step.fact == _RETURN:
        still += _open_again(made, step, entries, reader)
    if effect.shifts:
        reader.shift(still, entries, step.at)
    for row in still:
        if row.kind in OF_THE_HOLDER:
            row.unit = step.holder
        if row.kind == Kind.FINISH and is_sorted_anew:
            _renew_finish(row, step, entries, reader)
    opened = [reader.promise(kind, step) for kind in _opened(effect)]
    if is_sorted_anew or Kind.FINISH in effect.opens:
        opened += _fit_stages([*still, *opened], step, entries, reader)
    return opened


def _renew_finish(row: Replayed, step: Step, entries: Sequence[Entry], reader: Reader) -> None:
    """What an extension gave is never shortened by another category or size."""
    anew = replace(row, is_extended=False)
    reader.work_out(anew, step)
    reader.shift([anew], entries, step.at)
    if not row.is_extended or anew.due > row.due:
        vars(row).update(vars(anew))


def _settle(made: Sequence[Replayed], effect: Effect, step: Step) -> list[Replayed]:
    """Meet and drop; gives back what stays open."""
    for row in made:
        if row.is_open and (row.kind in effect.meets | effect.drops or _is_reached(row, step)):
            _end(row, step, is_met=row.kind in effect.meets or _is_reached(row, step))
    return [row for row in made if row.is_open]


def _is_reached(row: Replayed, step: Step) -> bool:
    return row.kind == Kind.STAGE and row.stage == step.stage


def _end(row: Replayed, step: Step, *, is_met: bool) -> None:
    row.is_open, row.is_dropped = False, not is_met
    row.met_at = step.at if is_met else None


def _open_again(
    made: Sequence[Replayed], step: Step, entries: Sequence[Entry], reader: Reader
) -> list[Replayed]:
    """The finish that was met last, and the stages with it that were met by that alone."""
    finish = _last_finish(made)
    if finish is None:
        return []
    again = [finish]
    came = next(at for at, row in enumerate(made) if row is finish)
    for row in made[came:]:
        is_stage = row.kind == Kind.STAGE and row.stage not in step.reached
        if is_stage and row.met_at and row.met_at == finish.met_at:
            again.append(row)
    for row in again:
        row.is_open, row.met_at = True, None
    reader.shift(again, entries, step.at)
    return again


def _fit_stages(
    there: Sequence[Replayed], step: Step, entries: Sequence[Entry], reader: Reader
) -> list[Replayed]:
    """The same that happens under way (`actions.fit_stages`); gives back the new ones."""
    finish = next((row for row in there if row.kind == Kind.FINISH), None)
    if finish is None:
        return []
    wanted = reader.stages(step, finish.starts)
    rows = {row.stage: row for row in there if row.kind == Kind.STAGE}
    made = {key: replace(finish, kind=Kind.STAGE, stage=key) for key in wanted if key not in rows}
    for key, row in rows.items():
        if key not in wanted:
            _end(row, step, is_met=False)
    for key, told in wanted.items():
        row = rows.get(key) or made[key]
        _set(row, told)
        reader.shift([row], entries, step.at)
    return list(made.values())


def _opened(effect: Effect) -> Iterator[Kind]:
    return (kind for kind in effect.opens if kind in _MEASURED)


def _last_finish(made: Sequence[Replayed]) -> Replayed | None:
    kept = (row for row in reversed(made) if row.kind == Kind.FINISH and not row.is_dropped)
    return next(kept, None)


def _extend(there: Sequence[Replayed], step: Step) -> None:
    """A moment that people named is the same under any book."""
    for row in there:
        if row.kind == Kind.FINISH and step.due:
            row.base_from, row.base_due, row.due = step.at, step.due, step.due
            row.is_working, row.is_extended = False, True


def _stand_alone(
    there: Sequence[Replayed], step: Step, entries: Sequence[Entry], reader: Reader
) -> list[Replayed]:
    wanted = _WANTED.get(State(step.state))
    kinds = [wanted] if wanted else []
    if not any(row.kind == Kind.FINISH for row in there):
        kinds.append(Kind.FINISH)
    reader.shift(there, entries, step.at)
    made = [reader.promise(kind, step) for kind in kinds]
    return made + _fit_stages([*there, *made], step, entries, reader)
