"""Rows of backups: each time one was written or verified, and how that went."""

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id
from gezhi.base.words import WordsField


class Run(models.Model):
    """One backup being written or verified. `touched_at` says that it is still at it.

    `name` is the file in the folder of backups; `fault` why it came to nothing, in words.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    work = models.CharField(max_length=8)
    actor = models.CharField(max_length=64)
    began_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    is_fine = models.BooleanField(null=True)
    fault = WordsField(blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    name = models.CharField(max_length=80, blank=True)
    backup = models.CharField(max_length=32, blank=True)
    size = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    files = models.BigIntegerField(default=0)
    has_keys = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["county", "-began_at"], name="backup_run_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(work__in=["write", "verify"]), name="backup_run_work_known"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, is_fine__isnull=True)
                | Q(finished_at__isnull=False, is_fine__isnull=False),
                name="backup_run_ended_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.began_at:%Y-%m-%d %H:%M}"
