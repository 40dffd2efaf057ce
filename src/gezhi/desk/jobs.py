"""The worker's part of one act on many cases, and going on with what a killed process left."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.desk import actions


@app.task(name="gezhi.desk.jobs.run_bulk")
def run_bulk(bulk_id: str) -> None:
    """One slice; the rest waits in the queue again, so that a worker can stop."""
    if actions.work_on(UUID(bulk_id)):
        actions.leave_to_worker(UUID(bulk_id))


@app.task(name="gezhi.desk.jobs.verify")
def verify(verification_id: str) -> None:
    """One slice of a check of what is on record."""
    if actions.work_on_verification(UUID(verification_id)):
        actions.leave_verification_to_worker(UUID(verification_id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_bulks", pass_context=False)
def sweep_bulks(timestamp: int) -> None:
    """Every minute: what nobody has touched for a while goes on, what is old goes away."""
    actions.sweep()
    actions.sweep_verifications(now=clock.now())
