"""What triage proposes, and what it has kept."""

from gezhi.triage.reads.dispatch import (
    NO_RULE,
    Asked,
    Flags,
    Row,
    came_back_of,
    dispatches,
    flagged_rules,
    flags,
    listed,
    may_see_dispatches,
    sent_back,
    sum_of,
    table,
)
from gezhi.triage.reads.kinds import what
from gezhi.triage.reads.prints import unprinted
from gezhi.triage.reads.proposals import Proposed, proposed
from gezhi.triage.reads.same import Alike, same_as, spot_of
from gezhi.triage.reads.whereabouts import forget_names, gazetteer_of, whereabouts

__all__ = [
    "NO_RULE",
    "Alike",
    "Proposed",
    "forget_names",
    "gazetteer_of",
    "proposed",
    "Asked",
    "Flags",
    "Row",
    "dispatches",
    "flagged_rules",
    "flags",
    "listed",
    "may_see_dispatches",
    "same_as",
    "sent_back",
    "spot_of",
    "sum_of",
    "table",
    "came_back_of",
    "unprinted",
    "what",
    "whereabouts",
]
