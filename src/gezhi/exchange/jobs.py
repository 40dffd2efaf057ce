"""The worker's part: what waits for subscriptions and peers, tests, what was left; open data."""

from uuid import UUID

from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.exchange import actions
from gezhi.exchange.actions.queueing import PEERS, PICTURES, QUEUE


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


@app.task(name="gezhi.exchange.jobs.look", queue=PEERS)
def look(peer: str) -> None:
    """See what a peer speaks and offers."""
    actions.look(UUID(peer))


@app.task(name="gezhi.exchange.jobs.hand_over", queue=PEERS)
def hand_over(handover: str) -> None:
    """Send a case to its peer; a try that failed has queued the next one."""
    actions.hand_over(UUID(handover))


@app.task(name="gezhi.exchange.jobs.follow", queue=PEERS)
def follow(peer: str) -> None:
    """Ask a peer what became of its cases."""
    actions.follow(UUID(peer))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_peers", pass_context=False)
def sweep_peers(timestamp: int) -> None:
    """Every minute: what is due to be sent or asked."""
    actions.sweep_peers(clock.now())


@app.task(name="gezhi.exchange.jobs.fetch_pictures", queue=PICTURES)
def fetch_pictures(case: str, links: str = "") -> None:
    """Fetch what the links of a report lead to, or these of them."""
    actions.fetch_pictures(UUID(case), links.splitlines())
