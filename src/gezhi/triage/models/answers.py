"""Standard replies: as officers wrote them, how they were changed, which cases used them."""

from django.db import models
from django.db.models import Q

from gezhi.base.ids import new_id
from gezhi.base.words import WordsField


class StandardReply(models.Model):
    """Words for an answer that come again, with places like {日期} to be filled in.

    For one category, or all of a group, or (both empty) for everything. Somebody who answered well
    proposes one (`source` is the case); who keeps the rules takes it into use.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    category = models.CharField(max_length=64, blank=True)
    group = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=60)
    text = WordsField()
    state = models.CharField(max_length=8)
    source = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "in_use", "dropped"]),
                name="triage_reply_state_known",
            ),
            models.CheckConstraint(
                condition=Q(category="") | Q(group=""), name="triage_reply_for_one_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "category"], name="triage_reply_category")
        ]

    def __str__(self) -> str:
        return f"reply {self.id}"


class ReplyChange(models.Model):
    """Who did what to a standard reply, and how it stood before."""

    id = models.BigAutoField(primary_key=True)
    county = models.CharField(max_length=6)
    reply = models.ForeignKey(StandardReply, models.PROTECT, related_name="changes")
    act = models.CharField(max_length=8)
    before = models.JSONField(default=dict)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["county", "reply", "-id"], name="triage_reply_changes")]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d %H:%M}"


class ReplyUse(models.Model):
    """An answer that was sent holds a standard reply's words."""

    id = models.BigAutoField(primary_key=True)
    county = models.CharField(max_length=6)
    reply = models.ForeignKey(StandardReply, models.PROTECT, related_name="uses")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reply", "case"], name="triage_reply_use_once")
        ]
        indexes = [models.Index(fields=["county", "reply", "at"], name="triage_reply_used")]

    def __str__(self) -> str:
        return f"use of reply {self.reply_id}"
