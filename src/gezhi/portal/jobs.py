"""What runs because time passed: old drafts are taken away every hour."""

from datetime import timedelta

from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.portal import actions, rules


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="sweep_drafts", pass_context=False)
def sweep_drafts(timestamp: int) -> None:
    """Take away what was never sent; nobody's photos stay longer than they were told."""
    actions.sweep_drafts(before=clock.now() - timedelta(days=rules.DRAFT_DAYS))
