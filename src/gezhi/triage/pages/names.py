"""Names that residents use for places: looked up, written down, ended, in and out as a table."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import sheets
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of, file_answer
from gezhi.base.refusal import Refusal
from gezhi.places import actions
from gezhi.places import reads as places
from gezhi.places.errors import REASONS, NamesTooMany, NamesUnreadable
from gezhi.places.models import PlaceName
from gezhi.places.rules import (
    MOST_IMPORTED,
    NAME_COLUMNS,
    NAME_KIND_NAMES,
    NewName,
    columns_of,
    new_name_of,
)
from gezhi.triage.forms.names import NameFilter, NameForm, NamesFile

_PAGE = 50
_MOST_EXPORTED = 20_000
_MOST_TOLD = 20  # refused lines of a table that are named


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """The names of one's area, narrowed by the address; and a form for another."""
    actor = actor_of(request)
    places.must_name(actor)
    form = NameForm(request.POST or None, areas=_areas(actor))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_name(form.value(), county=settings.COUNTY, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            said = _("“%(name)s”已经登记，几分钟后写到它的地点会找到这里。")
            if made.is_waiting:
                said = _("“%(name)s”已经登记，写明本村的会找到这里；管理员确认后，别处写到也会。")
            messages.success(request, said % {"name": made.name})
            return redirect("triage:names")
    return _show(request, actor, form)


def _show(
    request: HttpRequest, actor: Actor, form: NameForm, file: NamesFile | None = None,
    refused: list[tuple[int, Any]] | None = None,
) -> HttpResponse:  # fmt: skip
    narrowed = NameFilter(request.GET)
    page = Paginator(_found(actor, narrowed), _PAGE).get_page(request.GET.get("page"))
    areas = places.words_of(row.area.path for row in page)
    waiting = places.names_for(actor, county=settings.COUNTY, is_waiting=True).count()
    shown = {
        "filter": narrowed,
        "page": page,
        "rows": [(row, NAME_KIND_NAMES[row.kind], areas[row.area.path]) for row in page],
        "waiting": waiting,
        "may_confirm": actor.may(places.CONFIRMING),
        "form": form,
        "file": file or NamesFile(),
        "most": MOST_IMPORTED,
        "refused": refused or [],
    }
    wrong = form.errors or refused or (file and file.errors)
    return render(request, "triage/names.html", shown, status=422 if wrong else 200)


def _found(actor: Actor, form: NameFilter) -> Any:
    asked = form.cleaned_data if form.is_valid() else {}
    return places.names_for(actor, county=settings.COUNTY, **asked)


def _areas(actor: Actor) -> list[tuple[str, str]]:
    """The areas of this actor, from the largest down, indented by level."""
    paths = {path or settings.COUNTY for right in places.NAMING for path in actor.paths(right)}
    found = {
        area.path: "　" * max(0, (len(area.path) - 6) // 3) + area.short_name
        for path in sorted(paths)
        for area in places.areas_under(path, county=settings.COUNTY)
    }
    return list(found.items())


@require_POST
def confirm(request: HttpRequest, name_id: UUID) -> HttpResponse:
    """Yes, the place is called so."""
    actor = actor_of(request)
    actor.must(places.CONFIRMING)
    actions.confirm_name(name_id, actor=actor)
    messages.success(request, _("已确认。"))
    return redirect(reverse("triage:names") + "?is_waiting=on")


@require_POST
def end(request: HttpRequest, name_id: UUID) -> HttpResponse:
    """Nobody is led there by this name any more."""
    actor = actor_of(request)
    places.must_name(actor)
    actions.end_name(name_id, actor=actor)
    messages.success(request, _("已停用。"))
    return redirect("triage:names")


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """What the list of this address shows, as a table that can be brought in again."""
    actor = actor_of(request)
    places.must_name(actor)
    rows = _found(actor, NameFilter(request.GET))[:_MOST_EXPORTED].iterator(1000)
    header = [words[0] for words in NAME_COLUMNS.values()]
    body = sheets.write_sheet("1", header, (_cells(row) for row in rows))
    return file_answer(body, _("地名") + ".xlsx")


def _cells(row: PlaceName) -> list[str | int | float]:
    point: list[str | float] = (
        ["", ""] if row.lon is None or row.lat is None else [row.lon, row.lat]
    )
    return [row.name, str(NAME_KIND_NAMES[row.kind]), row.area.path, *point, row.metres or ""]


@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """Names from a table; what can't be taken is told by its line, the rest is in."""
    actor = actor_of(request)
    places.must_name(actor)
    form, empty = NamesFile(request.POST, request.FILES), NameForm(areas=_areas(actor))
    if not form.is_valid():
        return _show(request, actor, empty, form)
    try:
        rows = _read(form.cleaned_data["file"].read())
        report = actions.import_names(rows, county=settings.COUNTY, actor=actor)
    except (NamesUnreadable, NamesTooMany) as refusal:
        form.add_error("file", str(refusal))
        return _show(request, actor, empty, form)
    said = ngettext("登记了 %(count)s 个地名。", "登记了 %(count)s 个地名。", report.added)
    messages.success(request, said % {"count": report.added})
    if report.refused:
        told = [(line, REASONS[reason]) for line, reason in report.refused[:_MOST_TOLD]]
        return _show(request, actor, empty, form, told)
    return redirect("triage:names")


def _read(data: bytes) -> list[tuple[int, NewName | None, str]]:
    """The rows of a table with their lines; its first line says what the columns are."""
    try:
        lines = sheets.lines_of(data)
    except (sheets.SheetUnreadable, sheets.SheetTooLarge) as error:
        raise NamesUnreadable() from error
    columns = columns_of([sheets.cell_text(cell) for cell in lines[0]]) if lines else {}
    if "name" not in columns or len(lines) > sheets.MOST_ROWS:
        raise NamesUnreadable()
    rows = []
    for line, cells in enumerate(lines[1:], start=2):
        if sheets.is_filled(cells):
            told = {
                key: sheets.cell_text(cells[at]) for key, at in columns.items() if at < len(cells)
            }
            rows.append((line, *new_name_of(told)))
    return rows
