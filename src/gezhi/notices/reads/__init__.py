"""Fetching notices: what somebody is told, what is on its way out, what an act would send."""

from gezhi.notices.reads.mine import (
    MOST_COUNTED,
    choice_of,
    choices_of,
    own_notice,
    own_notices,
    own_quiet,
    quiet_hours,
    unread_count,
)
from gezhi.notices.reads.occasions import occasions_of
from gezhi.notices.reads.outbox import (
    bundles_left,
    channels_kept,
    deliveries_to_send,
    digest_waiting,
    is_for_outbox,
    is_urgent,
    outbox,
    told_already,
)
from gezhi.notices.reads.preview import SHOWN_FOR, Told, preview
from gezhi.notices.reads.telling import Addressee, Outgoing, Teller, Telling

__all__ = [
    "MOST_COUNTED",
    "SHOWN_FOR",
    "Addressee",
    "Outgoing",
    "Teller",
    "Telling",
    "Told",
    "bundles_left",
    "channels_kept",
    "choice_of",
    "choices_of",
    "deliveries_to_send",
    "digest_waiting",
    "is_for_outbox",
    "is_urgent",
    "occasions_of",
    "outbox",
    "own_notice",
    "own_notices",
    "own_quiet",
    "preview",
    "quiet_hours",
    "told_already",
    "unread_count",
]
