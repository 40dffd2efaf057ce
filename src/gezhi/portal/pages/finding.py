"""Reporting, between where and send: the words named a place, or one of several."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.portal import actions, reads
from gezhi.portal.pages import keeping
from gezhi.triage.rules import Spot

_VILLAGE = 12  # digits of its path


@dataclass(frozen=True)
class Answer:
    """One of the places it may be."""

    path: str
    words: str


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def which(request: HttpRequest) -> HttpResponse:
    """Is it here, or which of these? Skipped where the words leave nothing to ask."""
    draft = keeping.open_draft(request)
    if not draft.has_place:
        return redirect("portal:what")
    spots = reads.places_meant(draft, county=settings.COUNTY)
    if request.method == "POST":
        chosen = request.POST.get("path", "")
        known = {spot.path for spot in spots}
        # None of them: the centre reads it, and nothing is guessed from the words again.
        path = chosen if chosen in known else draft.path or settings.COUNTY
        actions.keep_draft(replace(draft, path=path))
        return redirect("portal:same")
    if not spots:
        return redirect("portal:same")
    values = {"answers": _answers(spots), "said": spots[0].name, "draft": draft, "step": 2}
    return keeping.show(request, "portal/which.html", values)


def _answers(spots: tuple[Spot, ...]) -> list[Answer]:
    """By town and village; with the grid only where that would not tell them apart."""
    for digits in (_VILLAGE, None):
        areas = places.words_of(spot.path[:digits] for spot in spots)
        said = [with_spot(areas[spot.path[:digits]], spot.name) for spot in spots]
        if len(set(said)) == len(said):
            break
    return [Answer(spot.path, words) for spot, words in zip(spots, said, strict=True)]
