"""What will be late today, whose it is, and what nobody heard of: one press asks for an answer."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base.http import actor_of, file_answer
from gezhi.base.paging import page_of
from gezhi.cases import reads as cases
from gezhi.desk.pages import rows
from gezhi.desk.pages.now import asked_for
from gezhi.desk.pages.owing import Entry, View
from gezhi.desk.rules import MOST_EXPORTED
from gezhi.intake.rules import write_sheet

_PAGE = 100
_BATCH = 500


@require_safe
def supervision(request: HttpRequest) -> HttpResponse:
    """What is broken or falls due today, by level and by holder; tick and supervise."""
    view = View(actor_of(request), request.GET)
    after = request.GET.get("after", "")
    page = page_of(view.found(), order=("due", "id"), cursor=after, limit=_PAGE)
    shown = {
        "view": view,
        "whole": view.whole(),
        "levels": view.levels(),
        "holders": view.holders(),
        "entries": view.entries(page.rows),
        "next": page.cursor,
        "is_first": not after,
        "alarms": view.alarms(),
        "may_export": view.actor.may("case.export"),
    }
    return render(request, "desk/supervision.html", shown)


@require_POST
def supervision_now(request: HttpRequest) -> HttpResponse:
    """How rows of the list stand, by `number` or `case`; those that left it say so."""
    view = View(actor_of(request), request.GET)
    numbers, ids = asked_for(request)
    seen = cases.visible_to(view.actor).filter(county=settings.COUNTY)
    known = list(seen.filter(Q(number__in=numbers) | Q(pk__in=ids)))
    entries = view.entries(list(view.found().filter(case__in=known)))
    staying = {entry.row.number for entry in entries}
    shown = {
        "entries": entries,
        "left": rows.rows_of([case for case in known if case.number not in staying], view.now),
        "unseen": sorted(set(numbers) - {case.number for case in known}),
    }
    return render(request, "desk/_owed_now.html", shown)


@require_safe
def supervision_export(request: HttpRequest) -> HttpResponse:
    """The list of this address as a file, a line for each promise; at most twenty thousand."""
    view = View(actor_of(request), request.GET)
    view.actor.must("case.export")
    header = [
        _("编号"), _("责任单位"), _("层级"), _("时限"), _("到期时间"), _("剩余或超时"),
        _("已升级到"), _("督办答复期限"), _("状态"), _("什么事"), _("地点"),
    ]  # fmt: skip
    data = write_sheet(_("督办"), header, _lines(view))
    return file_answer(data, f"{_('督办')}-{timezone.localtime(view.now):%Y%m%d-%H%M}.xlsx")


def _lines(view: View) -> Iterator[list[str | datetime]]:
    found = view.found()[:MOST_EXPORTED].iterator(_BATCH)
    while batch := list(islice(found, _BATCH)):
        for entry in view.entries(batch):
            yield from _cells(entry)


def _cells(entry: Entry) -> Iterator[list[str | datetime]]:
    row = entry.row
    for owed in entry.owes:
        due = timezone.localtime(owed.due).replace(tzinfo=None)  # sheets know no zones
        yield [
            row.number, owed.owner, owed.level, owed.kind, due, owed.promise, owed.climbed.cell,
            entry.demanded, row.state, row.what, row.where,
        ]  # fmt: skip
