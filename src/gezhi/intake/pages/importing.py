"""Importing at the desk: a file, its columns, a progress bar, what became of each row."""

from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of, file_answer
from gezhi.base.masking import mask_address, mask_name, mask_phone, mask_text
from gezhi.base.refusal import Refusal
from gezhi.base.slices import seconds_left
from gezhi.intake import actions, reads, rules
from gezhi.intake.forms import ColumnsForm, UploadForm
from gezhi.intake.models import Import
from gezhi.intake.rules import Field, State

_PAGE = 20
_STOP_REASONS = {
    "asked": gettext_lazy("有人按了停止"),
    "right_lost": gettext_lazy("导入人已没有导入权限"),
    "file_gone": gettext_lazy("文件已不在，请重新上传"),
}


def _importer(request: HttpRequest) -> Actor:
    """Who asks, if they may import."""
    actor = actor_of(request)
    actor.must("case.import")
    return actor


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Upload a file; the imports so far."""
    actor = _importer(request)
    if request.method != "POST":
        return _show_overview(request, actor, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            made = actions.receive_file(
                upload.read(),
                name=upload.name or "",
                channel=form.cleaned_data["channel"],
                county=settings.COUNTY,
                actor=actor,
            )
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return redirect("intake:one", made.id)
    return _show_overview(request, actor, form, status=422)


def _show_overview(
    request: HttpRequest, actor: Actor, form: UploadForm, status: int = 200
) -> HttpResponse:
    found = Paginator(reads.imports(actor, county=settings.COUNTY), _PAGE)
    page = found.get_page(request.GET.get("page"))
    rows = [(each, rules.STATE_NAMES[State(each.state)], reads.who(each)) for each in page]
    context = {"form": form, "page": page, "rows": rows}
    return render(request, "intake/overview.html", context, status=status)


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """A workbook with the headers we know and one example, to fill in."""
    _importer(request)
    header = [str(rules.FIELD_NAMES[field]) for field in Field]
    example: list[str | int | float] = [
        "2026-0001", "2026-01-03 12:00", _("路灯不亮"), _("村口三盏路灯一周不亮，晚上看不清路。"),
        _("河湾镇柳树村村口"), _("网友甲"), "", _("城乡建设"), 12, 0,
    ]  # fmt: skip
    return file_answer(rules.write_sheet("1", header, [example]), _("导入模板") + ".xlsx")


@require_safe
def one(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """An import: what its columns hold before it is started, how far it is afterwards."""
    actor = _importer(request)
    found = reads.import_for(actor, import_id)
    if found.state == State.DRAFT:
        return _show_draft(request, found, ColumnsForm(found))
    return render(request, "intake/one.html", _context(found, actor))


def _show_draft(
    request: HttpRequest, found: Import, form: ColumnsForm, status: int = 200
) -> HttpResponse:
    table, is_shown = reads.table_of(found), reads.reads_rows(actor_of(request), found)
    context = {
        "found": found,
        "form": form,
        "is_shown": is_shown,
        "preview": _preview(found, table) if is_shown else [],
    }
    if form.is_bound:
        columns = form.cleaned_data.get("columns") if form.is_valid() else None
    else:
        columns = _whole(found)
    if columns is not None:
        odd = form.cleaned_data["odd_dates"] if form.is_bound else found.odd_dates
        context |= _rehearsed(found, table, columns, odd, is_shown=is_shown)
    return render(request, "intake/draft.html", context, status=status)


_MASKS = {Field.USER: mask_name, Field.PHONE: mask_phone, Field.PLACE: mask_address}


def _preview(found: Import, table: rules.Table) -> list[tuple[int, list[str]]]:
    """The first rows, to see what each column holds; whoever is named there is masked."""
    held = {column: _MASKS.get(Field(field), mask_text) for field, column in found.columns.items()}
    return [
        (
            row.line,
            [
                held.get(at, mask_text)(rules.cell_text(row.at(at)))[:80]
                for at in range(len(found.header))
            ],
        )
        for row in table.rows[:5]
    ]


def _whole(found: Import) -> rules.Columns | None:
    """The guessed columns, if they are enough to read by."""
    try:
        return rules.check_columns(found.columns, len(found.header))
    except Refusal:
        return None


def _rehearsed(
    found: Import,
    table: rules.Table,
    columns: rules.Columns,
    odd_dates: str,
    *,
    is_shown: bool,
) -> dict[str, Any]:
    reading = reads.reading_of(found, now=clock.now(), columns=columns, odd_dates=odd_dates)
    rehearsal = reads.rehearse(table, reading, county=found.county)
    examples = [
        {
            "line": each.line,
            "key": each.key,
            "opened_at": each.opened_at,
            "odd_time": each.odd_time,
            "what": mask_text(each.what),
            "place": mask_address(each.place),
            "name": mask_name(each.name),
            "label": each.label,
        }
        for each in (rehearsal.examples if is_shown else ())
    ]
    has_place = Field.PLACE.value in columns
    return {"rehearsal": rehearsal, "examples": examples, "has_place": has_place}


@require_POST
def check(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What reading all rows with the chosen columns would come to; a part of the page."""
    actor = _importer(request)
    found = reads.import_for(actor, import_id)
    form = ColumnsForm(found, request.POST)
    context: dict[str, Any] = {"found": found, "form": form}
    if form.is_valid() and found.state == State.DRAFT:
        columns, odd = form.cleaned_data["columns"], form.cleaned_data["odd_dates"]
        is_shown = reads.reads_rows(actor, found)
        context |= _rehearsed(found, reads.table_of(found), columns, odd, is_shown=is_shown)
    return render(request, "intake/_check.html", context, status=200 if form.is_valid() else 422)


@require_POST
def start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Confirm the columns; the worker begins."""
    actor = _importer(request)
    found = reads.import_for(actor, import_id)
    form = ColumnsForm(found, request.POST)
    if found.state == State.DRAFT and not form.is_valid():
        return _show_draft(request, found, form, status=422)
    if form.is_valid():
        actions.start_import(
            found.id,
            columns=form.cleaned_data["columns"],
            odd_dates=form.cleaned_data["odd_dates"],
            actor=actor,
        )
    return redirect("intake:one", found.id)


@require_safe
def progress(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How far it is; a part of the page that asks again while it is under way."""
    actor = _importer(request)
    found = reads.import_for(actor, import_id)
    return render(request, "intake/_progress.html", _context(found, actor))


def _context(found: Import, actor: Actor) -> dict[str, Any]:
    state = State(found.state)
    left = seconds_left(total=found.total, done=found.done, pace=found.pace)
    return {
        "found": found,
        "is_shown": reads.reads_rows(actor, found),
        "state_name": rules.STATE_NAMES[state],
        "channel_name": rules.CHANNEL_NAMES.get(found.channel, found.channel),
        "is_working": state in rules.WORKING,
        "is_stopped": state == State.STOPPED,
        "may_go_on": state == State.STOPPED and found.stop_reason != "file_gone",
        "stop_reason": _STOP_REASONS.get(found.stop_reason, ""),
        "percent": found.done * 100 // found.total,
        "left": _left_words(left) if state == State.RUNNING else "",
        "faults": reads.fault_counts(found) if found.failed else [],
        "wrong_rows": [
            (row.line, reads.reason_words(row))
            for row in reads.rows_of(found, rules.Outcome.FAILED)[:_PAGE]
        ]
        if found.failed and state not in rules.WORKING
        else [],
        "who": reads.who(found),
    }


def _left_words(seconds: int | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        count = max(seconds, 1)
        return ngettext("大约还要 %(n)s 秒", "大约还要 %(n)s 秒", count) % {"n": count}
    count = -(-seconds // 60)
    return ngettext("大约还要 %(n)s 分钟", "大约还要 %(n)s 分钟", count) % {"n": count}


@require_POST
def stop(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Let it stand still."""
    actions.stop_import(import_id, actor=_importer(request))
    return redirect("intake:one", import_id)


@require_POST
def go_on(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Go on where it stopped."""
    actions.go_on(import_id, actor=_importer(request))
    return redirect("intake:one", import_id)


@require_POST
def drop(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take an unstarted file away."""
    actions.drop_import(import_id, actor=_importer(request))
    messages.success(request, _("没有开始的导入已删除。"))
    return redirect("intake:overview")


@require_safe
def errors(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The wrong rows with what is wrong, to be mended and sent again."""
    found = reads.own_import(_importer(request), import_id)
    return file_answer(reads.error_sheet(found), f"{PurePath(found.name).stem}-{_('错误行')}.xlsx")
