"""Rows of triage."""

from gezhi.triage.models.answers import ReplyChange, ReplyUse, StandardReply
from gezhi.triage.models.dispatch import Dispatch
from gezhi.triage.models.learned import LearnedModel, Training
from gezhi.triage.models.prints import Print
from gezhi.triage.models.roots import RootCause
from gezhi.triage.models.topics import Liking, Topic, TopicCase, TopicRun

__all__ = [
    "LearnedModel",
    "Dispatch",
    "Liking",
    "Print",
    "ReplyChange",
    "ReplyUse",
    "RootCause",
    "StandardReply",
    "Topic",
    "TopicCase",
    "TopicRun",
    "Training",
]
