"""The plan of a promise: what happens to it when, by the rulebook its case was opened under."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gezhi.cases import rules as case_rules
from gezhi.deadlines import rules
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.reads.matters import matter_as_is
from gezhi.deadlines.rules import Matter, Promise, Step
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.errors import CalendarYearUnknown
from gezhi.rulebook.rules import Calendar, Rung

if TYPE_CHECKING:
    from gezhi.cases.models import Case


def steps_of(matter: Matter, row: Deadline, due: datetime | None = None) -> Iterator[Step]:
    """The plan of a promise; as if it were due at another moment, where one is given."""
    kind, due = rules.Kind(row.kind), due or row.due
    term = rules.Term(kind, row.base_from, row.base_due, due, row.is_working, row.grace)
    return rules.steps(
        term,
        percents=rulebook.book(matter.county, matter.book).limits.remind_percent,
        ladder=lambda: ladder_of(matter, row.kind),
        calendar=_calendar_of(matter, row),
    )


def _calendar_of(matter: Matter, row: Deadline) -> Calendar:
    calendar = rulebook.book(matter.county, matter.book).calendar
    return calendar.for_unit(people.unit(row.unit_id).code)


def ladder_of(matter: Matter, kind: str) -> tuple[Rung, ...]:
    """Whom the rulebook wants told, one after the other, once a promise of this kind is broken."""
    return rulebook.book(matter.county, matter.book).ladder(
        kind,
        category=matter.category or None,
        size=matter.size or None,
        channel=matter.channel,
        level=people.unit(matter.centre).level,
    )


class Reminding(NamedTuple):
    """When reminders of a promise came and will come, and when it is due.

    `is_put_off`: its clock stands, and what is to come is told as if it ran again now.
    """

    came: list[Step]
    to_come: list[Step]
    due: datetime
    is_put_off: bool


def reminding(
    case: "Case", row: Deadline, entries: Sequence[case_rules.Entry], *, now: datetime
) -> Reminding:
    """The reminders of a promise, as they were taken and as its plan has them. One query."""
    raised = Raised.objects.filter(deadline=row, step__startswith="remind:", audience__gt="")
    came = [Step(one.step, one.at) for one in raised.order_by("at", "id")]
    matter, is_open = matter_as_is(case), row.met_at is None and row.dropped_at is None
    is_put_off = is_open and rules.waits(row.kind, row.due, _stands_since(case))
    try:
        due = _if_it_ran_again(matter, row, entries, now) if is_put_off else row.due
        to_come = list(_to_come(matter, row, due)) if is_open else []
    except CalendarYearUnknown:  # nobody has announced that year's days off yet
        return Reminding(came, [], row.due, is_put_off)
    return Reminding(came, to_come, due, is_put_off)


def _stands_since(case: "Case") -> datetime | None:
    """Since when its clock stands; of old pauses, as far as nobody knows: always."""
    if case.paused_until is None:
        return None
    return case.paused_at or case.opened_at


def _if_it_ran_again(
    matter: Matter, row: Deadline, entries: Sequence[case_rules.Entry], now: datetime
) -> datetime:
    stood = case_rules.pauses(entries, since=row.base_from, now=now)
    promise = Promise(row.base_from, row.base_due, row.is_working, stood)
    return rules.due_after(promise, _calendar_of(matter, row))


def _to_come(matter: Matter, row: Deadline, due: datetime) -> Iterator[Step]:
    for step in steps_of(matter, row, due):
        if not rules.is_reminder(step.code):
            return
        if rules.rank(step.code) >= rules.rank(row.next_step):
            yield step
