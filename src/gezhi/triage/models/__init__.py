"""Rows of triage."""

from gezhi.triage.models.prints import Print
from gezhi.triage.models.roots import RootCause
from gezhi.triage.models.topics import Liking, Topic, TopicCase, TopicRun

__all__ = [
    "Liking",
    "Print",
    "RootCause",
    "Topic",
    "TopicCase",
    "TopicRun",
]
