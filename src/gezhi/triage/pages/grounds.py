"""Named grounds: the list, adding, drawing anew, ending."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal
from gezhi.places import reads as places
from gezhi.places.models import Zone
from gezhi.places.rules import ZONE_KINDS
from gezhi.rulebook.rules import ZONE_NAMES
from gezhi.triage.actions import owning as actions
from gezhi.triage.reads import owning as reads

_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def grounds(request: HttpRequest) -> HttpResponse:
    """Those in the areas one keeps, and the form for another."""
    return _add(request) if request.method == "POST" else _shown(request)


def _add(request: HttpRequest) -> HttpResponse:
    typed = request.POST
    try:
        zone = actions.add_ground(
            name=typed.get("name", ""),
            kind=typed.get("kind", ""),
            path=typed.get("path", "").strip(),
            outline=typed.get("outline", ""),
            metres=_metres(request),
            actor=actor_of(request),
        )
    except Refusal as refusal:
        return _refused(request, refusal)
    messages.success(request, _("已添加地块“%(name)s”。") % {"name": zone.name})
    return redirect("triage:grounds")


@require_POST
def redraw(request: HttpRequest, ground: UUID) -> HttpResponse:
    """Another outline, or none."""
    outline, actor = request.POST.get("outline", ""), actor_of(request)
    try:
        zone = actions.redraw_ground(ground, outline=outline, metres=_metres(request), actor=actor)
    except Refusal as refusal:
        return _refused(request, refusal, about=ground)
    messages.success(request, _("“%(name)s”的边界已更换。") % {"name": zone.name})
    return redirect("triage:grounds")


@require_POST
def end(request: HttpRequest, ground: UUID) -> HttpResponse:
    """It is no more from today, nor what was laid down for it."""
    zone = actions.end_ground(ground, actor=actor_of(request))
    messages.success(request, _("地块“%(name)s”已结束。") % {"name": zone.name})
    return redirect("triage:grounds")


def _metres(request: HttpRequest) -> float:
    typed = request.POST.get("metres", "")
    return float(typed) if typed.isdecimal() else 0


def _refused(request: HttpRequest, refusal: Refusal, *, about: UUID | None = None) -> HttpResponse:
    if refusal.status in (403, 404):
        raise refusal
    return _shown(request, fault=str(refusal), about=about, status=refusal.status)


def _shown(
    request: HttpRequest, *, fault: str = "", about: UUID | None = None, status: int = 200
) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:60]
    found = reads.grounds(actor_of(request), county=settings.COUNTY, words=words)
    rows = list(found[: _SHOWN + 1])
    # A ground stays where it is when its area goes into another.
    today = {path: area.name for path, area in places.areas_by_paths(_merged(rows)).items()}
    shown = {
        "rows": [_row(zone, today) for zone in rows[:_SHOWN]],
        "has_more": len(rows) > _SHOWN,
        "kinds": [(kind.value, ZONE_NAMES[kind.value]) for kind in ZONE_KINDS],
        "fault": fault,
        "about": about,
        "typed": request.POST,
    }
    return render(request, "triage/grounds.html", shown, status=status)


def _merged(rows: list[Zone]) -> set[str]:
    return {zone.area.path for zone in rows if zone.area.valid_to is not None}


def _row(zone: Zone, today: Mapping[str, str]) -> dict[str, Any]:
    """With the name of the area it lies in today."""
    area = today.get(zone.area.path, zone.area.name)
    return {"zone": zone, "kind": ZONE_NAMES[zone.kind], "area": area}
