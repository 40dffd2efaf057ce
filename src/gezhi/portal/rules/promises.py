"""How the promise to a resident stands: in time, soon due, late, waiting, kept, broken, over."""

from datetime import datetime, timedelta
from enum import StrEnum

SOON_SHARE = 0.8


class Standing(StrEnum):
    ON_TIME = "on_time"
    SOON = "soon"
    LATE = "late"
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
    is_paused: bool,
    is_asked: bool,
    now: datetime,
) -> tuple[Standing, timedelta]:
    """How it stands, and how long until (or since) the due moment.

    `is_over`: the case ended beside the road, so nothing is due any more.
    `is_asked`: the clock stands because the reporter was asked something.
    """
    if met_at is not None:
        return (Standing.BROKEN if met_at > due else Standing.KEPT), abs(met_at - due)
    if is_over:
        return Standing.OVER, timedelta()
    if is_asked:
        return Standing.ASKED, timedelta()
    if is_paused:
        return Standing.PAUSED, timedelta()
    if now > due:
        return Standing.LATE, now - due
    whole = due - starts
    is_soon = whole > timedelta() and (now - starts) / whole >= SOON_SHARE
    return (Standing.SOON if is_soon else Standing.ON_TIME), due - now
