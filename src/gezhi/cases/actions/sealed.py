"""Opening a reporter's sealed contact: with a reason, on record, visible to the reporter."""

from dataclasses import dataclass
from uuid import UUID

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads
from gezhi.cases.models import Case, Report
from gezhi.record.actions import note_opening


@dataclass(frozen=True)
class Opened:
    """A reporter's contact in clear."""

    name: str
    phone: str
    address: str


def _report(case: Case, report: UUID) -> Report:
    for said in (reads.reports_of(case), reads.reports_merged_into(case.id)):
        for each in said:
            if each.id == report:
                return each
    raise NotFound()


@rows.atomic()
def open_contact(ref: reads.Ref, *, report: UUID, reason: str, actor: Actor) -> Opened:
    """Show who reported, after writing down who asked and why.

    Who may open the main case's contact may call those whose cases were merged into it: the
    same body works for them, and each sees in their own report who looked.
    """
    case = reads.case_for(actor, ref)
    if not reads.may_open_contact(actor, case):
        raise NotAllowed()
    found = _report(case, report)
    note_opening(
        about=f"report:{found.id}",
        field="contact",
        reason=reason,
        county=case.county,
        actor=actor,
        now=clock.now(),
    )
    return Opened(found.name, found.phone, found.address)
