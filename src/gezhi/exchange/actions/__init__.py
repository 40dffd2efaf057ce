"""Subscriptions and deliveries, replays; open data; peers and what becomes of cases there."""

from gezhi.exchange.actions import forgetting  # noqa: F401  # registers what is kept how long
from gezhi.exchange.actions.following import follow, forget_words, sweep_peers
from gezhi.exchange.actions.handing import begin_handover, hand_over, hand_over_again, take_up_again
from gezhi.exchange.actions.moving import follow_demo
from gezhi.exchange.actions.opendata import publish_what_is_open, write_open_data
from gezhi.exchange.actions.peering import (
    ask_look,
    change_peer,
    look,
    make_peer,
    pause_peer,
    remove_peer,
    resume_peer,
)
from gezhi.exchange.actions.picturing import ask_for_pictures, fetch_pictures
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
    "ask_for_pictures",
    "ask_look",
    "ask_ping",
    "begin_handover",
    "carry_areas_along",
    "change",
    "change_peer",
    "change_secret",
    "fetch_pictures",
    "follow",
    "follow_demo",
    "forget_words",
    "hand_over",
    "hand_over_again",
    "look",
    "make_peer",
    "pause",
    "pause_peer",
    "ping",
    "publish_what_is_open",
    "read_on",
    "remove",
    "remove_peer",
    "replay",
    "resume",
    "resume_peer",
    "send",
    "send_again",
    "send_all_again",
    "subscribe",
    "sweep",
    "sweep_peers",
    "take_up_again",
    "write_open_data",
]
