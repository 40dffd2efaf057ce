"""The worker's part: what waits for one subscription, a test, what was left; open data."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.exchange import actions
from gezhi.exchange.actions.queueing import QUEUE


@app.task(name="gezhi.exchange.jobs.send", queue=QUEUE)
def send(webhook: str) -> None:
    """Send what waits; a try that failed has queued the next one."""
    actions.send(UUID(webhook))


@app.task(name="gezhi.exchange.jobs.ping", queue=QUEUE)
def ping(webhook: str) -> None:
    """Try whether the address takes an event."""
    actions.ping(UUID(webhook))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_webhooks", pass_context=False)
def sweep_webhooks(timestamp: int) -> None:
    """Every minute: whose turn it is and nobody sends for."""
    actions.sweep(clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="publish_open_data", lock="publish_open_data", pass_context=False)
def publish_open_data(timestamp: int) -> None:
    """Soon after midnight, or as soon as a worker is there again: today's open data."""
    actions.publish_what_is_open(clock.now())
