"""Divisions, outlines and where a point lies, for programs."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import shapely
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import ConfigDict, Field

from gezhi.base.api import (
    Answer,
    AreaPath,
    Datum,
    Day,
    Input,
    Latitude,
    Longitude,
    Paged,
    Shown,
    Text64,
    give,
    give_page,
    is_known,
    not_modified,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.base.refusal import NotFound
from gezhi.places import actions, reads, rules
from gezhi.places.errors import OutlineWrong
from gezhi.places.models import Area
from gezhi.record.api import answer_once

router = Router(tags=["places"])
Level = Literal["county", "town", "village", "grid"]
_GEOJSON = "application/geo+json"
_FEATURES = {
    "responses": {
        200: {
            "content": {
                _GEOJSON: {
                    "schema": {
                        "type": "object",
                        "required": ["type", "features"],
                        "properties": {
                            "type": {"const": "FeatureCollection"},
                            "features": {"type": "array", "items": {"type": "object"}},
                        },
                    }
                }
            }
        },
        304: {"description": "Not changed since."},
    }
}


class AreaShown(Shown):
    """A division or grid as it stands today."""

    id: UUID
    path: str
    code: str
    level: str
    kind: str
    name: str
    short_name: str
    parent: UUID | None
    households: int
    population: int
    valid_from: date


class AreaList(Shown):
    items: list[AreaShown]
    next: str | None


class AreasAsked(Paged):
    """Which areas."""

    inside: AreaPath | None = Field(None, description="This area and all in it.")
    level: Level | None = None
    q: Text64 = Field("", description="Part of a name.")


class OutlinesAsked(Input):
    """Which outlines."""

    model_config = ConfigDict(extra="ignore")
    inside: AreaPath | None = None
    level: Level = "village"


class PointAsked(Input):
    """A point in some datum."""

    model_config = ConfigDict(extra="ignore")
    lon: Longitude
    lat: Latitude
    datum: Datum = "wgs84"


class Located(Shown):
    """Where a point lies. `lon` and `lat` are WGS-84."""

    area: UUID
    path: str
    level: str
    names: list[str]
    words: str
    exclusive: UUID | None
    exclusive_path: str | None
    lon: float
    lat: float


Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Position = Annotated[list[Degrees], Field(min_length=2, max_length=2)]
Ring = Annotated[list[Position], Field(min_length=4)]
Rings = Annotated[list[Ring], Field(min_length=1)]


class Polygon(Input):
    """A GeoJSON polygon: the outer ring, then holes."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygon(Input):
    """Several GeoJSON polygons."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1)]


Geometry = Annotated[Polygon | MultiPolygon, Field(discriminator="type")]


class Outline(Shown):
    """A GeoJSON feature, WGS-84."""

    type: Literal["Feature"]
    id: UUID
    properties: dict[str, Any]
    geometry: Geometry


class AreaSent(Input):
    """A new area; its code says where it lies."""

    code: AreaPath = Field(description="12-digit division code, or 15 digits for a grid.")
    name: Text64
    kind: Literal["", "county", "town", "village", "community", "grid", "exclusive"] = ""
    short_name: Text64 = ""
    households: int = Field(0, ge=0, le=10**7)
    population: int = Field(0, ge=0, le=10**8)
    on: Day = Field(description="The first day it stands.")


class OutlineSent(Input):
    """An area's outline from a day on."""

    geometry: Geometry
    datum: Datum = "wgs84"
    on: Day


@router.get("/areas", response=AreaList, summary="Find areas")
def list_areas(request: HttpRequest, asked: Annotated[AreasAsked, Query(...)]) -> HttpResponse:
    """Areas as they stand today, from the largest down."""
    found = reads.areas_under(
        asked.inside or settings.COUNTY, county=settings.COUNTY, level=asked.level
    )
    if asked.q:
        found = found.filter(name__contains=asked.q)
    page = page_of(found, order=("path",), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, area_shown)


def area_shown(area: Area) -> dict[str, Any]:
    return {
        "id": area.id,
        "path": area.path,
        "code": area.code,
        "level": area.level,
        "kind": area.kind,
        "name": area.name,
        "short_name": area.short_name,
        "parent": area.parent_id,
        "households": area.households,
        "population": area.population,
        "valid_from": area.valid_from,
    }


@router.get("/areas/outlines", summary="Outlines of many areas", openapi_extra=_FEATURES)
def area_outlines(
    request: HttpRequest, asked: Annotated[OutlinesAsked, Query(...)]
) -> HttpResponse:
    """A GeoJSON FeatureCollection, simplified to at most 300 kB; `left_out` counts what is not in.

    Not paged: a map wants it whole.
    """
    county = settings.COUNTY
    revision = reads.revision(county)
    tag = f'"{revision}"'
    if is_known(request, tag):
        return not_modified(tag)
    body = reads.layer(
        "areas", county=county, revision=revision, level=asked.level, path=asked.inside or county
    )
    return HttpResponse(
        body, content_type=_GEOJSON, headers={"ETag": tag, "Cache-Control": "public, no-cache"}
    )


@router.get("/areas/{path}", response=AreaShown, summary="Read an area")
def get_area(request: HttpRequest, path: AreaPath) -> HttpResponse:
    """The area that stands at this path today."""
    return give(area_shown(_area(path)))


def _area(path: str) -> Area:
    found = reads.areas_by_paths([path]).get(path)
    if found is None:
        raise NotFound()
    return found


@router.get("/areas/{path}/outline", response=Outline, summary="The outline of an area")
def get_outline(request: HttpRequest, path: AreaPath) -> HttpResponse:
    """A GeoJSON feature, not simplified."""
    area = _area(path)
    outline = reads.outline(area.id)
    if outline is None:
        raise NotFound()
    return give(
        {
            "type": "Feature",
            "id": area.id,
            "properties": area_shown(area),
            "geometry": shapely.geometry.mapping(outline),
        }
    )


@router.post("/areas", response={201: AreaShown}, summary="Add an area")
def add_area(request: HttpRequest, body: AreaSent) -> HttpResponse:
    """A new division or grid under one that is there."""
    actor = actor_of(request)

    def do() -> Answer:
        made = actions.add_area(**body.model_dump(), actor=actor)
        return Answer(area_shown(made), 201, {"Location": f"/api/v1/areas/{made.path}"})

    return answer_once(request, do)


@router.put("/areas/{path}/outline", response=Outline, summary="Give an area an outline")
def set_outline(request: HttpRequest, path: AreaPath, body: OutlineSent) -> HttpResponse:
    """Another outline from a day on; the one before keeps its dates."""
    area = _area(path)
    outlines, errors = rules.read_outlines(body.geometry.model_dump(), code=path)
    if errors:
        raise OutlineWrong(why=errors[0].reason)
    actions.set_boundary(
        area.id,
        outlines[0].geometry,
        datum=rules.Datum(body.datum),
        on=body.on,
        actor=actor_of(request),
    )
    return get_outline(request, path)


@router.get("/locate", response=Located, summary="Where is this point?")
def locate(request: HttpRequest, asked: Annotated[PointAsked, Query(...)]) -> HttpResponse:
    """Grid, village and town of a point, in words and in paths."""
    lon, lat = rules.to_wgs84(asked.lon, asked.lat, rules.Datum(asked.datum))
    place = reads.place_at(lon, lat, county=settings.COUNTY)
    return give(
        {
            "area": place.area,
            "path": place.path,
            "level": place.level,
            "names": reads.names_along(place.path),
            "words": reads.words_for(place.path),
            "exclusive": place.exclusive,
            "exclusive_path": place.exclusive_path,
            "lon": round(lon, 6),
            "lat": round(lat, 6),
        }
    )
