"""The description of these addresses in OpenAPI 3.0, as the standard asks for it."""

from collections.abc import Iterable
from typing import Any

from gezhi.api.rules import ogc

_FORMAT = {
    "name": "f",
    "in": "query",
    "schema": {"type": "string", "enum": [ogc.JSON, ogc.HTML]},
    "description": "The form of the answer; without it, by Accept.",
}
_LIMIT = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": ogc.MOST, "default": ogc.LIMIT},
    "style": "form",
    "explode": False,
}
_BBOX = {
    "name": "bbox",
    "in": "query",
    "schema": {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    },
    "style": "form",
    "explode": False,
    "description": "West, south, east, north in WGS-84, between commas.",
}
_DATETIME = {
    "name": "datetime",
    "in": "query",
    "schema": {"type": "string"},
    "style": "form",
    "explode": False,
    "description": "A moment or an interval of RFC 3339: a/b, a/.., ../b.",
}
_CURSOR = {
    "name": "cursor",
    "in": "query",
    "schema": {"type": "string"},
    "description": "Of the next page, as its link has it.",
}
_FEATURE_ID = {
    "name": "featureId",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
}
_GEOJSON = "application/geo+json"
_POINTED = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_SCHEMAS = {
    "link": {
        "type": "object",
        "required": ["href"],
        "properties": {each: {"type": "string"} for each in ("href", "rel", "type", "title")},
    },
    "landing": {
        "type": "object",
        "required": ["links"],
        "properties": {
            "title": {"type": "string"},
            "description": {"type": "string"},
            "links": _POINTED,
        },
    },
    "conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": {"type": "string"}}},
    },
    "collection": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "description": {"type": "string"},
            "extent": {"type": "object"},
            "itemType": {"type": "string"},
            "crs": {"type": "array", "items": {"type": "string"}},
            "links": _POINTED,
        },
    },
    "collections": {
        "type": "object",
        "required": ["links", "collections"],
        "properties": {
            "links": _POINTED,
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
        },
    },
    "feature": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": _POINTED,
        },
    },
    "features": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
            "links": _POINTED,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
    "exception": {
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
    },
}


def description(server: str, collections: Iterable[str]) -> dict[str, Any]:
    """All addresses, each collection's by its name."""
    paths = {
        "/": _get("landing", "The landing page", "landing"),
        "/conformance": _get("conformance", "What is kept of the standard", "conformance"),
        "/collections": _get("collections", "The collections", "collections"),
    }
    for id in collections:
        asks = (_BBOX, _DATETIME, _LIMIT, _CURSOR)
        one, many = f"/collections/{id}", f"/collections/{id}/items"
        paths[one] = _get(f"collection_{id}", f"The collection {id}", "collection", is_found=True)
        paths[many] = _get(f"items_{id}", f"Features of {id}", "features", *asks, kind=_GEOJSON)
        paths[f"{many}/{{featureId}}"] = _get(
            f"item_{id}", f"One of {id}", "feature", _FEATURE_ID, kind=_GEOJSON, is_found=True
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": "Gezhi: OGC API - Features", "version": "1.0.0"},
        "servers": [{"url": server.rstrip("/")}],
        "paths": paths,
        "components": {"schemas": _SCHEMAS},
    }


def _get(
    id: str, summary: str, schema: str, *asks: Any, kind: str = "application/json",
    is_found: bool = False,
) -> dict[str, Any]:  # fmt: skip
    refused = {"schema": {"$ref": "#/components/schemas/exception"}}
    wrong = {"content": {"application/problem+json": refused}}
    answers: dict[str, Any] = {
        "200": {
            "description": summary,
            "content": {
                kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}},
                "text/html": {"schema": {"type": "string"}},
            },
        },
        "400": {"description": "A parameter is unknown or can't be read", **wrong},
    }
    if is_found:
        answers["404"] = {"description": "There is none", **wrong}
    return {
        "get": {
            "operationId": id,
            "summary": summary,
            "parameters": [*asks, _FORMAT],
            "responses": answers,
        }
    }
