"""Rows of the people: accounts, units, posts, keys; shifts, duties, leave."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.base.sealed import SealedField
from gezhi.people import rules


def _choices(kinds: Iterable[StrEnum]) -> Any:
    # Plain values, so that a migration never names our enums.
    return [(kind.value, kind.value) for kind in kinds]


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by login, however it was typed."""

    def get_by_natural_key(self, login: str | None) -> "Account":
        return self.get(login=rules.clean_login(login or ""))


class Account(AbstractBaseUser):
    """One person, or one other program, that may sign in. What it may do comes from its posts.

    `path` is the area whose administrators look after the account. `has_factor` says whether
    there is a `Factor`, so that no page has to ask; wrong codes are counted here. A password that
    `is_once` was made by somebody else for one sign-in; an own one may have to change too.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    path = models.CharField(max_length=16, blank=True)
    login = models.CharField(max_length=48, unique=True)
    name = models.CharField(max_length=48)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_is_once = models.BooleanField(default=False, db_default=False)
    password_set_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=8, default="zh-hans")
    has_factor = models.BooleanField(default=False, db_default=False)
    factor_failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    factors_closed_until = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = AccountManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["county", "path"],
                name="people_account_path",
                opclasses=["text_ops", "text_pattern_ops"],
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(login__regex=r"^[a-z0-9][a-z0-9._@-]{1,47}$"),
                name="people_account_login_clean",
            )
        ]

    def __str__(self) -> str:
        return f"account {self.id}"


class Session(models.Model):
    """What one browser is remembered by, in Django's session engine.

    Of staff also whose it is, since when, last used when and from where; `ref` names it to
    people, for the key is the browser's secret.
    """

    session_key = models.CharField(max_length=40, primary_key=True)
    session_data = models.TextField()
    expire_date = models.DateTimeField(db_index=True)
    ref = models.UUIDField(default=new_id, unique=True, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")
    began = models.DateTimeField(null=True)
    last_used = models.DateTimeField(null=True)
    device = models.CharField(max_length=48, blank=True)
    address = models.CharField(max_length=45, blank=True)

    def __str__(self) -> str:
        return f"session {self.ref}"


class PasswordBefore(models.Model):
    """A password an account had and mustn't take again: its digest, as the hasher made it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="passwords_before")
    digest = models.CharField(max_length=128)
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"password before {self.pk}"


class Unit(models.Model):
    """A body that may hold a case: centre, grid, department, station, committee, company."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    code = models.CharField(max_length=48)
    kind = models.CharField(max_length=12, choices=_choices(rules.UnitKind))
    level = models.CharField(max_length=8, choices=_choices(rules.Level))
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=24, blank=True)
    area = models.ForeignKey("places.Area", models.PROTECT, related_name="+")
    path = models.CharField(max_length=16)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    phone = models.CharField(max_length=24, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["county", "path"],
                name="people_unit_path",
                opclasses=["text_ops", "text_pattern_ops"],
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["county", "code"], name="people_unit_code"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """What a list shows: the short name where there is one."""
        return self.short_name or self.name


class UnitRevision(models.Model):
    """One row per deployment: a new token whenever a unit changed, so copies know they are old."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    token = models.UUIDField(default=new_id)

    def __str__(self) -> str:
        return str(self.token)


class Post(models.Model):
    """One person's place in a unit: a role over an area, from a day, perhaps until a day.

    A post that somebody delegated (委托) is held on their behalf, with the same rights and always
    until a day. `valid_to` is the first day on which the post no longer holds. `is_head` marks the
    head of the unit (负责人); it gives no right, it says who is told when a promise is broken.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=24, choices=_choices(rules.Role))
    path = models.CharField(max_length=16)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    is_head = models.BooleanField(default=False, db_default=False)
    delegated_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="delegations"
    )
    delegated_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(delegated_from=None) | Q(valid_to__isnull=False),
                name="people_post_delegated_until",
            ),
            models.UniqueConstraint(
                fields=["account", "unit", "role"],
                condition=Q(valid_to=None),
                name="people_post_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="people_post_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.unit_id}"


class ApiKey(models.Model):
    """A key another program signs in with. Only the digest of its secret is kept.

    One that waits for its holder has no digest yet, so nothing fits it. `collected_at`: when the
    holder took it; without that it was shown to who made it, and acts with no person's posts.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="keys")
    name = models.CharField(max_length=48)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)
    most = models.PositiveIntegerField(null=True, blank=True)  # in a minute; None: as any key
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"key {self.prefix}"

    @property
    def waits(self) -> bool:
        """Whether its holder has still to take it."""
        return not self.digest


class Resident(models.Model):
    """A resident who signs in with codes to a phone. No name: a phone is all that is known.

    A closed account keeps its row, for labels in the record name it, and nothing else.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    phone = SealedField(default="", blank=True)
    phone_index = models.BinaryField(max_length=32, null=True)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "phone_index"], name="people_resident_phone_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, phone_index__isnull=False)
                | Q(closed_at__isnull=False, phone_index=None),
                name="people_resident_closed_has_no_phone",
            ),
        ]

    def __str__(self) -> str:
        return f"resident {self.id}"


class ResidentSession(models.Model):
    """One device, or one app, on which a resident is signed in. Never a session of the staff's.

    Only the digest of its token is kept. `proven_at`: when the own phone last gave back a code.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="sessions")
    digest = models.BinaryField(max_length=32, unique=True)
    is_app = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    proven_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="people_residentsession_ends")]

    def __str__(self) -> str:
        return f"session of resident {self.resident_id}"


class Shift(models.Model):
    """A named shift of a unit, by the clocks of the city: 夜班 22:00–06:00 ends on the next day.

    Its hours never change, for its past duties say who was at work when: another one is set up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="shifts")
    name = models.CharField(max_length=24)
    starts = models.TimeField()
    ends = models.TimeField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "name"],
                condition=Q(is_active=True),
                name="people_shift_name_once",
            )
        ]

    def __str__(self) -> str:
        return f"shift {self.id}"


class Rota(models.Model):
    """Who takes a shift in turn. Where it `goes_on`, a job fills the weeks ahead."""

    shift = models.OneToOneField(Shift, models.CASCADE, primary_key=True, related_name="rota")
    people = ArrayField(models.UUIDField())
    since = models.DateField()
    turn_days = models.PositiveSmallIntegerField(default=1)
    at_once = models.PositiveSmallIntegerField(default=1)
    weekdays = models.CharField(max_length=7, default=rules.ALL_WEEK)
    filled_to = models.DateField()
    goes_on = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"rota {self.shift_id}"

    @property
    def turns(self) -> rules.Turns:
        """Whose turn it is on which day."""
        return rules.Turns(
            tuple(self.people), self.since, self.turn_days, self.at_once, self.weekdays
        )


class Duty(models.Model):
    """One person on one shift on one day (值班); a shift over midnight is of the day it begins."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duties", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="duties", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="duties", db_index=False)
    day = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "day"], name="people_duty_day"),
            models.Index(fields=["account", "day"], name="people_duty_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["shift", "day", "account"], name="people_duty_once")
        ]

    def __str__(self) -> str:
        return f"duty {self.id}"


class Leave(models.Model):
    """Somebody is away (请假) from a moment up to another; one taken back has no length."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="leaves", db_index=False)
    kind = models.CharField(max_length=12, choices=_choices(rules.LeaveKind))
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    substitute = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="stands_in"
    )

    class Meta:
        indexes = [models.Index(fields=["account", "ends"], name="people_leave_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")), name="people_leave_moments_in_order"
            ),
            models.CheckConstraint(
                condition=~Q(substitute=F("account")), name="people_leave_not_by_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"leave {self.id}"


class Factor(models.Model):
    """What a person signs in with besides the password: an authenticator app, or a passkey.

    `count` is the last time step whose code was used, or the passkey's own counter: what was
    used before is never taken again. `credential` and `handle` are a passkey's public parts.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=8, choices=_choices(rules.FactorKind))
    name = models.CharField(max_length=48)
    secret = SealedField(default="", blank=True)
    credential = models.BinaryField(default=b"", blank=True)
    handle = models.BinaryField(null=True, blank=True, unique=True)
    count = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(kind=rules.FactorKind.TOTP.value),
                name="people_factor_one_app",
            )
        ]

    def __str__(self) -> str:
        return f"factor {self.id}"


class RecoveryCode(models.Model):
    """A code on paper that lets a person in once, without their factor. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "digest"], name="people_recovery_code_once")
        ]

    def __str__(self) -> str:
        return f"recovery code {self.id}"


class Identity(models.Model):
    """Who an account is at the identity provider: the subject an administrator wrote down.

    It counts once the person has confirmed it, signed in without the provider.
    """

    account = models.OneToOneField(
        Account, models.PROTECT, primary_key=True, related_name="identity"
    )
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="people_identity_once")
        ]

    def __str__(self) -> str:
        return f"identity of {self.account_id}"
