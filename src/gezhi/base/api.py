"""What all rooms' operations share: kinds of values, answers, revisions, pages, who asks."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from ninja import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gezhi.base.days import FIRST, LAST
from gezhi.base.paging import Page

T = TypeVar("T")
LIMIT = 200
NO_ZERO = r"^[^\x00]*$"


def _aware(moment: datetime) -> datetime:
    """In UTC: the database knows no offsets of sixteen hours and more."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset: 2026-11-22T09:00:00+08:00")
    if not FIRST.year <= moment.year <= LAST.year:
        raise ValueError(f"write a year from {FIRST.year} to {LAST.year}")
    return moment.astimezone(UTC)


# Texts of at most so many signs, without zero bytes (the database takes none).
Text24 = Annotated[str, StringConstraints(max_length=24, pattern=NO_ZERO)]
Text48 = Annotated[str, StringConstraints(max_length=48, pattern=NO_ZERO)]
Text64 = Annotated[str, StringConstraints(max_length=64, pattern=NO_ZERO)]
Text96 = Annotated[str, StringConstraints(max_length=96, pattern=NO_ZERO)]
Text120 = Annotated[str, StringConstraints(max_length=120, pattern=NO_ZERO)]
Text200 = Annotated[str, StringConstraints(max_length=200, pattern=NO_ZERO)]
Words = Annotated[str, StringConstraints(max_length=5000, pattern=NO_ZERO)]
Moment = Annotated[datetime, AfterValidator(_aware)]
Day = Annotated[date, Field(ge=FIRST, le=LAST)]
AreaPath = Annotated[
    str, StringConstraints(pattern=r"^([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})$")
]
CaseRef = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9A-Fa-f-]{1,36}$"),
    Path(..., description="The case's number (261122-000421) or its id."),
]
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Limit = Annotated[int, Field(ge=1, le=LIMIT)]


class Input(BaseModel):
    """What comes in. A name that is not known is refused, so that a typing error is seen."""

    model_config = ConfigDict(extra="forbid")


class ContactSent(Input):
    """How to reach the reporter. All of it is optional and kept sealed."""

    name: Text48 = ""
    phone: Text24 = ""
    address: Text120 = ""
    is_secret: Annotated[bool, Field(description="Nobody but who must is shown who reported.")] = (
        False
    )


class WhereSent(Input):
    """At least one of: a point, an area's path, words."""

    lon: Longitude | None = None
    lat: Latitude | None = None
    datum: Datum = "wgs84"
    place: Text200 = ""
    path: AreaPath | Literal[""] = ""


class Shown(BaseModel):
    """What goes out, for the description; answers are built by hand and tested against it."""


class Paged(Input):
    """The questions every list understands."""

    model_config = ConfigDict(extra="ignore")
    cursor: Annotated[str, StringConstraints(max_length=400, pattern=r"^[A-Za-z0-9_-]*$")] = Field(
        "", description="From `next` of the page before; empty for the first page."
    )
    limit: Limit = Field(50, description="How many at most.")


Paging = Annotated[Paged, Query(...)]


@dataclass(frozen=True)
class Answer:
    """An answer not yet written: kept under an Idempotency-Key it can be given again."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def encode(body: Any) -> bytes:
    """JSON as this API writes it: UTF-8, moments in RFC 3339 and UTC."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, UUID | Promise):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def give(body: Any, status: int = 200, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer. It is somebody's own: shared caches must not keep it."""
    return give_bytes(encode(body), status, headers=headers)


def give_bytes(
    content: bytes, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Like `give`, of JSON that is written already."""
    answer = HttpResponse(content, status=status, content_type="application/json")
    answer["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ("Authorization", "Cookie", "Accept-Language"))
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def give_page(
    request: HttpRequest, page: Page[T], show: Callable[[T], Any], **more: Any
) -> HttpResponse:
    """`items` and `next`, and the whole address of the next page as Link (RFC 8288)."""
    body = {"items": [show(row) for row in page.rows], "next": page.cursor, **more}
    answer = give(body)
    if page.cursor:
        query = request.GET.copy()
        query["cursor"] = page.cursor
        address = request.build_absolute_uri(f"{request.path}?{urlencode(list(_pairs(query)))}")
        answer["Link"] = f'<{address}>; rel="next"'
    return answer


def _pairs(query: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


_STRONG = re.compile(r'"([0-9]{1,18})"')


def tag_of(revision: int) -> str:
    """The ETag of something that counts its changes."""
    return f'"{revision}"'


def revision_of(request: HttpRequest) -> int | None:
    """What `If-Match` asks for: a revision, or None for any.

    What is no tag of ours matches nothing, so it becomes a revision nothing has.
    """
    asked = request.headers.get("If-Match", "").strip()
    if asked in ("", "*"):
        return None
    tag = _STRONG.fullmatch(asked)
    return int(tag[1]) if tag else -1


def is_known(request: HttpRequest, tag: str) -> bool:
    """Whether `If-None-Match` says that the asker has this already."""
    asked = request.headers.get("If-None-Match", "")
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in asked.split(","))


def not_modified(tag: str) -> HttpResponse:
    """304, with the tag."""
    answer = HttpResponse(status=304, headers={"ETag": tag})
    del answer["Content-Type"]
    return answer


def bytes_of(*media_types: str) -> dict[str, Any]:
    """What an operation that answers with a file says of it, in `openapi_extra`."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"responses": {200: {"content": {each: schema for each in media_types}}}}
