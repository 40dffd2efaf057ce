"""Subscriptions and deliveries: for who looks after them, for the reader, for the sender."""

from gezhi.exchange.reads.events import Told, event_of, ping_of
from gezhi.exchange.reads.looking import (
    MANAGE,
    MOST_UNREAD,
    OWN,
    Progress,
    Standing,
    deliveries,
    delivery_to_send_again,
    is_for_webhooks,
    may_manage,
    must_look,
    programs,
    progress_of,
    standings_of,
    stopped,
    subscription_for,
    subscription_to_change,
    subscriptions,
)
from gezhi.exchange.reads.opendata import Published, notes_of, public_batches, published, updated_of
from gezhi.exchange.reads.opendata import file_path as open_data_file
from gezhi.exchange.reads.opendata import folder as open_data_folder
from gezhi.exchange.reads.opendata import is_due as is_open_data_due
from gezhi.exchange.reads.opendata import rows_of as open_data_rows
from gezhi.exchange.reads.sending import (
    all_narrowed,
    due_again,
    first_waiting,
    has_waiting,
    places_to_read,
    reach_of,
    subscription_to_send,
    subscriptions_at,
)

__all__ = [
    "MANAGE",
    "MOST_UNREAD",
    "OWN",
    "Progress",
    "Published",
    "Standing",
    "Told",
    "all_narrowed",
    "deliveries",
    "delivery_to_send_again",
    "due_again",
    "event_of",
    "first_waiting",
    "has_waiting",
    "is_for_webhooks",
    "is_open_data_due",
    "may_manage",
    "must_look",
    "notes_of",
    "open_data_file",
    "open_data_folder",
    "open_data_rows",
    "ping_of",
    "places_to_read",
    "programs",
    "progress_of",
    "public_batches",
    "published",
    "reach_of",
    "standings_of",
    "stopped",
    "subscription_for",
    "subscription_to_change",
    "subscription_to_send",
    "subscriptions",
    "subscriptions_at",
    "updated_of",
]
