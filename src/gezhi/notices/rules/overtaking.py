"""After what of a case's later news a notice that had to wait is no news any more. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gezhi.notices.rules.telling import Audience

# What a reporter hears of instead: it is done, or nobody will do it.
_SAID = frozenset({"case_finished", "case_refused", "case_withdrawn"})
# Nobody works on the case itself any more. Merged, it is not over for who reported it: number,
# day and answer stay theirs.
_OVER = _SAID | {"case_closed", "case_merged"}
_NOT_DONE_AFTER_ALL = frozenset({"case_returned", "case_reopened"})

# By event, for whomever it was told. What is not here is an answer to its addressee (refused,
# denied, lapsed, answered) and stays one.
_AFTER: Mapping[str, frozenset[str]] = {
    # The day that was promised is told, unless another or the end is.
    "accepted": _SAID | {"case_reopened"},
    "assigned": _OVER,
    "sent_back": _OVER,
    "escalated": _OVER,
    "handed_down": _OVER,
    "whistled": _OVER | {"case_escalated"},  # which ends all help
    "stage_reached": frozenset({"case_finished"}),
    "asked": _OVER | {"reporter_answered", "case_resumed"},
    "answered": _OVER | {"reporter_asked"},
    "paused": _OVER | {"case_resumed"},
    "resumed": _SAID | {"case_paused_fact", "reporter_asked"},
    "extended": _SAID | {"case_extended"},
    "supervised": _OVER,
    "finished": _NOT_DONE_AFTER_ALL,
    # Who has voted is not asked again (reads); after the closing one still may.
    "rating_asked": _NOT_DONE_AFTER_ALL,
    "closed": frozenset({"case_reopened"}),
    "returned": _SAID | {"case_returned"},
    "reopened": _SAID | {"case_reopened"},
    "merged": frozenset({"case_unmerged"}),
}
# Told because the case lay with a unit. Once it lies with another this is wrong for everybody …
_NAMES_HOLDER = frozenset({"assigned", "sent_back", "escalated", "handed_down"})
# … and this is nothing for the house to act on any more.
_ASKS_HOLDER = _NAMES_HOLDER | {
    "answered", "resumed", "extended", "supervised", "returned", "reopened",
}  # fmt: skip
# Where the line names things, it is over when later lines of these kinds name each of them.
_DONE_BY: Mapping[str, tuple[str, frozenset[str]]] = {
    "supervised": ("demand", frozenset({"supervision_answered"})),
    "whistled": ("leg", frozenset({"joint_arrived", "joint_finished", "joint_excused"})),
}
# As if the other had not been.
_UNDOES: Mapping[str, str] = {"case_returned": "case_finished", "case_unmerged": "case_merged"}


@dataclass(frozen=True)
class News:
    """A line of the book: of which kind, and its ids and codes."""

    kind: str
    data: Mapping[str, Any]


def is_overtaken(event: str, audience: Audience, *, told: News, later: Sequence[News]) -> bool:
    """Whether what came later, in order, took the place of what was told of the case."""
    is_inside = audience != Audience.REPORTER
    over, holders = _AFTER.get(event, frozenset()), _NAMES_HOLDER
    if is_inside:
        holders = _ASKS_HOLDER
        over |= _OVER if event in holders else frozenset()
    if over & {one.kind for one in _that_stand(later)}:
        return True
    return (event in holders and _has_moved(told, later)) or _is_done(event, told, later)


def _that_stand(later: Sequence[News]) -> list[News]:
    """Without what was undone."""
    found: list[News] = []
    for one in later:
        undone = _UNDOES.get(one.kind)
        found = [*(each for each in found if each.kind != undone), one]
    return found


def _has_moved(told: News, later: Sequence[News]) -> bool:
    """Whether the same case lay with another unit since."""
    case, holder = told.data["case"], told.data["holder"]
    return any(
        one.data["case"] == case and one.data.get("holder", holder) != holder for one in later
    )


def _is_done(event: str, told: News, later: Sequence[News]) -> bool:
    """Whether everything that was demanded or called for was answered, or came."""
    if event not in _DONE_BY:
        return False
    name, kinds = _DONE_BY[event]
    asked = {told.data[name]} if name in told.data else set(told.data.get(f"{name}s", ()))
    return bool(asked) and asked <= {one.data[name] for one in later if one.kind in kinds}


def is_owed_otherwise(
    audience: Audience,
    *,
    told_due: datetime,
    told_unit: UUID,
    due: datetime,
    unit: UUID,
    now: datetime,
) -> bool:
    """Whether a promise that is still open has more time now, or is not its old holder's."""
    is_anothers = audience in (Audience.HOLDER, Audience.HEAD) and unit != told_unit
    return is_anothers or due > max(told_due, now)
