"""Rows of the record: lines of the book and of the audit, seals over them, followers' places."""

from django.db import models
from django.db.models import Func
from django.db.models.functions import Cast

from gezhi.base.ids import new_id
from gezhi.base.words import WordsField
from gezhi.record.rules import Book

# The number of the transaction that writes the row (64 bits, never wraps). A restored database may
# stand on a server that has not counted as far: the offset makes up for it.
_TRANSACTION_ID = Func(function="pg_current_xact_id", output_field=models.TextField())
_OFFSET = Func(function="record_xid_offset", output_field=models.BigIntegerField())


class Entry(models.Model):
    """One line of a book that is only ever added to, and sealed in the order of (xid, id)."""

    id = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField(
        db_default=Cast(Cast(_TRANSACTION_ID, models.TextField()), models.BigIntegerField())
        + _OFFSET,
        editable=False,
    )
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=48)
    about = models.CharField(max_length=64)
    data = models.JSONField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.id} {self.kind} {self.about}"


class Line(Entry):
    """One fact in the book of facts."""

    class Meta:
        indexes = [
            models.Index(fields=["xid", "id"], name="record_line_in_order"),
            models.Index(fields=["county", "about", "id"], name="record_line_about"),
        ]


class AuditLine(Entry):
    """One line of the audit: who signed in, opened, exported, changed rights, was refused.

    `data` holds ids, codes and counts, never a person's values; `reason` is what the actor gave.
    """

    reason = WordsField(blank=True)
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["xid", "id"], name="record_auditline_in_order"),
            models.Index(fields=["county", "at", "id"], name="record_auditline_at"),
            models.Index(fields=["county", "about", "at"], name="record_auditline_about"),
            models.Index(fields=["county", "actor", "at"], name="record_auditline_actor"),
        ]

    @property
    def field(self) -> str:
        """Which sealed field was opened; empty on lines that are of something else."""
        return str(self.data.get("field", ""))


class Seal(models.Model):
    """A Merkle root over a batch of lines of one book, chained to the seal before it.

    The batch is every line up to (`last_xid`, `last_line`) that follows the
    batch before, in the order of (xid, id). `leaves` are the numbers and hashes of
    its lines, so that the one which was changed can be named.
    """

    id = models.BigAutoField(primary_key=True)
    book = models.CharField(max_length=8, default=Book.FACTS.value, db_default=Book.FACTS.value)
    last_xid = models.BigIntegerField()
    last_line = models.BigIntegerField()
    lines = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    leaves = models.BinaryField(default=b"", db_default=b"")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["book", "id"], name="record_seal_of_book")]

    def __str__(self) -> str:
        return f"seal {self.id} over {self.lines} lines"


class Anchor(models.Model):
    """The newest seals of a day as a text that is printed, published, kept elsewhere."""

    id = models.BigAutoField(primary_key=True)
    county = models.CharField(max_length=6)
    day = models.DateField()
    at = models.DateTimeField()
    text = models.TextField()
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["county", "id"], name="record_anchor_newest")]

    def __str__(self) -> str:
        return f"anchor {self.id} of {self.day}"


class Cursor(models.Model):
    """How far a follower has read the book."""

    name = models.CharField(primary_key=True, max_length=48)
    xid = models.BigIntegerField(default=0)
    line = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.line}"


class Opening(models.Model):
    """Openings as they were kept before the audit. Carried over; goes with the next release."""

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


class Burst(models.Model):
    """How often somebody was refused in a minute; gone when the minute has been told of.

    `actor` is empty for all together who aren't signed in.
    """

    id = models.BigAutoField(primary_key=True)
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=48)
    actor = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    minute = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "kind", "actor", "address", "minute"], name="record_burst_once"
            )
        ]
        indexes = [models.Index(fields=["minute"], name="record_burst_minute")]

    def __str__(self) -> str:
        return f"{self.count} × {self.kind} in {self.minute}"


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


class Spending(models.Model):
    """Until when a subject has used up what its pace granted; the key is a keyed digest."""

    key = models.BinaryField(primary_key=True, max_length=32)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="record_spending_until")]

    def __str__(self) -> str:
        return f"spent until {self.until}"
