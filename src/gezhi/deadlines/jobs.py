"""What runs because time passed: the watch over promises, in every worker, and rehearsals."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.deadlines import actions
from gezhi.deadlines.actions import rehearsing
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


@app.task(name="gezhi.deadlines.jobs.run_rehearsal")
def run_rehearsal(id: str) -> None:
    """One slice; the rest waits in the queue again, so that others have their turn."""
    if rehearsing.work_on(UUID(id)):
        rehearsing.leave_to_worker(UUID(id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_rehearsals", pass_context=False)
def sweep_rehearsals(timestamp: int) -> None:
    """Every minute: what nobody has touched for a while goes on, what is old goes away."""
    rehearsing.sweep()
