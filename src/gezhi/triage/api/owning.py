"""Whose things are, for programs."""

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from gezhi.base.api import Answer, Input, Paging, Shown, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.places.models import Responsibility, Zone
from gezhi.record.api import answer_once
from gezhi.triage.actions import owning as actions
from gezhi.triage.reads import owning as reads

router = Router()


class OwnerShown(Shown):
    """Who answers for a kind of thing or matter on a ground or in an area; "" is any.

    `orphaned`: its area is no more, and nothing goes by it until it is laid down anew; `path` is
    that of the area it went into.
    `reason` is "root_cause" where a root-cause case has laid it down.
    """

    id: UUID
    zone: UUID | None
    zone_name: str
    path: str
    asset: str
    category: str
    unit: str
    reason: str
    valid_from: date
    valid_to: date | None
    orphaned: bool


class OwnerList(Shown):
    items: list[OwnerShown]
    next: str | None


class OwnerSent(Input):
    """`ground` is the code of an area, or the name or id of a named ground."""

    ground: str = Field(min_length=1, max_length=60)
    unit: str = Field(min_length=1, max_length=48)
    reason: str = Field(min_length=1, max_length=200)
    asset: str = Field("", max_length=24)
    category: str = Field("", max_length=60)
    valid_from: date | None = None
    valid_to: date | None = None


class GroundOutlineSent(Input):
    """`outline` is GeoJSON as text, or the code of an area; a line needs `metres`."""

    outline: str = Field("", max_length=200_000)
    metres: float = Field(0, ge=0, le=actions.MOST_METRES)


class GroundSent(GroundOutlineSent):
    """A named ground, drawn or not."""

    name: str = Field(min_length=1, max_length=60)
    kind: str = Field(max_length=8)
    path: str = Field(max_length=15)


class GroundShown(Shown):
    """A named ground."""

    id: UUID
    kind: str
    name: str
    path: str
    is_drawn: bool
    valid_to: date | None


class GroundList(Shown):
    items: list[GroundShown]
    next: str | None


@router.get("/triage/responsibilities", response=OwnerList, summary="Whose things are")
def list_responsibilities(request: HttpRequest, query: Paging) -> HttpResponse:
    """What is laid down in the areas you keep and has not ended."""
    found = reads.laid_down(actor_of(request), county=settings.COUNTY, ended=False)
    page = page_of(found, order=("-valid_from", "-id"), cursor=query.cursor, limit=query.limit)
    return give_page(request, page, _shown)


@router.post("/triage/responsibilities", response={201: OwnerShown}, summary="Lay one down")
def add_responsibility(request: HttpRequest, body: OwnerSent) -> HttpResponse:
    """From today, unless a day is said."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(_shown(actions.lay_down(**body.model_dump(), actor=actor)), 201)
    )


@router.post(
    "/triage/responsibilities/{uuid:owner}/end", response=OwnerShown, summary="It holds no longer"
)
def end_responsibility(request: HttpRequest, owner: UUID) -> HttpResponse:
    """From today; what was sent by it stays."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_shown(actions.end(owner, actor=actor))))


@router.get("/triage/grounds", response=GroundList, summary="Named grounds")
def list_grounds(request: HttpRequest, query: Paging) -> HttpResponse:
    """In the areas you keep, those that are in force."""
    found = reads.grounds(actor_of(request), county=settings.COUNTY)
    page = page_of(found, order=("name", "id"), cursor=query.cursor, limit=query.limit)
    return give_page(request, page, _ground)


@router.post("/triage/grounds", response={201: GroundShown}, summary="Add a named ground")
def add_ground(request: HttpRequest, body: GroundSent) -> HttpResponse:
    """An estate, a market, a stretch of a road or a river."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer(_ground(actions.add_ground(**body.model_dump(), actor=actor)), 201)
    )


@router.put(
    "/triage/grounds/{uuid:ground}/outline", response=GroundShown, summary="Draw a ground anew"
)
def redraw_ground(request: HttpRequest, ground: UUID, body: GroundOutlineSent) -> HttpResponse:
    """From now on; without an outline it is known by its name."""
    actor = actor_of(request)
    return answer_once(
        request,
        lambda: Answer(_ground(actions.redraw_ground(ground, **body.model_dump(), actor=actor))),
    )


@router.post("/triage/grounds/{uuid:ground}/end", response=GroundShown, summary="End a ground")
def end_ground(request: HttpRequest, ground: UUID) -> HttpResponse:
    """From today, with what was laid down for it; what was sent by it stays."""
    actor = actor_of(request)
    return answer_once(request, lambda: Answer(_ground(actions.end_ground(ground, actor=actor))))


def _shown(row: Responsibility) -> dict[str, Any]:
    return {
        "id": row.id,
        "zone": row.zone_id,
        "zone_name": row.zone.name if row.zone else "",
        "path": row.zone.area.path if row.zone else row.area.path if row.area else "",
        "asset": row.asset,
        "category": row.category,
        "unit": row.unit,
        "reason": row.reason,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "orphaned": row.area is not None and row.area.valid_to is not None,
    }


def _ground(zone: Zone) -> dict[str, Any]:
    return {
        "id": zone.id,
        "kind": zone.kind,
        "name": zone.name,
        "path": zone.area.path,
        "is_drawn": zone.is_drawn if hasattr(zone, "is_drawn") else zone.geometry is not None,
        "valid_to": zone.valid_to,
    }
