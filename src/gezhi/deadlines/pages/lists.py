"""The findings behind a number, page by page, and everything as a workbook."""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import xlsxwriter
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.deadlines import reads
from gezhi.deadlines.forms import KIND_NAMES, SHOWN_NAMES, TOPIC_NAMES, DifferenceFilter
from gezhi.deadlines.models import Difference, Rehearsal
from gezhi.deadlines.pages import results
from gezhi.deadlines.pages.words import Names, moment, span
from gezhi.deadlines.rules.rehearsing import Topic, Verdict

_PAGE = 50
_MOST_EXPORTED = 100_000
_TONES = {
    Verdict.LATE: "late",
    Verdict.IN_TIME: "on-time",
    Verdict.BETTER: "on-time",
    Verdict.WORSE: "late",
    Verdict.STILL: "soon",
}
# Titles are for people and may be as long as they like; a sheet needs a name.
_SHEETS = {
    "kind": gettext_lazy("按环节"),
    "route": TOPIC_NAMES[Topic.ROUTE],
    "proposal": TOPIC_NAMES[Topic.PROPOSAL],
    "category": gettext_lazy("按事项类别"),
    "unit": gettext_lazy("按承担单位"),
    "shut": TOPIC_NAMES[Topic.SHUT],
}
_NO_NAME = re.compile(r"[\[\]:*?/\\]+")
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One finding as it is shown; what a topic doesn't have is empty."""

    number: str
    verdict: str
    tone: str
    kind: str
    category: str
    unit: str
    before: str
    after: str
    moved: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (
            self.number, self.verdict, self.kind, self.category, self.unit, self.before,
            self.after, self.moved,
        )  # fmt: skip


@require_safe
def differences(request: HttpRequest, id: UUID) -> HttpResponse:
    """The findings of one topic, with filters in the address."""
    actor = actor_of(request)
    found = reads.rehearsal_for(actor, id, county=settings.COUNTY)
    form = DifferenceFilter(request.GET)
    cursor = request.GET.get("cursor", "")
    page = page_of(form.narrow(found), order=("id",), cursor=cursor, limit=_PAGE)
    query = request.GET.copy()
    query.pop("cursor", None)
    names = Names(found)
    shown = {
        "found": found,
        "filter": form,
        "topic": form.about.value,
        "topics": [(topic.value, name) for topic, name in TOPIC_NAMES.items()],
        "chips": list(_chips(request, form, names)),
        "rows": [_row(each, names) for each in page.rows],
        "open": reads.numbers_to_open(actor, page.rows),
        "next": page.cursor,
        "query": query.urlencode(),
        "is_first": not cursor,
    }
    return render(request, "deadlines/differences.html", shown)


def _chips(request: HttpRequest, form: DifferenceFilter, names: Names) -> Iterator[Any]:
    """Conditions that came with a number: their words, and the address without them."""
    said: dict[str, tuple[str, Callable[[str], str]]] = {
        "category": (_("事项类别"), names.category),
        "unit": (_("单位"), names.unit),
        "sides": (
            _("变化"),
            lambda code: " → ".join(map(_side_name(form, names), code.split(">"))),
        ),
    }
    for name, (label, name_of) in said.items():
        if code := form.code(name):
            query = request.GET.copy()
            query.pop(name, None)
            query.pop("cursor", None)
            yield label, name_of(code), f"?{query.urlencode()}"


def _side_name(form: DifferenceFilter, names: Names) -> Callable[[str], str]:
    if form.about == Topic.ROUTE or form.code("show") == Verdict.UNIT:
        return names.body
    is_year = form.code("show") == Verdict.YEAR
    return str if is_year else names.category


def _row(row: Difference, names: Names) -> Row:
    topic, verdict = Topic(row.topic), Verdict(row.verdict)
    before, after = _sides(row, topic, names)
    return Row(
        number=row.number,
        verdict=str(SHOWN_NAMES[topic][verdict.value]),
        tone=_TONES.get(verdict, "paused"),
        kind=str(KIND_NAMES.get(row.kind, row.kind)),
        category=names.category(row.category),
        unit=names.unit(row.unit) if row.unit else "",
        before=before,
        after=after,
        moved=span(row.minutes),
    )


def _sides(row: Difference, topic: Topic, names: Names) -> tuple[str, str]:
    if topic == Topic.DUE:
        return moment(row.due_before), moment(row.due_after)
    if topic == Topic.PROPOSAL:
        return names.category(row.before), names.category(row.after)
    if topic == Topic.ROUTE:
        return names.unit(row.before), names.unit(row.after)
    name_of = {Verdict.CATEGORY: names.category, Verdict.UNIT: names.body}
    return name_of.get(Verdict(row.verdict), str)(row.before), ""


@require_safe
def export(request: HttpRequest, id: UUID) -> FileResponse:
    """The list of this address as a file; without a topic the tables of the whole rehearsal."""
    found = reads.rehearsal_for(actor_of(request), id, county=settings.COUNTY)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # FileResponse closes it
    book = xlsxwriter.Workbook(file, _OPTIONS)
    if request.GET.get("topic"):
        _write_list(book, found, DifferenceFilter(request.GET))
    else:
        _write_tables(book, found)
    book.close()
    file.seek(0)
    name = f"{_('预演')}-{moment(found.asked_at).replace(':', '').replace(' ', '-')}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def _write_list(book: Any, found: Rehearsal, form: DifferenceFilter) -> None:
    names = Names(found)
    heads = [
        _("工单编号"), _("变化"), _("环节"), _("事项类别"), _("单位"), _("原来"), _("改后"),
        _("提前或推后"),
    ]  # fmt: skip
    lines = form.narrow(found).order_by("id")[:_MOST_EXPORTED].iterator(1000)
    _write(book, str(TOPIC_NAMES[form.about]), heads, (_row(each, names).cells for each in lines))


def _write_tables(book: Any, found: Rehearsal) -> None:
    for table in results.tables(found):
        rows = (
            (*row.names, row.n, *(number.count for number in row.numbers)) for row in table.rows
        )
        heads = [*table.heads, _("对照数"), *table.columns]
        _write(book, str(_SHEETS[table.key]), heads, rows)
    if not book.worksheets():
        _write(book, _("预演"), [_("没有变化。")], ())


def _sheet_name(title: str) -> str:
    """What a workbook takes as one: at most 31 signs, none of its own."""
    return _NO_NAME.sub(" ", title).strip(" '")[:31]


def _write(book: Any, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    sheet = book.add_worksheet(_sheet_name(title))
    bold = book.add_format({"bold": True, "bg_color": "#e8eef5", "border": 1})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 20)
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, bold)
    for line, cells in enumerate(rows, 1):
        for at, cell in enumerate(cells):
            write = sheet.write_string if isinstance(cell, str) else sheet.write_number
            write(line, at, cell)
