"""The worker's part: imports in slices, and going on with what a killed worker left."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.base.actor import system
from gezhi.intake import actions


@app.task(name="gezhi.intake.jobs.run_import")
def run_import(import_id: str) -> None:
    """One slice of an import; the rest waits in the queue again, so that a worker can stop."""
    if actions.work_on(UUID(import_id)):
        actions.queue_rest(UUID(import_id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_imports", pass_context=False)
def sweep_imports(timestamp: int) -> None:
    """Every minute: imports nobody has touched for a while go on, old drafts go away."""
    actions.sweep(actor=system("intake"))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="ask_sources", pass_context=False)
def ask_sources(timestamp: int) -> None:
    """Every minute: the sources that are asked from here."""
    actions.queue_asking()


@app.task(name="gezhi.intake.jobs.ask_source")
def ask_source(source_id: str) -> None:
    """Ask one of them for what is new."""
    actions.ask_source(UUID(source_id))
