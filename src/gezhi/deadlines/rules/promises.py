"""How promises move: which a fact meets, drops and opens, and how standing clocks push them on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from gezhi.cases.rules import State
from gezhi.rulebook.rules import Calendar, add_working_time, working_minutes_between


class Kind(StrEnum):
    ACCEPT = "accept"
    FORWARD = "forward"
    SIGN = "sign"
    FINISH = "finish"
    STAGE = "stage"
    ARRIVE = "arrive"
    ANSWER = "answer"
    VISIT = "visit"
    REPLY = "reply"
    PAUSE = "pause"
    RATE = "rate"
    REOPEN = "reopen"


# What nobody of the house owes: the reporter has this long for a word, or the clock stands.
WINDOWS = frozenset({Kind.REPLY, Kind.PAUSE, Kind.RATE, Kind.REOPEN})
# While one of these runs, the case's own clock stands.
STANDING = frozenset({Kind.REPLY, Kind.PAUSE})
# A question, a demand and a call for help run on while the case's own clock stands.
UNSTOPPED = WINDOWS | {Kind.ANSWER, Kind.ARRIVE, Kind.VISIT}
ALL = frozenset(Kind)
# What goes with the case from holder to holder.
OF_THE_HOLDER = frozenset({Kind.FINISH, Kind.STAGE})


@dataclass(frozen=True)
class Effect:
    """What one fact does to the promises of its case.

    With the finish its stages are promised. Whatever gives the case another category or size has
    the finish worked out anew, and its stages with it.
    """

    meets: frozenset[Kind] = frozenset()
    drops: frozenset[Kind] = frozenset()
    opens: tuple[Kind, ...] = ()
    shifts: bool = False  # the clock runs again: open promises move on by what it stood


# Once the work is done or the case has left the road, these alone mean anything.
_OWED_AFTER: Mapping[State, frozenset[Kind]] = {
    State.DONE: frozenset({Kind.VISIT, Kind.RATE}),
    State.CLOSED: frozenset({Kind.REOPEN}),
    State.REFUSED: frozenset(),
    State.MERGED: frozenset({Kind.FINISH}),
    State.WITHDRAWN: frozenset(),
}


def is_owed(kind: Kind, state: State) -> bool:
    """Whether a promise of this kind can be anybody's in this state of its case."""
    return kind in _OWED_AFTER.get(state, ALL)


_MOVED = frozenset({Kind.FORWARD, Kind.SIGN})
EFFECTS: Mapping[str, Effect] = {
    "case_reported": Effect(opens=(Kind.ACCEPT, Kind.FINISH)),
    "case_accepted": Effect(meets=frozenset({Kind.ACCEPT}), opens=(Kind.FORWARD,)),
    "case_refused": Effect(meets=frozenset({Kind.ACCEPT}), drops=ALL),
    "case_assigned": Effect(meets=frozenset({Kind.FORWARD}), opens=(Kind.SIGN,)),
    "case_signed": Effect(meets=frozenset({Kind.SIGN})),
    "case_sent_back": Effect(drops=_MOVED, opens=(Kind.FORWARD,)),
    "case_escalated": Effect(
        meets=frozenset({Kind.ACCEPT}),
        drops=_MOVED | {Kind.ARRIVE, Kind.ANSWER},
        opens=(Kind.FORWARD,),
    ),
    "case_handed_down": Effect(drops=_MOVED, opens=(Kind.FORWARD,)),
    "case_whistled": Effect(),
    "joint_arrived": Effect(),
    "joint_finished": Effect(),
    "joint_excused": Effect(),
    "stage_reached": Effect(),
    "reporter_asked": Effect(),
    "reporter_answered": Effect(
        meets=frozenset({Kind.REPLY}), drops=frozenset({Kind.PAUSE}), shifts=True
    ),
    "case_resumed": Effect(drops=STANDING, shifts=True),
    "case_supervised": Effect(),
    "supervision_answered": Effect(),
    "case_finished": Effect(
        meets=OF_THE_HOLDER,
        drops=frozenset({Kind.SIGN, Kind.ANSWER, Kind.ARRIVE}) | STANDING,
        opens=(Kind.VISIT, Kind.RATE),
    ),
    "case_returned": Effect(drops=frozenset({Kind.VISIT, Kind.RATE})),
    "case_closed": Effect(meets=frozenset({Kind.VISIT}), drops=ALL, opens=(Kind.REOPEN,)),
    "case_reopened": Effect(
        drops=frozenset({Kind.VISIT, Kind.RATE, Kind.REOPEN}), opens=(Kind.FORWARD, Kind.FINISH)
    ),
    # A merged case's reporters keep their own promised day: the finish row stays, and if its
    # clock stood it runs again.
    "case_merged": Effect(drops=ALL - {Kind.FINISH}, shifts=True),
    "case_withdrawn": Effect(drops=ALL),
    "case_reclassified": Effect(),
}


@dataclass(frozen=True)
class Matter:
    """What of a case its promises depend on. `is_standing`: its clock does not run."""

    county: str
    case: UUID
    number: str
    path: str
    centre: UUID
    holder: UUID
    category: str
    size: str
    channel: str
    book: int
    state: State
    is_standing: bool = False


@dataclass(frozen=True)
class Promise:
    """The times of one deadline row, for the arithmetic."""

    base_from: datetime
    base_due: datetime
    is_working: bool
    stood: Sequence[tuple[datetime, datetime]] = field(default=())


def due_after(promise: Promise, calendar: Calendar) -> datetime:
    """The base due moment moved on by what the clock stood: working time for working promises.

    A stretch that began before `base_from` counts from there; what stood after
    the promise was already due counts too, since it was not the holder's time.
    """
    if not promise.is_working:
        return promise.base_due + sum((end - start for start, end in promise.stood), timedelta())
    minutes = sum(working_minutes_between(start, end, calendar) for start, end in promise.stood)
    if minutes == 0:
        return promise.base_due
    return add_working_time(promise.base_due, minutes, calendar)
