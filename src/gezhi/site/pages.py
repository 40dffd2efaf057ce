"""Pages of no room: alive or not, an expired form, what was not found, an accident."""

import re

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal
from gezhi.people import actions as people
from gezhi.site import progress

# Never given back to a browser, and meaningless in a second sending.
_NOT_KEPT = ("csrfmiddlewaretoken", "password", "passkey")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")  # sent with what was typed, and typed by nobody


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when this process and its database answer, 503 when they don't."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """What to speak from now on: this browser, and whoever is signed in at the desk."""
    actor, chosen = actor_of(request), request.POST.get("language", "")
    if actor.account is not None and chosen in dict(settings.LANGUAGES):
        people.choose_language(chosen, actor=actor)
    answer: HttpResponse = set_language(request)
    return answer


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token has changed since it was opened: give all of it back, to send again."""
    return _give_back(request, status=403)


def sign_in_again(request: HttpRequest, *, at: str = settings.LOGIN_URL) -> HttpResponse:
    """A form sent after the login ended: everything typed comes back, with the way to sign in."""
    return _give_back(request, status=401, sign_in=at)


def _give_back(
    request: HttpRequest, *, status: int, sign_in: str = "", wait: int = 0
) -> HttpResponse:
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if not name.startswith(_NOT_KEPT)
        for value in values
    ]
    part = getattr(request, "htmx", False)
    values = {
        "fields": fields,
        "shown": [value for _name, value in fields if value.strip() and not _ID.search(value)],
        "files": sorted(request.FILES),
        "address": request.get_full_path(),
        "sign_in": sign_in,
        "wait": wait,
    }
    template = "site/_expired.html" if part else "site/expired.html"
    answer = render(request, template, values, status=status)
    return as_notice(answer) if part else answer


def slow_down(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Too much in a while: what was typed comes back, to be sent once it may."""
    if request.method == "POST":
        return _give_back(request, status=refusal.status, wait=refusal.values["seconds"])
    return refused(request, refusal)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal before anybody knows who asks: a page of words."""
    return render(request, "site/busy.html", {"refusal": refusal}, status=refusal.status)


def as_notice(answer: HttpResponse) -> HttpResponse:
    """Let htmx show the answer among the notices and leave the page as it is."""
    answer["HX-Retarget"] = "#notices"
    answer["HX-Reswap"] = "innerHTML"
    return answer


@login_not_required
@never_cache
@require_safe
def filling(request: HttpRequest) -> HttpResponse:
    """How far the demo county's history has been filled; asks again until it is full."""
    return render(request, "site/_filling.html", {"filling": progress.read()})


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "site/400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "site/403.html", status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "site/404.html", status=404)


def wrong_method(request: HttpRequest, *, allowed: str) -> HttpResponse:
    """A form sent to what is only read, or the address of a form opened by hand."""
    answer = render(request, "site/405.html", status=405)
    answer["Allow"] = allowed
    return answer


@login_not_required
def accident(request: HttpRequest) -> HttpResponse:
    """Rendered without a request: whatever broke must not break this page too."""
    return HttpResponse(render_to_string("site/500.html"), status=500)
