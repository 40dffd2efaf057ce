"""Opening a reporter's sealed contact: with a reason, on record, visible to the reporter."""

from dataclasses import dataclass
from uuid import UUID

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, NotFound
from gezhi.cases import reads
from gezhi.record.actions import note_opening


@dataclass(frozen=True)
class Opened:
    """A reporter's contact in clear."""

    name: str
    phone: str
    address: str


@rows.atomic()
def open_contact(ref: reads.Ref, *, report: UUID, reason: str, actor: Actor) -> Opened:
    """Show who reported, after writing down who asked and why."""
    case = reads.case_for(actor, ref)
    if not reads.may_open_contact(actor, case):
        raise NotAllowed()
    found = next((each for each in reads.reports_of(case) if each.id == report), None)
    if found is None:
        raise NotFound()
    note_opening(
        about=f"report:{found.id}",
        field="contact",
        reason=reason,
        county=case.county,
        actor=actor,
        now=clock.now(),
    )
    return Opened(found.name, found.phone, found.address)
