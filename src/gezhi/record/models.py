"""Rows of the record: lines of the book, seals over them, followers' places, openings."""

from django.db import models
from django.db.models import Func
from django.db.models.functions import Cast

from gezhi.base.ids import new_id

# The number of the transaction that writes the row (64 bits, never wraps).
_TRANSACTION_ID = Func(function="pg_current_xact_id", output_field=models.TextField())


class Line(models.Model):
    """One fact in the book. Lines are only ever added."""

    id = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField(
        db_default=Cast(Cast(_TRANSACTION_ID, models.TextField()), models.BigIntegerField()),
        editable=False,
    )
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=48)
    about = models.CharField(max_length=64)
    data = models.JSONField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["xid", "id"], name="record_line_in_order"),
            models.Index(fields=["county", "about", "id"], name="record_line_about"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.about}"


class Seal(models.Model):
    """A Merkle root over a batch of lines, chained to the seal before it.

    The batch is every line up to (`last_xid`, `last_line`) that follows the
    batch before, in the order of (xid, id).
    """

    id = models.BigAutoField(primary_key=True)
    last_xid = models.BigIntegerField()
    last_line = models.BigIntegerField()
    lines = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"seal {self.id} over {self.lines} lines"


class Cursor(models.Model):
    """How far a follower has read the book."""

    name = models.CharField(primary_key=True, max_length=48)
    xid = models.BigIntegerField(default=0)
    line = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.line}"


class Opening(models.Model):
    """Somebody opened a sealed field: who, whose, which, why. The person concerned can see it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    about = models.CharField(max_length=64)
    field = models.CharField(max_length=48)
    reason = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["county", "about", "at"], name="record_opening_about")]

    def __str__(self) -> str:
        return f"{self.field} of {self.about}"


class KeptAnswer(models.Model):
    """The first answer to a request that may be repeated, under the key its sender chose."""

    id = models.BigAutoField(primary_key=True)
    actor = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="record_keptanswer_once")
        ]
        indexes = [models.Index(fields=["at"], name="record_keptanswer_at")]

    def __str__(self) -> str:
        return f"answer {self.id}"
