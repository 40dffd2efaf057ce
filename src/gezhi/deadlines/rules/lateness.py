"""When a promise of a certain kind is late: the rule of cases, and what runs on in a pause."""

from datetime import datetime

from gezhi.cases import rules as cases
from gezhi.deadlines.rules.promises import UNSTOPPED, Kind


def is_late(
    kind: str,
    due: datetime,
    *,
    met_at: datetime | None,
    paused_until: datetime | None,
    paused_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether a promise is, or was, broken; `paused_*` as its case has them."""
    at = measured_at(kind, due, paused_until=paused_until, paused_at=paused_at, now=now)
    return cases.is_late(due, met_at=met_at, at=at)


def measured_at(
    kind: str,
    due: datetime,
    *,
    paused_until: datetime | None,
    paused_at: datetime | None,
    now: datetime,
) -> datetime:
    """The moment at which a promise of this kind is looked at."""
    return cases.measured_at(
        due,
        paused_until=paused_until,
        paused_at=paused_at,
        runs_on=Kind(kind) in UNSTOPPED,
        now=now,
    )


def waits(kind: str, due: datetime, stands: datetime | None) -> bool:
    """Whether a promise can't become late as long as its clock stands, since that moment."""
    return stands is not None and Kind(kind) not in UNSTOPPED and due >= stands
