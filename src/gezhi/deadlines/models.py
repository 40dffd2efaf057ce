"""Rows of promises. The ledger in the cases room says what ran; these say what is due."""

from typing import Any

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id


def _county() -> Any:
    return models.CharField(max_length=6)


class Deadline(models.Model):
    """One promise: who must have done what by when.

    `due` is `base_due` moved on by what the clock stood since `base_from`;
    `first_due` never changes. Met, dropped or open: one of the three.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = _county()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    leg = models.ForeignKey("cases.Leg", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    starts = models.DateTimeField()
    base_from = models.DateTimeField()
    base_due = models.DateTimeField()
    first_due = models.DateTimeField()
    due = models.DateTimeField()
    is_working = models.BooleanField()
    basis = models.CharField(max_length=80)
    met_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(met_at__isnull=True) | Q(dropped_at__isnull=True),
                name="deadlines_deadline_met_or_dropped",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True)
                & Q(kind__in=["accept", "forward", "sign", "finish", "visit", "reply"]),
                name="deadlines_deadline_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "case", "starts"], name="deadlines_deadline_case"),
            models.Index(
                fields=["county", "due"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True),
                name="deadlines_deadline_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due:%Y-%m-%d %H:%M}"
