"""Rows of topics: what many speak of, with which cases; likes that came with imports; runs.

None of them holds anybody's words: a topic is told by its place, its kind and the words of the
dictionary that several of its reports share.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id
from gezhi.triage.rules.runs import RunState


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


def _county() -> Any:
    return models.CharField(max_length=6)


class Topic(models.Model):
    """A matter of many reports, as the last run found it.

    `path` is the smallest area where most of it lies, `place` the thing that most of them name,
    `towns` where they come from, `words` what they share and others don't. `reports` are voices,
    followers too; `days` counts the cases of each of the last days, the newest last; `ratio` to
    `ratio_high` is how the last week compares to the weeks before (none where nobody can say, no
    high end without an earlier report). A topic that no run finds any more is not open.
    """

    id = _key()
    county = _county()
    path = models.CharField(max_length=15, blank=True)
    category = models.CharField(max_length=64, blank=True)
    place = models.CharField(max_length=120, blank=True, default="", db_default="")
    towns = models.JSONField(default=list, db_default=[])
    words = models.JSONField(default=list, db_default=[])
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    cases = models.PositiveIntegerField()
    reports = models.PositiveIntegerField()
    likes = models.PositiveIntegerField()
    heat = models.FloatField()
    week = models.PositiveIntegerField()
    days = models.JSONField(default=list)
    ratio = models.FloatField(null=True)
    ratio_low = models.FloatField(null=True)
    ratio_high = models.FloatField(null=True)
    is_growing = models.BooleanField(default=False)
    is_open = models.BooleanField(default=True)
    found_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["county", "is_open", "-heat", "id"], name="triage_topic_hottest"),
            models.Index(fields=["county", "is_open", "found_at"], name="triage_topic_found"),
        ]

    def __str__(self) -> str:
        return f"topic {self.id}"


class TopicCase(models.Model):
    """A case of a topic; rank 0 is the most central. The clause stands from `start` to `end`.

    That is in its words as they are masked; of words that have changed since it says nothing.
    """

    id = _key()
    county = _county()
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="members")
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    rank = models.PositiveIntegerField()
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "case"], name="triage_topiccase_once")
        ]
        indexes = [
            models.Index(fields=["county", "topic", "rank"], name="triage_topiccase_rank"),
        ]

    def __str__(self) -> str:
        return f"case {self.case_id} of topic {self.topic_id}"


class Liking(models.Model):
    """How many liked and disliked a case where it was written before it came in."""

    id = _key()
    county = _county()
    case = models.OneToOneField("cases.Case", models.CASCADE, related_name="+")
    likes = models.PositiveIntegerField(default=0)
    dislikes = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"likes of case {self.case_id}"


class TopicRun(models.Model):
    """One search for topics: `done` of `total` reports are compared; `seconds` it took in all."""

    id = _key()
    county = _county()
    state = models.CharField(max_length=8)
    actor = models.CharField(max_length=64)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    pace = models.FloatField(default=0)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RunState]),
                name="triage_topicrun_state_known",
            ),
            models.UniqueConstraint(
                fields=["county"],
                condition=Q(state="working"),
                name="triage_topicrun_one_working",
            ),
        ]
        indexes = [models.Index(fields=["county", "-asked_at"], name="triage_topicrun_newest")]

    def __str__(self) -> str:
        return f"topic run {self.id}"
