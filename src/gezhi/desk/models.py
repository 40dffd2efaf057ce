"""Filters somebody has saved under a name, and one act on many cases: asked for, how far, done."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.desk.rules import BulkState, Fate


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


class Bulk(models.Model):
    """One act on many cases. `done` are behind it, refused ones among them.

    `arguments` (JSON, sealed) are the same for all; `pace` is cases per second; `language` is
    the one refusals are told in.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    act = models.CharField(max_length=32)
    arguments = SealedField(default="", blank=True)
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=8)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    pace = models.FloatField(default=0)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="desk_bulk_once"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in BulkState]),
                name="desk_bulk_state_known",
            ),
            models.CheckConstraint(
                condition=Q(refused__lte=F("done")) & Q(done__lte=F("total")),
                name="desk_bulk_counts_agree",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "account", "-asked_at"], name="desk_bulk_newest"),
            models.Index(
                fields=["touched_at"], condition=Q(state="working"), name="desk_bulk_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} on many {self.id}"


class Verification(models.Model):
    """One check of both books, all histories and anchors, asked for at the desk.

    `part` and `place` say where it goes on; `faults` are codes with their values, the first few
    hundred; `pace` is things per second.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    part = models.CharField(max_length=12)
    place = models.CharField(max_length=40, blank=True)
    total = models.PositiveBigIntegerField()
    done = models.PositiveBigIntegerField(default=0)
    faults = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=0)
    pace = models.FloatField(default=0)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "-asked_at"], name="desk_verification_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["county"],
                condition=Q(finished_at__isnull=True),
                name="desk_verification_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"verification {self.id}"


class BulkCase(models.Model):
    """One case of many: what was shown of it, and what became of it.

    `tries` counts those that the database broke off.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    bulk = models.ForeignKey(Bulk, models.CASCADE, related_name="cases")
    position = models.PositiveIntegerField()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    number = models.CharField(max_length=16)
    revision = models.IntegerField(null=True)
    category = models.CharField(max_length=64, blank=True)
    unit = models.UUIDField(null=True)
    fate = models.CharField(max_length=8)
    refusal = models.CharField(max_length=500, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "bulk", "position"], name="desk_bulkcase_position"
            ),
            models.CheckConstraint(
                condition=Q(fate__in=[fate.value for fate in Fate]), name="desk_bulkcase_fate_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.fate}"
