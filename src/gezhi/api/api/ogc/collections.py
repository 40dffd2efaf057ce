"""What there is: the landing page, what it conforms to, the collections."""

from dataclasses import dataclass
from typing import Any

import shapely
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gezhi.api import errors
from gezhi.api.api.ogc.answering import GEOJSON, OPENAPI, Given, at, link, own_links, serves
from gezhi.api.api.ogc.describing import description
from gezhi.api.rules import ogc
from gezhi.places import reads as places


@dataclass(frozen=True)
class Collection:
    """One of them, by its name in addresses."""

    id: str
    title: Promise
    words: Promise
    has_times: bool = False


COLLECTIONS = {
    each.id: each
    for each in (
        Collection("areas", gettext_lazy("区划"), gettext_lazy("县、乡镇、村和社区现行的范围。")),
        Collection("grids", gettext_lazy("网格"), gettext_lazy("网格现行的范围。")),
        Collection(
            "cases",
            gettext_lazy("公开的工单"),
            gettext_lazy("核对后公开的工单，没有敏感类别和要求保密的；时间是上报时间。"),
            has_times=True,
        ),
    )
}


def collection(id: str) -> Collection:
    """One by its name."""
    if id not in COLLECTIONS:
        raise errors.NoSuchThing(name="collectionId")
    return COLLECTIONS[id]


@serves()
def landing(request: HttpRequest) -> Given:
    """Where everything else is."""
    name = places.areas_by_paths([settings.COUNTY])
    title = f"{name[settings.COUNTY].name} · {_('格治')}" if name else _("格治")
    ways = [
        ("description", "service-desc", OPENAPI, _("接口说明（OpenAPI 3.0）")),
        ("conformance", "conformance", "application/json", _("符合的标准")),
        ("collections", "data", "application/json", _("数据集")),
    ]
    body = {
        "title": title,
        "description": _("区划、网格和公开的工单，给地图软件读取。"),
        "links": [
            *own_links(request, "application/json"),
            *(link(at(request, to), rel, kind, words) for to, rel, kind, words in ways),
            link(f"{at(request, 'description')}?f=html", "service-doc", "text/html"),
        ],
    }
    parts = [(words, f"{at(request, to)}?f=html", "") for to, _rel, _kind, words in ways]
    return Given(body, title, parts=parts)


@serves()
def conformance(request: HttpRequest) -> Given:
    """The classes of the standard that are kept."""
    parts = [(name, name, "") for name in ogc.CONFORMS]
    body = {"conformsTo": list(ogc.CONFORMS)}
    return Given(body, _("符合的标准"), above=above(request), parts=parts)


@serves()
def api(request: HttpRequest) -> Given:
    """The description of these addresses, for programs."""
    body = description(at(request, "landing"), COLLECTIONS)
    root = at(request, "landing").removesuffix("/")
    parts = [
        # What stands in braces is for a program to fill in.
        (path, "" if "{" in path else f"{root}{path}?f=html", words)
        for path, words in _paths().items()
    ]
    return Given(body, _("接口说明（OpenAPI 3.0）"), OPENAPI, above(request), parts)


def _paths() -> dict[str, str]:
    """The addresses that are described, in words for people."""
    paths = {
        "/": _("首页"), "/conformance": _("符合的标准"), "/collections": _("数据集"),
    }  # fmt: skip
    for each in COLLECTIONS.values():
        one, title = f"/collections/{each.id}", str(each.title)
        paths[one] = title
        paths[f"{one}/items"] = f"{title} · {_('内容')}"
        paths[f"{one}/items/{{featureId}}"] = f"{title} · {_('其中一个')}"
    return paths


@serves()
def collections(request: HttpRequest) -> Given:
    """All of them."""
    body = {
        "links": own_links(request, "application/json"),
        "collections": [_told(request, each) for each in COLLECTIONS.values()],
    }
    parts = [
        (str(each.title), f"{at(request, 'collection', each.id)}?f=html", str(each.words))
        for each in COLLECTIONS.values()
    ]
    return Given(body, _("数据集"), above=above(request), parts=parts)


@serves()
def one_collection(request: HttpRequest, collection_id: str) -> Given:
    """One: what it is, how far it reaches, where its features are."""
    found = collection(collection_id)
    body = _told(request, found)
    body["links"] += own_links(request, "application/json")
    items = f"{at(request, 'items', found.id)}?f=html"
    parts = [(_("内容"), items, str(found.words))]
    return Given(body, str(found.title), above=above(request, "collections"), parts=parts)


def above(request: HttpRequest, *names: str) -> list[tuple[str, str]]:
    """The way back, from the landing page on."""
    called = {"landing": _("格治"), "collections": _("数据集")}
    return [
        (called[name], f"{at(request, name)}?f=html") for name in ("landing", *names)
    ]  # fmt: skip


def _told(request: HttpRequest, found: Collection) -> dict[str, Any]:
    items = at(request, "items", found.id)
    return {
        "id": found.id,
        "title": str(found.title),
        "description": str(found.words),
        "extent": _extent(found),
        "itemType": "feature",
        "crs": [ogc.CRS84],
        "links": [
            # Without `f`: GDAL puts the id of a feature behind this address as it stands.
            link(items, "items", GEOJSON, str(found.title)),
            link(f"{items}?f=html", "items", "text/html", str(found.title)),
        ],
    }


def _extent(found: Collection) -> dict[str, Any]:
    """As far as anything has an outline, the county or parts of it; for cases whatever time."""
    known = (each.shape for each in places.outlined_areas(settings.COUNTY))
    shapes = [shape for shape in known if shape is not None]
    bounds = [round(each, 6) for each in shapely.total_bounds(shapes).tolist()] if shapes else None
    extent: dict[str, Any] = {"spatial": {"bbox": [bounds or [-180, -90, 180, 90]]}}
    extent["spatial"]["crs"] = ogc.CRS84
    if found.has_times:
        extent["temporal"] = {"interval": [[None, None]]}
    return extent
