"""The worker's part: what is over goes, in slices."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.retention import actions


@app.task(name="gezhi.retention.jobs.remove")
def remove(removal_id: str) -> None:
    """One slice of time; the rest waits in the queue again, so that a worker can stop."""
    if actions.work_on(UUID(removal_id)):
        actions.go_on_with(UUID(removal_id))


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="look_after_retention", pass_context=False)
def look_after_retention(timestamp: int) -> None:
    """Every hour what a killed worker left, and whatever has become due since."""
    actions.look_after()
