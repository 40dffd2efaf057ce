"""The day's anchor, made by whichever worker comes first after midnight; refusals left out."""

from django.conf import settings
from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.record import actions


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="make_anchor", pass_context=False)
def make_anchor(timestamp: int) -> None:
    """Every hour, so that a worker that stood still at midnight makes it later."""
    actions.make_anchor_of_day(county=settings.COUNTY, now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="tell_left_out", pass_context=False)
def tell_left_out(timestamp: int) -> None:
    """Every minute: how many refusals of the minutes before were not written one by one."""
    actions.tell_left_out(now=clock.now())


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="sweep_spendings", pass_context=False)
def sweep_spendings(timestamp: int) -> None:
    """Forget how often somebody asked, once it no longer holds them up."""
    actions.sweep_spendings(now=clock.now())
