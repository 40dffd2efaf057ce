"""What the doors put on the audit, in one place: refused attempts, lock-outs, files taken away.

After the answer is made: a refusal has undone its act's transaction by then, so its line has
one of its own. A file leaves only once its line stands.
"""

import re
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.http import XLSX, actor_of, address_of, asking_from
from gezhi.base.refusal import NotFound, Refusal, met
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind

# Files that take many rows away at once.
_TABLES = (XLSX, "text/csv", "application/zip")
_PLAIN = re.compile(r"[0-9A-Za-z_.-]{1,64}")
# Typed where an id belongs: a phone's eleven digits, an identity number's eighteen.
_PERSONAL = re.compile(r"(86)?1\d{10}|\d{17}[\dXx]")
_log = structlog.get_logger("gezhi.audit")


class AuditMiddleware:
    """Lets every line that is written meanwhile know the address, and writes the door's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen: list[Refusal] = []
        here, refusals = asking_from.set(address_of(request)), met.set(seen)
        try:
            answer = self.get_response(request)
            if answer.status_code >= HTTPStatus.BAD_REQUEST:
                self._tell_refused(request, answer, seen)
            elif _is_export(answer):
                _note(AuditKind.EXPORT, request, bytes=_size(answer))
            return answer
        finally:
            met.reset(refusals)
            asking_from.reset(here)

    def _tell_refused(
        self, request: HttpRequest, answer: HttpResponse, seen: list[Refusal]
    ) -> None:
        """One line at most; that it can't be written doesn't make another answer of a refusal."""
        try:
            if getattr(request, "axes_locked_out", False):
                _note(AuditKind.SIGN_IN_FAILED, request, locked_out=True)
                return
            told = [each for each in seen if _is_told(each, request)]
            if told:
                _note(AuditKind(told[-1].audited), request, code=told[-1].code)
        except DatabaseError:
            _log.exception("a refusal could not be put on the audit")


def _is_told(refusal: Refusal, request: HttpRequest) -> bool:
    """What is absent for a passer-by is no attempt at anything."""
    return not isinstance(refusal, NotFound) or actor_of(request).label != NOBODY.label


def _is_export(answer: HttpResponseBase) -> bool:
    """A file of one case is none: the browser may keep it for a while, a table never."""
    kind = answer.get("Content-Type", "").partition(";")[0]
    is_kept = "max-age" in answer.get("Cache-Control", "")
    return answer.status_code == HTTPStatus.OK and kind in _TABLES and not is_kept


def _size(answer: HttpResponse) -> int:
    """How long the file is; Django says so in the header later, but of a stream that it knows."""
    return int(answer.get("Content-Length") or 0) if answer.streaming else len(answer.content)


def _is_plain(value: str) -> bool:
    """Whether this may be the name of a thing; what may be a person's is not written down."""
    return bool(_PLAIN.fullmatch(value)) and not _PERSONAL.fullmatch(value)


def _note(kind: AuditKind, request: HttpRequest, **data: str | int | bool) -> None:
    """`page` is the name of the address, `asked` the names of what was asked for, no values."""
    found = request.resolver_match
    page = found.view_name if found else ""
    given = {name: str(value) for name, value in found.kwargs.items()} if found else {}
    plain = {name: value for name, value in given.items() if _is_plain(value)}
    asked = ",".join(sorted(name for name in request.GET if _is_plain(name)))[:200]
    note(
        kind,
        data={"page": page, "method": request.method, "asked": asked, **plain, **data},
        county=settings.COUNTY,
        actor=actor_of(request),
        now=clock.now(),
    )
