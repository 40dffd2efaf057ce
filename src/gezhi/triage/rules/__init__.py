"""What triage decides from values: kinds of matter, words for places, what is the same."""

from gezhi.triage.rules.gazetteer import Gazetteer, Mention, names_a_place
from gezhi.triage.rules.gazetteer_settling import MOST_ASKED, is_far, settle
from gezhi.triage.rules.matching import Spotted
from gezhi.triage.rules.proposals import Option, Source, Spot, What, Whereabouts

__all__ = [
    "MOST_ASKED",
    "Gazetteer",
    "Mention",
    "Option",
    "Source",
    "Spot",
    "Spotted",
    "What",
    "Whereabouts",
    "is_far",
    "names_a_place",
    "settle",
]
