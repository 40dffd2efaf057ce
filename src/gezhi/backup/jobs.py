"""The worker's part: the nightly backup, its proof once a week, and what was asked for by hand."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.backup import actions


@app.task(name="gezhi.backup.jobs.run_backup")
def run_backup(run_id: str) -> None:
    """Write or verify one backup."""
    actions.work_on(UUID(run_id))


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="look_after_backups", pass_context=False)
def look_after_backups(timestamp: int) -> None:
    """Begin what is due. A worker that was away at that hour makes up for it."""
    actions.look_after()
