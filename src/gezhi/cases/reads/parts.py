"""What hangs on a case: history, legs, ledger, approvals, questions, visits."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q, QuerySet

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
    Visit,
)
from gezhi.cases.rules.moves import State


def history_of(case: Case) -> QuerySet[HistoryLine]:
    return HistoryLine.objects.filter(case=case).order_by("seq")


def legs_of(case: Case) -> QuerySet[Leg]:
    return Leg.objects.filter(case=case).order_by("opened_at", "id")


def units_of_legs(legs: Iterable[UUID]) -> dict[UUID, UUID]:
    """Which unit each of these legs is of."""
    return dict(Leg.objects.filter(id__in=list(legs)).values_list("id", "unit_id"))


def open_lead_leg(case: Case) -> Leg:
    """The leg of the unit that holds the case."""
    return Leg.objects.get(case=case, role="lead", ended_at__isnull=True)


def open_joint_leg(case: Case, units: Iterable[UUID]) -> Leg | None:
    """An open joint leg of one of `units`, the oldest first."""
    return (
        Leg.objects.filter(case=case, role="joint", ended_at__isnull=True, unit__in=list(units))
        .order_by("opened_at")
        .first()
    )


def joint_leg(case: Case, leg: UUID) -> Leg:
    found = Leg.objects.filter(case=case, id=leg, role="joint", ended_at__isnull=True).first()
    if found is None:
        raise NotFound()
    return found


def clock_of(case_id: UUID) -> list[rules.Entry]:
    """The clock ledger as the rules read it, in order."""
    return [
        rules.Entry(rules.EntryKind(row.kind), row.at, row.unit_id, row.until)
        for row in ClockEntry.objects.filter(case=case_id).order_by("at", "id")
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
        .exclude(asked_by=actor.label)
        .select_related("case")
        .order_by("asked_at")
    )


def approvals_of(case: Case) -> QuerySet[Approval]:
    return Approval.objects.filter(case=case).order_by("-asked_at")


def approval(case: Case, approval_id: UUID) -> Approval | None:
    return Approval.objects.filter(case=case, id=approval_id, decided_at__isnull=True).first()


def questions_of(case: Case) -> QuerySet[Question]:
    return Question.objects.filter(case=case).order_by("asked_at")


def open_question(case: Case, kind: str) -> Question | None:
    return (
        Question.objects.filter(case=case, kind=kind, answered_at__isnull=True)
        .order_by("asked_at")
        .first()
    )


def visits_of(case: Case) -> QuerySet[Visit]:
    return Visit.objects.filter(case=case).order_by("at")


def to_visit(actor: Actor) -> QuerySet[Case]:
    """Finished cases in the actor's areas that wait for a return visit, the oldest first."""
    mine = Q(pk__in=[])
    for path in actor.paths("case.visit_back"):
        mine |= Q(path__startswith=path)
    return (
        Case.objects.filter(mine, state=State.DONE.value)
        .annotate(tries=Count("visits"))
        .order_by("finished_at")
    )
