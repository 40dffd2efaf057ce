"""Rows of the people: accounts, units, posts, keys; shifts, duties, leave."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.people import rules


def _choices(kinds: Iterable[rules.Role | rules.UnitKind | rules.Level | rules.LeaveKind]) -> Any:
    # Plain values, so that a migration never names our enums.
    return [(kind.value, kind.value) for kind in kinds]


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by login, however it was typed."""

    def get_by_natural_key(self, login: str | None) -> "Account":
        return self.get(login=rules.clean_login(login or ""))


class Account(AbstractBaseUser):
    """One person, or one other program, that may sign in. What it may do comes from its posts.

    `path` is the area whose administrators look after the account.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    path = models.CharField(max_length=16, blank=True)
    login = models.CharField(max_length=48, unique=True)
    name = models.CharField(max_length=48)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    language = models.CharField(max_length=8, default="zh-hans")

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

    `valid_to` is the first day on which the post no longer holds. `is_head` marks the head of
    the unit (负责人); it gives no right, it says who is told when a promise is broken.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=16, choices=_choices(rules.Role))
    path = models.CharField(max_length=16)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    is_head = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
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
    """A key another program signs in with. Only the digest of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="keys")
    name = models.CharField(max_length=48)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    last_used = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"key {self.prefix}"


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
