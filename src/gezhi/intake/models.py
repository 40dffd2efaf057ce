"""Rows of an import: the file that came in, and what became of each of its rows."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.intake.rules import Outcome, State


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


class Import(models.Model):
    """One file. `done` rows are behind it, whoever goes on begins there.

    `columns` is field → column, `header` the file's own words. `account` is who
    imports, where that is a person. `pace` is rows per second.
    """

    id = _key()
    county = models.CharField(max_length=6)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    channel = models.CharField(max_length=16)
    odd_dates = models.CharField(max_length=8)
    header = models.JSONField()
    columns = models.JSONField()
    state = models.CharField(max_length=8)
    stop_reason = models.CharField(max_length=16, blank=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    pace = models.FloatField(default=0)
    actor = models.CharField(max_length=64)
    account = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]),
                name="intake_import_state_known",
            ),
            models.CheckConstraint(
                condition=Q(done=F("added") + F("known") + F("failed")) & Q(done__lte=F("total")),
                name="intake_import_counts_agree",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "-received_at", "-id"], name="intake_import_newest"),
            models.Index(
                fields=["touched_at"],
                condition=Q(state__in=["draft", "waiting", "running"]),
                name="intake_import_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.id}"


class ImportRow(models.Model):
    """What became of one row.

    `values` (JSON, sealed): of a wrong row all its cells, to be mended and sent again; of a
    taken one, what no column of a case holds.
    """

    id = _key()
    county = models.CharField(max_length=6)
    import_of = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8)
    reason = models.CharField(max_length=48, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    likes = models.PositiveIntegerField(null=True)
    dislikes = models.PositiveIntegerField(null=True)
    values = SealedField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "import_of", "line"], name="intake_importrow_line"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[outcome.value for outcome in Outcome]),
                name="intake_importrow_outcome_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["county", "key"],
                condition=Q(outcome="added"),
                name="intake_importrow_key",
            ),
            models.Index(fields=["county", "case"], name="intake_importrow_case"),
        ]

    def __str__(self) -> str:
        return f"row {self.line} {self.outcome}"
