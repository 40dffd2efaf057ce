"""What was sent to whom by which rule, and whether it came back. No person stands in it."""

from django.db import models


class Dispatch(models.Model):
    """One case sent to one unit, as the book tells; `line` is the line that does.

    `proposed` is the unit the rule named; `is_taken` says that it was the one. Sent back, it also
    says when, why (a code) and who should have it.
    """

    line = models.BigIntegerField(primary_key=True)
    county = models.CharField(max_length=6)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    at = models.DateTimeField()
    month = models.DateField()
    rule = models.TextField(blank=True)  # a rulebook names its rows as it likes
    responsibility = models.UUIDField(null=True)
    unit = models.UUIDField()
    category = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=16)
    proposed = models.UUIDField(null=True)
    is_taken = models.BooleanField()
    sent_back_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    named = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "month"], name="triage_dispatch_month")]

    def __str__(self) -> str:
        return f"dispatch {self.line} by {self.rule}"
