"""How every address of Open311 answers: in the form its suffix names, refusals too."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

from gezhi.api import errors
from gezhi.api.api.answering import FORM_MB_MAX
from gezhi.api.api.entering import spend_as_key
from gezhi.api.rules.asking import Args
from gezhi.api.rules.trees import Many, Tree, Written, as_json, as_xml, clean_text
from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal, TooMany
from gezhi.cases.errors import AnswersWrong
from gezhi.people import actions as people
from gezhi.rulebook.rules import Fault

Given = tuple[str, "Tree | Written"]  # the name of the root, and what stands in it
_View = Callable[..., "Given | More | HttpResponseBase"]
_KINDS = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
# The standard knows these; everything else that is refused is a bad request.
_STATUSES = (400, 403, 404, 405, 413, 429)
# What the house calls otherwise than the standard, by the name of the house.
_NAMES = {
    "what": "description", "place": "lat, long", "area": "address_id", "category": "service_code",
}  # fmt: skip
_UNREADABLE = (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError)
_log = logging.getLogger("gezhi.api")


@dataclass(frozen=True)
class More:
    """A list that may go on, and the cursor behind the last row that stands in it."""

    given: Given
    cursor: str


def serves(**views: _View) -> Callable[..., HttpResponseBase]:
    """What an address answers by method: `serves(GET=…)`. Sign-in is no page's: keys are sent."""
    methods = [*views, "HEAD"] if "GET" in views else [*views]

    @wraps(next(iter(views.values())))
    def answer(request: HttpRequest, *, format: str = "", **names: Any) -> HttpResponseBase:
        given: HttpResponseBase
        format = format or format_of(request.path)
        if request.method not in methods:
            given = refuse(errors.MethodWrong(), format)
            given["Allow"] = ", ".join(methods)
        else:
            view = views["GET" if request.method == "HEAD" else request.method]
            given = _answered(view, request, format, names)
        return _open(given)

    answer.login_required = False  # type: ignore[attr-defined]  # read by SignInMiddleware
    answer.csrf_exempt = True  # type: ignore[attr-defined]  # read by CsrfViewMiddleware
    return answer


def _answered(
    view: _View, request: HttpRequest, format: str, names: dict[str, Any]
) -> HttpResponseBase:
    try:
        given = view(request, **{name: clean_text(text) for name, text in names.items()})
    except Refusal as refusal:
        return refuse(refusal, format)
    except RequestDataTooBig:
        mb = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
        return refuse(errors.TooLarge(json=mb, form=FORM_MB_MAX), format)
    except _UNREADABLE:
        return refuse(errors.RequestUnreadable(), format)
    except Exception as error:
        _log.error("api_accident", exc_info=error, extra={"path": request.path})
        got_request_exception.send(sender=None, request=request)
        return refuse(errors.Accident(), format)
    if isinstance(given, More):
        return _leading_on(request, give(*given.given, format), given.cursor)
    return given if isinstance(given, HttpResponseBase) else give(*given, format)


def _leading_on(request: HttpRequest, answer: HttpResponse, cursor: str) -> HttpResponse:
    """The same question for what comes behind; a key that stood in it stands in it again."""
    query = request.GET.copy()
    query.pop("page", None)
    query["cursor"] = cursor
    address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    answer["Link"] = f'<{address}>; rel="next"'
    return answer


def give(
    root: str, tree: "Tree | Written", format: str, status: int = HTTPStatus.OK
) -> HttpResponse:
    """A tree in the form that was asked for."""
    content = as_json(tree) if format == "json" else as_xml(root, tree)
    return HttpResponse(content, status=status, content_type=_KINDS[format])


def refuse(refusal: Refusal, format: str) -> HttpResponse:
    """A refusal as the standard has it; of several faults each is told."""
    told = Many("error", tuple(_faults(refusal)))
    answer = give("errors", told, format, _status_of(refusal))
    if isinstance(refusal, TooMany):
        answer["Retry-After"] = str(refusal.values["seconds"])
    _open(answer)  # also what is refused before any view is asked
    return answer


def _faults(refusal: Refusal) -> list[Tree]:
    """Each fault: which argument it is about, and what to do.

    What is missing is said in English too: clients look for the word.
    """
    status = _status_of(refusal)
    if isinstance(refusal, errors.ArgumentsWrong):
        return [each for one in refusal.faults for each in _faults(one)]
    if isinstance(refusal, AnswersWrong):
        words = [_with_required(one) for one in refusal.faults]
    else:
        name = _NAMES.get(refusal.field, refusal.field)
        words = [str(errors.ArgumentWrong(name=name, why=refusal) if name else refusal)]
    return [{"code": status, "description": each} for each in words]


def _with_required(fault: Fault) -> str:
    words = str(fault)
    return f"{words}（required）" if fault.code == "missing" and "required" not in words else words


def _status_of(refusal: Refusal) -> int:
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return HTTPStatus.FORBIDDEN
    is_known = refusal.status in _STATUSES or refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal.status if is_known else HTTPStatus.BAD_REQUEST


def _open(answer: HttpResponseBase) -> HttpResponseBase:
    """Read by pages of other sites too; kept by nobody in between."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Access-Control-Expose-Headers"] = "Link"
    answer["Cache-Control"] = "no-cache"
    return answer


def format_of(path: str) -> str:
    """In which form an address is answered that may be of nothing."""
    return "json" if path.endswith(".json") else "xml"


def asked(request: HttpRequest) -> Args:
    """The arguments of a question; an empty one is an absent one."""
    texts = {name: clean_text(request.GET[name]).strip() for name in request.GET}
    return Args({name: text for name, text in texts.items() if text})


def check_jurisdiction(args: Args) -> None:
    """One place is served, so its code may be left out; another one's is of nothing here."""
    if (args.get("jurisdiction_id") or settings.COUNTY) != settings.COUNTY:
        raise errors.NoSuchThing(name="jurisdiction_id")


def must_be_named(name: str, value: str) -> None:
    """Refuse an address that leaves out what it is about."""
    if not value.strip():
        raise errors.ArgumentMissing(name=name)


def program(request: HttpRequest, token: str) -> Actor:
    """Whose key it is; each has its requests a minute."""
    header = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    actor = people.use_key(token or header) if token or header else None
    if actor is None:
        raise errors.ProgramUnknown()
    request.actor = actor  # type: ignore[attr-defined]  # read by base.http
    spend_as_key(actor)
    return actor


def nothing(request: HttpRequest) -> Given:
    """No address of Open311."""
    raise errors.FormatUnknown()
