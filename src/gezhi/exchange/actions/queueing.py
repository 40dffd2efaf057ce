"""Asking the worker to send for a subscription, or to speak to a peer, once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gezhi.base.slices import queue_once

# A queue of its own: a system that answers slowly keeps nothing waiting but what goes to others.
QUEUE = "webhooks"
# One for peers: a round, or a request that is looked for, takes minutes where a city is slow.
PEERS = "peers"
# And one for pictures: whoever has a key may name slow addresses.
PICTURES = "pictures"
_SEND = "gezhi.exchange.jobs.send"
_PING = "gezhi.exchange.jobs.ping"
_LOOK = "gezhi.exchange.jobs.look"
_HAND_OVER = "gezhi.exchange.jobs.hand_over"
_PICTURES = "gezhi.exchange.jobs.fetch_pictures"
_FOLLOW = "gezhi.exchange.jobs.follow"


def leave_to_worker(id: UUID, *, due: datetime | None = None) -> None:
    """Send what waits for it: now, or when its next try is due."""
    when = due.isoformat() if due else "now"
    queue_once(_SEND, lock=f"webhook:{id}:{when}", at=due, webhook=str(id))


def ask_for_ping(id: UUID) -> None:
    """Try whether the address takes an event."""
    queue_once(_PING, lock=f"webhook:{id}:ping", webhook=str(id))


def ask_for_look(peer: UUID) -> None:
    """See what a peer speaks and offers."""
    queue_once(_LOOK, lock=f"peer:{peer}:look", peer=str(peer))


def leave_handover(id: UUID, *, due: datetime | None = None) -> None:
    """Send a case to its peer: now, or when its next try is due."""
    when = due.isoformat() if due else "now"
    queue_once(_HAND_OVER, lock=f"handover:{id}:{when}", at=due, handover=str(id))


def leave_round(peer: UUID) -> None:
    """Ask a peer what became of its cases."""
    queue_once(_FOLLOW, lock=f"peer:{peer}:follow", peer=str(peer))


def leave_pictures(case: UUID, links: Sequence[str] = (), *, due: datetime | None = None) -> None:
    """Fetch what the links of a report lead to: now all, or later once more those that failed."""
    when, which = due.isoformat() if due else "now", "\n".join(links)
    queue_once(_PICTURES, lock=f"pictures:{case}:{when}", at=due, case=str(case), links=which)
