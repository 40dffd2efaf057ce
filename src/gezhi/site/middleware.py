"""What every request gets: an actor, words for a refusal nobody caught, a policy for its page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gezhi.base.actor import NOBODY, Actor
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases.forms import words_of
from gezhi.people import reads as people
from gezhi.site import pages

Answer = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Puts `request.actor` on the request: the signed-in account's posts, or nobody."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self._actor(request)  # type: ignore[attr-defined]  # read by base.http
        return self.get_response(request)

    def _actor(self, request: HttpRequest) -> Actor:
        if request.user.is_authenticated:
            return people.actor_for(request.user)
        return NOBODY


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page asks for a login unless marked; a form sent too late comes back as it was."""

    def handle_no_permission(  # type: ignore[override]  # a form comes back, no redirect
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponse:
        if request.method == "POST":
            return pages.sign_in_again(request)
        answer = super().handle_no_permission(request, view_func)
        if getattr(request, "htmx", False):
            # A part of a page must not be replaced by the whole sign-in page.
            back = _page_around(request) or request.get_full_path()
            answer = redirect_to_login(back, settings.LOGIN_URL)
            return HttpResponse(status=204, headers={"HX-Redirect": answer["Location"]})
        return answer


def _page_around(request: HttpRequest) -> str:
    """The page of ours that a part was asked for from: signing in leads back there."""
    around = urlsplit(request.headers.get("HX-Current-URL", ""))
    if around.netloc != request.get_host() or not around.path.startswith("/"):
        return ""
    return f"{around.path}?{around.query}" if around.query else around.path


class RefusalMiddleware:
    """A refusal that reaches the top becomes a page (or, for htmx, a notice) with its status."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not answer.content:
            return pages.wrong_method(request, allowed=answer["Allow"])
        return answer

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, values: dict[str, Any]
    ) -> HttpResponse | None:
        """An address with a zero byte in it is of nothing; the database would not take it."""
        is_sound = request.path.startswith("/api/") or not any(
            isinstance(part, str) and "\x00" in part for part in values.values()
        )
        return None if is_sound else self.process_exception(request, NotFound())

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        part = getattr(request, "htmx", False)
        template = "site/_notice.html" if part else "site/refusal.html"
        shown = {"refusal": error, "words": words_of(error)}
        answer = render(request, template, shown, status=error.status)
        return pages.as_notice(answer) if part else answer


class PolicyMiddleware:
    """Content-Security-Policy: our own files only; no inline script anywhere."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.get("Content-Type", "").startswith("text/html"):
            answer.headers.setdefault("Content-Security-Policy", self._policy(request))
        return answer

    def _policy(self, request: HttpRequest) -> str:
        outside = " ".join(filter(None, (_live_origin(request), settings.TILES_ORIGIN)))
        return (
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob: {outside}; connect-src 'self' {outside}; "
            "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
            "form-action 'self'; frame-ancestors 'none'"
        )


def _live_origin(request: HttpRequest) -> str:
    """The live process stands on this host's next port in `demo` and `up`, else behind a proxy."""
    live: str = settings.LIVE_URL
    if not live.startswith(":"):
        return ""
    host = request.get_host().rsplit(":", 1)[0]
    return f"{request.scheme}://{host}{live.split('/')[0]}"
