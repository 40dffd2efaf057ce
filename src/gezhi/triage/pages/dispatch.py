"""What went to the wrong place: the table of a month, and the cases behind each number."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gezhi.base import clock
from gezhi.base.http import actor_of, file_answer
from gezhi.base.refusal import Malformed
from gezhi.base.sheets import write_sheet
from gezhi.cases import reads as cases
from gezhi.cases.reads.routing import LAID_DOWN, NAMED
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.rules import reason_words
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Named
from gezhi.triage import reads
from gezhi.triage.models import Dispatch
from gezhi.triage.reads import Asked, Row

_BY_CATEGORY = "category"  # where no row of routing fits, the category's own unit
_SHOWN = 200  # rows of a page; the workbook has all
_MONTHS = 12
_NO_ROWS = {
    LAID_DOWN: gettext_lazy("责任归属"), NAMED: gettext_lazy("退回时指明"),
    _BY_CATEGORY: gettext_lazy("类别的承办单位"), reads.NO_RULE: gettext_lazy("没有记录规则"),
}  # fmt: skip


@require_safe
def wrong_dispatch(request: HttpRequest) -> HttpResponse:
    """By rule, category and unit, what came back first; `all` shows what never did, too."""
    asked = _asked(request)
    rows = reads.table(reads.dispatches(actor_of(request), asked, county=settings.COUNTY))
    shown = [row for row in rows if row.back.count or "all" in request.GET]
    names = _Names(shown)
    context = _around(request, asked) | {
        "rows": [names.row(row, asked) for row in shown[:_SHOWN]],
        "left_out": max(0, len(shown) - _SHOWN),
        "sum": reads.sum_of(rows),
        "is_all": "all" in request.GET,
        "export": request.GET.urlencode(),
    }
    return render(request, "triage/wrong_dispatch.html", context)


@require_safe
def wrong_dispatch_cases(request: HttpRequest) -> HttpResponse:
    """The cases behind a number: where they went, why they came back, who should have them."""
    actor, asked = actor_of(request), _asked(request)
    found = reads.dispatches(actor, asked, county=settings.COUNTY)
    found = found.select_related("case").order_by("-at") if "all" in request.GET else (
        reads.sent_back(found)
    )  # fmt: skip
    book = rulebook.current(settings.COUNTY)
    sensitive = [key for key, one in book.categories.items() if one.sensitive]
    count, found = found.count(), reads.listed(found, actor, sensitive=sensitive)
    rows = list(found[:_SHOWN])
    open_to = set(
        cases.visible_to(actor).filter(pk__in=[row.case_id for row in rows]).values_list(
            "pk", flat=True
        )
    )  # fmt: skip
    names = _Names(rows)
    context = _around(request, asked) | {
        "rows": [names.case(row, row.case_id in open_to) for row in rows],
        "is_all": "all" in request.GET,
        "count": count,
        "kept_back": count - found.count(),
    }
    return render(request, "triage/wrong_dispatch_cases.html", context)


@require_safe
def wrong_dispatch_export(request: HttpRequest) -> HttpResponse:
    """The table as a workbook, whole."""
    asked = _asked(request)
    rows = reads.table(reads.dispatches(actor_of(request), asked, county=settings.COUNTY))
    names = _Names(rows)
    header = [_("规则"), _("依据"), _("类别"), _("派给"), _("派发"), _("人工改派"), _("退回"),
              _("退回率"), _("区间下限"), _("区间上限")]  # fmt: skip
    lines = [
        (
            names.rule(row), names.why(row), names.category(row.category), names.unit(row.unit),
            row.back.of, row.by_hand, row.back.count, round(row.back.value, 4),
            round(row.back.low, 4), round(row.back.high, 4),
        )
        for row in rows
        if row.back.count or "all" in request.GET
    ]  # fmt: skip
    name = _("错派统计") + f"-{asked.month:%Y-%m}.xlsx"
    return file_answer(write_sheet(f"{asked.month:%Y-%m}", header, lines), name)


class _Names:
    """Names of what rows speak of, each asked for once."""

    def __init__(self, rows: Iterable[Row | Dispatch]) -> None:
        rows = list(rows)
        self._book = rulebook.current(settings.COUNTY)
        ids = {row.unit for row in rows}
        ids |= {row.named for row in rows if isinstance(row, Dispatch) and row.named}
        self._units = people.unit_names(ids)
        self._reasons = places.reasons_of(
            row.responsibility for row in rows if row.responsibility is not None
        )
        self._rules = {row.id: row for row in self._book.route_rows}

    def unit(self, id: UUID | None) -> str:
        return self._units.get(id, "") if id else ""

    def category(self, key: str) -> str:
        return _name(self._book.categories, key)

    def reason(self, code: str) -> str:
        return _name(self._book.all_reasons["send_back"], code)

    def rule(self, row: Row | Dispatch) -> str:
        """What people call it; the id of a row that the book has no more."""
        if row.rule in self._rules:
            return self._rules[row.rule].name
        return str(_NO_ROWS.get(row.rule or reads.NO_RULE, row.rule))

    def why(self, row: Row | Dispatch) -> str:
        """The words of the rule, or on what it rests that is laid down."""
        if row.responsibility:
            return reason_words(self._reasons.get(row.responsibility, ""))
        if row.rule == NAMED:
            return _("退回的单位说应由它办")
        return self._rules[row.rule].why if row.rule in self._rules else ""

    def row(self, row: Row, asked: Asked) -> dict[str, Any]:
        query = {
            "month": f"{asked.month:%Y-%m}", "rule": row.rule or reads.NO_RULE,
            "category": row.category, "unit": str(row.unit), "area": asked.area,
            "laid_down": str(row.responsibility or ""),
        }  # fmt: skip
        return {
            "row": row,
            "rule": self.rule(row),
            "why": self.why(row),
            "category": self.category(row.category),
            "unit": self.unit(row.unit),
            "query": urlencode({name: value for name, value in query.items() if value}),
        }

    def case(self, row: Dispatch, is_open: bool) -> dict[str, Any]:
        return {
            "row": row,
            "number": row.case.number,
            "is_open": is_open,
            "category": self.category(row.category),
            "unit": self.unit(row.unit),
            "reason": self.reason(row.reason) if row.reason else "",
            "named": self.unit(row.named),
            "rule": self.rule(row),
            "why": self.why(row),
        }


def _name(things: Mapping[str, Named], key: str) -> str:
    return _in_language(things[key]) if key in things else key


def _in_language(thing: Named) -> str:
    return thing.name_in(get_language() or "zh-hans")


def _asked(request: HttpRequest) -> Asked:
    """The filters of the address. A month that is none is refused: another's figures mislead."""
    get = request.GET.get
    return Asked(
        month=_month(get("month", "")),
        rule=get("rule", ""),
        responsibility=_id(get("laid_down", "")),
        category=get("category", "")[:64],
        unit=_id(get("unit", "")),
        area="".join(filter(str.isdigit, get("area", "")))[:15],
        by_hand="by_hand" in request.GET,
    )


def _month(text: str) -> date:
    if not text:
        return timezone.localdate(clock.now()).replace(day=1)
    try:
        return datetime.strptime(f"{text}-01 +0000", "%Y-%m-%d %z").date()
    except ValueError as error:
        raise Malformed(why=_("没有“%(month)s”这个月份") % {"month": text[:20]}) from error


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _around(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    book = rulebook.current(settings.COUNTY)
    this = timezone.localdate(clock.now()).replace(day=1)
    return {
        "asked": asked,
        "month": f"{asked.month:%Y-%m}",
        "months": [f"{day:%Y-%m}" for day in _months(this)],
        "rules": [*_NO_ROWS.items(), *((row.id, row.name) for row in book.route_rows)],
        "categories": [(key, _in_language(one)) for key, one in book.categories.items()],
        "areas": [
            (area.path, area.short_name)
            for area in places.areas_under(settings.COUNTY, county=settings.COUNTY)
            if area.level == "town"
        ],
    }


def _months(this: date) -> list[date]:
    return [
        date(this.year + (this.month - 1 - back) // 12, (this.month - 1 - back) % 12 + 1, 1)
        for back in range(_MONTHS)
    ]
