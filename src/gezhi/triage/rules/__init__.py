"""What triage decides from values: kinds of matter, words for places, what is the same."""

from gezhi.triage.rules.proposals import Option, Source, Spot, What, Whereabouts

__all__ = ["Option", "Source", "Spot", "What", "Whereabouts"]
