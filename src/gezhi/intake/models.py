"""Rows of an import: the file that came in, and what became of each of its rows."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.intake.rules import Fate, Outcome, SourceKind, State


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
    taken one, what no column of a case holds. `detail`: as `rules.stored` writes it.
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


class Source(models.Model):
    """One way in that brings messages by itself; which of the settings count, its kind says.

    `secret` is a mailbox's password, what a board is asked with, or what senders sign with; the one
    before is good for signing until `secret_until`.
    `tried_at` is when the map last read a sample. Of a mailbox what came before `begins_at` is left
    alone. `uid_validity` and `last_uid` are how far a mailbox was read; `busy_until` keeps two
    workers from asking at once.
    """

    id = _key()
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=12)
    channel = models.CharField(max_length=16)
    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=False)
    secret = SealedField(default="", blank=True)
    secret_before = SealedField(default="", db_default="", blank=True)
    secret_until = models.DateTimeField(null=True)
    field_map = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    host = models.CharField(max_length=120, blank=True)
    port = models.PositiveIntegerField(default=993)
    line = models.CharField(max_length=8, default="tls")
    user = models.CharField(max_length=120, blank=True)
    folder = models.CharField(max_length=80, default="INBOX")
    done_folder = models.CharField(max_length=80, blank=True)
    tried_at = models.DateTimeField(null=True)
    begins_at = models.DateTimeField(null=True)
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    busy_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in SourceKind]),
                name="intake_source_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(line__in=["tls", "starttls", "plain"]), name="intake_source_line_known"
            ),
        ]
        indexes = [models.Index(fields=["county", "kind", "id"], name="intake_source_kind")]

    def __str__(self) -> str:
        return f"source {self.id}"


class Received(models.Model):
    """Something a source brought, and what became of it; `times` is how often it came.

    `external` is what the other side calls it, so it goes in once; `came_as` knows a message that a
    board shows again just as it was. What was not taken lies sealed in a file until somebody
    settles it. `sender_index` finds what one address sent.

    Of a letter that may be answered: its own name (`letter_id`), the tracking code until its
    sender has been told it (`code_due`), the name of the mail that tells it and when that goes out.
    """

    id = _key()
    county = models.CharField(max_length=6)
    source = models.ForeignKey(Source, models.PROTECT, related_name="received")
    external = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    said_at = models.DateTimeField(null=True)
    times = models.PositiveIntegerField(default=1)
    fate = models.CharField(max_length=8)
    reason = models.CharField(max_length=48, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    has_file = models.BooleanField(default=False)
    came_as = models.CharField(max_length=64, default="", db_default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    uid = models.BigIntegerField(null=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    report = models.UUIDField(null=True)
    alike = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    likes = models.PositiveIntegerField(null=True)
    dislikes = models.PositiveIntegerField(null=True)
    sender = SealedField(default="", blank=True)
    sender_index = models.BinaryField(max_length=32, null=True)
    letter_id = SealedField(default="", db_default="", blank=True)
    code_due = SealedField(default="", db_default="", blank=True)
    told_as = models.CharField(max_length=300, default="", db_default="", blank=True)
    told_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True)
    code = ""  # the reporter's, for whoever just sent it, and stored nowhere

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "source", "external"], name="intake_received_once"
            ),
            models.CheckConstraint(
                condition=Q(fate__in=[fate.value for fate in Fate]),
                name="intake_received_fate_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["county", "source", "-received_at", "-id"], name="intake_received_newest"
            ),
            models.Index(
                fields=["county", "source", "fate"],
                condition=Q(fate__in=["refused", "waiting"]),
                name="intake_received_kept",
            ),
            models.Index(fields=["county", "case"], name="intake_received_case"),
            models.Index(
                fields=["county", "sender_index", "received_at"],
                condition=Q(sender_index__isnull=False),
                name="intake_received_sender",
            ),
            models.Index(
                fields=["county", "source", "told_as"],
                condition=~Q(told_as=""),
                name="intake_received_told",
            ),
        ]

    def __str__(self) -> str:
        return f"received {self.id}"


class Fault(models.Model):
    """How often one kind of fault was met at a source on a day, and when last."""

    id = _key()
    county = models.CharField(max_length=6)
    source = models.ForeignKey(Source, models.CASCADE, related_name="faults")
    day = models.DateField()
    code = models.CharField(max_length=16)
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "source", "day", "code"], name="intake_fault_of_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} × {self.count}"
