"""Rows of the room exchange: subscriptions and what is on its way to them; peers, their cases."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.base.words import WordsField
from gezhi.exchange.rules import Reach, Stage, State, Wanted


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


class Peer(models.Model):
    """Another city that speaks Open311 and stands for a unit: what that unit holds is sent to it.

    `services` has its code for each of our categories, `others` that for all the rest. `form` is
    what it speaks, `has_updates` whether it tells updates beside requests: both are found out, and
    `offers` with them, when it is looked at. `heard_until` is how far its updates were read, `due`
    when it is asked again, `failures` how often in a row it didn't answer.
    """

    id = _key()
    county = models.CharField(max_length=6)
    unit = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    name = models.CharField(max_length=48)
    address = SealedField()
    host = models.CharField(max_length=255)
    jurisdiction = models.CharField(max_length=64, blank=True)
    key = SealedField(default="")
    services = models.JSONField(default=dict)
    others = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    form = models.CharField(max_length=4, blank=True)
    has_updates = models.BooleanField(default=False)
    offers = models.JSONField(default=list)
    look_asked_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    look_error = WordsField(blank=True)
    heard_until = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    well_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = WordsField(blank=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["county", "unit"], name="exchange_peer_of_unit"),
        ]
        indexes = [models.Index(fields=["county", "name", "id"], name="exchange_peer_by_name")]

    def __str__(self) -> str:
        return f"peer {self.id}"


class Handover(models.Model):
    """One case on its way to a peer, or there: a stretch of work by its unit.

    `service` is the peer's code, `request` its number, `token` stands for that until there is
    one; `before` is the number of an earlier stretch. `is_unclear`: something was sent and nobody
    knows whether it was taken, so it is looked for (`looks` times) before it is sent again.
    `seen_status` is what the request said when it was last asked for, `seen_notes` a digest of its
    words; `looks` is then how often in a row it wasn't known there. `is_doubted`: the peer has
    another address since, and its number counts for nothing until the request shows our mark.
    """

    id = _key()
    county = models.CharField(max_length=6)
    peer = models.ForeignKey(Peer, models.CASCADE, related_name="handovers", db_index=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    number = models.CharField(max_length=16)
    reach = models.CharField(max_length=10, default=Reach.WAITING.value)
    why = models.CharField(max_length=12, blank=True)
    service = models.CharField(max_length=100, blank=True)
    request = models.CharField(max_length=100, blank=True)
    token = models.CharField(max_length=200, blank=True)
    before = models.CharField(max_length=100, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    looks = models.PositiveSmallIntegerField(default=0)
    is_unclear = models.BooleanField(default=False)
    is_doubted = models.BooleanField(default=False, db_default=False)
    due = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = WordsField(blank=True)
    seen_status = models.CharField(max_length=32, blank=True)
    seen_notes = WordsField(blank=True)
    expected = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reach__in=[reach.value for reach in Reach]),
                name="exchange_handover_reach",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(reach__in=["waiting", "given", "followed"]),
                name="exchange_handover_one_open",
            ),
        ]
        indexes = [
            models.Index(
                F("peer"), F("asked_at").desc(), F("id").desc(), name="exchange_handover_newest"
            ),
            models.Index(
                fields=["peer", "checked_at"],
                condition=Q(reach__in=["waiting", "given", "followed"]),
                name="exchange_handover_open",
            ),
        ]

    def __str__(self) -> str:
        return f"handover {self.number} {self.reach}"


class Heard(models.Model):
    """One thing a peer said of a request, taken once: `key` is its own name for it.

    `media` is where its picture lies, until that was fetched or turned out to be none.
    Until `taken_at` it waits for its step, and `error` says why it could not be made.
    """

    id = _key()
    county = models.CharField(max_length=6)
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="heard", db_index=False)
    key = models.CharField(max_length=150)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    status = models.CharField(max_length=32)
    words = WordsField(blank=True)
    media = models.CharField(max_length=500, blank=True, default="", db_default="")
    taken_at = models.DateTimeField(null=True)
    error = WordsField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "key"], name="exchange_heard_once")
        ]
        indexes = [
            models.Index(
                fields=["handover", "at", "id"],
                condition=Q(taken_at__isnull=True),
                name="exchange_heard_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
