"""Root-cause cases at the desk: what is proposed, those there are, what each has changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock, sheets
from gezhi.base.actor import Actor
from gezhi.base.days import day
from gezhi.base.http import actor_of, file_answer
from gezhi.base.masking import mask_text
from gezhi.base.refusal import NotAllowed, NotFound, Refusal
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.rules import BETWEEN
from gezhi.triage import actions
from gezhi.triage.forms import TARGET_AHEAD, EndForm, RootForm
from gezhi.triage.models import RootCause
from gezhi.triage.pages import charts
from gezhi.triage.pages.naming import category_names, open_categories
from gezhi.triage.reads import roots as reads
from gezhi.triage.reads.owning import may_lay_down
from gezhi.triage.reads.roots import Measured
from gezhi.triage.rules import rates
from gezhi.triage.rules.rates import Effect, Verdict
from gezhi.triage.rules.roots import MERGED, WEEKS, Recurrence

_PAGE, _FIRST, _VILLAGE = 20, 10, 12
VERDICTS = {
    Verdict.EARLY: gettext_lazy("还看不出来"),
    Verdict.ALONE: gettext_lazy("没有可比的地方"),
    Verdict.FEWER: gettext_lazy("比相似的地方少了"),
    Verdict.MORE: gettext_lazy("比相似的地方多了"),
    Verdict.UNCLEAR: gettext_lazy("看不出差别"),
}
_TONES = {Verdict.FEWER: "on-time", Verdict.MORE: "late"}


@dataclass(frozen=True)
class Proposal:
    """A kind of matter that comes back, as a sentence and the address of the form."""

    where: str
    category: str
    solved: int
    days: int
    query: str
    cases: str


@dataclass(frozen=True)
class Proposals:
    """The first of what is proposed, and how many more there are."""

    shown: list[Proposal]
    more: int


def proposals_of(actor: Actor, now: datetime, *, most: int | None) -> Proposals:
    """What comes back in the areas of somebody who may have it solved at its root."""
    if not actor.may(reads.OPENS):
        return Proposals([], 0)
    every = reads.recurrences(actor, county=settings.COUNTY, now=now)
    found = every[:most]
    return Proposals(_told_of(found, now), len(every) - len(found))


def _told_of(found: Sequence[Recurrence], now: datetime) -> list[Proposal]:
    areas = places.words_of({one.path for one in found})
    kinds = category_names({one.category for one in found})
    return [
        Proposal(
            where=areas[one.path],
            category=kinds[one.category],
            solved=one.solved,
            days=one.days,
            query=urlencode({"path": one.path, "category": one.category}),
            cases=urlencode(_behind(one, now)),
        )
        for one in found
    ]


def _behind(one: Recurrence, now: datetime) -> dict[str, str]:
    """How the desk's list is asked for the cases that are counted."""
    since = timezone.localdate(reads.first_of(timedelta(days=one.days), now))
    return {
        "tab": "done", "sort": "newest", "area": one.path, "category": one.category,
        "outcome": "solved", "since": since.isoformat(),
    }  # fmt: skip


@require_safe
def roots(request: HttpRequest) -> HttpResponse:
    """Those that are open first, with what is said of each; and what could be one."""
    actor, now = actor_of(request), clock.now()
    found = reads.newest_first(reads.roots_of(actor, county=settings.COUNTY))
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "rows": _rows(list(page), now),
        "proposals": proposals_of(actor, now, most=None if request.GET.get("all") else _FIRST),
        "may_open": actor.may(reads.OPENS),
        "may_export": actor.may("case.export"),
        "may_topics": actor.may(reads.SEES),
    }
    return render(request, "triage/roots.html", shown)


@require_safe
def roots_export(request: HttpRequest) -> HttpResponse:
    """Both lists as a file: those there are, and all that could be one."""
    actor, now = actor_of(request), clock.now()
    actor.must("case.export")
    found = reads.newest_first(reads.roots_of(actor, county=settings.COUNTY))
    header = [
        _("哪一种"), _("地点"), _("类别"), _("牵头单位"), _("立项"), _("目标日期"), _("效果"),
        _("状态"), _("工单"), _("同类已办结"),
    ]  # fmt: skip
    there = (_cells(row) for row in _in_batches(found.iterator(_PAGE), now))
    proposed = map(_proposed_cells, proposals_of(actor, now, most=None).shown)
    data = sheets.write_sheet(_("治本事项"), header, chain(there, proposed))
    return file_answer(data, f"{_('治本事项')}-{timezone.localtime(now):%Y%m%d-%H%M}.xlsx")


def _in_batches(found: Iterable[RootCause], now: datetime) -> Iterator[dict[str, Any]]:
    every = iter(found)
    while batch := list(islice(every, _PAGE)):
        yield from _rows(batch, now)


def _proposed_cells(one: Proposal) -> list[str | int | float]:
    return [_("可以治本"), one.where, one.category, "", "", "", "", "", "", one.solved]


def _cells(row: Mapping[str, Any]) -> list[str | int | float]:
    root = row["root"]
    ended = _("已解决") if root.is_reached else _("没有解决")
    state = f"{ended} · {row['ended']}" if root.ended_at else _("在办")
    return [
        _("治本事项"), row["where"], row["category"], row["owner"], row["opened"], row["target"],
        str(row["verdict"]), state, root.case.number, "",
    ]  # fmt: skip


def _rows(found: list[RootCause], now: datetime) -> list[dict[str, Any]]:
    effects, told = reads.effects(found, now=now), _told(found, now)
    return [{"root": root, **told[root.id], **_judged(effects[root.id])} for root in found]


def _told(found: list[RootCause], now: datetime) -> dict[UUID, dict[str, Any]]:
    """Each in words, by names that are fetched once."""
    areas = places.words_of({root.path for root in found})
    kinds = category_names({root.category for root in found})
    units = people.unit_names({root.owner_id for root in found})
    today = timezone.localdate(now)
    return {
        root.id: {
            "where": areas[root.path] or _("全县"),
            "category": kinds[root.category],
            "owner": units.get(root.owner_id, ""),
            **_days(root, today),
        }
        for root in found
    }


def _days(root: RootCause, today: date) -> dict[str, Any]:
    return {
        "opened": day(timezone.localdate(root.opened_at), today),
        "target": day(root.target, today),
        "is_past": root.ended_at is None and root.target < today,
        "ended": day(timezone.localdate(root.ended_at), today) if root.ended_at else "",
    }


def _judged(effect: Effect) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "effect": effect,
        "verdict": VERDICTS[effect.verdict],
        "tone": _TONES.get(effect.verdict, "paused"),
        "weeks": int(effect.weeks),
    }
    if effect.ratio:
        ends = {"value": effect.ratio.value, "low": effect.ratio.low, "high": effect.ratio.high}
        shown["ratio"] = {name: f"{value:.2f}" for name, value in ends.items()}
    return shown


@require_safe
def root(request: HttpRequest, root: UUID) -> HttpResponse:
    """One of them: before and after, here and in similar areas."""
    found = reads.root_for(actor_of(request), root, county=settings.COUNTY)
    return _show(request, found)


def _show(
    request: HttpRequest, found: RootCause, *, fault: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    measured = reads.measure(found, now=now)
    passed = WEEKS + int(measured.effect.weeks)
    shown = {
        "root": found,
        "words": mask_text(found.case.what),
        **_told([found], now)[found.id],
        **_judged(measured.effect),
        "areas": list(places.words_of(measured.areas).values()),
        "chart": charts.lines(measured.own, measured.others, shown=passed, middle=WEEKS),
        "table": _table(measured),
        "least_weeks": int(rates.LEAST_WEEKS),
        "least_before": rates.LEAST_BEFORE,
        "least_areas": rates.LEAST_AREAS,
        "result": _("区划合并，并入先立的一件") if found.result == MERGED else found.result,
        "earlier": _earlier(found),
        "may_lay_down": may_lay_down(actor_of(request)),
        "may_end": found.ended_at is None and actor_of(request).may(reads.OPENS, path=found.path),
        "fault": fault,
        "typed": request.POST,
    }
    return render(request, "triage/root.html", shown, status=status)


def _table(measured: Measured) -> dict[str, Any]:
    """Counts and reports a week, here and in the similar areas together."""
    effect, weeks = measured.effect, max(measured.effect.weeks, 1 / 7)
    shown = [(_("本区域"), effect.own)]
    if effect.areas:
        shown.append((_("相似的地方"), effect.others))
    columns = [series for _name, series in shown]
    after = ngettext("立项后 %(n)s 周", "立项后 %(n)s 周", int(weeks)) % {"n": int(weeks)}
    return {
        "names": [name for name, _series in shown],
        "rows": [
            (_("立项前 26 周"), [series.before for series in columns]),
            (after, [series.after for series in columns]),
            (_("每周，前"), [f"{series.before / WEEKS:.1f}" for series in columns]),
            (_("每周，后"), [f"{series.after / weeks:.1f}" for series in columns]),
        ],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new_root(request: HttpRequest) -> HttpResponse:
    """Make a matter that comes back somebody's."""
    actor = actor_of(request)
    if not actor.may(reads.OPENS):
        raise NotAllowed()
    if request.method != "POST":
        return _ask(request, actor, {**request.GET.dict(), "target": _target()})
    form = RootForm(request.POST)
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        fault = f"{form.fields[field].label}: {faults[0]}"
        return _ask(request, actor, request.POST.dict(), fault=fault, status=422)
    try:
        made = actions.open_root(**form.cleaned_data, county=settings.COUNTY, actor=actor)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        typed = request.POST.dict()
        return _ask(request, actor, typed, fault=str(refusal), status=refusal.status)
    said = _("治本事项已立，工单已派给牵头单位；这里以后的同类诉求也建议给它。")
    if others := _earlier(made):
        units = _("、").join(dict.fromkeys(others.values()))
        said = _(
            "治本事项已立，工单已派给牵头单位；责任归属里已写明由%(units)s负责的，仍建议给后者。"
        )
        said %= {"units": units}
    messages.success(request, said)
    return redirect("triage:root", made.id)


def _earlier(root: RootCause) -> dict[str, str]:
    """Where another unit is asked before the owner, and which."""
    found = reads.earlier(root)
    areas = places.words_of({one.path for one in found})
    units: dict[str, str] = {}
    for one in found:
        where = BETWEEN.join(filter(None, (areas[one.path] or _("全县"), one.ground)))
        with suppress(NotFound):  # who is no unit any more is asked nothing
            units.setdefault(where, people.unit_by_code(root.county, one.unit).label)
    return units


def _target() -> str:
    return (places.today() + TARGET_AHEAD).isoformat()


def _ask(
    request: HttpRequest, actor: Actor, typed: dict[str, Any], *, fault: str = "", status: int = 200
) -> HttpResponse:
    """The form, with what was typed; only what the actor's posts reach can be chosen."""
    paths = sorted(actor.paths(reads.OPENS))
    areas = {
        one.path: one.short_name
        for path in paths
        for one in places.areas_under(path, county=settings.COUNTY)
        if len(one.path) <= _VILLAGE
    }
    top = min((len(path) for path in areas), default=0)
    shown = {
        "typed": typed,
        "fault": fault,
        "areas": [("　" * ((len(path) - top) // 3) + name, path) for path, name in areas.items()],
        "categories": open_categories(),
        "units": _owners(typed.get("path", ""), paths),
    }
    return render(request, "triage/root_new.html", shown, status=status)


def _owners(path: str, paths: list[str]) -> list[tuple[str, str]]:
    """Units that may own it: those around the place, or all inside the actor's areas."""
    inside = [path] if path else paths
    found = {
        unit.id: unit
        for each in inside
        for unit in (
            *people.units_covering(each, county=settings.COUNTY),
            *people.units_under(each, county=settings.COUNTY),
        )
    }
    return [(str(id), unit.label) for id, unit in found.items() if unit.kind != "grid"]


@require_POST
def end(request: HttpRequest, root: UUID) -> HttpResponse:
    """Judge it."""
    actor = actor_of(request)
    found = reads.root_for(actor, root, county=settings.COUNTY)
    actor.must(reads.OPENS, path=found.path)
    form = EndForm(request.POST)
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        fault = f"{form.fields[field].label}: {faults[0]}"
        return _show(request, found, fault=fault, status=422)
    actions.end_root(root, county=settings.COUNTY, actor=actor, **form.cleaned_data)
    messages.success(request, _("治本事项已结束。以后的反映继续统计，看它会不会再来。"))
    return redirect("triage:root", root)
