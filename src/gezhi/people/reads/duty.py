"""Who is at work when: rosters, leave, heads of units."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.people import rules
from gezhi.people.models import Account, Duty, Leave, Post, Rota, Shift, Unit
from gezhi.people.reads.covering import unit, unit_to_change
from gezhi.people.reads.staff import account, accounts, held_on, own_id, today

_READ_ROSTERS = ("case.read_area", "post.manage")


class _Held(NamedTuple):
    """A post somebody holds in a unit, from a day up to, not with, another."""

    account: UUID
    role: str
    is_head: bool
    since: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass
class _Place:
    """What is known of one unit during a span of moments."""

    posts: list[_Held] = field(default_factory=list)
    names: dict[UUID, str] = field(default_factory=dict)
    absences: list[rules.Absence] = field(default_factory=list)
    stints: list[rules.Stint] = field(default_factory=list)

    def posts_on(self, at: datetime) -> list[_Held]:
        day = timezone.localdate(at)
        return [post for post in self.posts if post.holds_on(day)]

    def standings(
        self, *, roles: Collection[str] | None, heads: bool, at: datetime
    ) -> list[rules.Standing]:
        there = self.posts_on(at)
        asked = [
            post.account
            for post in there
            if (roles is None or post.role in roles) and (post.is_head or not heads)
        ]
        return rules.standings(
            list(dict.fromkeys(asked)),
            staff={post.account for post in there},
            stints=self.stints,
            absences=self.absences,
            at=at,
            zone=timezone.get_current_timezone(),
        )


class Staffing:
    """Who is at work in units from one moment to another, both with: two queries for each unit."""

    def __init__(self, since: datetime, until: datetime | None = None) -> None:
        self.since, self.until = since, until or since
        self._places: dict[UUID, _Place] = {}

    def at_work(
        self,
        unit: UUID,
        *,
        roles: Collection[rules.Role] | None,
        heads: bool = False,
        at: datetime,
    ) -> list[UUID]:
        """The accounts at work in a unit at a moment, as `rules.standings` says; each once.

        Of those with one of `roles` (None: any), of its heads alone with `heads`. Posts and
        accounts that don't hold on that day don't count.
        """
        if not self.since <= at <= self.until:
            raise ValueError(f"asked for {at}, which is not from {self.since} to {self.until}")
        if unit not in self._places:
            self._places |= _places([unit], self.since, self.until)
        found = self._places[unit].standings(roles=roles, heads=heads, at=at)
        return list(dict.fromkeys(standing.account for standing in found))


def count_at_work(units: Collection[UUID], *, at: datetime) -> dict[UUID, int]:
    """How many people are at work in each of these units at one moment: two queries for all."""
    return {
        unit: len({each.account for each in place.standings(roles=None, heads=False, at=at)})
        for unit, place in _places(units, at, at).items()
    }


class AtWork(NamedTuple):
    """Somebody at work, for display; `shift` is empty where the unit keeps no roster then."""

    account: UUID
    name: str
    roles: tuple[str, ...]
    is_head: bool
    shift: str
    instead_of: str


def on_duty(
    unit: UUID, *, roles: Collection[rules.Role] | None, heads: bool = False, at: datetime
) -> list[UUID]:
    """Who is at work in one unit at one moment, as `Staffing` says."""
    return Staffing(at).at_work(unit, roles=roles, heads=heads, at=at)


def who_is_on_duty(actor: Actor, unit: UUID, at: datetime) -> list[AtWork]:
    """Who is at work in a unit, with names, for those who may read its roster."""
    found = unit_with_roster(actor, unit)
    place = _places([found.id], at, at)[found.id]
    standings = place.standings(roles=None, heads=False, at=at)
    shifts = dict(Shift.objects.filter(unit=found).values_list("id", "name"))
    held = place.posts_on(at)
    return [_shown(standing, place, held, shifts) for standing in standings]


def _shown(
    standing: rules.Standing, place: _Place, held: list[_Held], shifts: dict[UUID, str]
) -> AtWork:
    posts = [post for post in held if post.account == standing.account]
    shift = standing.stint.shift if standing.stint else None
    return AtWork(
        account=standing.account,
        name=place.names[standing.account],
        roles=tuple(dict.fromkeys(post.role for post in posts)),
        is_head=any(post.is_head for post in posts),
        shift=shifts.get(shift, "") if shift else "",
        instead_of=place.names.get(standing.instead_of, "") if standing.instead_of else "",
    )


def _places(units: Iterable[UUID], since: datetime, until: datetime) -> dict[UUID, _Place]:
    places = {id: _Place() for id in units}
    first, last = timezone.localdate(since), timezone.localdate(until)
    away = Q(account__leaves__starts__lte=until, account__leaves__ends__gt=since)
    for unit_id, name, starts, ends, substitute, *held in _posts(places, first, last, away):
        place, post = places[unit_id], _Held(*held)
        place.posts.append(post)
        place.names[post.account] = name
        if starts is not None:
            place.absences.append(rules.Absence(post.account, starts, ends, substitute))
    # A shift of the day before may run over midnight.
    near = Duty.objects.filter(unit__in=places, day__gte=first - timedelta(days=1), day__lte=last)
    columns = ("unit_id", "account_id", "day", "shift__starts", "shift__ends", "shift_id")
    for unit_id, *stint in near.order_by("day", "id").values_list(*columns):
        places[unit_id].stints.append(rules.Stint(*stint))
    return places


def _posts(
    units: Iterable[UUID], first: date, last: date, away: Q
) -> QuerySet[Post, tuple[Any, ...]]:
    """Posts that hold on any of these days; one line for each leave their person is on."""
    return (
        Post.objects.filter(_held_between(first, last), unit__in=units, account__is_active=True)
        .annotate(away=FilteredRelation("account__leaves", condition=away))
        .order_by("account__login", "role")
        .values_list(
            "unit_id", "account__name", "away__starts", "away__ends", "away__substitute_id",
            "account_id", "role", "is_head", "valid_from", "valid_to",
        )
    )  # fmt: skip


def _held_between(first: date, last: date) -> Q:
    return Q(valid_from__lte=last) & (Q(valid_to=None) | Q(valid_to__gt=first))


def posted(unit: UUID, *, roles: Collection[rules.Role], on: date) -> list[UUID]:
    """Everybody with one of these roles in a unit on a day, at work or not."""
    held = Post.objects.filter(held_on(on), unit=unit, role__in=roles, account__is_active=True)
    return list(dict.fromkeys(held.order_by("account__login").values_list("account", flat=True)))


def head_names(units: Iterable[UUID]) -> dict[UUID, list[str]]:
    """What today's heads of these units are called, in one query."""
    found: dict[UUID, list[str]] = {}
    heads = Post.objects.filter(
        held_on(today()), unit__in=list(units), is_head=True, account__is_active=True
    )
    names = heads.order_by("valid_from", "account__login")
    for unit_id, name in names.values_list("unit_id", "account__name"):
        if name not in found.setdefault(unit_id, []):
            found[unit_id].append(name)
    return found


def may_keep_roster(actor: Actor, unit: Unit) -> bool:
    """Whether the actor administers the unit."""
    return actor.may("unit.manage", path=unit.path)


def unit_with_roster(actor: Actor, id: UUID) -> Unit:
    """A unit whose roster the actor may read: its staff, administrators, who oversees its area."""
    found = unit(id)
    overlooks = any(
        actor.may(right, path=found.path) for right in ("case.read_area", "post.manage")
    )
    if not (found.id in actor.units or overlooks or may_keep_roster(actor, found)):
        raise NotFound(unit=id)
    return found


def shifts_of(unit: UUID) -> QuerySet[Shift]:
    """The shifts of a unit that are in use, by the hour they start, with the rota, if any."""
    return (
        Shift.objects.filter(unit=unit, is_active=True)
        .select_related("rota")
        .order_by("starts", "name")
    )


def duties(unit: UUID, *, first: date, last: date) -> QuerySet[Duty]:
    """The duties of a unit between two days, both with, with shifts and people."""
    return (
        Duty.objects.filter(unit=unit, day__gte=first, day__lte=last)
        .select_related("shift", "account")
        .order_by("day", "shift__starts", "account__name", "id")
    )


def shift_to_change(actor: Actor, id: UUID) -> Shift:
    """A shift of an administered unit; the unit is held, so rosters change one after another."""
    unit_id = Shift.objects.filter(id=id).values_list("unit_id", flat=True).first()
    if unit_id is None:
        raise NotFound(shift=id)
    unit_to_change(actor, unit_id)
    return Shift.objects.select_related("unit").get(id=id)


def duty_to_change(actor: Actor, id: UUID) -> Duty:
    """A duty of an administered unit, which is held."""
    unit_id = Duty.objects.filter(id=id).values_list("unit_id", flat=True).first()
    if unit_id is None:
        raise NotFound(duty=id)
    unit_to_change(actor, unit_id)
    # Read now that the unit is held: another act may have taken it away meanwhile.
    found = Duty.objects.select_related("unit", "shift").filter(id=id).first()
    if found is None:
        raise NotFound(duty=id)
    return found


def duties_in(shifts: Sequence[UUID], *, first: date, last: date) -> QuerySet[Duty]:
    """The duties of these shifts between two days, both with."""
    return Duty.objects.filter(shift__in=shifts, day__gte=first, day__lte=last)


def staff_ids(units: Iterable[UUID], *, first: date, last: date) -> dict[UUID, set[UUID]]:
    """Who holds a post in these units on any of these days."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    held = Q(valid_from__lte=last) & (Q(valid_to=None) | Q(valid_to__gt=first))
    posts = Post.objects.filter(held, unit__in=list(units), account__is_active=True)
    for unit_id, account_id in posts.values_list("unit_id", "account_id"):
        found[unit_id].add(account_id)
    return found


def rota_of(shift: UUID) -> Rota | None:
    """Who takes this shift in turn, if that was laid down; held until the transaction ends."""
    return Rota.objects.select_for_update().filter(shift=shift).first()


def rotas_to_extend(until: date) -> QuerySet[Rota]:
    """Rotas that go on by themselves and aren't filled so far; each held by one job alone."""
    return (
        Rota.objects.filter(
            goes_on=True, filled_to__lt=until, shift__is_active=True, shift__unit__is_active=True
        )
        .select_related("shift__unit")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("shift_id")
    )


def accounts_held(ids: Iterable[UUID]) -> dict[UUID, Account]:
    """These accounts, held one after another in one order, so that two leaves can't cross."""
    found = Account.objects.filter(id__in=set(ids)).order_by("id").select_for_update(of=("self",))
    return {each.id: each for each in found}


def colleagues(account: UUID, *, on: date) -> QuerySet[Account]:
    """Who may stand in for somebody: active, with a post in the same unit on that day; by name."""
    units = Post.objects.filter(held_on(on), account=account).values("unit")
    ids = Post.objects.filter(held_on(on), unit__in=units).values("account")
    return Account.objects.filter(id__in=ids, is_active=True).exclude(id=account).order_by("name")


def may_keep_leaves(actor: Actor, account: UUID) -> bool:
    """A person's leave is kept by the person and by who administers the account."""
    return account == own_id(actor) or accounts(actor).filter(id=account).exists()


def person_on_leave(actor: Actor, id: UUID) -> Account:
    """The account whose leave the actor may keep: its own, or one it looks after."""
    if id == own_id(actor) and (own := Account.objects.filter(id=id, is_active=True).first()):
        return own
    return account(actor, id)


def leaves(actor: Actor, account: UUID) -> QuerySet[Leave]:
    """All leave of a person, the latest first."""
    found = Leave.objects.filter(account=person_on_leave(actor, account))
    return found.select_related("account", "substitute").order_by("-starts", "-id")


def leave_to_end(actor: Actor, id: UUID) -> Leave:
    """A leave the actor may end, held until the transaction ends."""
    found = Leave.objects.filter(id=id).select_for_update(of=("self",)).first()
    if found is None or not may_keep_leaves(actor, found.account_id):
        raise NotFound(leave=id)
    return found


def leaves_between(accounts: Iterable[UUID], starts: datetime, ends: datetime) -> QuerySet[Leave]:
    """Leave of these people that has a part between two moments, by its beginning."""
    real = Q(starts__lt=F("ends"))  # not taken back before it began
    found = Leave.objects.filter(real, account__in=set(accounts), starts__lt=ends, ends__gt=starts)
    return found.select_related("account", "substitute").order_by("starts", "id")


def substitutions(account: UUID, *, after: datetime) -> QuerySet[Leave]:
    """Leave of others in which this person stands in, not over at a moment."""
    found = Leave.objects.filter(substitute=account, ends__gt=after, starts__lt=F("ends"))
    return found.select_related("account").order_by("starts", "id")


def own_duties(account: UUID, *, first: date, last: date) -> QuerySet[Duty]:
    """The duties of a person between two days, both with."""
    return (
        Duty.objects.filter(account=account, day__gte=first, day__lte=last)
        .select_related("shift", "unit")
        .order_by("day", "shift__starts", "id")
    )
