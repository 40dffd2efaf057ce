"""What runs because time passed: rosters are filled ahead, what has ended is forgotten."""

from procrastinate.contrib.django import app

from gezhi.base.actor import system
from gezhi.people import actions

_ACTOR = system("roster")


@app.periodic(cron="35 1 * * *")
@app.task(queueing_lock="extend_rosters", pass_context=False)
def extend_rosters(timestamp: int) -> None:
    """Every night, and a night missed is made up for by the next."""
    actions.extend_rosters(actor=_ACTOR)


@app.periodic(cron="45 1 * * *")
@app.task(queueing_lock="forget_ended_sessions", pass_context=False)
def forget_ended_sessions(timestamp: int) -> None:
    """Every night: where somebody was signed in is nobody's business once it is over."""
    actions.forget_ended_sessions()
