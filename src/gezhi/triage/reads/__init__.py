"""What triage proposes, and what it has kept."""

from gezhi.triage.reads.kinds import what
from gezhi.triage.reads.prints import unprinted
from gezhi.triage.reads.same import Alike, same_as, spot_of

__all__ = ["Alike", "same_as", "spot_of", "unprinted", "what"]
