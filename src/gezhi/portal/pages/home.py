"""The front page, the public cases, and the size of letters."""

import math
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.masking import mask_text
from gezhi.cases import reads as case_reads
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case
from gezhi.cases.rules import handed
from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.portal import reads
from gezhi.portal.pages import keeping
from gezhi.portal.pages.mine import own_cards
from gezhi.portal.pages.words import in_english, moment_words
from gezhi.rulebook import reads as rulebook

_ON_HOME = 5
_ON_PAGE = 20
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
    count: int = 1


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    newest = reads.public_lines(reads.public_cases(county=settings.COUNTY), limit=_ON_HOME)
    values = {
        "public": line_cards(newest.rows),
        "own": own_cards(keeping.resident(request).proven, most=3).rows,
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
    """Public cases, of the county or around a point; look-alikes of a week are one line.

    `alike` opens such a line: each of its cases by itself.
    """
    near = _point(request)
    found = reads.public_cases(county=settings.COUNTY, near=near)
    cursor, alike = request.GET.get("cursor", ""), request.GET.get("alike", "")[:24]
    if alike:
        cases = reads.told_with(found, alike, cursor=cursor, limit=_ON_PAGE)
        public, after = public_cards(cases.rows), cases.cursor
    else:
        lines = reads.public_lines(found, cursor=cursor, limit=_ON_PAGE)
        public, after = line_cards(lines.rows), lines.cursor
    around = {"lon": near[0], "lat": near[1]} if near else {}
    values = {
        "public": public,
        "near": near,
        "alike": alike,
        "around": urlencode(around),
        "first": urlencode({**around, **({"alike": alike} if alike else {})}),
        "after": after,
        "cursor": cursor,
    }
    return keeping.show(request, "portal/public.html", values)


def _point(request: HttpRequest) -> tuple[float, float] | None:
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        return None
    is_on_earth = math.isfinite(lon + lat) and abs(lon) <= 180 and abs(lat) <= 90
    return (lon, lat) if is_on_earth else None


def line_cards(lines: list[reads.PublicLine]) -> list[PublicCard]:
    """One card for each line; one that stands for several says the place all of them share."""
    cards = public_cards([line.case for line in lines])
    areas = places.words_of(line.case.path for line in lines)
    return [
        replace(card, count=line.count, place=areas[line.case.path]) if line.count > 1 else card
        for card, line in zip(cards, lines, strict=True)
    ]


def public_cards(cases: list[Case]) -> list[PublicCard]:
    """Masked and, where the kind is sensitive, without the exact place."""
    now = clock.now()
    book = rulebook.current(settings.COUNTY)
    areas = places.words_of(case.path for case in cases)
    cards = []
    for case in cases:
        kind = book.categories.get(case.category or case.proposed_category)
        exact = "" if case_reads.is_sensitive(book, case) else case.place
        name = (kind.name_en if in_english() else kind.name) if kind else ""
        cards.append(
            PublicCard(
                number=case.number,
                what=shortened(mask_text(handed.without_end(case.what))),
                kind=name,
                place=with_spot(areas[case.path], mask_text(exact)),
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
        keeping.LETTERS,
        size,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SECURE,
        httponly=True,
    )
    return answer
