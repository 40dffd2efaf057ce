"""Versions of what was learned of kinds of matter, and the trainings they come from."""

from typing import Any

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id
from gezhi.triage.rules.training import Result


class LearnedModel(models.Model):
    """One version. `body` is an npz of numbers and n-grams that at least three cases share.

    `scores` tell how cases it had not seen were answered; `until` is when the newest case it
    learned from was closed. One per county is in force, or none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)
    cases = models.PositiveIntegerField()
    classes = models.PositiveIntegerField()
    until = models.DateTimeField()
    margin = models.FloatField()
    scores = models.JSONField()
    is_in_force = models.BooleanField(default=False)
    body = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "version"], name="triage_model_version"),
            models.UniqueConstraint(
                fields=["county"], condition=Q(is_in_force=True), name="triage_model_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"kinds {self.county} v{self.version}"

    @property
    def per_class(self) -> list[dict[str, Any]]:
        """Each category it was asked about; older versions don't say which they have learned."""
        return [{"is_learned": True, **each} for each in self.scores.get("per_class", [])]


class Training(models.Model):
    """One training: how far it is, and what it came to. `before` and `after` are macro-F1 of what
    was in force and of the new model, on the same held-out cases."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    actor = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    cases = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    result = models.CharField(max_length=8, blank=True)
    version = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county"],
                condition=Q(finished_at__isnull=True),
                name="triage_training_one_open",
            ),
            models.CheckConstraint(
                condition=Q(result__in=["", *(result.value for result in Result)]),
                name="triage_training_result_known",
            ),
        ]
        indexes = [models.Index(fields=["county", "-began_at"], name="triage_training_newest")]

    def __str__(self) -> str:
        return f"training {self.county} {self.result}"
