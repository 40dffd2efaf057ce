"""Completing the OpenAPI file: what can go wrong, who may call, shared headers, tags."""

from typing import Any

from ninja.openapi.schema import OpenAPISchema

from gezhi.base.api import LIMIT
from gezhi.base.problem import MEDIA_TYPE

TAGS = {
    "tracking": "What a resident sees and does with number and tracking code.",
    "residents": "For residents' apps: a token by phone code, their own reports and data.",
    "cases": "Reports come in, cases are found and read.",
    "moves": "What may happen to a case: one operation for each act, refused by the same table "
    "as on the desk.",
    "files": "Photos, documents and voices of a case.",
    "units": "Centres, grids, departments: who can hold a case.",
    "accounts": "People, their posts, keys of programs.",
    "places": "Divisions, grids, outlines, where a point lies.",
    "notices": "What the account is told; marking it as read.",
    "audit": "Who signed in, opened, exported, changed rights and rules, was refused.",
    "retention": "How long what is kept: rules, holds, removals with their certificates.",
    "webhooks": "Other systems that are told of events (CloudEvents): addresses, tries, replays.",
    "peers": "Other cities that stand for a unit: what is assigned to it is sent there by Open311.",
    "channels": "Every way in and out of the county: last received, how much, faults, lag.",
    "hotline": "Calls as a telephone system tells of them, and articles that answer at once.",
    "imports": "Files of messages, taken in row by row.",
    "sources": "What brings messages by itself: webhooks in, mailboxes, boards; their health.",
    "rulebook": "Categories, deadlines, routing, calendars as versioned files.",
    "triage": "What a report is about, where, whose, the same as which; topics, models, owners.",
    "answers": "Solved cases like one, standard replies, the check of an answer before it is sent.",
}
DESCRIPTION = f"""\
Everything the desk can do, for programs. Moments are RFC 3339 in UTC; text is UTF-8 JSON.

Sign in with `Authorization: Bearer gz_…` (a security administrator makes the key) or, from a \
browser, with the desk's session and `X-CSRFToken`. Operations marked with an \
empty security need neither.

Refusals are `application/problem+json` (RFC 9457): decide by `code`, show `detail`, `allowed` \
names what would be allowed instead, `errors` points at fields (RFC 6901).

Lists come in pages of at most {LIMIT} rows, by key: `next` is the `cursor` of the next page, \
`Link: rel="next"` (RFC 8288) its whole address. Nothing is lost when rows come in between.

A case has a revision: `ETag` when it is read, `If-Match` when it is moved (412 if somebody was \
quicker), `If-None-Match` to read it only when it changed.

Any POST that changes something may carry an `Idempotency-Key`: repeated, it gives the \
first answer again with `Idempotency-Replayed: true`."""

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Your own name for this request (a UUID, say). Repeated with the same "
    "request, the first answer comes again; with another request it is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "example": "9f6f7c1e-6a4e-4f0c-8a4b-1f1d0b1d7c55",
}
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The case's ETag as you read it. If the case has changed since: 412.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    "example": '"3"',
}
_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag you have. If it is still right: 304 without a body.",
    "schema": {"type": "string", "pattern": '^"[0-9a-f-]{1,64}"$'},
    "example": '"3"',
}
_FIELD_ERROR = {
    "type": "object",
    "required": ["in", "pointer", "detail", "code"],
    "properties": {
        "in": {"type": "string", "description": "body, query, form, file or header"},
        "pointer": {"type": "string", "description": "JSON Pointer as a fragment"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457). Decide by `code`; `detail` is for people.",
    "required": ["type", "title", "status", "detail", "code", "field", "allowed"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "field": {"type": "string", "description": "The input it is about, where it is one."},
        "allowed": {"type": "array", "items": {"type": "string"}},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
        "puzzle": {
            "type": "object",
            "description": "For each part p from 0 a decimal number n, so that SHA-256 over the "
            "text `nonce:p:n` begins with `bits` zero bits; sent again with the header "
            "`Gezhi-Puzzle: token n0,n1,…`. Good once, for half an hour.",
            "properties": {
                "token": {"type": "string"},
                "nonce": {"type": "string"},
                "bits": {"type": "integer"},
                "parts": {"type": "integer"},
                "algorithm": {"type": "string", "enum": ["sha256"]},
            },
        },
    },
    "examples": [
        {
            "type": "/api/v1/docs#case_changed",
            "title": "Precondition Failed",
            "status": 412,
            "detail": "这个工单刚被别人改动过，请看过最新情况后再办。",
            "code": "case_changed",
            "field": "",
            "allowed": [],
        }
    ],
}
_WITH_ETAG = frozenset({"get_case", "get_rulebook", "area_outlines"})
# They change nothing, or (an opening) must be done anew each time.
_WITHOUT_KEY = frozenset(
    {
        "track", "track_openings", "track_attachment", "suggest_category", "check_rulebook",
        "diff_rulebook", "open_field",
        "send_entry_code", "resident_sign_in", "send_proof_code",
        "prove_still_me", "send_new_phone_code", "send_messages", "try_source", "switch_source",
    }
)  # fmt: skip
_WORDS = {
    400: "The request can't be read: no JSON, no form.",
    401: "No key or session, or one that does not work.",
    403: "The actor has not this right.",
    404: "Absent, or not yours: the two look alike.",
    409: "The rules do not allow it now; `allowed` says what they would.",
    412: "Changed since you read it (`If-Match`).",
    413: "Too large.",
    415: "Another media type than the operation takes.",
    422: "A value is missing, unknown or out of bounds.",
    429: "Too much: after `Retry-After` seconds it may be sent again; or `puzzle` is to be solved.",
}


def complete(schema: OpenAPISchema) -> OpenAPISchema:
    """The description with everything ninja does not know."""
    schema["info"]["description"] = DESCRIPTION
    schema["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    schema["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    schema["servers"] = [{"url": "/", "description": "The deployment that serves this file."}]
    components = schema["components"]
    components["schemas"].update(Problem=_PROBLEM, FieldError=_FIELD_ERROR)
    components["securitySchemes"].pop("Anybody", None)
    components["parameters"] = {
        "IdempotencyKey": _KEY, "IfMatch": _MATCH, "IfNoneMatch": _NONE_MATCH
    }  # fmt: skip
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        f"Problem{status}": {"description": words, "content": content}
        for status, words in _WORDS.items()
    }
    for methods in schema["paths"].values():
        for method, operation in methods.items():
            _complete(method, operation)
    return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    operation["security"] = [
        {} if "Anybody" in each else each for each in operation.get("security", [])
    ]
    is_case_move = operation["tags"][0] == "moves" and method == "post"
    parameters = operation["parameters"]
    if method == "post" and operation["operationId"] not in _WITHOUT_KEY:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if is_case_move and "bulk" not in operation["operationId"]:
        parameters.append({"$ref": "#/components/parameters/IfMatch"})
    if operation["operationId"] in _WITH_ETAG:
        parameters.append({"$ref": "#/components/parameters/IfNoneMatch"})
        operation["responses"]["304"] = {"description": "Not changed since."}
    for status in _problems(method, operation, is_case_move):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = {
        str(status): answer for status, answer in sorted(_by_text(operation["responses"]))
    }


def _by_text(responses: dict[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(status), answer) for status, answer in responses.items()]


def _problems(method: str, operation: dict[str, Any], is_case_move: bool) -> set[int]:
    found = {401, 403, 404, 422, 429}
    if method in ("post", "patch", "put", "delete"):
        found |= {400, 409, 413, 415}
    if is_case_move:
        found |= {412}
    return found
