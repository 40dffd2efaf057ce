"""Answering a repeated request as the first time, and the audit for programs."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.api import (
    Answer,
    Moment,
    Paged,
    Shown,
    Text64,
    encode,
    give,
    give_bytes,
    give_page,
)
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.base.refusal import Malformed
from gezhi.base.sealed import open_bytes, seal_bytes
from gezhi.record import actions, reads
from gezhi.record.models import AuditLine
from gezhi.record.rules import AuditKind, sender_of

HEADER = "Idempotency-Key"
# All who are not signed in share one name, so their keys must not meet by chance.
_LEAST_OF_NOBODY = 16


def answer_once(
    request: HttpRequest, do: Callable[[], Answer], *, sent: Iterable[bytes] = ()
) -> HttpResponse:
    """Do it and answer; under an `Idempotency-Key`, give the answer of the first time again.

    `sent` replaces the body where that is no longer whole (files were read from it).
    Answers are kept sealed: they may hold a tracking code or what a person wrote.
    """
    key = request.headers.get(HEADER)
    if key is None:
        answer = do()
        return give(answer.body, answer.status, headers=answer.headers)
    if actor_of(request) is NOBODY and len(key) < _LEAST_OF_NOBODY:
        raise Malformed(why=_("没有登录时，Idempotency-Key 至少 16 个字符，例如一个 UUID。"))
    sender = sender_of(actor_of(request))
    kept = actions.once(
        key,
        request=_digest(request, sent),
        do=lambda: _seal(do(), f"answer:{sender}:{key}"),
        actor=actor_of(request),
        now=clock.now(),
    )
    about = f"answer:{kept.sender}:{key}"
    opened = json.loads(open_bytes(base64.b64decode(kept.answer["sealed"]), about))
    response = give_bytes(opened["content"].encode(), kept.status, headers=opened["headers"])
    if not kept.is_first:
        response["Idempotency-Replayed"] = "true"
    return response


def _seal(answer: Answer, about: str) -> tuple[int, dict[str, Any]]:
    content = encode(answer.body).decode()
    plain = encode({"content": content, "headers": dict(answer.headers)})
    return answer.status, {"sealed": base64.b64encode(seal_bytes(plain, about)).decode()}


def _digest(request: HttpRequest, sent: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    for part in sent or (request.body,):
        digest.update(hashlib.sha256(part).digest())
    return digest.digest()


router = Router(tags=["audit"])


class AuditShown(Shown):
    """Who did what, when, from where. `data` holds ids, codes and counts."""

    id: int
    at: datetime
    kind: str
    actor: str
    about: str
    reason: str
    address: str
    data: dict[str, str | int | bool | None]


class AuditList(Shown):
    items: list[AuditShown]
    next: str | None


class AuditAsked(Paged):
    kind: AuditKind | None = Field(None, description="One kind of line.")
    actor: Text64 = Field("", description="Who: `account:…`, `key:…`, `system:…`.")
    about: Text64 = Field("", description="About what: `report:…`, `account:…`.")
    since: Moment | None = Field(None, description="Not before.")
    until: Moment | None = Field(None, description="Before.")


@router.get("/audit", response=AuditList, summary="The audit")
def list_audit(request: HttpRequest, asked: Annotated[AuditAsked, Query(...)]) -> HttpResponse:
    """Sign-ins, openings, exports, changes of rights and rules, refusals; the newest first."""
    lines = reads.narrowed(
        reads.lines_for(actor_of(request), county=settings.COUNTY),
        kind=asked.kind or "",
        actors=[asked.actor] if asked.actor else None,
        about=asked.about,
        since=asked.since,
        until=asked.until,
    )
    page = page_of(lines, order=("-at", "-id"), cursor=asked.cursor, limit=asked.limit)
    return give_page(request, page, _shown)


def _shown(line: AuditLine) -> dict[str, Any]:
    return {
        "id": line.id, "at": line.at, "kind": line.kind, "actor": line.actor, "about": line.about,
        "reason": line.reason, "address": line.address, "data": line.data,
    }  # fmt: skip
