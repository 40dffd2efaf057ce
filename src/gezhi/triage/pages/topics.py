"""Topics at the desk: the list by heat, one of them with its cases, the search for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from math import inf
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock, sheets
from gezhi.base.actor import Actor
from gezhi.base.days import day, moment
from gezhi.base.http import actor_of, file_answer
from gezhi.base.masking import mask_text
from gezhi.base.paging import page_of
from gezhi.base.slices import seconds_left
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import STATE_NAMES, State, is_late, measured_at
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.triage import actions
from gezhi.triage.forms import WEEKS, TopicFilter
from gezhi.triage.models import Topic, TopicCase, TopicRun
from gezhi.triage.pages import charts
from gezhi.triage.pages.naming import category_names, line_for, places_told
from gezhi.triage.pages.roots import proposals_of
from gezhi.triage.reads import roots as root_reads
from gezhi.triage.reads import topics as reads
from gezhi.triage.reads.topics import Seen, Wanted
from gezhi.triage.reads.topics_rises import rises
from gezhi.triage.rules.rates import Change, Ratio, change
from gezhi.triage.rules.runs import RunState

_PAGE, _MOST_CASES, _MOST_HOLDERS = 30, 100, 2
_MOST_PROPOSED = 3
_MOST_EXPORTED, _BATCH = 5000, 200
_ORDER = ("-heat", "id")


@dataclass(frozen=True)
class Entry:
    """A topic as a row of the list."""

    topic: Topic
    line: str
    where: str
    category: str
    period: str
    holders: str
    beyond: int
    trend: str
    chart: charts.Bars

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)


@dataclass
class View:
    """The list of an address: what was asked for, and what the choices are."""

    actor: Actor
    asked: Any
    now: datetime = field(default_factory=clock.now)

    def __post_init__(self) -> None:
        typed = TopicFilter(self.asked).read()
        self.area, self.category = typed["area"], typed["category"]
        self.weeks, self.growing = typed["weeks"], typed["growing"]

    def found(self) -> QuerySet[Topic]:
        since = self.now - timedelta(weeks=self.weeks) if self.weeks else None
        wanted = Wanted(self.area, self.category, since, self.growing)
        return reads.narrowed(reads.topics(self.actor, county=settings.COUNTY), wanted)

    @property
    def query(self) -> str:
        typed = {
            "area": self.area, "category": self.category, "weeks": self.weeks,
            "growing": "1" if self.growing else "",
        }  # fmt: skip
        return urlencode({name: value for name, value in typed.items() if value})

    def areas(self) -> list[tuple[str, str]]:
        """The areas one level below those the actor reads whole."""
        found: dict[str, None] = {}
        for path in sorted(self.actor.paths(reads.RIGHT)):
            inside = places.areas_under(path, county=settings.COUNTY)
            found |= dict.fromkeys(one.path for one in inside if len(one.path) == len(path) + 3)
        if self.area:
            found.setdefault(self.area)
        return list(places.words_of(found).items())

    def categories(self) -> list[tuple[str, str]]:
        kinds = reads.topics(self.actor, county=settings.COUNTY).order_by()
        keys = set(kinds.values_list("category", flat=True)) - {""}
        return sorted(category_names(keys | ({self.category} - {""})).items())


def entries_of(found: Iterable[Topic], actor: Actor, now: datetime) -> list[Entry]:
    """Rows for these topics, in as many questions however many they are."""
    rows = list(found)
    seen = reads.seen_of(actor, rows, county=settings.COUNTY)
    units = people.unit_names({id for one in seen.values() for id in one.holders})
    spots = places_told(rows)
    kinds = category_names({topic.category for topic in rows})
    return [
        Entry(
            topic=topic,
            line=_line(topic, spots[topic.id][0], kinds.get(topic.category, "")),
            where=spots[topic.id][1] or _("没有写明地点"),
            category=kinds.get(topic.category, ""),
            period=period(topic.first_at, topic.last_at, now),
            holders=_holders(seen[topic.id], units),
            beyond=max(topic.cases - seen[topic.id].cases, 0),
            trend=trend_words(topic),
            chart=charts.bars(topic.days, last=7),
        )
        for topic in rows
    ]


def _line(topic: Topic, where: str, category: str) -> str:
    return line_for(topic, where=where, category=category) or _("说法相近的反映")


def _holders(seen: Seen, units: dict[UUID, str]) -> str:
    most = sorted(seen.holders, key=lambda id: (-seen.holders[id], str(id)))
    names = "、".join(units.get(id, "") for id in most[:_MOST_HOLDERS])
    more = len(most) - _MOST_HOLDERS
    return names if more <= 0 else _("%(names)s 等 %(n)s 个单位") % {"names": names, "n": len(most)}


def period(first: datetime, last: datetime, now: datetime) -> str:
    """11月2日 – 11月15日."""
    today = timezone.localdate(now)
    days = [day(timezone.localdate(at), today) for at in (first, last)]
    return " – ".join(dict.fromkeys(days))


def trend_words(topic: Topic) -> str:
    """How the last week compares to the weeks before, as far as so many reports can tell."""
    week = ngettext("近 7 天 %(n)s 件", "近 7 天 %(n)s 件", topic.week) % {"n": topic.week}
    if topic.ratio_low is None or not topic.week:
        return week
    found = Ratio(topic.ratio or inf, topic.ratio_low, topic.ratio_high or inf)
    return f"{week} · {change_words(found)}"


def change_words(found: Ratio) -> str:
    ends = {"low": found.low, "ratio": found.value, "high": found.high}
    return str(_CHANGES[change(found)] % {name: f"{one:.1f}" for name, one in ends.items()})


_CHANGES = {
    Change.NEW: gettext_lazy("此前没有"),
    Change.FEW: gettext_lazy("件数太少，看不出增减"),
    Change.SAME: gettext_lazy("和此前差不多"),
    Change.SURELY_MORE: gettext_lazy("至少是此前的 %(low)s 倍"),
    Change.TOLD: gettext_lazy("是此前的 %(ratio)s 倍（%(low)s–%(high)s）"),
}


@dataclass(frozen=True)
class Rising:
    """A kind of which there is more, as a row."""

    category: str
    week: int
    towns: int
    trend: str
    query: str

    def __getitem__(self, name: str) -> object:
        return getattr(self, name)


def rising_of(view: View) -> list[Rising]:
    """The kinds of which there is more than before, each with the address of its cases."""
    found = rises(
        view.actor, county=settings.COUNTY, now=view.now, path=view.area, category=view.category
    )
    kinds = category_names({one.category for one in found})
    return [
        Rising(
            category=kinds[one.category],
            week=one.week,
            towns=one.towns,
            trend=change_words(one.ratio),
            query=urlencode({"tab": "area", "sort": "newest", "category": one.category,
                             "area": view.area, "since": one.since.isoformat()}),
        )
        for one in found
    ]  # fmt: skip


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """What many speak of, the hottest first; and what comes back again and again."""
    view = View(actor_of(request), request.GET)
    page = page_of(view.found(), order=_ORDER, cursor=request.GET.get("after", ""), limit=_PAGE)
    shown = {
        "view": view,
        "entries": entries_of(page.rows, view.actor, view.now),
        "next": page.cursor,
        "is_first": not request.GET.get("after"),
        "weeks": range(1, WEEKS),
        "may_export": view.actor.may("case.export"),
        "rising": rising_of(view) if not request.GET.get("after") else [],
        "proposals": proposals_of(view.actor, view.now, most=_MOST_PROPOSED),
        **_run_shown(view.actor, reads.newest_run(settings.COUNTY), view.now),
    }
    return render(request, "triage/topics.html", shown)


@require_safe
def topics_export(request: HttpRequest) -> HttpResponse:
    """The list of this address as a file."""
    view = View(actor_of(request), request.GET)
    view.actor.must("case.export")
    header = [
        _("哪一种"), _("热点"), _("地点"), _("类别"), _("起止"), _("工单"), _("反映"), _("点赞"),
        _("热度"), _("近 7 天"), _("趋势"), _("承办单位"),
    ]  # fmt: skip
    rows = chain((_cells(one) for one in _entries(view)), map(_rising_cells, rising_of(view)))
    data = sheets.write_sheet(_("热点"), header, rows)
    return file_answer(data, f"{_('热点')}-{timezone.localtime(view.now):%Y%m%d-%H%M}.xlsx")


def _cells(one: Entry) -> list[str | int | float]:
    topic = one.topic
    return [
        _("同一件事"), one.line, one.where, one.category, one.period, topic.cases, topic.reports,
        topic.likes, topic.heat, topic.week, one.trend, one.holders,
    ]  # fmt: skip


def _rising_cells(one: Rising) -> list[str | int | float]:
    """Without what only one matter has: voices, likes, heat."""
    several = ngettext("%(n)s 个乡镇", "%(n)s 个乡镇", one.towns) % {"n": one.towns}
    return [
        _("同类诉求增多"), one.category, several, one.category, "", "", "", "", "", one.week,
        one.trend, "",
    ]  # fmt: skip


def _entries(view: View) -> Iterator[Entry]:
    found = view.found().order_by(*_ORDER)[:_MOST_EXPORTED].iterator(_BATCH)
    while batch := list(islice(found, _BATCH)):
        yield from entries_of(batch, view.actor, view.now)


@require_POST
def find_now(request: HttpRequest) -> HttpResponse:
    """Have them found without waiting for the hour."""
    run = actions.ask_run(county=settings.COUNTY, actor=actor_of(request))
    actions.leave_to_worker(run.id)
    return redirect("triage:topics")


@require_safe
def finding(request: HttpRequest, search: UUID) -> HttpResponse:
    """How far a search is; at its end the page around it is asked for again."""
    actor = actor_of(request)
    shown = _run_shown(actor, reads.run_for(actor, search, county=settings.COUNTY), clock.now())
    answer = render(request, "triage/_topics_run.html", shown)
    if not shown["is_working"]:
        answer["HX-Refresh"] = "true"
    return answer


def _run_shown(actor: Actor, run: TopicRun | None, now: datetime) -> dict[str, Any]:
    if run is None:
        return {"run": None, "is_working": False, "may_find": actor.may("case.supervise")}
    left = seconds_left(total=run.total, done=run.done, pace=run.pace)
    return {
        "run": run,
        "is_working": run.state == RunState.WORKING,
        "is_failed": run.state == RunState.FAILED,
        "found_at": moment(run.finished_at, now),
        "left": max(left, 1) if left is not None else None,
        "may_find": actor.may("case.supervise"),
    }


@dataclass(frozen=True)
class Member:
    """A case of a topic as a row."""

    id: UUID
    number: str
    line: str
    where: str
    holder: str
    state: str
    opened: str
    is_mergeable: bool


@require_safe
def topic(request: HttpRequest, topic: UUID) -> HttpResponse:
    """One topic: the cases this actor sees, where they are, what can be made of them."""
    actor, now = actor_of(request), clock.now()
    found = reads.topic_for(actor, topic, county=settings.COUNTY)
    rows = list(reads.members_of(actor, found)[:_MOST_CASES])
    members = _members(rows, now)
    shown = {
        "entry": entries_of([found], actor, now)[0],
        "members": members,
        "unlisted": max(found.cases - len(members), 0),
        "may_merge": actor.may("case.merge") and sum(one.is_mergeable for one in members) > 1,
        "root": _root_of(found),
        "may_root": bool(found.category) and actor.may(root_reads.OPENS, path=found.path),
        "has_points": any(cases.shown_point(row.case) for row in rows),
    }
    return render(request, "triage/topic.html", shown)


def _root_of(found: Topic) -> Any:
    return root_reads.open_root(found.path[:12], found.category, county=found.county)


def _members(rows: list[TopicCase], now: datetime) -> list[Member]:
    units = people.unit_names({row.case.holder_id for row in rows})
    areas = places.words_of({row.case.path for row in rows})
    return [
        Member(
            id=row.case_id,
            number=row.case.number,
            line=reads.clause_of(row) or _("没有文字"),
            where=areas[row.case.path],
            holder=units.get(row.case.holder_id, ""),
            state=str(STATE_NAMES[State(row.case.state)]),
            opened=moment(row.case.opened_at, now),
            is_mergeable=reads.is_mergeable(row.case),
        )
        for row in rows
    ]


def _pace(case: Case, now: datetime) -> str:
    """How its next promise stands, in the colours of the desk's map; none where there is none."""
    if case.due_at is None:
        return "none"
    at = measured_at(
        case.due_at, paused_until=case.paused_until, paused_at=case.paused_at,
        runs_on=case.due_runs_on, now=now,
    )  # fmt: skip
    if is_late(case.due_at, at=at):
        return "late"
    return "paused" if case.paused_until and not case.due_runs_on else "on_time"


@require_safe
def topic_points(request: HttpRequest, topic: UUID) -> HttpResponse:
    """Where the cases of a topic are."""
    actor = actor_of(request)
    found = reads.topic_for(actor, topic, county=settings.COUNTY)
    now, features = clock.now(), []
    for row in reads.members_of(actor, found)[:_MOST_CASES]:
        if point := cases.shown_point(row.case):
            told = {
                "state": _pace(row.case, now),
                "label": f"{row.case.number} {mask_text(row.case.what)[:40]}",
                "href": reverse("desk:case", args=[row.case.number]),
            }
            at = {"type": "Point", "coordinates": list(point)}
            features.append({"type": "Feature", "geometry": at, "properties": told})
    return JsonResponse({"type": "FeatureCollection", "features": features})
