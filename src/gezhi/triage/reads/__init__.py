"""What triage proposes, and what it has kept."""

from gezhi.triage.reads.kinds import what

__all__ = ["what"]
