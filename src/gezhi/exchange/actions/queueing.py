"""Asking the worker to send for a subscription, once."""

from datetime import datetime
from uuid import UUID

from gezhi.base.slices import queue_once

# A queue of its own: a system that answers slowly keeps nothing waiting but what goes to others.
QUEUE = "webhooks"
_SEND = "gezhi.exchange.jobs.send"
_PING = "gezhi.exchange.jobs.ping"


def leave_to_worker(id: UUID, *, due: datetime | None = None) -> None:
    """Send what waits for it: now, or when its next try is due."""
    when = due.isoformat() if due else "now"
    queue_once(_SEND, lock=f"webhook:{id}:{when}", at=due, webhook=str(id))


def ask_for_ping(id: UUID) -> None:
    """Try whether the address takes an event."""
    queue_once(_PING, lock=f"webhook:{id}:ping", webhook=str(id))
