"""How every way in and out is, for programs that watch."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from gezhi.base.api import Shown, give
from gezhi.base.channels import GOES_OUT, SPANS, Channel
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.exchange import reads

router = Router(tags=["channels"])


class ThroughShown(Shown):
    """How much went through it in the last hour, day, seven days and thirty days."""

    hour: int
    day: int
    week: int
    month: int


class ChannelShown(Shown):
    """A way in or out. `kind`: reports, source, calls, imports, open311, webhook, peer, open_data.

    `sign`: ok, silent, faulty, off. `faults` are those of the last day, `fault` the newest that
    still stands. `lag_seconds` is how much later than it was said the day's messages came.
    `waiting` is what is not through yet, since `waiting_since`. `through` is null for files.
    """

    kind: str
    code: str
    id: UUID | None
    name: str
    goes_out: bool
    sign: str
    last_at: datetime | None
    through: ThroughShown | None
    faults: int
    fault: str
    fault_at: datetime | None
    lag_seconds: int | None
    waiting: int
    waiting_since: datetime | None


class ChannelsShown(Shown):
    items: list[ChannelShown]


@router.get("/channels", response=ChannelsShown, summary="How every channel is")
def list_channels(request: HttpRequest) -> HttpResponse:
    """For the county's administrator: last received, how much, errors, lag. Not paged."""
    return give({"items": [_shown(each) for each in reads.channels(actor_of(request))]})


def _shown(each: Channel) -> dict[str, Any]:
    counts = each.counts
    return {
        "kind": each.kind.value,
        "code": each.code,
        "id": each.id,
        "name": str(each.name),
        "goes_out": each.kind in GOES_OUT,
        "sign": each.sign.value,
        "last_at": each.last,
        "through": {name: getattr(counts, name) for name in SPANS} if counts else None,
        "faults": each.faults,
        "fault": mask_text(str(each.fault)),
        "fault_at": each.fault_at,
        "lag_seconds": None if each.lag is None else round(each.lag.total_seconds()),
        "waiting": each.waiting,
        "waiting_since": each.oldest,
    }
