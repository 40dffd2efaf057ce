"""Calling other systems: events handed over, and Open311 as its client speaks it."""

from gezhi.exchange.adapters.open311 import (
    Far,
    Made,
    Request,
    Service,
    Unclear,
    Unheard,
    Update,
    fetch_picture,
)
from gezhi.exchange.adapters.webhooks import SECONDS, Said, hand_over

__all__ = [
    "SECONDS",
    "Far",
    "Made",
    "Request",
    "Said",
    "Service",
    "Unclear",
    "Unheard",
    "Update",
    "fetch_picture",
    "hand_over",
]
