"""The worker's part: copies of people's data, and what has ended is removed."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.residents import actions


@app.task(name="gezhi.residents.jobs.make_copy")
def make_copy(copy: str) -> None:
    """One copy; a worker that is killed leaves it to the sweep."""
    actions.make_copy(UUID(copy))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_copies", pass_context=False)
def sweep_copies(timestamp: int) -> None:
    """Every minute: copies nobody works on any more go on, old ones go away."""
    actions.sweep_copies()


@app.periodic(cron="53 * * * *")
@app.task(queueing_lock="erase_what_has_ended", pass_context=False)
def erase_what_has_ended(timestamp: int) -> None:
    """Every hour: erasures that waited for their case to end, contacts that waited for a hold."""
    actions.erase_what_has_ended()
    actions.drop_held_contacts()


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="sweep_resident_sessions", pass_context=False)
def sweep_sessions(timestamp: int) -> None:
    """Every night: sessions that have ended by themselves."""
    actions.sweep_sessions()
