"""Rows of the room exchange: subscriptions, and what is on its way to them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.base.words import WordsField
from gezhi.exchange.rules import Stage, State, Wanted


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


class Subscription(models.Model):
    """Another system that is told of facts at an address.

    What `account`, a program's, may read is what it is told of; `kinds`, `categories` and `areas`
    narrow that, an empty one does not. (`xid`, `line`) is its own place in the book of facts.

    `due` is when it may next be tried, after a try that failed; `dead_in_row` how many deliveries
    died since one arrived. `claimed_at` is set while a process sends for it. A replay goes from
    `replay_from` to `replay_to`, numbers of lines. `secret_before` signs too until `secret_until`.
    """

    id = _key()
    county = models.CharField(max_length=6)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=48)
    address = SealedField()
    host = models.CharField(max_length=255)
    secret = SealedField()
    secret_before = SealedField(default="")
    secret_until = models.DateTimeField(null=True)
    kinds = models.JSONField(default=list)
    categories = models.JSONField(default=list)
    areas = models.JSONField(default=list)
    state = models.CharField(max_length=8, default=State.ACTIVE.value)
    why = models.CharField(max_length=12, blank=True)
    xid = models.BigIntegerField()
    line = models.BigIntegerField()
    read_at = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    dead_in_row = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = WordsField(blank=True)
    ping_asked_at = models.DateTimeField(null=True)
    pinged_at = models.DateTimeField(null=True)
    ping_error = WordsField(blank=True)
    replay_from = models.BigIntegerField(null=True)
    replay_to = models.BigIntegerField(null=True)
    replay_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]),
                name="exchange_subscription_state",
            ),
            models.CheckConstraint(
                condition=Q(state="stopped") ^ Q(why=""), name="exchange_subscription_why"
            ),
        ]
        indexes = [models.Index(fields=["county", "name", "id"], name="exchange_by_name")]

    def __str__(self) -> str:
        return f"subscription {self.id}"

    def wanted(self, reach: list[str]) -> Wanted:
        """What it is told of, where its account reads cases in these areas."""
        return Wanted(self.kinds, self.categories, self.areas, reach)


class Delivery(models.Model):
    """One line of the book on its way to one subscription; what it says is read off the book.

    Those that wait go in the order of the book, (`xid`, `line`).
    """

    id = _key()
    county = models.CharField(max_length=6)
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="deliveries", db_index=False
    )
    xid = models.BigIntegerField()
    line = models.BigIntegerField()
    kind = models.CharField(max_length=48)
    number = models.CharField(max_length=16)
    at = models.DateTimeField()
    stage = models.CharField(max_length=10, default=Stage.WAITING.value)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = WordsField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "line"], name="exchange_delivery_once"),
            models.CheckConstraint(
                condition=Q(stage__in=[stage.value for stage in Stage]),
                name="exchange_delivery_stage",
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "xid", "line"],
                condition=Q(stage="waiting"),
                name="exchange_delivery_waiting",
            ),
            models.Index(
                fields=["subscription"], condition=Q(stage="dead"), name="exchange_delivery_dead"
            ),
            models.Index(
                F("subscription"), F("at").desc(), F("id").desc(), name="exchange_delivery_newest"
            ),
            models.Index(
                fields=["county", "settled_at"],
                condition=Q(stage="delivered"),
                name="exchange_delivery_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.line} {self.stage}"
