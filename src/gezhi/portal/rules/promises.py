"""How the promise to a resident stands: in time, soon due, late, waiting, kept, broken, over."""

from datetime import datetime, timedelta
from enum import StrEnum

from gezhi.cases.rules import is_late, measured_at

SOON_SHARE = 0.8


class Standing(StrEnum):
    ON_TIME = "on_time"
    SOON = "soon"
    LATE = "late"
    LATE_PAUSED = "late_paused"
    LATE_ASKED = "late_asked"
    PAUSED = "paused"
    ASKED = "asked"
    KEPT = "kept"
    BROKEN = "broken"
    OVER = "over"


def stands(
    *,
    starts: datetime,
    due: datetime,
    met_at: datetime | None,
    is_over: bool,
    paused_until: datetime | None,
    paused_at: datetime | None,
    is_asked: bool,
    now: datetime,
) -> tuple[Standing, timedelta]:
    """How it stands, and how long until (or since) the due moment.

    `is_over`: the case ended beside the road, so nothing is due any more.
    `is_asked`: the clock stands because the reporter was asked something.
    What was late when the clock was stopped, is late while it stands.
    """
    if met_at is not None:
        return (Standing.BROKEN if met_at > due else Standing.KEPT), abs(met_at - due)
    if is_over:
        return Standing.OVER, timedelta()
    at = measured_at(due, paused_until=paused_until, paused_at=paused_at, now=now)
    is_paused = paused_until is not None
    if is_late(due, at=at):
        return _late(is_paused, is_asked), at - due
    if is_paused:
        return (Standing.ASKED if is_asked else Standing.PAUSED), timedelta()
    whole = due - starts
    is_soon = whole > timedelta() and (now - starts) / whole >= SOON_SHARE
    return (Standing.SOON if is_soon else Standing.ON_TIME), due - now


def _late(is_paused: bool, is_asked: bool) -> Standing:
    if not is_paused:
        return Standing.LATE
    return Standing.LATE_ASKED if is_asked else Standing.LATE_PAUSED
