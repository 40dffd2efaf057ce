"""Keeping what the book says of cases that were sent on and sent back."""

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from gezhi.cases.facts import CaseAssigned, CaseSentBack
from gezhi.record.models import Line
from gezhi.rulebook.rules import PEER_MERGED
from gezhi.triage.models import Dispatch


def keep_dispatches(lines: Sequence[Line]) -> None:
    """What these lines tell. Read again from the first line, they come to the same rows."""
    sent = [_dispatch(line) for line in lines if line.kind == CaseAssigned.kind]
    Dispatch.objects.bulk_create(sent, ignore_conflicts=True, batch_size=500)
    for line in lines:
        # A peer that merged it was the right one: it has the matter already.
        if line.kind == CaseSentBack.kind and line.data["reason"] != PEER_MERGED:
            _note_back(line)


def _dispatch(line: Line) -> Dispatch:
    data = line.data
    return Dispatch(
        line=line.id,
        county=line.county,
        case_id=UUID(data["case"]),
        at=line.at,
        month=timezone.localdate(line.at).replace(day=1),
        rule=data.get("rule", ""),  # lines from before sendings said their rule have none
        responsibility=_id(data.get("responsibility")),
        unit=UUID(data["holder"]),
        category=data["category"],
        channel=data["channel"],
        proposed=_id(data.get("proposed")),
        is_taken=data.get("proposed") == data["holder"],
    )


def _note_back(line: Line) -> None:
    """It is the last one sent to the unit that sends it back."""
    data = line.data
    before = Dispatch.objects.filter(
        case=UUID(data["case"]), unit=UUID(data["holder_was"]), line__lt=line.id
    )
    if last := before.order_by("-line").values_list("line", flat=True).first():
        Dispatch.objects.filter(line=last).update(
            sent_back_at=line.at, reason=data["reason"], named=_id(data.get("proposed"))
        )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
