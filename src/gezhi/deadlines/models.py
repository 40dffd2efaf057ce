"""Rows of promises, and of rehearsals of other rulebooks on past cases.

The ledger in the cases room says what ran; promises say what is due.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.deadlines.rules.rehearsing import RehearsalState, Topic

EXTENDED = "extended"  # the basis of a due moment that an extension named


def _county() -> Any:
    return models.CharField(max_length=6)


class Deadline(models.Model):
    """One promise: who must have done what by when.

    `due` is `base_due` moved on by what the clock stood since `base_from`;
    `first_due` never changes. Met, dropped or open: one of the three. `grace` is how long it was
    due already when it was promised: so long after `due` its ladder begins.

    `next_step` of its plan (`rules.steps`) comes at `next_at`; without a moment nothing comes
    while the clock stands, or ever. An empty step: not planned yet. `rung` is the last of the
    ladder that was told since it was broken.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = _county()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    leg = models.ForeignKey("cases.Leg", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    stage = models.CharField(max_length=96, blank=True, default="", db_default="")
    starts = models.DateTimeField()
    base_from = models.DateTimeField()
    base_due = models.DateTimeField()
    first_due = models.DateTimeField()
    due = models.DateTimeField()
    grace = models.DurationField(default=timedelta, db_default=timedelta())
    is_working = models.BooleanField()
    basis = models.CharField(max_length=80)
    met_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_step = models.CharField(max_length=12, blank=True, default="", db_default="")
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(met_at__isnull=True) | Q(dropped_at__isnull=True),
                name="deadlines_deadline_met_or_dropped",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True)
                & Q(kind__in=["accept", "forward", "sign", "finish", "visit", "reply"]),
                name="deadlines_deadline_one_open",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True)
                & Q(kind__in=["pause", "rate", "reopen"]),
                name="deadlines_deadline_one_window",
            ),
            models.UniqueConstraint(
                fields=["case", "stage"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True, kind="stage"),
                name="deadlines_deadline_one_stage",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "case", "starts"], name="deadlines_deadline_case"),
            models.Index(
                fields=["county", "due"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True),
                name="deadlines_deadline_due",
            ),
            models.Index(
                fields=["county", "next_at"],
                condition=Q(next_at__isnull=False),
                name="deadlines_deadline_next",
            ),
            models.Index(
                fields=["county", "id"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True, next_step=""),
                name="deadlines_deadline_unplanned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due:%Y-%m-%d %H:%M}"

    @property
    def is_extended(self) -> bool:
        """Whether somebody named its due moment, later than the rulebook's."""
        return self.basis == EXTENDED


class Raised(models.Model):
    """A step of a promise's plan that was taken: once for each due moment, whoever takes it.

    `audience` is whom the rulebook wanted told and `unit` theirs; `told` counts those of them
    who were at work.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = _county()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="+")
    step = models.CharField(max_length=12)
    due = models.DateTimeField()
    at = models.DateTimeField()
    audience = models.CharField(max_length=8, blank=True)
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    told = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "step", "due"], name="deadlines_raised_once"
            )
        ]
        indexes = [models.Index(fields=["county", "at"], name="deadlines_raised_at")]

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"


class Horizon(models.Model):
    """While a simulation drives a county's clock, steps before `until` are its to take."""

    county = models.CharField(primary_key=True, max_length=6)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.county} until {self.until:%Y-%m-%d %H:%M}"


class Rehearsal(models.Model):
    """Past cases, opened from `since` up to `until`, under the rulebook in `files`.

    `areas` are those whoever asked may manage the rulebook of. `done` cases are behind it, up to
    the one opened at `after_at` with the id `after`; `sums` counts what was found in them.
    Lateness is judged as of `asked_at`. `pace` is cases per second.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = _county()
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    areas = models.JSONField()
    files = models.JSONField()
    digest = models.CharField(max_length=64)
    against = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=8)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    after_at = models.DateTimeField(null=True)
    after = models.UUIDField(null=True)
    sums = models.JSONField(default=dict)
    pace = models.FloatField(default=0)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="deadlines_rehearsal_once"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RehearsalState]),
                name="deadlines_rehearsal_state_known",
            ),
            models.CheckConstraint(
                condition=Q(since__lt=F("until")), name="deadlines_rehearsal_period"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "-asked_at"], name="deadlines_rehearsal_newest"),
            models.Index(
                fields=["touched_at"],
                condition=Q(state="working"),
                name="deadlines_rehearsal_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"rehearsal {self.id}"


class Difference(models.Model):
    """One thing in one past case that would have been otherwise, or late either way. Codes only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = _county()
    rehearsal = models.ForeignKey(Rehearsal, models.CASCADE, related_name="differences")
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    number = models.CharField(max_length=16)
    topic = models.CharField(max_length=8)
    verdict = models.CharField(max_length=8)
    kind = models.CharField(max_length=8, blank=True)
    category = models.CharField(max_length=64, blank=True)
    unit = models.CharField(max_length=64, blank=True)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    sides = models.CharField(max_length=140, blank=True)
    due_before = models.DateTimeField(null=True)
    due_after = models.DateTimeField(null=True)
    minutes = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(topic__in=[topic.value for topic in Topic]),
                name="deadlines_difference_topic_known",
            )
        ]
        indexes = [
            models.Index(
                fields=["county", "rehearsal", "topic", "verdict", "id"],
                name="deadlines_difference_list",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.topic} {self.verdict}"
