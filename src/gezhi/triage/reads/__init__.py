"""What triage proposes, and what it has kept."""

from gezhi.triage.reads.kinds import what
from gezhi.triage.reads.prints import unprinted
from gezhi.triage.reads.proposals import Proposed, proposed
from gezhi.triage.reads.same import Alike, same_as, spot_of
from gezhi.triage.reads.whereabouts import gazetteer_of, whereabouts

__all__ = [
    "Alike",
    "Proposed",
    "gazetteer_of",
    "proposed",
    "same_as",
    "spot_of",
    "unprinted",
    "what",
    "whereabouts",
]
