"""Any list as xlsx: what it shows, masked, in constant memory."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import xlsxwriter
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gezhi.base.masking import mask_text
from gezhi.base.words import safe_cell
from gezhi.cases.forms import choices
from gezhi.cases.models import Case
from gezhi.cases.rules import CHANNEL_NAMES, STATE_NAMES, State, source_number
from gezhi.desk.pages import rows, words
from gezhi.desk.pages.inbox import TAB_NAMES, view_of
from gezhi.desk.rules import MOST_EXPORTED, Sort
from gezhi.hotline import reads as hotline
from gezhi.people import reads as people
from gezhi.rulebook.rules import Book

_AT_ONCE = 1000
_WIDTHS = (16, 10, 12, 48, 34, 20, 10, 18, 18, 18, 20, 44, 20, 18)


@require_safe
def export(request: HttpRequest) -> FileResponse:
    """The list of this address as a file; at most twenty thousand rows."""
    view = view_of(request)
    view.actor.must("case.export")
    order = ("-opened_at", "-id") if view.sort == Sort.NEWEST else ("due_at", "id")
    found = view.cases().defer("words", "head", "before_merge").order_by(*order)[:MOST_EXPORTED]
    file = tempfile.TemporaryFile()  # noqa: SIM115  # FileResponse closes it
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False, "remove_timezone": True},
    )  # fmt: skip
    sheet = book.add_worksheet(str(TAB_NAMES[view.tab]))
    _write(book, sheet, found.iterator(_AT_ONCE), view.book, view.now)
    book.close()
    file.seek(0)
    name = f"{TAB_NAMES[view.tab]}-{timezone.localtime(view.now):%Y%m%d-%H%M}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def _headings() -> list[str]:
    return [
        _("编号"), _("状态"), _("类别"), _("什么事"), _("地点"), _("承办单位"), _("来源"),
        _("上报时间"), _("到期时间"), _("办结时间"), _("时限"), _("答复"),
        _("来源单号"), _("来电时间"),
    ]  # fmt: skip


def _write(book: Any, sheet: Any, found: Any, rules: Book, now: datetime) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#e8eef5", "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.freeze_panes(1, 0)
    for at, heading in enumerate(_headings()):
        sheet.write_string(0, at, heading, bold)
    line = 0
    for batch in _batches(found):
        areas = words.area_words(case.path for case in batch)
        units = people.unit_names(case.holder_id for case in batch)
        calls = hotline.began_at(case.id for case in batch)
        for case in batch:
            line += 1
            _write_case(sheet, line, case, rules, areas, units, day, now, calls.get(case.id))


def _batches(found: Any) -> Any:
    batch: list[Case] = []
    for case in found:
        batch.append(case)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _write_case(
    sheet: Any, line: int, case: Case, rules: Book, areas: dict[str, str],
    units: dict[Any, str], day: Any, now: datetime, called: datetime | None,
) -> None:  # fmt: skip
    category = rules.categories.get(case.category or case.proposed_category)
    texts: dict[int, str] = {
        0: case.number,
        1: str(STATE_NAMES[State(case.state)]),
        2: choices.name_of(category) if category else "",
        3: mask_text(case.what),
        4: rows.place_of(case, areas),
        5: units.get(case.holder_id, ""),
        6: str(CHANNEL_NAMES.get(case.channel, case.channel)),
        10: words.promise(words.left(case, now)) if not case.closed_at else "",
        11: mask_text(case.answer),
        12: source_number(case.source_key, case.channel),
    }
    moments = {7: case.opened_at, 8: case.due_at, 9: case.finished_at, 13: called}
    for at in range(len(_WIDTHS)):
        if at in moments:
            _moment(sheet.write_datetime, line, at, moments[at], day)
        else:
            sheet.write_string(line, at, safe_cell(texts[at])[:32_000])


def _moment(write: Callable[..., Any], line: int, at: int, value: Any, day: Any) -> None:
    if value is not None:
        write(line, at, timezone.localtime(value).replace(tzinfo=None), day)
