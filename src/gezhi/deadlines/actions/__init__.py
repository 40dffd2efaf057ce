"""Making promises, planning and taking their steps, ending windows."""

from gezhi.deadlines.actions.driving import drive_until, driven
from gezhi.deadlines.actions.ending import end_windows
from gezhi.deadlines.actions.planning import hold, plan, plan_unplanned
from gezhi.deadlines.actions.promising import (
    drop,
    hand_merged_to,
    keep,
    make,
    meet,
    renew_finish,
    set_due,
    shift,
    show,
    take_up,
)
from gezhi.deadlines.actions.staging import fit_stages
from gezhi.deadlines.actions.watching import take_steps

__all__ = [
    "drive_until",
    "driven",
    "drop",
    "end_windows",
    "fit_stages",
    "hand_merged_to",
    "hold",
    "keep",
    "make",
    "meet",
    "plan",
    "plan_unplanned",
    "renew_finish",
    "set_due",
    "shift",
    "show",
    "take_steps",
    "take_up",
]
