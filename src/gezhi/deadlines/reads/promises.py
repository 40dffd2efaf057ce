"""Promises: of one case, of a list of cases, what is open, and whose next step has come."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from gezhi.base import rows
from gezhi.cases import reads as cases
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.rules import END, WINDOWS, Kind, rank

if TYPE_CHECKING:
    from gezhi.cases.models import Case

OPEN = Q(met_at__isnull=True, dropped_at__isnull=True)
_STILL_OPEN = "met_at IS NULL AND dropped_at IS NULL"
# What reporters of cases under the main case `%s` were promised and is still open.
OPEN_OF_MERGED = f"case_id = ANY({cases.MERGED_INTO}) AND kind = 'finish' AND {_STILL_OPEN}"
# Since a moment, or else since what a simulation of the past leaves to the passing of time.
_COME = (
    "county = %s AND next_at <= %s AND next_at >= coalesce("
    "%s, (SELECT until FROM deadlines_horizon WHERE county = %s), '-infinity'::timestamptz)"
)


def open_of(case_id: UUID) -> list[Deadline]:
    """The open promises of a case."""
    return rows.fetch(Deadline, f"case_id = %s AND {_STILL_OPEN}", [case_id])


def open_to_change(case_id: UUID) -> list[Deadline]:
    """The same, held: whoever takes steps of plans passes over them meanwhile."""
    return rows.fetch(Deadline, f"case_id = %s AND {_STILL_OPEN} FOR NO KEY UPDATE", [case_id])


def unplanned(*, county: str, most: int) -> list[Deadline]:
    """Open promises without a plan, held; those of others who plan are passed over."""
    return rows.fetch(
        Deadline,
        f"county = %s AND {_STILL_OPEN} AND next_step = '' LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
        [county, most],
    )


def to_take(*, county: str, since: datetime | None, now: datetime, most: int) -> list[Deadline]:
    """Promises whose next step has come, the longest waiting first, held for this worker alone.

    No windows that end: an act may follow, which holds the case first.
    """
    return rows.fetch(
        Deadline,
        f"{_COME} AND next_step <> %s ORDER BY next_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
        [county, now, since, county, END, most],
    )


def windows_over(
    *, county: str, since: datetime | None, now: datetime, most: int
) -> list[Deadline]:
    """Windows whose end has come. Not held: their cases come first, as in every act."""
    return rows.fetch(
        Deadline,
        f"{_COME} AND next_step = %s ORDER BY next_at LIMIT %s",
        [county, now, since, county, END, most],
    )


def still_due(row: Deadline) -> Deadline | None:
    """The row as it stands, held, if its next step is what it was."""
    found = rows.fetch(
        Deadline,
        f"id = %s AND next_at = %s AND {_STILL_OPEN} FOR NO KEY UPDATE",
        [row.id, row.next_at],
    )
    return found[0] if found else None


def soonest(county: str) -> datetime | None:
    """When the next step of any plan comes."""
    found = rows.ask("SELECT min(next_at) FROM deadlines_deadline WHERE county = %s", [county])
    moment: datetime | None = found[0][0]
    return moment


def taken_for(row: Deadline) -> list[Raised]:
    """The steps that were taken of it for the moment at which it is due now, in their order."""
    taken = rows.fetch(Raised, "deadline_id = %s AND due = %s", [row.id, row.due])
    return sorted(taken, key=lambda one: rank(one.step))


def raised_of(case: "Case") -> QuerySet[Raised]:
    """Every step that was taken of this case's promises, in order."""
    return (
        Raised.objects.filter(county=case.county, case=case)
        .select_related("deadline")
        .order_by("at", "id")
    )


def of_case(case: "Case") -> QuerySet[Deadline]:
    """Every promise of a case, in the order they were made; no windows but the reporter's."""
    return all_of_case(case).exclude(kind__in=WINDOWS - {Kind.REPLY})


def all_of_case(case: "Case") -> QuerySet[Deadline]:
    """The same with every window."""
    return Deadline.objects.filter(county=case.county, case=case).order_by("starts", "due")


def target(case: "Case") -> Deadline | None:
    """The promise the resident cares about: by when it is solved. The newest one."""
    return (
        Deadline.objects.filter(county=case.county, case=case, kind=Kind.FINISH)
        .order_by("-starts")
        .first()
    )


def targets(case_ids: Iterable[UUID]) -> dict[UUID, Deadline]:
    """The newest finish promise of each of these cases, in one query."""
    found = rows.fetch(
        Deadline, "case_id = ANY(%s) AND kind = 'finish' ORDER BY starts", [list(case_ids)]
    )
    return {row.case_id: row for row in found}


def target_times(case_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """By when each of these cases is to be finished, where that is promised."""
    found = rows.ask(
        "SELECT case_id, due FROM deadlines_deadline WHERE case_id = ANY(%s) AND kind = 'finish'"
        " ORDER BY starts",
        [list(case_ids)],
    )
    return {case: due for case, due in found}  # noqa: C416 - types


def last_finish(case_id: UUID) -> Deadline | None:
    """The finish promise that was met last, for work that goes on."""
    found = rows.fetch(
        Deadline,
        "case_id = %s AND kind = 'finish' AND dropped_at IS NULL"
        " ORDER BY starts DESC, id DESC LIMIT 1",
        [case_id],
    )
    return found[0] if found else None


def stages_met_with(finish: Deadline) -> list[Deadline]:
    """The stages that its finishing alone has met: nobody had said that they were reached.

    Those came with it: an earlier finish may have met others at the same moment.
    """
    met = rows.fetch(
        Deadline,
        "case_id = %s AND kind = 'stage' AND met_at = %s AND id > %s ORDER BY id",
        [finish.case_id, finish.met_at, finish.id],
    )
    reached = cases.stages_reached(finish.case_id) if met else frozenset()
    return [row for row in met if row.stage not in reached]


def open_of_merged(main_id: UUID) -> list[Deadline]:
    """The finish promises still open towards reporters of cases merged into this one."""
    return rows.fetch(Deadline, f"{OPEN_OF_MERGED} FOR NO KEY UPDATE", [main_id])
