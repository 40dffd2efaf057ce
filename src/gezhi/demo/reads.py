"""What the demo county offers to whoever tries it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from gezhi.base.actor import Actor, system
from gezhi.base.actor import Post as ActorPost
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.demo.county.crew import PersonPlan, UnitPlan
from gezhi.demo.rules import DEMO_ACCOUNTS, DemoAccount
from gezhi.people.models import Post, Shift, Unit
from gezhi.people.rules import rights_of

# Looks at cases between the acts of the simulation; never acts itself.
WATCHER = system("demo")


def accounts() -> tuple[DemoAccount, ...]:
    """The accounts to try, with who they are and what to do with them."""
    return DEMO_ACCOUNTS


def source(seed: int, start: datetime | None = None) -> str:
    """How the `source_key` of a case simulated from `start` on begins; its number follows."""
    return f"demo:{seed}:" + (f"{start.astimezone(UTC):%Y%m%d%H%M}:" if start else "")


def reported_already(seed: int, start: datetime, *, county: str) -> dict[int, Case]:
    """The cases that a run of this seed and start has made, by their number in it."""
    key = source(seed, start)
    found = cases.visible_to(WATCHER).filter(county=county, source_key__startswith=key)
    return {int(case.source_key.removeprefix(key)): case for case in found.iterator()}


def history_exists(seed: int, *, county: str) -> bool:
    """Whether any case of this seed has been simulated."""
    found = cases.visible_to(WATCHER).filter(county=county, source_key__startswith=source(seed))
    return found.exists()


def actors_by_unit(county: str) -> dict[UUID, list[Actor]]:
    """Everybody who works in the county as an actor, by unit, in the order of logins."""
    posts = Post.objects.filter(
        unit__county=county, unit__is_active=True, account__is_active=True, valid_to=None
    ).order_by("account__login", "role")
    actors: dict[UUID, list[Actor]] = {}
    for account, unit, role, path in posts.values_list("account_id", "unit_id", "role", "path"):
        post = ActorPost(unit=unit, role=role, path=path, rights=rights_of(role))
        actor = Actor(label=f"account:{account}", kind="staff", account=account, posts=(post,))
        actors.setdefault(unit, []).append(actor)
    return actors


def has_rosters(county: str) -> bool:
    """Whether anybody has ever kept a roster there."""
    return Shift.objects.filter(unit__county=county).exists()


def crew_at_work(county: str) -> list[tuple[PersonPlan, UUID]]:
    """Who holds which post now, with the post's id, in the order of logins."""
    held = Post.objects.filter(
        unit__county=county, unit__is_active=True, account__is_active=True, valid_to=None
    ).order_by("account__login", "role")
    rows = held.values_list(
        "id", "account__login", "account__name", "unit__code", "role", "is_head"
    )
    return [(PersonPlan(login, name, unit, role, head), id)
            for id, login, name, unit, role, head in rows]  # fmt: skip


# How many of a role a unit needs for turns, and for somebody to be away.
_TURNS = {"centre": (("receptionist", 2), ("supervisor", 1)), "department": (("handler", 3),)}


def units_staffed(county: str, crew: Sequence[PersonPlan]) -> list[UnitPlan]:
    """Centres and departments that have the people for rosters and leave."""
    there = Counter((person.unit, person.role) for person in crew)
    found = Unit.objects.filter(county=county, is_active=True, kind__in=_TURNS).order_by("path")
    return [
        UnitPlan(one.code, one.kind, one.name, one.short_name, one.path, "")
        for one in found
        if all(there[one.code, role] >= count for role, count in _TURNS[one.kind])
    ]
