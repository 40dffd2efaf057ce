"""The inbox: tabs, filters in the address, pages by key, counts that come after the list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotAllowed
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.desk import actions, forms, reads, rules
from gezhi.desk.pages import rows, words
from gezhi.desk.pages.shell import Shell
from gezhi.places import reads as places
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

TAB_NAMES = {
    rules.Tab.MINE: gettext_lazy("待我办"),
    rules.Tab.HELPING: gettext_lazy("协办"),
    rules.Tab.VERIFY: gettext_lazy("待核查"),
    rules.Tab.LATE: gettext_lazy("超时"),
    rules.Tab.AREA: gettext_lazy("全部"),
    rules.Tab.DONE: gettext_lazy("已办结"),
}
_MOST_POINTS = 1000


@dataclass
class View:
    """One list as the address asks for it."""

    actor: Actor
    book: Book
    tabs: tuple[rules.Tab, ...]
    tab: rules.Tab
    sort: rules.Sort
    filters: reads.Filters
    now: datetime
    unused: tuple[str, ...] = ()  # what the address asks for and nobody understands, in words

    def cases(self, tab: rules.Tab | None = None) -> QuerySet[Case]:
        found = reads.cases_in(tab or self.tab, self.actor, county=settings.COUNTY, now=self.now)
        return reads.narrow(found, self.filters, now=self.now)

    def page(self, after: str) -> reads.Page:
        if after or self.filters != reads.Filters():
            return reads.page_of(self.cases(), self.sort, after=after, size=rules.PAGE)
        return reads.first_page(
            self.tab,
            self.sort,
            self.actor,
            county=settings.COUNTY,
            now=self.now,
            size=rules.PAGE,
        )


def view_of(request: HttpRequest, data: QueryDict | None = None) -> View:
    """Read the address; refuse whoever has no use for a list of cases."""
    actor = actor_of(request)
    tabs = reads.tabs_for(actor)
    if not tabs:
        raise NotAllowed()
    data = request.GET if data is None else data
    book = rulebook.current(settings.COUNTY)
    tab, sort = forms.tab_and_sort(data, tabs, reads.DEFAULT_SORT)
    filters, unused = reads.Filters(), forms.strange_list(data, tabs)
    if any(data.get(name) for name in forms.FilterForm.base_fields):
        form = forms.FilterForm(data, book=book)
        filters, unused = form.filters(), [*unused, *form.strange()]
    return View(actor, book, tabs, tab, sort, filters, clock.now(), tuple(map(str, unused)))


def query_of(request: HttpRequest, **changed: str) -> str:
    """The address after the question mark with some parts changed; "" takes a part out."""
    kept = {name: values for name, values in request.GET.lists() if name not in ("after", "page")}
    pairs = {**kept, **{name: [value] for name, value in changed.items()}}
    return urlencode({name: values for name, values in pairs.items() if values != [""]}, doseq=True)


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The whole page. Whoever only administers is shown to the first page of that."""
    actor = actor_of(request)
    if not reads.tabs_for(actor):
        nav = Shell(request).nav if actor.posts else []
        return redirect(nav[0][0].href) if nav else render(request, "desk/no_post.html")
    if not request.GET and reads.calls_back_only(actor):
        return redirect("desk:visits")
    view = view_of(request)
    page = _page(request, view)
    shown = {
        **page,
        "tab": view.tab.value,
        "sort": view.sort.value,
        "sorts": [
            (s.value, name, query_of(request, sort=s.value)) for s, name in forms.SORTS.items()
        ],
        "filters": view.filters,
        "tabs": [
            (tab.value, TAB_NAMES[tab], query_of(request, tab=tab.value)) for tab in view.tabs
        ],
        "chips": _chips(request, view),
        "doubts": [*view.unused, *_only_own(view)],
        "wrong_days": str(forms.WRONG_DAYS) in view.unused,
        "query": query_of(request),
        "may": _may(actor),
    }
    return render(request, "desk/inbox.html", shown)


@require_safe
def more_rows(request: HttpRequest) -> HttpResponse:
    """The next rows, to be put under the others."""
    return render(request, "desk/_rows.html", _page(request, view_of(request)))


def _page(request: HttpRequest, view: View) -> dict[str, Any]:
    after = request.GET.get("after", "")[:200]
    found, following = view.page(after)
    more = query_of(request, after=following) if following else ""
    return {
        "rows": rows.rows_of(found, view.now),
        "more": more,
        "is_first": not after,
    }


def _may(actor: Actor) -> dict[str, bool]:
    return {
        name: actor.may(f"case.{name}")
        for name in ("export", "assign", "supervise", "merge", "report")
    }


@dataclass(frozen=True)
class Chip:
    """One filter that is on, and the address without it."""

    words: str
    without: str


def _chips(request: HttpRequest, view: View) -> list[Chip]:
    if view.filters == reads.Filters():
        return []
    form = forms.FilterForm(request.GET, book=view.book)
    form.is_valid()
    chips = []
    for name, value in form.cleaned_data.items():
        if value:
            shown = _value_words(form, name, value)
            chips.append(
                Chip(f"{form.fields[name].label}：{shown}", query_of(request, **{name: ""}))
            )
    return chips


def _only_own(view: View) -> list[str]:
    """An address from somebody else may name an area that isn't the reader's."""
    own, area = view.actor.paths("case.read_area"), view.filters.area
    if not area or not own or any(area.startswith(path) for path in own):
        return []
    said = _("“%(area)s”不全在您负责的区划里，这里只找您负责的：%(own)s。")
    mine = "、".join(_area_name(path) for path in sorted(own))
    return [said % {"area": _area_name(area), "own": mine}]


def _area_name(path: str) -> str:
    """What its people call it; its county has no other words around it."""
    return (places.names_along(path) or (path,))[-1]


def _value_words(form: forms.FilterForm, name: str, value: Any) -> str:
    if name == "area":
        return words.area_words([value]).get(value) or value
    if name == "holder":
        return reads.unit_label(value)
    known = dict(getattr(form.fields[name], "choices", ()))
    return str(known.get(value, value))


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """How many each tab holds; asked for after the list, so that the list need not wait."""
    view = view_of(request)
    found = [(tab.value, _capped(reads.count_up_to(view.cases(tab)))) for tab in view.tabs]
    return render(request, "desk/_counts.html", {"counts": found})


def _capped(number: int) -> str:
    return f"{rules.MOST_COUNTED}+" if number > rules.MOST_COUNTED else str(number)


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """What is late in the own units or waits for one's decision."""
    view = view_of(request)
    view.filters = reads.Filters()
    late = 0
    if rules.Tab.LATE in view.tabs:  # whoever works on none of them is not told of others' delays
        own = view.cases(view.tabs[0])
        late = reads.count_up_to(reads.narrow(own, reads.Filters(pace="late"), now=view.now), 99)
    waiting = reads.count_up_to(cases.approvals_for(view.actor), 99)
    both = late + waiting
    return render(
        request,
        "desk/_bell.html",
        {"late": late, "waiting": waiting, "both": "99+" if both > 99 else both},
    )


@require_safe
def filter_form(request: HttpRequest) -> HttpResponse:
    """The form of all filters, filled with those that are on."""
    view = view_of(request)
    form = forms.FullFilterForm(request.GET, book=view.book, actor=view.actor)
    shown = {"form": form, "tab": view.tab.value, "sort": view.sort.value}
    return render(request, "desk/_filter.html", shown)


@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """One's own saved filters, and the form that saves this one."""
    kept = reads.saved_filters(actor_of(request))
    return render(request, "desk/_saved.html", {"saved": kept, "query": query_of(request)})


@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep this list under a name; the answer is the list."""
    form = forms.FilterName(request.POST)
    goal = reverse("desk:inbox")
    if form.is_valid():
        query = QueryDict(form.cleaned_data["query"], mutable=True)
        query.pop("after", None)
        name = form.cleaned_data["name"]
        _kept, is_new = actions.save_filter(
            name=name, query=query.urlencode(), actor=actor_of(request)
        )
        said = (
            _("已保存筛选“%(name)s”。") if is_new else _("已用现在的条件替换原来的筛选“%(name)s”。")
        )
        messages.success(request, said % {"name": name})
        return redirect(f"{goal}?{query.urlencode()}")
    messages.error(request, _("请给这个筛选起个名字（24 字以内）。"))
    return redirect(goal)


@require_POST
def drop_filter(request: HttpRequest, id: UUID) -> HttpResponse:
    name = actions.drop_filter(id, actor=actor_of(request))
    messages.success(request, _("已删除筛选“%(name)s”。") % {"name": name})
    return redirect("desk:inbox")


@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """The same list as points on a map, the first thousand of it."""
    view = view_of(request)
    order = "-opened_at" if view.sort == rules.Sort.NEWEST else "due_at"
    found = view.cases().filter(lon__isnull=False).order_by(order)[:_MOST_POINTS]
    features = [_feature(case, view.now) for case in found if not cases.hides_place(case)]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _feature(case: Case, now: datetime) -> dict[str, Any]:
    state = words.left(case, now).colour.value.replace("-", "_")
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [case.lon, case.lat]},
        "properties": {
            "state": state,
            "label": f"{case.number} {rows.first_words(case.what)}",
            "href": reverse("desk:case", args=[case.number]),
        },
    }
