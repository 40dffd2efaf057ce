"""Rows of the residents: what they ask about their data, and the copies they have made of it."""

from typing import Any

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.residents.rules import CopyState, RequestState, Wish


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


class DataRequest(models.Model):
    """A reporter asks to have the words of a report corrected, or its personal data erased.

    `wanted` are the words as they should be; `reason` and `answer` what both sides say. What was
    granted is done at `done_at`: an erasure not before the case has ended. `is_by_code`: whoever
    asked had shown the tracking code and not the phone that was left.
    """

    id = _key()
    county = models.CharField(max_length=6)
    report = models.ForeignKey("cases.Report", models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", db_index=False)
    wish = models.CharField(max_length=8)
    wanted = SealedField(default="", blank=True)
    reason = SealedField(default="", blank=True)
    state = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = SealedField(default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    is_by_code = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "wish"],
                condition=Q(state="open"),
                name="residents_datarequest_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RequestState])
                & Q(wish__in=[wish.value for wish in Wish]),
                name="residents_datarequest_known",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "due_at"], name="residents_request_due"),
            models.Index(fields=["report", "-asked_at"], name="residents_request_report"),
        ]

    def __str__(self) -> str:
        return f"{self.wish} asked {self.asked_at:%Y-%m-%d}"


class DataRequestLine(models.Model):
    """One step of a request: asked, taken back, granted, denied; by whom. Only added to."""

    id = _key()
    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="lines")
    at = models.DateTimeField()
    act = models.CharField(max_length=10)
    actor = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d %H:%M}"


class HeldContact(models.Model):
    """A contact as it was before it was corrected, kept while a legal hold lies on its case."""

    id = _key()
    county = models.CharField(max_length=6)
    report = models.ForeignKey("cases.Report", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    name = SealedField(default="", blank=True)
    phone = SealedField(default="", blank=True)
    address = SealedField(default="", blank=True)

    def __str__(self) -> str:
        return f"held {self.at:%Y-%m-%d}"


class Copy(models.Model):
    """A copy of all that is kept about a resident, made by the worker. Its file is sealed.

    `done` of `total` reports are in it; it is taken away at `ends_at`.
    """

    id = _key()
    county = models.CharField(max_length=6)
    resident = models.ForeignKey("people.Resident", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8)
    language = models.CharField(max_length=8, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resident"], condition=Q(state="working"), name="residents_copy_one_working"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CopyState]),
                name="residents_copy_state_known",
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], name="residents_copy_ends")]

    def __str__(self) -> str:
        return f"copy {self.id}"
