"""Rows of root-cause cases: a matter that comes back, and who is to see that it doesn't."""

from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.words import WordsField


class RootCause(models.Model):
    """A standing case for a kind of matter that comes back in an area, and its owner.

    `case` is worked, timed and visible like any other, and says what it is about. While it stands
    the kind is the owner's there by `responsibility`, unless somebody had laid it down before.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    path = models.CharField(max_length=15)
    category = models.CharField(max_length=64)
    owner = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    responsibility = models.ForeignKey(
        "places.Responsibility", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    topic = models.ForeignKey(
        "triage.Topic", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    target = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True)
    is_reached = models.BooleanField(null=True)
    result = WordsField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "path", "category"],
                condition=Q(ended_at__isnull=True),
                name="triage_rootcause_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, is_reached__isnull=True)
                | Q(ended_at__isnull=False, is_reached__isnull=False),
                name="triage_rootcause_ended_judged",
            ),
        ]
        indexes = [
            models.Index(F("county"), F("opened_at").desc(), name="triage_rootcause_newest"),
        ]

    def __str__(self) -> str:
        return f"root-cause case {self.id}"
