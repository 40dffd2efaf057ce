"""Reporting, between where and send: which place the words mean, or in which village it is."""

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
from gezhi.portal.rules import Draft
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
    meant = reads.meant_by(draft, county=settings.COUNTY)
    spots = meant.answers if meant else ()
    if not spots:
        return redirect("portal:same")
    if request.method == "POST":
        chosen = request.POST.get("path", "")
        if chosen not in {spot.path for spot in spots}:
            return redirect("portal:village")
        actions.keep_draft(replace(draft, meant=chosen))
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
    # What is still said alike is one answer.
    told = dict(zip(said, spots, strict=True))
    return [Answer(spot.path, words) for words, spot in told.items()]


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def village(request: HttpRequest) -> HttpResponse:
    """In which town, then in which village; who doesn't know either sends it as it is."""
    draft = keeping.open_draft(request)
    if not draft.has_place:
        return redirect("portal:what")
    meant = reads.meant_by(draft, county=settings.COUNTY)
    if meant is None:
        return redirect("portal:same")
    if request.method == "POST":
        actions.keep_draft(replace(draft, meant=_chosen(draft, request.POST.get("path", ""))))
        return redirect("portal:same")
    town = reads.chosen_area(request.GET.get("town", draft.path), county=settings.COUNTY)
    if town is not None and town.level != "town":
        town = None
    listed = reads.towns_of(settings.COUNTY) if town is None else reads.villages_of(town)
    values = {"town": town, "areas": listed, "meant": meant, "draft": draft, "step": 2}
    return keeping.show(request, "portal/village.html", values)


def _chosen(draft: Draft, path: str) -> str:
    """The place in the village that was chosen; nothing is guessed where none was."""
    if reads.chosen_area(path, county=settings.COUNTY) is None:
        return draft.path or settings.COUNTY
    return reads.inside_of(draft, path, county=settings.COUNTY)
