"""The front page, the public cases, and the size of letters."""

import math
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.masking import mask_text
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case
from gezhi.portal import reads
from gezhi.portal.pages import keeping
from gezhi.portal.pages.mine import own_cards
from gezhi.portal.pages.words import in_english, moment_words
from gezhi.rulebook import reads as rulebook

_ON_HOME = 5
_ON_PAGE = 20
_MOST_NEARBY = 400
_MOST_LETTERS = 80


@dataclass(frozen=True)
class PublicCard:
    """A case as a stranger may read it in a list."""

    number: str
    what: str
    kind: str
    place: str
    state: str
    state_name: str
    at: str


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    newest = list(reads.public_cases(county=settings.COUNTY)[:_ON_HOME])
    values = {
        "public": public_cards(newest),
        "own": own_cards(keeping.mine(request))[:3],
        "draft": _unsent(request),
    }
    return keeping.show(request, "portal/home.html", values)


def _unsent(request: HttpRequest) -> str:
    """The first words of a report this browser began and did not send."""
    draft = keeping.draft_of(request)
    return draft.what[:30] if draft is not None and draft.sent is None else ""


@login_not_required
@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """All public cases, or those around a point."""
    near = _point(request)
    found = reads.public_cases(county=settings.COUNTY, near=near)
    page = Paginator(found if near is None else found[:_MOST_NEARBY], _ON_PAGE).get_page(
        request.GET.get("page")
    )
    values = {"page": page, "public": public_cards(list(page)), "near": near}
    return keeping.show(request, "portal/public.html", values)


def _point(request: HttpRequest) -> tuple[float, float] | None:
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        return None
    is_on_earth = math.isfinite(lon + lat) and abs(lon) <= 180 and abs(lat) <= 90
    return (lon, lat) if is_on_earth else None


def public_cards(cases: list[Case]) -> list[PublicCard]:
    """Masked and, where the kind is sensitive, without the exact place."""
    now = clock.now()
    book = rulebook.current(settings.COUNTY)
    areas = reads.area_words({case.path for case in cases})
    cards = []
    for case in cases:
        kind = book.categories.get(case.category or case.proposed_category)
        exact = "" if reads.is_sensitive(book, case) else case.place
        name = (kind.name_en if in_english() else kind.name) if kind else ""
        cards.append(
            PublicCard(
                number=case.number,
                what=shortened(mask_text(case.what)),
                kind=name,
                place=f"{areas[case.path]} {mask_text(exact)}".strip(),
                state=case.state,
                state_name=str(case_rules.STATE_NAMES[case_rules.State(case.state)]),
                at=moment_words(case.opened_at, now),
            )
        )
    return cards


def shortened(text: str, most: int = _MOST_LETTERS) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


@login_not_required
@require_POST
def letters(request: HttpRequest) -> HttpResponse:
    """Large letters on or off, remembered by this browser for a year."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    size = "big" if request.POST.get("size") == "big" else "normal"
    answer = redirect(back)
    answer.set_cookie(
        keeping.LETTERS, size, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.SECURE
    )
    return answer
