"""Opening what says who reported: one thing at a time, with a reason, on record."""

from uuid import UUID

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads
from gezhi.cases.models import Case, Report
from gezhi.cases.rules.sealed import Field, says_enough
from gezhi.record.actions import note_opening
from gezhi.record.errors import OpeningReasonMissing


def _report(case: Case, report: UUID) -> Report:
    for said in (reads.reports_of(case), reads.reports_merged_into(case.id)):
        for each in said:
            if each.id == report:
                return each
    raise NotFound()


@rows.atomic()
def open_field(ref: reads.Ref, *, report: UUID, field: Field, reason: str, actor: Actor) -> str:
    """One thing about who reported, after writing down who asked and why.

    Who may open the main case's contact may call those whose cases were merged into it: the
    same body works for them, and each sees in their own report who looked.
    """
    case = reads.case_for(actor, ref)
    found = _report(case, report)
    if not reads.may_open(actor, case, found, field):
        raise NotAllowed()
    if not says_enough(reason):
        raise OpeningReasonMissing()
    note_opening(
        about=f"report:{found.id}",
        field=field.value,
        reason=reason,
        behalf=actor.acting_for(lambda one: reads.may_open(one, case, found, field)),
        county=case.county,
        actor=actor,
        now=clock.now(),
    )
    return reads.sealed_value(case, found, field)
