"""Filters somebody has saved under a name, to open the same list every morning."""

from django.conf import settings
from django.db import models

from gezhi.base.ids import new_id


class SavedFilter(models.Model):
    """One list of one account: the inbox's address after the question mark."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=24)
    query = models.CharField(max_length=1000)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="desk_savedfilter_name")
        ]

    def __str__(self) -> str:
        return f"saved filter {self.id}"
