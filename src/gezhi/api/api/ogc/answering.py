"""How every address of OGC API - Features answers: JSON or HTML, refusals too."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from gezhi.api import errors
from gezhi.api.rules import ogc
from gezhi.base.api import encode
from gezhi.base.problem import MEDIA_TYPE, problem_of
from gezhi.base.refusal import NotFound, Refusal

GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_log = logging.getLogger("gezhi.api")


@dataclass(frozen=True)
class Given:
    """What stands at an address: for programs, and for people under a title with its parts."""

    body: dict[str, Any]
    title: str
    kind: str = "application/json"
    above: list[tuple[str, str]] = field(default_factory=list)  # names and addresses
    parts: list[tuple[str, str, str]] = field(default_factory=list)  # name, address, words
    features: list[dict[str, Any]] = field(default_factory=list)


_View = Callable[..., Given]


def serves(*known: str) -> Callable[[_View], Callable[..., HttpResponse]]:
    """What an address answers to a GET with these parameters, to anybody."""

    def dress(view: _View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, **names: str) -> HttpResponse:
            given = _answered(view, request, (*known, "f"), names)
            given["Access-Control-Allow-Origin"] = "*"
            given["Cache-Control"] = "no-cache"
            given["Vary"] = "Accept, Accept-Language"
            return given

        answer.login_required = False  # type: ignore[attr-defined]  # read by SignInMiddleware
        answer.csrf_exempt = True  # type: ignore[attr-defined]  # read by CsrfViewMiddleware
        return answer

    return dress


def _answered(
    view: _View, request: HttpRequest, known: tuple[str, ...], names: dict[str, str]
) -> HttpResponse:
    try:
        if request.method not in ("GET", "HEAD"):
            raise errors.MethodWrong()
        args = {name: request.GET[name] for name in request.GET}
        ogc.check_names(args, known)
        format = ogc.read_format(args.get("f", ""), request.headers.get("Accept", ""))
        if "\x00" in "".join((*names.values(), *args.values())):
            raise NotFound()
        return _given(request, view(request, **names), format)
    except Refusal as refusal:
        answer = _refused(request, refusal)
        if isinstance(refusal, errors.MethodWrong):
            answer["Allow"] = "GET, HEAD"
        return answer
    except Exception as error:
        _log.error("ogc_accident", exc_info=error, extra={"path": request.path})
        got_request_exception.send(sender=None, request=request)
        accident = errors.Accident()
        return _as_json(problem_of(accident), MEDIA_TYPE, accident.status)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """As the page a person asked for, with the way back; to programs as a problem."""
    asked = request.GET.get("f", "")
    accept = request.headers.get("Accept", "")
    if ogc.read_format(asked if asked in (ogc.JSON, ogc.HTML) else "", accept) == ogc.HTML:
        given = Given(
            {"description": str(refusal)}, _("打不开"), above=[(_("格治"), _front(request))]
        )
        return render(request, "api/ogc.html", {"given": given}, status=refusal.status)
    return _as_json(problem_of(refusal), MEDIA_TYPE, refusal.status)


def _front(request: HttpRequest) -> str:
    return f"{at(request, 'landing')}?f=html"


def _given(request: HttpRequest, given: Given, format: str) -> HttpResponse:
    if format == ogc.HTML:
        shown = {"given": given, "json": here(request, f=ogc.JSON), "next": _next(given)}
        return render(request, "api/ogc.html", shown)
    return _as_json(given.body, given.kind, 200)


def _next(given: Given) -> str:
    found = (each["href"] for each in given.body.get("links", ()) if each["rel"] == "next")
    return next(found, "").replace("f=json", "f=html")


def _as_json(body: dict[str, Any], kind: str, status: int) -> HttpResponse:
    return HttpResponse(encode(body), status=status, content_type=kind)


def at(request: HttpRequest, name: str, *parts: str) -> str:
    """The whole address of something here."""
    return request.build_absolute_uri(reverse(f"ogc:{name}", args=parts))


def here(request: HttpRequest, **changed: str) -> str:
    """The address that was asked, with other values of some parameters."""
    query = {name: request.GET[name] for name in request.GET} | changed
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")


def link(href: str, rel: str, kind: str, title: str = "") -> dict[str, str]:
    """One link, as the standard has them."""
    return {"href": href, "rel": rel, "type": kind, **({"title": title} if title else {})}


def own_links(request: HttpRequest, kind: str) -> list[dict[str, str]]:
    """The address itself, and the same in the other form."""
    return [
        link(here(request, f=ogc.JSON), "self", kind),
        link(here(request, f=ogc.HTML), "alternate", "text/html"),
    ]
