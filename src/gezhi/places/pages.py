"""Map layers and "where is this": public, because a map shows land and not people."""

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from gezhi.base.refusal import NotFound, Refusal
from gezhi.places import reads, rules
from gezhi.places.errors import CodeWrong, CoordinatesWrong

_GEOJSON = "application/geo+json; charset=utf-8"
_DEEPEST_ZOOM = 15

_Page = Callable[..., HttpResponse]


def _refusing_in_json(page: _Page) -> _Page:
    """Programs read these answers: a refusal is JSON too, not a page."""

    @functools.wraps(page)
    def answer(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        try:
            return page(request, *args, **values)
        except Refusal as refusal:
            body = {"code": refusal.code, "message": str(refusal)}
            return JsonResponse(body, status=refusal.status)

    return answer


def _county(request: HttpRequest) -> str:
    """The county asked for; the deployment's own if none is."""
    inside = request.GET.get("in", "")
    if not inside:
        return str(settings.COUNTY)
    return rules.county_of(rules.path_of(inside))


def _kept(
    request: HttpRequest,
    revision: UUID | None,
    make: Callable[[], bytes | None],
    content_type: str,
) -> HttpResponse:
    """An answer a browser may keep: for good if it asked for this revision with `v`.

    The ETag is the revision and the day (boundaries begin and end on days), so an
    answer that is not needed is never made.
    """
    tag = f'"{revision}-{reads.today():%Y%m%d}"'
    if tag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
    else:
        body = make()
        if body is None:
            raise NotFound()
        response = HttpResponse(body, content_type=content_type)
    for_good = request.GET.get("v") == str(revision)
    response["ETag"] = tag
    response["Cache-Control"] = (
        "public, max-age=31536000, immutable" if for_good else "public, no-cache"
    )
    return response


@login_not_required
@require_safe
@_refusing_in_json
def county(request: HttpRequest) -> HttpResponse:
    """Bounds, layers and revision: what a map asks for first."""
    code = _county(request)
    response = JsonResponse(reads.overview(code, revision=reads.revision(code)))
    response["Cache-Control"] = "public, no-cache"
    return response


@login_not_required
@require_safe
@_refusing_in_json
def areas(request: HttpRequest) -> HttpResponse:
    """Outlines of the areas of one `level`, in the whole county or `in` one path."""
    code = _county(request)
    path = rules.path_of(request.GET.get("in", "") or code)
    level = request.GET.get("level", "")
    if level and level not in rules.LEVELS:
        raise CodeWrong(code=level[:20])
    revision = reads.revision(code)

    def make() -> bytes:
        return reads.layer("areas", county=code, revision=revision, level=level, path=path)

    return _kept(request, revision, make, _GEOJSON)


@login_not_required
@require_safe
@_refusing_in_json
def feature_layer(request: HttpRequest, name: str) -> HttpResponse:
    """Roads, water, buildings or named places of the county."""
    code = _county(request)
    revision = reads.revision(code)

    def make() -> bytes:
        return reads.layer(name, county=code, revision=revision)

    return _kept(request, revision, make, _GEOJSON)


@login_not_required
@require_safe
@_refusing_in_json
def relief(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """One terrain tile (terrarium PNG); 404 where the county has no heights."""
    code = _county(request)
    if z > _DEEPEST_ZOOM or x >= 2**z or y >= 2**z:
        raise NotFound()
    revision = reads.revision(code)

    def make() -> bytes | None:
        return reads.terrain_tile(code, revision, z, x, y)

    return _kept(request, revision, make, "image/png")


def _number(request: HttpRequest, name: str) -> float:
    try:
        return float(request.GET[name])
    except (KeyError, ValueError) as error:
        raise CoordinatesWrong() from error


@login_not_required
@require_safe
@_refusing_in_json
def locate(request: HttpRequest) -> HttpResponse:
    """Which grid, village and town a point lies in, in words and in paths."""
    code = _county(request)
    datum = rules.datum_of(request.GET.get("datum", "wgs84"))
    lon, lat = rules.to_wgs84(_number(request, "lon"), _number(request, "lat"), datum)
    place = reads.place_at(lon, lat, county=code)
    response = JsonResponse(
        {
            "area": str(place.area),
            "path": place.path,
            "level": place.level,
            "names": reads.names_along(place.path),
            "words": reads.words_for(place.path),
            "exclusive": str(place.exclusive) if place.exclusive else None,
            "exclusive_path": place.exclusive_path,
            "lon": round(lon, 6),
            "lat": round(lat, 6),
        }
    )
    response["Cache-Control"] = "no-store"
    return response
