"""The features of a collection: areas and grids as they stand, cases as everybody may read them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import shapely
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from gezhi.api import errors
from gezhi.api.api.ogc.answering import (
    GEOJSON,
    Given,
    at,
    here,
    link,
    own_links,
    serves,
)
from gezhi.api.api.ogc.collections import Collection, above, collection
from gezhi.api.api.open311 import requests as open311
from gezhi.api.rules import ogc
from gezhi.api.rules.ogc import Asked, Box
from gezhi.base import clock
from gezhi.base.paging import page_of, page_of_list
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules.open_data import Wanted
from gezhi.places import reads as places
from gezhi.places.reads import Outlined

Feature = dict[str, Any]
_LINE = 80
# What Open311 says of a case and is said elsewhere here, or nowhere.
_NOT_TOLD = ("service_request_id", "lat", "long", "zipcode")


@serves("bbox", "datetime", "limit", "cursor")
def items(request: HttpRequest, collection_id: str) -> Given:
    """A page of features; `next` leads to the one after it, whatever comes in meanwhile."""
    found = collection(collection_id)
    asked = ogc.read_page(request.GET.dict())
    if found.id == "cases":
        features, cursor, matched = _cases(request, asked)
    else:
        features, cursor, matched = _areas(found, asked)
    links = own_links(request, GEOJSON)
    if cursor:
        links.append(link(here(request, f=ogc.JSON, cursor=cursor), "next", GEOJSON))
    links.append(link(at(request, "collection", found.id), "collection", "application/json"))
    body = {
        "type": "FeatureCollection",
        "links": links,
        "timeStamp": clock.now(),
        "numberReturned": len(features),
        **({} if matched is None else {"numberMatched": matched}),
        "features": features,
    }
    back = [*above(request, "collections"), _back_to(request, found)]
    return Given(body, str(found.title), GEOJSON, back, features=_rows(request, found, features))


@serves()
def item(request: HttpRequest, collection_id: str, feature_id: str) -> Given:
    """One feature."""
    found = collection(collection_id)
    feature = _one_case(request, feature_id) if found.id == "cases" else _area(found, feature_id)
    if feature is None:
        raise errors.NoSuchThing(name="featureId")
    links = own_links(request, GEOJSON)
    links.append(link(at(request, "collection", found.id), "collection", "application/json"))
    back = [*above(request, "collections"), _back_to(request, found)]
    shown = _rows(request, found, [feature])
    return Given({**feature, "links": links}, feature_id, GEOJSON, back, features=shown)


def _back_to(request: HttpRequest, found: Collection) -> tuple[str, str]:
    return str(found.title), f"{at(request, 'collection', found.id)}?f=html"


def _rows(
    request: HttpRequest, found: Collection, features: Iterable[Feature]
) -> list[dict[str, Any]]:
    """As people read them: a name that leads on, and what is known."""
    return [
        {
            "id": each["id"],
            "href": f"{at(request, 'item', found.id, str(each['id']))}?f=html",
            "words": _in_short(each["properties"]),
            "known": [
                (name, ogc.FIELD_NAMES.get(name, ""), "—" if value in (None, "") else value)
                for name, value in _known(each)
            ],
            "has_place": each["geometry"] is not None,
        }
        for each in features
    ]


def _known(feature: Feature) -> Iterator[tuple[str, object]]:
    """The properties, and of a point where it lies."""
    yield from feature["properties"].items()
    place = feature["geometry"]
    if place is not None and place["type"] == "Point":
        yield "coordinates", ", ".join(map(str, place["coordinates"]))


def _in_short(known: Mapping[str, Any]) -> str:
    """What a line of the list says: an area's name; of a case its kind, state and words."""
    names = ("name", "service_name", "status_notes", "description")
    said = "  ".join(str(known[name]) for name in names if known.get(name))
    return said if len(said) <= _LINE else f"{said[:_LINE]}…"


# --- areas and grids ---------------------------------------------------------------------------


def _of(found: Collection) -> list[Outlined]:
    is_grid = found.id == "grids"
    known = places.outlined_areas(settings.COUNTY)
    return [each for each in known if (each.area.level == "grid") == is_grid]


def _areas(found: Collection, asked: Asked) -> tuple[list[Feature], str | None, int]:
    """Those whose outline the box meets. They hold for any time: today's are told, no others."""
    inside = [each for each in _of(found) if asked.box is None or _meets(each, asked.box)]
    page = page_of_list(
        inside, key=lambda each: each.area.path, cursor=asked.cursor, limit=asked.limit
    )
    return [_area_feature(each) for each in page.rows], page.cursor, len(inside)


def _meets(each: Outlined, box: Box) -> bool:
    shape = each.shape
    return shape is not None and any(shape.intersects(shapely.box(*half)) for half in box.halves)


def _area(found: Collection, path: str) -> Feature | None:
    return next((_area_feature(each) for each in _of(found) if each.area.path == path), None)


def _area_feature(each: Outlined) -> Feature:
    area = each.area
    return {
        "type": "Feature",
        "id": area.path,
        "geometry": _geometry(each),
        "properties": {
            "name": area.name,
            "short_name": area.short_name,
            "level": area.level,
            "kind": area.kind,
            # 0 is what stands where nobody has counted.
            "households": area.households or None,
            "population": area.population or None,
            "valid_from": area.valid_from,
        },
    }


def _geometry(each: Outlined) -> Mapping[str, Any] | None:
    """In parts, however many: a collection whose features are of one kind fits a table of a GIS."""
    if each.shape is None:
        return None
    rounded = shapely.transform(each.shape, lambda points: points.round(6))
    mapped: Mapping[str, Any] = shapely.geometry.mapping(
        shapely.MultiPolygon(list(shapely.get_parts(rounded)))
    )
    return mapped


# --- cases -------------------------------------------------------------------------------------


def _cases(request: HttpRequest, asked: Asked) -> tuple[list[Feature], str | None, None]:
    """The newest first. How many there are in all is not counted: it would cost most of all."""
    found = _open(Wanted(since=asked.since, until=asked.until))
    if asked.box is not None:
        within = Q()
        for west, south, east, north in asked.box.halves:
            within |= Q(lon__range=(west, east), lat__range=(south, north))
        found = found.filter(within)
    page = page_of(found, order=("-opened_at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return _case_features(request, page.rows), page.cursor, None


def _open(wanted: Wanted | None = None) -> QuerySet[Case]:
    return cases.rows_of(cases.open_cases(county=settings.COUNTY, wanted=wanted))


def _one_case(request: HttpRequest, number: str) -> Feature | None:
    found = list(_open(Wanted(numbers=(number,))))
    return next(iter(_case_features(request, found)), None)


def _case_features(request: HttpRequest, rows: list[Case]) -> list[Feature]:
    """What Open311 tells of them, at their points."""
    features = []
    for case, told in zip(rows, open311.shown(request, rows), strict=True):
        point = cases.shown_point(case)
        place = [round(each, 6) for each in point] if point else None
        features.append(
            {
                "type": "Feature",
                "id": case.number,
                "geometry": {"type": "Point", "coordinates": place} if place else None,
                "properties": {**_properties(told), "state": case.state},
            }
        )
    return features


def _properties(told: Any) -> dict[str, Any]:
    return {name: _plain(told[name]) for name in told if name not in _NOT_TOLD}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | datetime | None) else str(value)
