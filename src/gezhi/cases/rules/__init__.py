"""What may happen to a case, decided from values: moves, proof, numbers, pictures, clock."""

from gezhi.cases.rules.ledger import Entry, EntryKind, elapsed, is_paused, pauses
from gezhi.cases.rules.moves import (
    ACT_NAMES,
    ENDED,
    MOVES,
    OPEN,
    STATE_NAMES,
    WORKING,
    Act,
    Move,
    Situation,
    State,
    Who,
    asked_in_vain,
    find_move,
    moves_open_to,
    must_be_allowed,
)
from gezhi.cases.rules.numbers import format_number, make_code, plain_code
from gezhi.cases.rules.proof import Evidence, missing_proof
from gezhi.cases.rules.words import index_words, query_words

__all__ = [
    "ACT_NAMES",
    "ENDED",
    "MOVES",
    "OPEN",
    "STATE_NAMES",
    "WORKING",
    "Act",
    "Entry",
    "EntryKind",
    "Evidence",
    "Move",
    "Situation",
    "State",
    "Who",
    "elapsed",
    "asked_in_vain",
    "find_move",
    "format_number",
    "index_words",
    "is_paused",
    "make_code",
    "missing_proof",
    "moves_open_to",
    "must_be_allowed",
    "pauses",
    "plain_code",
    "query_words",
]
