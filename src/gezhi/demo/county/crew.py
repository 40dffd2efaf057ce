"""Who works in the county and when: centres, grids, departments, stations, invented people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time

import numpy as np

from gezhi.demo.county import names
from gezhi.demo.county.divisions import Division
from gezhi.demo.county.names import Names

FULL_TIME, PART_TIME = 249, 1_882


@dataclass(frozen=True)
class Body:
    """A kind of unit as the rulebook routes to it; `{town}` in the code stands for each town."""

    code: str
    kind: str
    name: str


@dataclass(frozen=True)
class UnitPlan:
    """A unit as it will be stored."""

    code: str
    kind: str
    name: str
    short_name: str
    path: str
    parent: str


@dataclass(frozen=True)
class PersonPlan:
    """A person with one post."""

    login: str
    name: str
    unit: str
    role: str
    is_head: bool = False


@dataclass(frozen=True)
class LeavePlan:
    """Places in the crew of somebody who is away and of who stands in; days from today."""

    person: int
    substitute: int | None
    first: int
    days: int
    kind: str


@dataclass(frozen=True)
class RotaPlan:
    """A shift of a unit, and the places in the crew of who takes it in turn."""

    unit: str
    name: str
    starts: time
    ends: time
    people: tuple[int, ...]
    turn_days: int


# role → how many, by what a unit is
_STAFF = {
    "county": {
        "receptionist": 7, "supervisor": 3, "return_visitor": 5, "mediator": 4, "leader": 3,
        "administrator": 1,
    },
    "town": {
        "receptionist": 3, "supervisor": 1, "return_visitor": 1, "leader": 1, "mediator": 1,
    },
    "village": {"receptionist": 1, "mediator": 1},
    "department": {"handler": 4, "leader": 1},
    "station": {"handler": 2},
    "company": {"handler": 3},
    "committee": {"mediator": 3},
}  # fmt: skip


def plan_units(divisions: Sequence[Division], bodies: Sequence[Body]) -> tuple[UnitPlan, ...]:
    """A centre at every level, a unit for every grid, and the bodies the rulebook names."""
    planned = [_centre(one) for one in divisions if one.level != "grid"]
    planned += [
        UnitPlan(
            f"grid-{one.code}", "grid", one.name, one.short_name, one.code, f"centre-{one.parent}"
        )
        for one in divisions
        if one.level == "grid"
    ]
    towns = [one for one in divisions if one.level == "town"]
    for body in bodies:
        if body.kind in ("grid", "centre"):
            continue
        planned += _bodies(body, towns)
    return tuple(planned)


def _centre(one: Division) -> UnitPlan:
    parent = f"centre-{one.parent}" if one.parent else ""
    name = f"{one.name}综治中心"
    short = f"{one.short_name}综治中心"
    return UnitPlan(f"centre-{one.code}", "centre", name, short, one.code, parent)


def _bodies(body: Body, towns: Sequence[Division]) -> Iterator[UnitPlan]:
    if "{town}" not in body.code:
        name = names.COUNTY[0] + body.name
        parent = f"centre-{names.CODE}"
        yield UnitPlan(body.code, body.kind, name, body.name, names.CODE, parent)
        return
    for town in towns:
        code = body.code.replace("{town}", town.code)
        yield UnitPlan(
            code, body.kind, town.name + body.name, town.short_name + body.name, town.code,
            f"centre-{town.code}",
        )  # fmt: skip


def plan_people(
    units: Sequence[UnitPlan], divisions: Sequence[Division], chance: np.random.Generator
) -> tuple[PersonPlan, ...]:
    """Everybody, without the demo accounts: logins are `y` and a number."""
    given = Names(chance)
    grids = [unit for unit in units if unit.kind == "grid"]
    general = {one.code for one in divisions if one.kind == "grid"}
    posts = [(unit.code, role) for unit in units for role in _roles(unit)]
    posts += [(unit.code, "grid_worker") for unit in grids if unit.path in general]
    spread = np.array([one.people for one in divisions if one.level == "grid"], dtype=float)
    for unit, count in zip(grids, _helpers(spread), strict=True):
        posts += [(unit.code, "grid_worker")] * count
    # Last, so that nobody before them gets another name.
    posts += [(f"centre-{names.CODE}", role) for role in ("security_administrator", "auditor")]
    heads = _heads(posts)
    return tuple(
        PersonPlan(f"y{number:05d}", given.person(), unit, role, number in heads)
        for number, (unit, role) in enumerate(posts, 1)
    )


def plan_heads(crew: Sequence[PersonPlan]) -> list[int]:
    """The places in the crew of who is the head of a unit."""
    return sorted(number - 1 for number in _heads([(one.unit, one.role) for one in crew]))


def _heads(posts: Sequence[tuple[str, str]]) -> set[int]:
    """The numbers of one head for each unit that has staff of its own: its leader, if it has one.

    Grids have none: they are their village's.
    """
    first: dict[str, int] = {}
    for number, (unit, role) in enumerate(posts, 1):
        is_led = not unit.startswith("grid-")
        if is_led and (unit not in first or role == "leader" != posts[first[unit] - 1][1]):
            first[unit] = number
    return set(first.values())


# Centres of the county and of the towns are staffed round the clock.
_HOURS = {"白班": (time(8), time(20)), "夜班": (time(20), time(8))}


def plan_rotas(units: Sequence[UnitPlan], crew: Sequence[PersonPlan]) -> tuple[RotaPlan, ...]:
    """Who of the receptionists works by day and who by night, in turn; places are into `crew`.

    In the county, which has seven, four take the days and three the nights, two days each; in a
    town each of three works by day, the next day by night, and is off on the third.
    """
    planned: list[RotaPlan] = []
    for unit in units:
        if unit.kind != "centre" or len(unit.path) > 9:
            continue
        there = [
            at
            for at, person in enumerate(crew)
            if (person.unit, person.role) == (unit.code, "receptionist")
        ]
        turn_days = 2 if len(unit.path) == 6 else 1
        by_turns = (there, [there[-1], *there[:-1]])
        shared = (there[:4], there[4:]) if len(there) >= 6 else by_turns
        planned += [
            RotaPlan(unit.code, name, *hours, people=tuple(people), turn_days=turn_days)
            for (name, hours), people in zip(_HOURS.items(), shared, strict=True)
        ]
    return tuple(planned)


def plan_leaves(units: Sequence[UnitPlan], crew: Sequence[PersonPlan]) -> tuple[LeavePlan, ...]:
    """Some are away when the demo starts or soon after; nobody of those one can sign in as."""
    there: dict[tuple[str, str], list[int]] = {}
    for at, person in enumerate(crew):
        there.setdefault((person.unit, person.role), []).append(at)
    planned: list[LeavePlan] = []
    departments = [unit.code for unit in units if unit.kind == "department"]
    for number, code in enumerate(departments[::5]):
        _first, away, other, *_rest = there[code, "handler"]
        kind = "training" if number % 2 else "leave"
        planned.append(LeavePlan(away, other, first=number, days=3, kind=kind))
    towns = [unit.code for unit in units if unit.kind == "centre" and len(unit.path) == 9]
    for number, code in enumerate(towns[::3]):
        away, supervisor = there[code, "receptionist"][1], there[code, "supervisor"][0]
        substitute = supervisor if number % 2 == 0 else None
        planned.append(LeavePlan(away, substitute, first=2 * number, days=2, kind="leave"))
    return tuple(planned)


def _roles(unit: UnitPlan) -> Iterator[str]:
    kind = unit.kind
    if kind == "centre":
        kind = {6: "county", 9: "town", 12: "village"}[len(unit.path)]
    for role, count in _STAFF.get(kind, {}).items():
        yield from [role] * count


def _helpers(people: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[int]:
    """Part-time workers of each grid: two at least, more where more people live."""
    spare = PART_TIME - 2 * len(people)
    exact = people / people.sum() * spare
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: spare - int(whole.sum())]] += 1
    return [2 + int(count) for count in whole]
