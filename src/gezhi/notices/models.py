"""Rows of notices: what somebody is told, how it goes out, and how they want it."""

from datetime import time
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField, blind_index, blind_indexes, is_index_of
from gezhi.base.words import WordsField
from gezhi.notices.rules import CONFIRMED, FIELDS, OPEN, Channel, Purpose, State


def _key() -> Any:
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


def _county() -> Any:
    return models.CharField(max_length=6)


def address_text(channel: str, address: str) -> str:
    """What an address is indexed as."""
    return f"address:{channel}:{address.lower()}"


def address_key(channel: Channel, address: str) -> bytes:
    """What an address is found and known by, while it stands sealed."""
    return blind_index(address_text(channel, address))


def address_keys(channel: Channel, address: str) -> list[bytes]:
    """The same under every index key in use, to search by."""
    return blind_indexes(address_text(channel, address))


class Notice(models.Model):
    """Somebody is told of something: an account, the reporter of a report, the group of a unit.

    `cause` is what it comes from (a line of the book, or a promise): of one cause somebody is
    told once. What `is_on_desk` stands in the account's own list; `read_at` is when it was read.
    One without a case is of the house itself, for who administers it.
    """

    id = _key()
    county = _county()
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    report = models.ForeignKey(
        "cases.Report", models.PROTECT, null=True, related_name="+", db_index=False
    )
    unit = models.ForeignKey(
        "people.Unit", models.PROTECT, null=True, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, related_name="+", db_index=False
    )
    number = models.CharField(max_length=16, blank=True)
    event = models.CharField(max_length=32)
    audience = models.CharField(max_length=16)
    cause = models.CharField(max_length=64)
    words = WordsField()
    is_on_desk = models.BooleanField(default=False)
    at = models.DateTimeField()
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, report__isnull=True, unit__isnull=True)
                | Q(account__isnull=True, report__isnull=False, unit__isnull=True)
                | Q(account__isnull=True, report__isnull=True, unit__isnull=False),
                name="notices_notice_to_one",
            ),
            models.UniqueConstraint(
                fields=["account", "cause", "event"],
                condition=Q(account__isnull=False),
                name="notices_notice_once_account",
            ),
            models.UniqueConstraint(
                fields=["report", "cause", "event"],
                condition=Q(report__isnull=False),
                name="notices_notice_once_report",
            ),
            models.UniqueConstraint(
                fields=["unit", "cause", "event"],
                condition=Q(unit__isnull=False),
                name="notices_notice_once_unit",
            ),
        ]
        indexes = [
            models.Index(
                F("account"), F("at").desc(), F("id").desc(),
                condition=Q(is_on_desk=True),
                name="notices_notice_mine",
            ),
            models.Index(
                fields=["account"],
                condition=Q(is_on_desk=True, read_at__isnull=True),
                name="notices_notice_unread",
            ),
            models.Index(fields=["cause"], name="notices_notice_cause"),
            models.Index(fields=["county", "case", "at"], name="notices_notice_case"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event} {self.id}"


class Delivery(models.Model):
    """A notice on its way out by one channel.

    What has one `bundle` goes out in one message, whose idempotency key the bundle is. `due` is
    when it may next be tried; `is_again` marks one that a process had begun to send and whose end
    nobody saw: the other side may have it already.
    """

    id = _key()
    county = _county()
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries", db_index=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=8)
    gateway = models.CharField(max_length=16, blank=True)
    address = SealedField()
    subject = models.CharField(max_length=200, blank=True)
    words = WordsField()
    bundle = models.UUIDField(default=new_id)
    state = models.CharField(max_length=8)
    due = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    is_again = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    answer = WordsField(blank=True)
    error = WordsField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="notices_delivery_once"),
            models.CheckConstraint(
                condition=Q(channel__in=[channel.value for channel in Channel]),
                name="notices_delivery_channel_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]),
                name="notices_delivery_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due"],
                condition=Q(state__in=sorted(state.value for state in OPEN)),
                name="notices_delivery_due",
            ),
            models.Index(
                fields=["account", "due"],
                condition=Q(state="digested"),
                name="notices_delivery_digest",
            ),
            models.Index(fields=["bundle"], name="notices_delivery_bundle"),
            models.Index(fields=["county", "-made_at", "-id"], name="notices_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state} {self.id}"


class Choice(models.Model):
    """How one account wants to hear of things besides the desk; its own quiet hours.

    An address is used once its owner has typed in the code that was sent there: the digest of
    that address is kept beside it (`mail_confirmed`, `phone_confirmed`), so that one which is
    written over it without a code is not taken for confirmed.
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    mail = SealedField(default="", blank=True)
    phone = SealedField(default="", blank=True)
    wants_mail = models.BooleanField(default=False)
    wants_sms = models.BooleanField(default=False)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    mail_confirmed = models.BinaryField(max_length=32, null=True)
    phone_confirmed = models.BinaryField(max_length=32, null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="notices_choice_quiet_whole",
            )
        ]

    def __str__(self) -> str:
        return f"choice of {self.account_id}"

    def wants(self, channel: Channel) -> bool:
        """Whether its owner wants to be told by this way."""
        found: bool = getattr(self, f"wants_{channel}")
        return found

    def address(self, channel: Channel) -> str:
        """The address of a way, as its owner typed it."""
        found: str = getattr(self, FIELDS[channel])
        return found

    def confirmed(self, channel: Channel) -> str:
        """The same where its owner has shown that it is theirs, else nothing."""
        address = self.address(channel)
        kept = getattr(self, f"{FIELDS[channel]}_confirmed") or b""
        is_theirs = is_index_of(bytes(kept), address_text(channel, address))
        return address if is_theirs else ""

    @property
    def quiet(self) -> tuple[time, time] | None:
        """The own quiet hours, if there are any."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        return self.quiet_from, self.quiet_to


class AddressCheck(models.Model):
    """A code that is on its way to an address, to show that whoever asked for it reads it.

    What staff asked for is of their account; a resident's, who may have none yet, is of nobody
    and found by its id. `purpose` is what it may be used for; `asked_from` the keyed digest of
    the network address that asked, so that nobody has codes sent to everybody.

    The code is made by whoever sends it and is kept as a keyed digest only (`code`). `address_key`
    finds what was sent to an address by whatever account. `ended_at`: the code was typed in, or the
    address is not wanted any more; until then its owner is asked for the code.
    """

    id = _key()
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    purpose = models.CharField(
        max_length=12, default=Purpose.ADDRESS.value, db_default=Purpose.ADDRESS.value
    )
    channel = models.CharField(max_length=8)
    address = SealedField()
    address_key = models.BinaryField(max_length=32)
    asked_from = models.BinaryField(max_length=32, null=True)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    code = models.BinaryField(max_length=32, default=b"")
    tries = models.PositiveSmallIntegerField(default=0)
    error = WordsField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=[channel.value for channel in CONFIRMED]),
                name="notices_addresscheck_channel_known",
            ),
            models.CheckConstraint(
                condition=Q(purpose="address", account__isnull=False)
                | (~Q(purpose="address") & Q(account__isnull=True)),
                name="notices_addresscheck_of_account",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "channel", "-asked_at"], name="notices_check_account"),
            models.Index(fields=["address_key", "asked_at"], name="notices_check_address"),
            models.Index(fields=["asked_at"], name="notices_check_asked"),
            models.Index(
                fields=["asked_from", "asked_at"],
                condition=Q(asked_from__isnull=False),
                name="notices_check_from",
            ),
        ]

    def __str__(self) -> str:
        return f"check of {self.channel} {self.id}"
