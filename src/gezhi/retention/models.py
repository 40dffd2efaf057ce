"""Rows of retention: rules as they were set, holds, and each removal with its certificate."""

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id
from gezhi.base.words import WordsField


class Rule(models.Model):
    """How many days a kind of data is kept. The newest row of a kind is in force."""

    id = models.BigAutoField(primary_key=True)
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=24)
    days = models.PositiveIntegerField()
    reason = WordsField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["county", "kind", "-id"], name="retention_rule_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.days} days"


class Hold(models.Model):
    """A case (`case`) or an area (`path`) of which nothing goes until the hold is lifted.

    `about` is what was typed; `path` follows when divisions change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    about = models.CharField(max_length=24)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    path = models.CharField(max_length=16, blank=True)
    reason = WordsField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, path="") | (Q(case__isnull=True) & ~Q(path="")),
                name="retention_hold_on_one",
            )
        ]

    def __str__(self) -> str:
        return f"hold {self.about}"


class Removal(models.Model):
    """What one rule removed at one time. `hash` is of the other values: the certificate's number.

    `before` is the moment that what went was older than.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=24)
    days = models.PositiveIntegerField()
    before = models.DateTimeField()
    actor = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    oldest = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["county", "-began_at"], name="retention_removal_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "kind"],
                condition=Q(finished_at__isnull=True),
                name="retention_removal_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.removed}"
