"""What residents do with their accounts and their data."""

from gezhi.residents.actions.copying import ask_copy, fetch_copy, make_copy, sweep_copies
from gezhi.residents.actions.correcting import correct, correct_contact, drop_held_contacts
from gezhi.residents.actions.entering import (
    ask_again,
    ask_entry,
    ask_new_phone,
    change_phone,
    close,
    enter,
    prove_again,
    sweep_sessions,
)
from gezhi.residents.actions.requesting import (
    ask_about_data,
    decide,
    erase_what_has_ended,
    take_back,
)

__all__ = [
    "ask_about_data",
    "ask_copy",
    "correct",
    "correct_contact",
    "drop_held_contacts",
    "decide",
    "erase_what_has_ended",
    "fetch_copy",
    "make_copy",
    "sweep_copies",
    "take_back",
    "ask_again",
    "ask_entry",
    "ask_new_phone",
    "change_phone",
    "close",
    "enter",
    "prove_again",
    "sweep_sessions",
]
