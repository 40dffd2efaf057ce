"""Rows of triage."""

from gezhi.triage.models.learned import LearnedModel, Training
from gezhi.triage.models.prints import Print
from gezhi.triage.models.roots import RootCause
from gezhi.triage.models.topics import Liking, Topic, TopicCase, TopicRun

__all__ = [
    "LearnedModel",
    "Liking",
    "Print",
    "RootCause",
    "Topic",
    "TopicCase",
    "TopicRun",
    "Training",
]
