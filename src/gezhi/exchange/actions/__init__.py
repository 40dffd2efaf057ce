"""Subscriptions made and changed, the book read for them, deliveries tried, replays; open data."""

from gezhi.exchange.actions import forgetting  # noqa: F401  # registers what is kept how long
from gezhi.exchange.actions.opendata import publish_what_is_open, write_open_data
from gezhi.exchange.actions.reading import read_on
from gezhi.exchange.actions.replaying import replay, send_again, send_all_again
from gezhi.exchange.actions.sending import ping, send, sweep
from gezhi.exchange.actions.subscribing import (
    Made,
    ask_ping,
    carry_areas_along,
    change,
    change_secret,
    pause,
    remove,
    resume,
    subscribe,
)

__all__ = [
    "Made",
    "ask_ping",
    "carry_areas_along",
    "change",
    "change_secret",
    "pause",
    "ping",
    "publish_what_is_open",
    "read_on",
    "remove",
    "replay",
    "resume",
    "send",
    "send_again",
    "send_all_again",
    "subscribe",
    "sweep",
    "write_open_data",
]
