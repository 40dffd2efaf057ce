"""What runs because time passed: rosters that go on by themselves are filled ahead."""

from procrastinate.contrib.django import app

from gezhi.base.actor import system
from gezhi.people import actions

_ACTOR = system("roster")


@app.periodic(cron="35 1 * * *")
@app.task(queueing_lock="extend_rosters", pass_context=False)
def extend_rosters(timestamp: int) -> None:
    """Every night, and a night missed is made up for by the next."""
    actions.extend_rosters(actor=_ACTOR)
