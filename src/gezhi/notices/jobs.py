"""The worker's part: one bundle of deliveries, and what a killed process left."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.notices import actions


@app.task(name="gezhi.notices.jobs.send")
def send(bundle: str) -> None:
    """Send what is due of a bundle; a failed try has queued the next one."""
    actions.send(UUID(bundle))


@app.task(name="gezhi.notices.jobs.send_code")
def send_code(check: str) -> None:
    """Make a code and hand it over; once, for its owner waits and asks again."""
    actions.send_code(UUID(check))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_deliveries", pass_context=False)
def sweep_deliveries(timestamp: int) -> None:
    """Every minute: what was begun and not ended, and what should be gone by now."""
    actions.sweep()


@app.periodic(cron="37 3 * * *")
@app.task(queueing_lock="forget_told_codes", pass_context=False)
def forget_told_codes(timestamp: int) -> None:
    """Every night: tracking codes in mails that went out days ago and did not come back."""
    actions.forget_told_codes()
