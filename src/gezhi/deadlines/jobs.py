"""What runs because time passed: cases that wait for a word nobody can ask for are closed."""

from django.conf import settings
from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.deadlines import actions


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="close_unheard", pass_context=False)
def close_unheard(timestamp: int) -> None:
    """Every hour. Not in a demo, whose people live under a clock of their own."""
    if not settings.DEMO:
        actions.close_unheard(county=settings.COUNTY, now=clock.now())
