"""Whose things are: estates with property companies, roads and a river with their keepers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gezhi.demo.county import names
from gezhi.demo.county.crew import PersonPlan, UnitPlan
from gezhi.demo.county.drawing import County
from gezhi.demo.county.features import Feature
from gezhi.demo.county.names import Names
from gezhi.demo.county.naming import Named
from gezhi.places.rules import corridor

# The property companies: an estate is looked after by one of them, in turn.
_PROPERTY = (("anju", "安居物业公司"), ("jiahe", "嘉禾物业公司"), ("yingbin", "迎宾物业公司"))
_OTHERS = (("highway", "公路段"), ("market", "市场服务公司"), ("garden", "园林绿化公司"))
_IN_ESTATES: tuple[str, ...] = ("road", "lamp", "manhole", "drain", "green", "lift", "refuse")
_KEPT: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "market": (("",), "company-market", "市场内由市场服务公司统一管理"),
    "park": (("green", "sport", "lamp"), "company-garden", "绿化、器材、路灯由园林绿化公司养护"),
    "national": (("road", "bridge", "sign"), "company-highway", "国道由公路段养护"),
    "road": (("road",), "dept-transport", "县道由交通运输局养护"),
    "river": (("river",), "dept-water", f"{names.RIVER}河道由水务局管护"),
}
_ESTATES, _MARKETS, _SQUARES = 15, 2, 2
_REACH = 90.0  # metres from the middle of an estate to its edge
_STAFF = 3


@dataclass(frozen=True)
class GroundPlan:
    """A named ground as it will be stored: at a point, or in the whole county."""

    name: str
    kind: str
    shape: BaseGeometry
    at: tuple[float, float] | None


@dataclass(frozen=True)
class OwnerPlan:
    """Whose a kind of thing on it is; "" for everything."""

    ground: str
    asset: str
    unit: str
    reason: str


def plan_keepers() -> tuple[UnitPlan, ...]:
    """The companies that keep things up and that no rule of the rulebook names."""
    parent = f"centre-{names.CODE}"
    return tuple(
        UnitPlan(f"company-{code}", "company", names.COUNTY[1] + name, name, names.CODE, parent)
        for code, name in (*_PROPERTY, *_OTHERS)
    )


def plan_keepers_crew(keepers: tuple[UnitPlan, ...], seed: int) -> tuple[PersonPlan, ...]:
    """Some people for each; their logins are `k` and a number."""
    given = Names(np.random.default_rng([seed, 101]))
    posts = [unit.code for unit in keepers for _ in range(_STAFF)]
    return tuple(
        PersonPlan(f"k{number:03d}", given.person(), unit, "handler")
        for number, unit in enumerate(posts, 1)
    )


def plan_owners(county: County) -> tuple[tuple[GroundPlan, ...], tuple[OwnerPlan, ...]]:
    """The grounds, and what is laid down for each."""
    grounds = [*_estates(county), *_places(county), *_lines(county)]
    return tuple(grounds), tuple(owner for ground in grounds for owner in _owners(ground))


def _estates(county: County) -> Iterator[GroundPlan]:
    once = [one for one in county.names if one.kind == "estate"]
    once = [one for one in once if [other.name for other in once].count(one.name) == 1]
    yield from (_around(one, "estate") for one in once[:_ESTATES])


def _places(county: County) -> Iterator[GroundPlan]:
    for kind, ground, most in (("market", "market", _MARKETS), ("square", "park", _SQUARES)):
        found = [one for one in county.names if one.kind == kind]
        yield from (_around(one, ground) for one in found[:most])


def _around(one: Named, kind: str) -> GroundPlan:
    spot = shapely.Point(one.lon, one.lat)
    return GroundPlan(one.name, kind, corridor(spot, _REACH), (one.lon, one.lat))


def _lines(county: County) -> Iterator[GroundPlan]:
    """The national road and the county's own, and the river."""
    kinds = (("road", "国道994线", 15.0), ("road", "稷川县道", 10.0), ("water", names.RIVER, 30.0))
    for kind, name, metres in kinds:
        drawn = [one.geometry for one in county.features if _is_line(one, kind, name)]
        if drawn:
            shape = corridor(shapely.union_all(drawn), metres)
            ground = "road" if kind == "road" else "river"
            yield GroundPlan(f"{name}{names.COUNTY[1]}段", ground, shape, None)


def _is_line(one: Feature, kind: str, name: str) -> bool:
    return (one.kind, one.name) == (kind, name) and "LineString" in one.geometry.geom_type


def _owners(ground: GroundPlan) -> Iterator[OwnerPlan]:
    """What is laid down for a ground."""
    if ground.kind == "estate":
        code, company = _PROPERTY[sum(map(ord, ground.name)) % len(_PROPERTY)]
        reason = f"{ground.name}内的公共设施由{company}负责（2024 年物业服务合同）"
        assets, unit = _IN_ESTATES, f"company-{code}"
    else:
        is_national = ground.name.startswith("国道")
        assets, unit, reason = _KEPT["national" if is_national else ground.kind]
    for asset in assets:
        yield OwnerPlan(ground.name, asset, unit, reason)
