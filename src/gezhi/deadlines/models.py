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

    `next_step` of its plan (`rules.steps`) comes at `next_at`; without a moment nothing comes
    while the clock stands, or ever. An empty step: not planned yet. `rung` is the last of the
    ladder that was told since it was broken.
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
    broken_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_step = models.CharField(max_length=12, blank=True, default="", db_default="")
    next_at = models.DateTimeField(null=True)

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
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True)
                & Q(kind__in=["pause", "rate", "reopen"]),
                name="deadlines_deadline_one_window",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "case", "starts"], name="deadlines_deadline_case"),
            models.Index(
                fields=["county", "due"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True),
                name="deadlines_deadline_due",
            ),
            models.Index(
                fields=["county", "next_at"],
                condition=Q(next_at__isnull=False),
                name="deadlines_deadline_next",
            ),
            models.Index(
                fields=["county", "id"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True, next_step=""),
                name="deadlines_deadline_unplanned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due:%Y-%m-%d %H:%M}"


class Raised(models.Model):
    """A step of a promise's plan that was taken: once for each due moment, whoever takes it.

    `audience` is whom the rulebook wanted told and `unit` theirs; `told` counts those of them
    who were at work.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = _county()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="+")
    step = models.CharField(max_length=12)
    due = models.DateTimeField()
    at = models.DateTimeField()
    audience = models.CharField(max_length=8, blank=True)
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    told = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "step", "due"], name="deadlines_raised_once"
            )
        ]
        indexes = [models.Index(fields=["county", "at"], name="deadlines_raised_at")]

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"


class Horizon(models.Model):
    """While a simulation drives a county's clock, steps before `until` are its to take."""

    county = models.CharField(primary_key=True, max_length=6)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.county} until {self.until:%Y-%m-%d %H:%M}"
