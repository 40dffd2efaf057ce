"""What Open311's JSON answers must be like, written from the standard: every test's answers are."""

from typing import Any

import jsonschema_rs

_TEXT = {"type": "string", "minLength": 1}
_TEXT_OR_NONE = {"type": ["string", "null"], "minLength": 1}
_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
_CODE = {"type": "string", "minLength": 1}  # an id is a text, also where it is all digits


def _object(needed: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(needed),
        "properties": {**needed, **(more or {})},
        "additionalProperties": False,
    }


def _list(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": of, **more}


_DISCOVERY = _object({
    "changeset": _MOMENT, "contact": _TEXT, "key_service": _TEXT,
    "endpoints": _list(_object({
        "specification": {"const": "http://wiki.open311.org/GeoReport_v2"},
        "url": {"type": "string", "pattern": "^https?://.*[^/]$"}, "changeset": _MOMENT,
        "type": {"enum": ["production", "test"]},
        "formats": _list({"enum": ["text/xml", "application/json"]}, minItems=1),
    }), minItems=1),
})  # fmt: skip
_SERVICES = _list(_object({
    "service_code": _CODE, "service_name": _TEXT, "description": _TEXT,
    "metadata": {"type": "boolean"}, "type": {"enum": ["realtime", "batch", "blackbox"]},
    "keywords": _TEXT, "group": _TEXT,
}))  # fmt: skip
_DEFINITION = _object({
    "service_code": _CODE,
    "attributes": _list(_object({
        "variable": {"type": "boolean"}, "code": _CODE, "required": {"type": "boolean"},
        "datatype": {"enum": [
            "string", "number", "datetime", "text", "singlevaluelist", "multivaluelist",
        ]},
        "datatype_description": _TEXT_OR_NONE, "order": {"type": "integer", "minimum": 1},
        "description": _TEXT, "values": _list(_object({"key": _CODE, "name": _TEXT})),
    })),
})  # fmt: skip
_REQUESTS = _list(_object({
    "service_request_id": _CODE, "status": {"enum": ["open", "closed"]}, "status_notes": _TEXT,
    "service_name": _TEXT, "service_code": _CODE, "description": _TEXT_OR_NONE,
    "agency_responsible": _TEXT_OR_NONE, "service_notice": _TEXT_OR_NONE,
    "requested_datetime": _MOMENT, "updated_datetime": _MOMENT,
    "expected_datetime": {"anyOf": [_MOMENT, {"type": "null"}]},
    "address": _TEXT_OR_NONE, "address_id": _TEXT_OR_NONE, "zipcode": {"type": "null"},
    "lat": {"type": ["number", "null"], "minimum": -90, "maximum": 90},
    "long": {"type": ["number", "null"], "minimum": -180, "maximum": 180},
    "media_url": {"type": ["string", "null"], "pattern": "^https?://"},
}, {
    "attributes": _list(_object({"code": _CODE, "description": _TEXT, "value": _TEXT})),
    "notes": _list(_object({"datetime": _MOMENT, "description": _TEXT, "type": _TEXT})),
}))  # fmt: skip
_TOKENS = _list(
    {
        **_object(
            {},
            {
                "service_request_id": {"type": ["string", "null"]}, "token": _CODE,
                "service_notice": _TEXT, "account_id": _CODE,
            },
        ),
    },
    minItems=1, maxItems=1,
)  # fmt: skip
_UPDATES = _list(_object({
    "update_id": _CODE, "service_request_id": _CODE, "status": _TEXT, "description": _TEXT,
    "updated_datetime": _MOMENT, "media_url": _TEXT_OR_NONE, "external_status_code": _TEXT,
}))  # fmt: skip
_ERRORS = _list(
    _object({"code": {"type": "integer", "minimum": 400}, "description": _TEXT}), minItems=1
)

_FITTING = {
    name: jsonschema_rs.validator_for(schema)
    for name, schema in (
        ("discovery", _DISCOVERY), ("services", _SERVICES), ("services/", _DEFINITION),
        ("requests", _REQUESTS), ("requests/", {**_REQUESTS, "minItems": 1, "maxItems": 1}),
        ("tokens", _TOKENS), ("tokens/", _TOKENS), ("servicerequestupdates", _UPDATES),
        ("errors", _ERRORS),
    )
}  # fmt: skip


def must_fit(body: Any, path: str) -> None:
    """Refuse an answer of `path` that is not as the standard has it."""
    name, slash, _rest = path.partition("/")
    _FITTING[name + slash].validate(body)
