"""Whose things are: the list, adding, ending, the table in and out."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base.http import actor_of, file_answer
from gezhi.base.refusal import NotFound, Refusal
from gezhi.base.sheets import write_sheet
from gezhi.people import reads as people
from gezhi.people.rules import UnitKind
from gezhi.places import reads as places
from gezhi.places.models import Responsibility
from gezhi.places.rules import reason_words
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import ZONE_NAMES
from gezhi.triage.actions import owning as actions
from gezhi.triage.errors import OwnersUnreadable
from gezhi.triage.reads import owning as reads

_SHOWN = 200
_MOST_BYTES = 4_000_000


@require_safe
def responsibilities(request: HttpRequest) -> HttpResponse:
    """What is laid down, with filters in the address, and the forms."""
    return _shown(request)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Lay one down."""
    typed = request.POST
    actor_of(request).must(reads.RIGHT)
    try:
        actions.lay_down(
            ground=typed.get("ground", "").strip(),
            unit=typed.get("unit", "").strip(),
            reason=typed.get("reason", ""),
            asset=typed.get("asset", ""),
            category=typed.get("category", ""),
            valid_from=actions.day_of(typed.get("valid_from", "")),
            valid_to=actions.day_of(typed.get("valid_to", "")),
            actor=actor_of(request),
        )
    except Refusal as refusal:
        return _refused(request, refusal, "add")
    messages.success(request, _("已写明，从现在起按它建议承办单位。"))
    return redirect("triage:responsibilities")


@require_POST
def end(request: HttpRequest, owner: UUID) -> HttpResponse:
    """It holds no longer from today."""
    actions.end(owner, actor=actor_of(request))
    messages.success(request, _("已结束。"))
    return redirect("triage:responsibilities")


@require_POST
def import_table(request: HttpRequest) -> HttpResponse:
    """A filled-in workbook: all of its lines, or none and what is wrong with them."""
    upload = request.FILES.get("table")
    actor_of(request).must(reads.RIGHT)
    try:
        if upload is None or (upload.size or 0) > _MOST_BYTES:
            raise OwnersUnreadable(why=_("请选一个 4 MB 以内的 xlsx 文件。"))
        found = actions.import_table(upload.read(), actor=actor_of(request))
    except Refusal as refusal:
        return _refused(request, refusal, "import")
    counts = {"added": found.added, "known": found.known}
    messages.success(request, _("导入 %(added)s 条，原来就有 %(known)s 条。") % counts)
    return redirect("triage:responsibilities")


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """What the filters show, in the columns in which it comes in again."""
    header = [_("地块或区划代码"), _("设施"), _("类别"), _("单位代码"), _("依据"), _("起"), _("止")]
    lines = [
        (
            _ground_of(row),
            row.asset, row.category, row.unit, reason_words(row.reason), row.valid_from.isoformat(),
            row.valid_to.isoformat() if row.valid_to else "",
        )
        for row in _found(request)
    ]  # fmt: skip
    return file_answer(write_sheet(_("责任归属"), header, lines), _("责任归属") + ".xlsx")


def _ground_of(row: Responsibility) -> str:
    """As it comes in again; of an area that is no more not, for its code is its successor's now."""
    if row.area is None:
        return row.zone.name if row.zone else ""
    return _("%(area)s（已撤销）") % {"area": row.area.name} if row.area.valid_to else row.area.path


def _found(request: HttpRequest) -> Any:
    get = request.GET.get
    return reads.laid_down(
        actor_of(request),
        county=settings.COUNTY,
        words=get("q", "").strip()[:60],
        unit=get("unit", "").strip()[:48],
        asset=get("asset", "")[:24],
        ended="ended" in request.GET,
        orphaned="orphaned" in request.GET,
    )


def _refused(request: HttpRequest, refusal: Refusal, part: str) -> HttpResponse:
    if refusal.status in (403, 404):
        raise refusal
    return _shown(request, fault=str(refusal), part=part, status=refusal.status)


def _shown(
    request: HttpRequest, *, fault: str = "", part: str = "", status: int = 200
) -> HttpResponse:
    found = _found(request)
    rows = list(found[: _SHOWN + 1])
    book, county = rulebook.current(settings.COUNTY), settings.COUNTY
    language = get_language() or "zh-hans"
    shown = {
        "rows": [_row(row) for row in rows[:_SHOWN]],
        "has_more": len(rows) > _SHOWN,
        "assets": [(key, one.name_in(language)) for key, one in book.assets.by_key.items()],
        "groups": [
            (key, one.name_in(language), [
                (name, each.name_in(language))
                for name, each in book.categories.items() if each.group == key
            ])
            for key, one in book.groups.items()
        ],
        "units": [
            (unit.code, unit.label)
            for unit in people.units_under(county, county=county)
            if unit.kind not in (UnitKind.CENTRE, UnitKind.GRID)
        ],
        "zones": [
            (zone.name, zone.area.short_name) for zone in places.zones(county).defer("geometry")
        ],
        "orphans": reads.laid_down(actor_of(request), county=county, orphaned=True).count(),
        "fault": fault,
        "part": part,
        "typed": request.POST,
        "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "triage/responsibilities.html", shown, status=status)


def _row(row: Responsibility) -> dict[str, Any]:
    book = rulebook.current(settings.COUNTY)
    language = get_language() or "zh-hans"
    kinds = {**book.groups, **book.categories}
    asset, kind = book.assets.by_key.get(row.asset), kinds.get(row.category)
    try:
        unit = people.unit_by_code(settings.COUNTY, row.unit).label
    except NotFound:
        unit = row.unit
    return {
        "row": row,
        "goes_on": row.valid_to is None or row.valid_to > places.today(),
        "is_orphaned": row.area is not None and row.area.valid_to is not None,
        "is_coming": row.valid_from > places.today(),
        "where": row.zone.name if row.zone else row.area.name if row.area else "",
        "kind": ZONE_NAMES[row.zone.kind] if row.zone else _("区划"),
        "asset": asset.name_in(language) if asset else row.asset or _("任何设施"),
        "category": kind.name_in(language) if kind else row.category or _("任何事项"),
        "unit": unit,
        "reason": reason_words(row.reason),
    }
