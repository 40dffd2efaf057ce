"""What runs because time passed: the watch over promises, in every worker."""

from gezhi.base import clock
from gezhi.deadlines import actions
from gezhi.deadlines.actions.ending import AT_ONCE as WINDOWS_AT_ONCE
from gezhi.deadlines.actions.watching import AT_ONCE


def watch(county: str) -> bool:
    """Take what is due now; whether there may be more of it waiting.

    Called every half second. A look that finds nothing costs three questions of one index each,
    so a promise that is made meanwhile and is due sooner than all others needs no wake-up.
    """
    now = clock.now()
    planned = actions.plan_unplanned(county=county, now=now)
    taken = actions.take_steps(county=county, now=now)
    ended = actions.end_windows(county=county, now=now)
    return bool(planned) or taken >= AT_ONCE or ended >= WINDOWS_AT_ONCE
