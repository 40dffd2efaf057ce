"""What hangs on a case: history, legs, ledger, approvals, questions, visits."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.cases import rules
from gezhi.cases.models import (
    Approval,
    Case,
    ClockEntry,
    HistoryLine,
    Leg,
    Question,
    Report,
    Visit,
)
from gezhi.cases.rules.moves import State

# The ids of the cases under the main case `%s`, however deep. An array is worked out first
# and looked up by the index; joined, a plan may well read every report there is.
MERGED_INTO = (
    "ARRAY(WITH RECURSIVE under (id) AS (SELECT id FROM cases_case WHERE main_id = %s"
    " UNION SELECT c.id FROM cases_case c JOIN under u ON c.main_id = u.id)"
    " SELECT id FROM under)"
)
_OPEN_LEG = "case_id = %s AND ended_at IS NULL"


def history_of(case: Case) -> QuerySet[HistoryLine]:
    return HistoryLine.objects.filter(case=case).order_by("seq")


def legs_of(case: Case) -> QuerySet[Leg]:
    return Leg.objects.filter(case=case).order_by("opened_at", "id")


def units_of_legs(legs: Iterable[UUID]) -> dict[UUID, UUID]:
    """Which unit each of these legs is of."""
    return dict(Leg.objects.filter(id__in=list(legs)).values_list("id", "unit_id"))


def open_lead_leg(case: Case) -> Leg:
    """The leg of the unit that holds the case."""
    return rows.fetch(Leg, f"{_OPEN_LEG} AND role = 'lead'", [case.id])[0]


def open_joint_leg(case: Case, units: Iterable[UUID]) -> Leg | None:
    """An open joint leg of one of `units`, the oldest first."""
    found = rows.fetch(
        Leg,
        f"{_OPEN_LEG} AND role = 'joint' AND unit_id = ANY(%s) ORDER BY opened_at",
        [case.id, list(units)],
    )
    return found[0] if found else None


def joint_leg(case: Case, leg: UUID) -> Leg:
    found = rows.fetch(Leg, f"{_OPEN_LEG} AND role = 'joint' AND id = %s", [case.id, leg])
    if not found:
        raise NotFound()
    return found[0]


def clock_of(case_id: UUID) -> list[rules.Entry]:
    """The clock ledger as the rules read it, in order."""
    return [
        rules.Entry(
            rules.EntryKind(row.kind), row.at, row.unit_id, row.until, row.actor, row.reason
        )
        for row in rows.fetch(ClockEntry, "case_id = %s ORDER BY at, id", [case_id])
    ]


def clock_rows(case: Case) -> QuerySet[ClockEntry]:
    return ClockEntry.objects.filter(case=case).order_by("at", "id")


def count_of(case: Case, kind: rules.EntryKind) -> int:
    return ClockEntry.objects.filter(case=case, kind=kind).count()


def pauses_asked(case: Case) -> int:
    """How often a pause was granted; questions to the reporter do not count."""
    return (
        ClockEntry.objects.filter(case=case, kind=rules.EntryKind.PAUSE)
        .exclude(reason="asked")
        .count()
    )


def approvals_for(actor: Actor) -> QuerySet[Approval]:
    """What waits for this actor's decision, the oldest first."""
    mine = Q(pk__in=[])
    for path in actor.paths("case.approve"):
        mine |= Q(case__path__startswith=path)
    return (
        Approval.objects.filter(mine, decided_at__isnull=True)
        .exclude(asked_by__in=[rules.person_of(actor), actor.label])
        .select_related("case")
        .order_by("asked_at")
    )


def approvals_of(case: Case) -> QuerySet[Approval]:
    return Approval.objects.filter(case=case).order_by("-asked_at")


def approval(case: Case, approval_id: UUID) -> Approval | None:
    found = rows.fetch(
        Approval, "case_id = %s AND id = %s AND decided_at IS NULL", [case.id, approval_id]
    )
    return found[0] if found else None


def open_approvals(case: Case) -> list[Approval]:
    """What is asked and not decided; a case in which nobody ever asked is not looked at."""
    if case.has_asked is False:
        return []
    return rows.fetch(Approval, "case_id = %s AND decided_at IS NULL ORDER BY asked_at", [case.id])


def questions_of(case: Case) -> list[Question]:
    return rows.fetch(Question, "case_id = %s ORDER BY asked_at", [case.id])


def who_demanded(case_id: UUID, at: datetime) -> str:
    """The label of whoever demanded an answer of the holder at this moment; "" for nobody."""
    found = rows.fetch(
        Question, "case_id = %s AND kind = 'demand' AND asked_at = %s", [case_id, at]
    )
    return found[0].asked_by if found else ""


def open_question(case: Case, kind: str) -> Question | None:
    found = rows.fetch(
        Question,
        "case_id = %s AND kind = %s AND answered_at IS NULL ORDER BY asked_at",
        [case.id, kind],
    )
    return found[0] if found else None


def visits_of(case: Case) -> QuerySet[Visit]:
    return Visit.objects.filter(case=case).order_by("at")


def to_visit(actor: Actor) -> QuerySet[Case]:
    """Finished cases in the actor's areas that wait for a return visit, the oldest first."""
    return _finished(actor).exclude(is_reachable=False).annotate(tries=Count("visits"))


def to_hear(actor: Actor) -> QuerySet[Case]:
    """Finished cases nobody can call about: their reporters left no contact and may come."""
    return _finished(actor).filter(is_reachable=False)


def _finished(actor: Actor) -> QuerySet[Case]:
    mine = Q(pk__in=[])
    for path in actor.paths("case.visit_back"):
        mine |= Q(path__startswith=path)
    return Case.objects.filter(mine, state=State.DONE.value).order_by("finished_at")


def who_is_called(reports: Iterable[Report]) -> Report | None:
    """Of the voices in a case the one a return visitor calls: the first that left a number.

    Where nobody in the case itself left one, somebody whose case was merged into it.
    """
    own = sorted(reports, key=_calling_order)
    if own and not own[0].phone:
        merged = sorted(reports_merged_into(own[0].case_id), key=_calling_order)
        own = [*(row for row in merged if row.phone), *own]
    return own[0] if own else None


def _calling_order(row: Report) -> tuple[bool, bool, datetime, UUID]:
    return not row.phone, not row.is_first, row.at, row.id


def mains_above(ids: Iterable[UUID]) -> set[UUID]:
    """The cases that these were merged into, and those that they were."""
    found = rows.ask(
        "WITH RECURSIVE above (id) AS (SELECT main_id FROM cases_case WHERE id = ANY(%s)"
        " UNION SELECT c.main_id FROM cases_case c JOIN above a ON c.id = a.id)"
        " SELECT id FROM above WHERE id IS NOT NULL",
        [list(ids)],
    )
    return {id for (id,) in found}


def merged_into(cases: Iterable[UUID], paths: Iterable[str], *, county: str) -> set[UUID]:
    """What was merged into these cases, or into a case of these areas; and into those."""
    inside = Q(pk__in=list(cases))
    for path in paths:
        inside |= Q(path__startswith=path)
    mains = Case.objects.filter(inside, county=county, merged__isnull=False).distinct()
    found: set[UUID] = set()
    for main in mains.values_list("id", flat=True):
        found.update(*rows.ask(f"SELECT {MERGED_INTO}", [main])[0])  # noqa: S608 - ours
    return found


def reports_merged_into(case: UUID) -> list[Report]:
    """The voices of the cases that were merged into this one, and of those merged into them."""
    return rows.fetch(Report, f"case_id = ANY({MERGED_INTO})", [case])
