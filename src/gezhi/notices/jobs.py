"""The worker's part: one bundle of deliveries, and what a killed process left."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.notices import actions


@app.task(name="gezhi.notices.jobs.send")
def send(bundle: str) -> None:
    """Send what is due of a bundle; a failed try has queued the next one."""
    actions.send(UUID(bundle))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_deliveries", pass_context=False)
def sweep_deliveries(timestamp: int) -> None:
    """Every minute: what was begun and not ended, and what should be gone by now."""
    actions.sweep()
