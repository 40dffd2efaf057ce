"""Every change of notices: made from the book, sent, read; how one wants to hear of things."""

from gezhi.notices.actions.choosing import choose
from gezhi.notices.actions.confirming import ask_again, confirm, send_code
from gezhi.notices.actions.directly import tell_accounts, tell_reporter
from gezhi.notices.actions.forgetting import forget_addresses_of, forget_messages_to
from gezhi.notices.actions.noting import note
from gezhi.notices.actions.phones import ask_phone_code, try_phone_code
from gezhi.notices.actions.reading import mark_all_read, mark_read
from gezhi.notices.actions.returning import take_back
from gezhi.notices.actions.sending import send, send_again, sweep
from gezhi.notices.actions.threads import forget_told_codes

__all__ = [
    "ask_again",
    "ask_phone_code",
    "choose",
    "confirm",
    "forget_addresses_of",
    "forget_messages_to",
    "forget_told_codes",
    "mark_all_read",
    "mark_read",
    "note",
    "send",
    "send_again",
    "send_code",
    "sweep",
    "take_back",
    "tell_accounts",
    "tell_reporter",
    "try_phone_code",
]
