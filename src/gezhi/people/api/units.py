"""Units, for programs: found, added, changed, closed."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from gezhi.base.api import (
    Answer,
    AreaPath,
    Input,
    Paged,
    Shown,
    Text24,
    Text48,
    Text64,
    Text120,
    give,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of_list
from gezhi.people import actions, reads
from gezhi.people.models import Unit
from gezhi.record.api import answer_once

router = Router(tags=["units"])
Kind = Literal["centre", "grid", "department", "station", "committee", "company"]
Level = Literal["city", "county", "town", "village", "grid"]


class UnitShown(Shown):
    """A body that may hold a case."""

    id: UUID
    code: str
    kind: Kind
    level: Level
    name: str
    short_name: str
    path: str
    parent: UUID | None
    phone: str
    is_active: bool


class UnitList(Shown):
    items: list[UnitShown]
    next: str | None


class UnitsAsked(Paged):
    """Which units."""

    kind: Kind | None = None
    inside: AreaPath | None = Field(None, description="Units in this area.")
    covering: AreaPath | None = Field(None, description="Units whose area covers this one.")
    q: Text64 = Field("", description="Part of a name or code.")


class UnitSent(Input):
    """A new unit. Its level is that of its area."""

    code: Text48 = Field(description="Readable and for good: small letters, digits, -.")
    kind: Kind
    name: Text120
    short_name: Text24 = ""
    path: AreaPath
    phone: Text24 = ""
    parent: UUID | None = None


class UnitWords(Input):
    """What may change in a unit; left out means left as it is."""

    name: Text120 = ""
    short_name: Text24 = ""
    phone: Text24 = ""
    parent: UUID | None = None


@router.get("/units", response=UnitList, summary="Find units")
def list_units(request: HttpRequest, asked: Annotated[UnitsAsked, Query(...)]) -> HttpResponse:
    """Active units, by code."""
    kinds = (asked.kind,) if asked.kind else ()
    if asked.covering:
        found = reads.units_covering(asked.covering, county=settings.COUNTY, kinds=kinds)
    else:
        found = reads.units_under(asked.inside or "", county=settings.COUNTY, kinds=kinds)
    rows = [unit for unit in found if asked.q in f"{unit.name} {unit.short_name} {unit.code}"]
    page = page_of_list(rows, key=_code, cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, unit_shown)


def _code(unit: Unit) -> str:
    return unit.code


def unit_shown(unit: Unit) -> dict[str, Any]:
    return {
        "id": unit.id,
        "code": unit.code,
        "kind": unit.kind,
        "level": unit.level,
        "name": unit.name,
        "short_name": unit.short_name,
        "path": unit.path,
        "parent": unit.parent_id,
        "phone": unit.phone,
        "is_active": unit.is_active,
    }


@router.get("/units/{uuid:unit}", response=UnitShown, summary="Read a unit")
def get_unit(request: HttpRequest, unit: UUID) -> HttpResponse:
    """A unit, active or closed."""
    return give(unit_shown(reads.unit(unit)))


@router.post("/units", response={201: UnitShown}, summary="Add a unit")
def add_unit(request: HttpRequest, body: UnitSent) -> HttpResponse:
    """A new unit that answers for an area."""
    actor = actor_of(request)
    values = body.model_dump()

    def do() -> Answer:
        made = actions.add_unit(county=settings.COUNTY, **values, actor=actor)
        return Answer(unit_shown(made), 201, {"Location": f"/api/v1/units/{made.id}"})

    return answer_once(request, do)


@router.patch("/units/{uuid:unit}", response=UnitShown, summary="Change a unit")
def change_unit(request: HttpRequest, unit: UUID, body: UnitWords) -> HttpResponse:
    """Names, phone and the unit above; code, kind and area stay."""
    words = body.model_dump(exclude_unset=True)
    return give(unit_shown(actions.change_unit(unit, **words, actor=actor_of(request))))


@router.post("/units/{uuid:unit}/close", response=UnitShown, summary="Close a unit")
def close_unit(request: HttpRequest, unit: UUID) -> HttpResponse:
    """Out of use; refused while people have posts there."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(unit_shown(actions.close_unit(unit, actor=actor))))


@router.post("/units/{uuid:unit}/reopen", response=UnitShown, summary="Open a unit again")
def reopen_unit(request: HttpRequest, unit: UUID) -> HttpResponse:
    """Into use again."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(unit_shown(actions.reopen_unit(unit, actor=actor))))
