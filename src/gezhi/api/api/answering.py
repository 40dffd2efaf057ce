"""Everything that is no success becomes problem+json; nothing that was sent is repeated in it."""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from gezhi.api import errors
from gezhi.api.rules import FIELD_WORDS
from gezhi.base.api import encode
from gezhi.base.problem import MEDIA_TYPE, problem_of
from gezhi.base.refusal import NotFound, Refusal, SignInNeeded, TooMany
from gezhi.record.actions import Proof

FORM_MB_MAX = 64
_log = logging.getLogger("gezhi.api")
_View = Callable[..., HttpResponse]


class StrictParser(Parser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, no zero bytes in texts."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise errors.MediaTypeWrong(wanted="application/json")
        try:
            found = json.loads(request.body.decode(), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise errors.NotJson() from error
        if b"\\u0000" in request.body and _has_zero(found):
            raise errors.ZeroByte()
        return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _has_zero(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_zero(key) or _has_zero(part) for key, part in value.items())
    return isinstance(value, list) and any(_has_zero(part) for part in value)


def refuse(request: HttpRequest, refusal: Refusal, **more: Any) -> HttpResponse:
    """A refusal as problem+json."""
    answer = HttpResponse(
        encode({**problem_of(refusal), **getattr(refusal, "more", {}), **more}),
        status=refusal.status,
        content_type=MEDIA_TYPE,
    )
    answer["Cache-Control"] = "no-store"
    if isinstance(refusal, TooMany):
        answer["Retry-After"] = str(refusal.values["seconds"])
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="gezhi"'
    return answer


def refuse_fields(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    """422 with a pointer to each field; an address that can't be of anything is just absent."""
    if any(error["loc"][0] == "path" for error in invalid.errors):
        return refuse(request, NotFound())
    return refuse(
        request, errors.InputInvalid(), errors=[_field(error) for error in invalid.errors]
    )


def _field(error: dict[str, Any]) -> dict[str, str]:
    source, *path = error["loc"]
    # The first step is the name the operation gives its body or its questions.
    steps = path[1:] if source in ("body", "form") or len(path) > 1 else path
    words = FIELD_WORDS.get(error["type"])
    detail = str(words) % error.get("ctx", {}) if words else error["msg"]
    pointer = "".join(f"/{_escape(str(step))}" for step in steps)
    return {"in": source, "pointer": f"#{pointer}", "detail": detail, "code": error["type"]}


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _refuse_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own errors; what it wrapped while reading a body is the real reason."""
    if isinstance(error.__cause__, Refusal):
        return refuse(request, error.__cause__)
    if isinstance(error, AuthenticationError):
        return refuse(request, SignInNeeded())
    if isinstance(error.__cause__, RequestDataTooBig):
        return _too_large(request, error)
    return refuse(request, errors.RequestUnreadable())


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    json_mb = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
    return refuse(request, errors.TooLarge(json=json_mb, form=FORM_MB_MAX))


def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return refuse(request, errors.RequestUnreadable())


def _absent(request: HttpRequest, error: Exception) -> HttpResponse:
    return refuse(request, NotFound())


def accident(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours: logged with its trace, told in words without it."""
    _log.error("api_accident", exc_info=error, extra={"path": request.path})
    got_request_exception.send(sender=None, request=request)
    return refuse(request, errors.Accident())


def proof_of(request: HttpRequest) -> Proof:
    """The puzzle a program solved: `Gezhi-Puzzle: token solution`."""
    token, _space, solution = request.headers.get("Gezhi-Puzzle", "").partition(" ")
    return Proof(token=token, solution=solution.strip())


def teach(api: NinjaAPI) -> None:
    """Let the API answer every exception this way."""
    handlers: dict[type[Exception], Any] = {
        Refusal: refuse,
        ValidationError: refuse_fields,
        HttpError: _refuse_http,
        RequestDataTooBig: _too_large,
        SuspiciousOperation: _unreadable,
        BadRequest: _unreadable,
        MultiPartParserError: _unreadable,
        UnreadablePostError: _unreadable,
        Http404: _absent,
        Exception: accident,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def guarded(view: _View) -> _View:
    """A view of the API that asks for no page login and whose 405 is a problem too."""

    def answer(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > FORM_MB_MAX * 1024 * 1024:
            return _too_large(request, RequestDataTooBig())
        given = view(request, *args, **values)
        if given.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = given["Allow"]
            given = refuse(
                request, errors.MethodWrong(allowed=[each.strip() for each in allowed.split(",")])
            )
            given["Allow"] = allowed
        return given

    # Sign-in and CSRF are asked for in `entering`, by the operation.
    answer.login_required = False  # type: ignore[attr-defined]  # read by LoginRequiredMiddleware
    answer.csrf_exempt = True  # type: ignore[attr-defined]  # read by CsrfViewMiddleware
    return answer


def unknown(request: HttpRequest, **_values: Any) -> HttpResponse:
    """No operation has this address."""
    return refuse(request, errors.AddressUnknown())
