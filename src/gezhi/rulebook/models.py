"""The versions of a county's rulebook, as the files they were. Rows are added, never edited."""

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id


class Version(models.Model):
    """One version: its files, who applied it and when. One per county is in force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    files = models.JSONField()
    note = models.TextField(blank=True, default="")
    applied_at = models.DateTimeField()
    applied_by = models.CharField(max_length=64)
    is_current = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "number"], name="rulebook_version_number_once"
            ),
            models.UniqueConstraint(
                fields=["county"],
                condition=Q(is_current=True),
                name="rulebook_version_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"rulebook {self.county} v{self.number}"
