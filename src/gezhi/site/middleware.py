"""What every request gets: an actor, words for a refusal nobody caught, a policy for its page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions import middleware
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from gezhi.base.actor import NOBODY
from gezhi.base.http import INERT
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases.forms import words_of
from gezhi.people import reads as people
from gezhi.people.rules import Owed
from gezhi.site import pages, policy

CODE = "code"  # of the address on a printed tracking slip
Answer = Callable[[HttpRequest], HttpResponse]


class SessionMiddleware(middleware.SessionMiddleware):
    """Tells the session which request it is used by: when, from where, by itself or by a person."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session.of(request)  # type: ignore[attr-defined]  # of our own engine


class ActorMiddleware:
    """Puts `request.actor` on the request: the signed-in account's posts, or nobody.

    `request.owed` is what the person has to do before anything else, see `SignInMiddleware`.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor, request.owed = self._entered(request)  # type: ignore[attr-defined]  # read by base.http
        answer = self.get_response(request)
        if request.user.is_authenticated:  # what a sign-in gave is kept by no cache in between
            answer.headers.setdefault("Cache-Control", "private, no-cache")
        return answer

    def _entered(self, request: HttpRequest) -> people.Entered:
        if request.user.is_authenticated:
            return people.entered(request.user, request.session)
        return people.Entered(NOBODY, None)


# Where somebody who owes something is led, and what is open until it is done.
_LED_TO = {
    Owed.PROOF: "entrance:second",
    Owed.PASSWORD: "entrance:password",
    Owed.SET_UP: "entrance:factors:mine",
}
_ON_THE_WAY = {
    Owed.PROOF: (),  # the second page is open to all
    Owed.PASSWORD: ("entrance:password",),
    Owed.SET_UP: ("entrance:factors:",),
}


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page asks for a login unless marked; a form sent too late comes back as it was.

    Whoever still owes a second factor or a first password is led there from every page.
    """

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        owed: Owed | None = getattr(request, "owed", None)
        if answer or owed is None or not getattr(view_func, "login_required", True):
            return answer
        asked = request.resolver_match.view_name if request.resolver_match else ""
        return None if asked.startswith(_ON_THE_WAY[owed] or ("-",)) else self._lead(request, owed)

    def _lead(self, request: HttpRequest, owed: Owed) -> HttpResponse:
        goal = reverse(_LED_TO[owed])
        if request.method == "POST":
            return pages.sign_in_again(request, at=goal)
        if owed == Owed.PROOF:
            goal = f"{goal}?{urlencode({'next': _page_around(request) or request.get_full_path()})}"
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": goal})
        return redirect(goal)

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
        is_sound = request.path.startswith(("/api/", "/open311/")) or not any(
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
    """The headers of `policy` on every answer: pages, data, files, refusals and accidents."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        for name, value in policy.ALWAYS.items():
            answer.headers.setdefault(name, value)
        if CODE in request.GET:  # an address with a tracking code in it is told to nobody
            answer.headers["Referrer-Policy"] = "strict-origin"
        answer.headers.setdefault("Content-Security-Policy", self._policy(request, answer))
        return answer

    def _policy(self, request: HttpRequest, answer: HttpResponse) -> str:
        is_page = answer.get("Content-Type", "").startswith("text/html")
        # A worker of the map goes by the policy of its own file.
        if not is_page and not request.path_info.startswith(settings.STATIC_URL):
            return INERT
        outside = filter(None, (_live_origin(request), settings.TILES_ORIGIN))
        return policy.of_pages(" ".join(outside))


def _live_origin(request: HttpRequest) -> str:
    """The live process stands on this host's next port in `demo` and `up`, else behind a proxy."""
    live: str = settings.LIVE_URL
    if not live.startswith(":"):
        return ""
    try:
        host = request.get_host().rsplit(":", 1)[0]
    except DisallowedHost:
        return ""
    return f"{request.scheme}://{host}{live.split('/')[0]}"
