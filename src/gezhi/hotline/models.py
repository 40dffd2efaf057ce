"""Rows of the room hotline: calls, and knowledge articles with their versions."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.base.words import WordsField
from gezhi.hotline.rules import Outcome, State


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


class Article(models.Model):
    """What agents answer from. `asks` are the words people ask it in; `unit` answers for it.

    The row is as its newest `version` says; a call keeps the version that was read out.
    """

    id = _key()
    county = models.CharField(max_length=6)
    title = models.CharField(max_length=60)
    asks = WordsField(blank=True)
    answer = WordsField()
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    valid_until = models.DateField(null=True)
    state = models.CharField(max_length=8, default=State.DRAFT.value)
    version = models.PositiveIntegerField(default=0)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]),
                name="hotline_article_state_known",
            )
        ]
        indexes = [models.Index(fields=["county", "state", "title"], name="hotline_article_state")]

    def __str__(self) -> str:
        return f"article {self.id}"


class Version(models.Model):
    """An article as it was from then on, and who made it so."""

    id = _key()
    county = models.CharField(max_length=6)
    article = models.ForeignKey(Article, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=60)
    asks = WordsField(blank=True)
    answer = WordsField()
    unit = models.ForeignKey("people.Unit", models.PROTECT, null=True, related_name="+")
    valid_until = models.DateField(null=True)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="hotline_version_number")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class Call(models.Model):
    """One call at one agent's.

    `call_id` is the telephone system's own name for it and `program` its account; both are empty
    where somebody wrote down a call that no system told of. `said` (JSON, sealed) is what the
    agent has typed so far; once a case holds it, it is gone from here. `report` is the caller's in
    that case; calls from before this was kept have none.
    """

    id = _key()
    county = models.CharField(max_length=6)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    program = models.UUIDField(null=True)
    call_id = models.CharField(max_length=64, blank=True)
    line = models.CharField(max_length=32, blank=True)
    order = models.CharField(max_length=60, blank=True)
    phone = SealedField(default="", blank=True)
    phone_index = models.BinaryField(max_length=32, null=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    recording = SealedField(default="", blank=True)
    said = SealedField(default="", blank=True)
    outcome = models.CharField(max_length=8, blank=True)
    settled_at = models.DateTimeField(null=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    report = models.ForeignKey(
        "cases.Report", models.PROTECT, null=True, related_name="+", db_index=False
    )
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="calls")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "program", "call_id"],
                condition=~Q(call_id=""),
                name="hotline_call_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *(one.value for one in Outcome)]),
                name="hotline_call_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None) | ~Q(outcome="") & ~Q(settled_at=None),
                name="hotline_call_settled_when",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["opened", "joined"], case__isnull=False)
                | ~Q(outcome__in=["opened", "joined"]) & Q(case=None),
                name="hotline_call_case",
            ),
            models.CheckConstraint(
                condition=Q(outcome="answered", version__isnull=False)
                | ~Q(outcome="answered") & Q(version=None),
                name="hotline_call_version",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "-began_at", "-id"], name="hotline_call_newest"),
            models.Index(fields=["account", "-began_at", "-id"], name="hotline_call_agent"),
            models.Index(
                fields=["account", "-began_at"],
                condition=Q(outcome=""),
                name="hotline_call_at_hand",
            ),
            models.Index(fields=["county", "phone_index"], name="hotline_call_phone"),
            models.Index(fields=["county", "case"], name="hotline_call_of_case"),
        ]

    def __str__(self) -> str:
        return f"call {self.id}"
