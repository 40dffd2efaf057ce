"""The words of the update extension for what becomes of a case, and back."""

from collections.abc import Mapping

from gezhi.cases.rules.moves import OPEN, Act, State

STATUSES = (
    "unchanged", "open", "closed", "fixed", "in_progress", "planned", "action_scheduled",
    "investigating", "duplicate", "not_councils_responsibility", "no_further_action",
    "internal_referral", "cancelled", "reopen", "for_triage",
)  # fmt: skip
_BY_STATE: Mapping[str, str] = {
    State.REPORTED: "open",
    State.ACCEPTED: "investigating",
    State.ASSIGNED: "action_scheduled",
    State.HANDLING: "in_progress",
    State.CLOSED: "closed",
    State.REFUSED: "not_councils_responsibility",
    State.MERGED: "duplicate",
    State.WITHDRAWN: "cancelled",
}
_BY_OUTCOME: Mapping[str, str] = {
    "not_ours": "not_councils_responsibility",
    "duplicate": "duplicate",
    "withdrawn": "cancelled",
}
# What a reporter means who is not content.
_AGAIN = frozenset({"open", "reopen"})


def status_after(act: str, state: str, outcome: str, *, is_solved: bool) -> str:
    """What a line of the history says to other cities; one that changes no state says nothing."""
    if act == Act.PAUSE:
        return "planned"
    if state != State.DONE:
        return _BY_STATE[state]
    return "fixed" if is_solved else _BY_OUTCOME.get(outcome, "no_further_action")


def act_for(status: str, state: str, *, is_asked: bool) -> Act:
    """What an update means that comes from whoever reported: anything else is a note.

    It may answer a question, take the report back, or say of what is closed that it is not solved.
    Nobody rates by it: it says no number, and none is made up.
    """
    if status == "cancelled" and state in (State.REPORTED, State.ACCEPTED):
        return Act.WITHDRAW
    if status in _AGAIN and state == State.CLOSED:
        return Act.REOPEN
    return Act.ANSWER if is_asked and state in OPEN else Act.NOTE
