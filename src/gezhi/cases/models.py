"""Rows of the case. The history is only added to; the case row is its projection."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.base.words import IndexField, WordsField
from gezhi.cases.rules.moves import ENDED, State


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


def _county() -> Any:
    return models.CharField(max_length=6)


class Case(models.Model):
    """One matter from report to last word. `lines` counts its history and is its revision.

    `category` is what the centre accepted it under; until then only
    `proposed_category` is set; `is_category_told`: whoever reported it said so, and no words
    were read for it. Older cases don't know. `centre` is the governance centre in charge,
    `holder` the unit that has it now. `paused_at`, `paused_until`, `due_from`, `due_at`,
    `due_runs_on` (that promise does not stand with the clock) and `finish_by` are projections of
    the ledger and of the promises, kept for lists. `stages` are the keys of the
    stages that were reached, of whatever category it had then. `has_files` and
    `has_asked` spare an act a look at files, or at leave somebody asked for, that never were;
    `is_reachable` says whether any reporter left a contact. Older cases don't know. `is_secret`:
    whoever reported it first asked that nobody be told who they are. `answers`: what was said to
    the questions of the category it was reported under, by their codes.
    """

    id = _key()
    county = _county()
    number = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    channel = models.CharField(max_length=16)
    what = WordsField()
    answers = models.JSONField(default=dict, db_default={}, blank=True)
    place = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    datum = models.CharField(max_length=8, blank=True)
    h3 = models.CharField(max_length=16, blank=True)
    area = models.ForeignKey("places.Area", models.PROTECT, related_name="+")
    path = models.CharField(max_length=15)
    category = models.CharField(max_length=64, blank=True)
    proposed_category = models.CharField(max_length=64, blank=True)
    is_category_told = models.BooleanField(default=False, db_default=False)
    size = models.CharField(max_length=8, blank=True)
    is_urgent = models.BooleanField(default=False)
    is_public = models.BooleanField(default=False)
    is_secret = models.BooleanField(default=False, db_default=False)
    centre = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    holder = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    book = models.PositiveIntegerField()
    stages = models.JSONField(default=list, db_default=[])
    sent_back = models.PositiveSmallIntegerField(default=0)
    is_decided_above = models.BooleanField(default=False)
    main = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    before_merge = models.JSONField(null=True)
    outcome = models.CharField(max_length=24, blank=True)
    answer = WordsField(blank=True)
    is_verified = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.CharField(max_length=64, blank=True)
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    due_from = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    due_runs_on = models.BooleanField(default=False, db_default=False)
    finish_by = models.DateTimeField(null=True)
    lines = models.PositiveIntegerField(default=0)
    head = models.BinaryField(max_length=32, default=b"")
    label = models.CharField(max_length=64, blank=True)
    source_key = models.CharField(max_length=80, blank=True)
    has_files = models.BooleanField(null=True)
    has_asked = models.BooleanField(null=True)
    is_reachable = models.BooleanField(null=True)
    words = IndexField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "number"], name="cases_case_number"),
            models.UniqueConstraint(
                fields=["county", "source_key"],
                condition=~Q(source_key=""),
                name="cases_case_source_key",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]),
                name="cases_case_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", main__isnull=False)
                | (~Q(state="merged") & Q(main__isnull=True)),
                name="cases_case_merged_has_main",
            ),
            models.CheckConstraint(
                condition=(Q(lon__isnull=True) & Q(lat__isnull=True))
                | (Q(lon__isnull=False) & Q(lat__isnull=False)),
                name="cases_case_point_whole",
            ),
        ]
        indexes = [
            models.Index(
                F("county"), OpClass(F("path"), name="text_pattern_ops"), F("opened_at").desc(),
                name="cases_case_path",
            ),
            models.Index(
                fields=["county", "holder", "due_at"],
                condition=~Q(state__in=sorted(state.value for state in ENDED)),
                name="cases_case_inbox",
            ),
            models.Index(
                fields=["county", "due_at", "id"],
                condition=~Q(state__in=sorted(state.value for state in ENDED)),
                name="cases_case_due",
            ),
            models.Index(fields=["county", "state", "changed_at"], name="cases_case_state"),
            # By number alone, whole or from its beginning, as people type it.
            models.Index(OpClass(F("number"), name="text_pattern_ops"), name="cases_case_typed"),
            models.Index(fields=["county", "-opened_at", "-id"], name="cases_case_newest"),
            models.Index(
                fields=["county", "-opened_at", "-id"],
                condition=Q(is_public=True),
                name="cases_case_public",
            ),
            models.Index(fields=["county", "h3", "opened_at"], name="cases_case_h3"),
            models.Index(fields=["county", "category", "opened_at"], name="cases_case_category"),
            GinIndex(fields=["words"], name="cases_case_words", fastupdate=True),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class Report(models.Model):
    """One person's voice in a case: contact (sealed), tracking code (digest), vote.

    `resident` is whoever was signed in, or took it in later; others prove it by the code.
    `is_taken_by_code`: with nothing but the tracking code, so that they see no contact by it.
    """

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="reports")
    at = models.DateTimeField()
    channel = models.CharField(max_length=16)
    is_first = models.BooleanField(default=True)
    words = WordsField(blank=True)
    code_digest = models.BinaryField(max_length=32)
    name = SealedField(default="", blank=True)
    phone = SealedField(default="", blank=True)
    address = SealedField(default="", blank=True)
    phone_index = models.BinaryField(max_length=32, null=True)
    resident = models.ForeignKey(
        "people.Resident", models.PROTECT, null=True, related_name="+", db_index=False
    )
    is_taken_by_code = models.BooleanField(default=False, db_default=False)
    is_secret = models.BooleanField(default=False)
    is_solved = models.BooleanField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_words = WordsField(blank=True)
    rated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)),
                name="cases_report_rating_range",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(is_first=True), name="cases_report_one_first"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "case", "at"], name="cases_report_case"),
            models.Index(fields=["county", "code_digest"], name="cases_report_code"),
            models.Index(fields=["county", "phone_index"], name="cases_report_phone"),
            models.Index(fields=["county", "channel", "at"], name="cases_report_channel"),
            models.Index(
                fields=["resident"],
                condition=Q(resident__isnull=False),
                name="cases_report_resident",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.id}"


class Leg(models.Model):
    """One unit's stretch of work on a case: leading, or called to help.

    `register` is none: a unit wrote the case down for others to work on, and may read on.
    It has ended when it begins.
    """

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="legs")
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    role = models.CharField(max_length=8)
    opened_at = models.DateTimeField()
    arrive_by = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=64, blank=True)
    finished_at = models.DateTimeField(null=True)
    result = WordsField(blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(role="lead", ended_at__isnull=True),
                name="cases_leg_one_open_lead",
            ),
            models.UniqueConstraint(
                fields=["case", "unit"],
                condition=Q(role="joint", ended_at__isnull=True),
                name="cases_leg_one_open_joint",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["lead", "joint", "register"]), name="cases_leg_role_known"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "case", "opened_at"], name="cases_leg_case"),
            models.Index(fields=["county", "unit", "case"], name="cases_leg_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.role} leg {self.id}"


class HistoryLine(models.Model):
    """One line of a case's history, chained by hash to the line before it.

    The chain holds a salted digest of `words`, not the words, so that they can be
    erased when their time is up and the chain still verifies.
    """

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="history")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=20)
    actor = models.CharField(max_length=64)
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    was = models.CharField(max_length=12, blank=True)
    state = models.CharField(max_length=12)
    holder = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=32, blank=True)
    data = models.JSONField(default=dict)
    words = WordsField(blank=True)
    is_public = models.BooleanField(default=True)
    salt = models.CharField(max_length=32, blank=True)
    words_digest = models.CharField(max_length=64, blank=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "case", "seq"], name="cases_history_seq")
        ]
        indexes = [
            models.Index(
                fields=["county", "at", "id"],
                condition=Q(is_public=True),
                name="cases_history_public",
            )
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.act}"


class ClockEntry(models.Model):
    """One line of a case's clock ledger: start, pause, resume, transfer, extend, stop."""

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="clock")
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    actor = models.CharField(max_length=64)
    reason = models.CharField(max_length=32, blank=True)
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "case", "at", "id"], name="cases_clock_case")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class Approval(models.Model):
    """Somebody asks leave for an act; somebody with the right decides."""

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="approvals")
    act = models.CharField(max_length=20)
    values = models.JSONField()
    words = WordsField(blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    is_granted = models.BooleanField(null=True)
    decision = WordsField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "act"],
                condition=Q(decided_at__isnull=True),
                name="cases_approval_one_open",
            )
        ]
        indexes = [models.Index(fields=["county", "case", "asked_at"], name="cases_approval_case")]

    def __str__(self) -> str:
        return f"{self.act} asked {self.asked_at:%Y-%m-%d}"


class Question(models.Model):
    """A question to the reporter (`to_reporter`) or a supervisor's demand to the holder."""

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="questions")
    kind = models.CharField(max_length=8)  # question | demand
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    words = WordsField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    answer_by = models.DateTimeField()
    answer = WordsField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(kind="question", answered_at__isnull=True),
                name="cases_question_one_open",
            )
        ]
        indexes = [models.Index(fields=["county", "case", "asked_at"], name="cases_question_case")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Visit(models.Model):
    """One try of a return visit."""

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    is_reached = models.BooleanField()
    is_solved = models.BooleanField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    words = WordsField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["county", "case", "at"], name="cases_visit_case")]

    def __str__(self) -> str:
        return f"visit {self.at:%Y-%m-%d %H:%M}"


class Attachment(models.Model):
    """A file of a case. Pictures are stored re-encoded without EXIF, the original sealed.

    `waits_for` names the act the file came for, until that act has taken it or left it out.
    """

    id = _key()
    county = _county()
    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    report = models.ForeignKey(Report, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    is_public = models.BooleanField(default=True)
    waits_for = models.CharField(max_length=12, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["county", "case", "at"], name="cases_attachment_case")]

    def __str__(self) -> str:
        return self.name
