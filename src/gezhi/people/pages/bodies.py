"""Administration of units, and the list of areas they answer for."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotAllowed, NotFound, Refusal
from gezhi.people import actions, forms, reads, rules
from gezhi.people.models import Unit
from gezhi.places import reads as places
from gezhi.places import rules as places_rules

_PAGE = 50
# Who keeps them, and who gives posts to them or in them: either may look.
ACCOUNTS = ("account.manage", "post.manage")
UNITS = ("unit.manage", "post.manage")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first list this administrator may open."""
    actor = actor_of(request)
    for rights, name in ((ACCOUNTS, "accounts"), (UNITS, "units"), (("area.manage",), "areas")):
        if any(actor.may(right) for right in rights):
            return redirect(f"people:{name}")
    raise NotAllowed()


def must_have_one(actor: Actor, rights: Iterable[str]) -> None:
    """Refuse unless the actor has one of these rights somewhere."""
    if not any(actor.may(right) for right in rights):
        raise NotAllowed()


@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """Units by area, with filters in the address."""
    actor = actor_of(request)
    must_have_one(actor, UNITS)
    form = forms.UnitFilter(request.GET)
    found = reads.search_units(actor, **form.cleaned_data) if form.is_valid() else ()
    shown = page_of(request, found)
    heads = reads.head_names(unit.id for unit in shown)
    context = {
        "filter": form,
        "page": shown,
        "rows": [
            (unit, rules.KIND_NAMES[rules.UnitKind(unit.kind)], _level(unit), heads.get(unit.id))
            for unit in shown
        ],
        "may_add": actor.may("unit.manage"),
    }
    return render(request, "people/units.html", context)


@require_http_methods(["GET", "POST"])
def add_unit(request: HttpRequest) -> HttpResponse:
    """A form for a new unit."""
    actor = actor_of(request)
    actor.must("unit.manage")
    choices, areas = forms.units_for(actor, "unit.manage"), areas_for(actor, "unit.manage")
    form = forms.NewUnit(request.POST or None, units=choices, areas=areas)
    if form.is_valid():
        values = form.cleaned_data
        try:
            county = places_rules.county_of(values["path"])
            made = actions.add_unit(county=county, **values, actor=actor)
        except NotAllowed as refusal:
            form.add_error("path", str(refusal))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("机构已经添加。"))
            return redirect("people:unit", id=made.id)
    context = {"form": form, "units": choices, "areas": areas}
    return render(request, "people/unit_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, id: UUID) -> HttpResponse:
    """One unit: its words, who works there."""
    actor = actor_of(request)
    found = one_unit(actor, id)
    if request.method == "POST":
        actor.must("unit.manage", path=found.path)
    choices = forms.units_for(actor, "unit.manage")
    form = forms.UnitWords(request.POST or None, units=choices, initial=_initial(found))
    if form.is_valid():
        try:
            actions.change_unit(id, **form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("修改已经保存。"))
            return redirect("people:unit", id=id)
    return _unit_page(request, actor, found, form=form)


@require_http_methods(["GET", "POST"])
def add_leave(request: HttpRequest, id: UUID) -> HttpResponse:
    """Leave of somebody of the unit, entered by its administrator."""
    if request.method == "GET":  # the page of a refusal, opened again
        return redirect("people:unit", id=id)
    actor = actor_of(request)
    found = one_unit(actor, id)
    form = forms.NewLeave(request.POST, **_people_of(found))
    if form.is_valid():
        try:
            actions.take_leave(**form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("请假已经登记。"))
            return redirect("people:unit", id=id)
    return _unit_page(request, actor, found, leave_form=form)


@require_POST
def name_head(request: HttpRequest, id: UUID) -> HttpResponse:
    """Make a post that of the unit's head, or take that away."""
    is_head = request.POST.get("is_head") == "yes"
    post = actions.name_head(id, is_head=is_head, actor=actor_of(request))
    messages.success(request, _("修改已经保存。"))
    return redirect("people:unit", id=post.unit_id)


def _unit_page(
    request: HttpRequest,
    actor: Actor,
    unit: Unit,
    *,
    form: forms.UnitWords | None = None,
    leave_form: forms.NewLeave | None = None,
) -> HttpResponse:
    choices = forms.units_for(actor, "unit.manage")
    staff, now = _staff(unit), clock.now()
    people = {post.account_id for post, _role, _reach in staff}
    context = {
        "unit": unit,
        "kind": rules.KIND_NAMES[rules.UnitKind(unit.kind)],
        "level": _level(unit),
        "form": form or forms.UnitWords(units=choices, initial=_initial(unit)),
        "units": choices,
        "staff": staff,
        "at_work": reads.who_is_on_duty(actor, unit.id, now),
        "leaves": reads.leaves_between(people, now, now + rules.LONGEST_LEAVE),
        "leave_form": leave_form or forms.NewLeave(**_people_of(unit), auto_id="id_leave_%s"),
        "may_change": actor.may("unit.manage", path=unit.path),
        "may_keep_leaves": actor.may("account.manage", path=unit.path),
        "may_give_posts": actor.may("post.manage", path=unit.path),
        "now": now,
    }
    refused = any(shown and shown.errors for shown in (form, leave_form))
    return render(request, "people/unit.html", context, status=422 if refused else 200)


def _people_of(unit: Unit) -> dict[str, list[tuple[UUID, str]]]:
    names = {post.account_id: post.account.name for post in reads.staff_of(unit)}
    people = sorted(names.items(), key=lambda person: person[1])
    return {"people": people, "colleagues": people}


@require_POST
def close_unit(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.close_unit(id, actor=actor_of(request))
    messages.success(request, _("机构已经停用。"))
    return redirect("people:unit", id=id)


@require_POST
def reopen_unit(request: HttpRequest, id: UUID) -> HttpResponse:
    actions.reopen_unit(id, actor=actor_of(request))
    messages.success(request, _("机构已经重新启用。"))
    return redirect("people:unit", id=id)


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """The areas this administrator looks after, with their centre."""
    actor = actor_of(request)
    actor.must("area.manage")
    form = forms.AreaFilter(request.GET)
    found: Any = areas_for(actor, "area.manage")
    if form.is_valid():
        words, level = form.cleaned_data["words"], form.cleaned_data["level"]
        found = [
            area
            for area in found
            if (not words or words in area.name or area.code.startswith(words))
            and level in ("", area.level)
        ]
    shown = page_of(request, found)
    rows = [(area, rules.LEVEL_NAMES[rules.Level(area.level)], _centre(area)) for area in shown]
    return render(request, "people/areas.html", {"filter": form, "page": shown, "rows": rows})


def areas_for(actor: Actor, right: str) -> list[Any]:
    """Today's areas over which this actor has a right, from the largest down."""
    paths = [path or settings.COUNTY for path in sorted(actor.paths(right))]
    found = {
        area.id: area
        for path in paths
        for area in places.areas_under(path, county=places_rules.county_of(path))
    }
    return list(found.values())


def area_names(paths: Iterable[str]) -> dict[str, str]:
    """What the areas at these paths are called today."""
    return {path: area.name for path, area in places.areas_by_paths(paths).items()}


def _staff(unit: Unit) -> list[tuple[Any, ...]]:
    posts = list(reads.staff_of(unit))
    names = area_names(post.path for post in posts)
    return [
        (post, rules.ROLE_NAMES[rules.Role(post.role)], names.get(post.path, "")) for post in posts
    ]


def one_unit(actor: Actor, id: UUID) -> Unit:
    """One administered unit."""
    found = reads.units(actor).select_related("parent").filter(id=id).first()
    if found is None:
        raise NotFound(unit=id)
    return found


def page_of(request: HttpRequest, rows: QuerySet[Any] | Iterable[Any]) -> Page[Any]:
    """The page of a list that the address asks for; the last one for a page too far."""
    listed = rows if isinstance(rows, QuerySet) else list(rows)
    return Paginator(listed, _PAGE).get_page(request.GET.get("page"))


def _initial(unit: Unit) -> dict[str, str]:
    return {
        "name": unit.name,
        "short_name": unit.short_name,
        "phone": unit.phone,
        "parent": unit.parent.code if unit.parent else "",
    }


def _level(unit: Unit) -> Any:
    return rules.LEVEL_NAMES[rules.Level(unit.level)]


def _centre(area: Any) -> Unit | None:
    return next(
        iter(reads.units_covering(area.path, county=area.county, kinds=(rules.UnitKind.CENTRE,))),
        None,
    )
