"""Fetching notices: what somebody is told, what is on its way out, what an act would send."""

from gezhi.notices.reads.checking import (
    check_held,
    checks_of,
    codes_asked,
    hold_account,
    hold_phone,
    language_of,
    newest_check,
    phone_check_held,
    phone_checked,
    phone_codes_asked,
)
from gezhi.notices.reads.mine import (
    MOST_COUNTED,
    choice_of,
    choices_of,
    narrowed,
    own_notice,
    own_notices,
    own_quiet,
    quiet_hours,
    told_to_reports,
    unread_count,
)
from gezhi.notices.reads.occasions import occasions_of
from gezhi.notices.reads.outbox import (
    bundle_key,
    bundles_left,
    bundles_waiting,
    channels_kept,
    deliveries_to_send,
    delivery_to_send_again,
    is_for_outbox,
    is_urgent,
    outbox,
    told_already,
)
from gezhi.notices.reads.overtaking import overtaken
from gezhi.notices.reads.preview import SHOWN_FOR, Told, is_filled_in, preview
from gezhi.notices.reads.returned import is_out
from gezhi.notices.reads.telling import Outgoing, Teller, Telling
from gezhi.notices.reads.wording import Addressee, link_to

__all__ = [
    "MOST_COUNTED",
    "SHOWN_FOR",
    "Addressee",
    "Outgoing",
    "Teller",
    "Telling",
    "Told",
    "bundle_key",
    "bundles_left",
    "bundles_waiting",
    "channels_kept",
    "check_held",
    "checks_of",
    "choice_of",
    "choices_of",
    "codes_asked",
    "deliveries_to_send",
    "delivery_to_send_again",
    "hold_account",
    "hold_phone",
    "is_filled_in",
    "is_for_outbox",
    "is_out",
    "is_urgent",
    "language_of",
    "link_to",
    "narrowed",
    "newest_check",
    "occasions_of",
    "outbox",
    "overtaken",
    "own_notice",
    "own_notices",
    "own_quiet",
    "phone_check_held",
    "phone_checked",
    "phone_codes_asked",
    "preview",
    "quiet_hours",
    "told_already",
    "told_to_reports",
    "unread_count",
]
