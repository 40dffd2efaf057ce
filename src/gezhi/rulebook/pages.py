"""Administration of the rulebook: what is in force, versions, upload with check and difference."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of, file_answer
from gezhi.rulebook import actions, reads
from gezhi.rulebook.errors import BrokenRulebook, RulebookMissing, UploadTwice, UploadUnreadable
from gezhi.rulebook.forms import (
    AT_NAMES,
    LEVEL_NAMES,
    PROOF_NAMES,
    SIZE_NAMES,
    TELL_NAMES,
    ApplyForm,
    CalendarForm,
    UploadForm,
    change_row,
    name_of,
    span_words,
)
from gezhi.rulebook.rules import KIND_NAMES, PROOFS, ZONE_NAMES, Book, Category, When

_BY_GRID: Mapping[bool | None, Any] = {
    True: gettext_lazy("网格可办"),
    False: gettext_lazy("网格不可办"),
}


def _manager(request: HttpRequest) -> Actor:
    """Who asks, if they may manage the rulebook."""
    actor = actor_of(request)
    actor.must("rulebook.manage")
    return actor


def _in_force() -> Book | None:
    """The book in force; None before the first."""
    try:
        return reads.current(settings.COUNTY)
    except RulebookMissing:
        return None


def _found(book: Book, words: str, group: str) -> list[Category]:
    words = words.strip().casefold()
    return [
        one
        for one in book.categories.values()
        if (not group or one.group == group)
        and (
            not words
            or words in f"{one.key} {one.name} {one.name_en}".casefold()
            or any(words in keyword.casefold() for keyword in one.keywords)
        )
    ]


def _category_row(book: Book, one: Category) -> dict[str, Any]:
    """A category with the words that a page shows."""
    return {
        "category": one,
        "name": name_of(one),
        "group": name_of(book.groups[one.group]),
        "size": SIZE_NAMES[one.size],
        "body": name_of(book.bodies[one.body]),
        "station": name_of(book.bodies[one.station]) if one.station else "",
        "proof": [PROOF_NAMES[proof] for proof in PROOFS if proof in one.proof],
    }


def _due_rows(book: Book) -> list[dict[str, Any]]:
    """The rows of the promises, with their conditions in words."""
    return [
        {
            "row": row,
            "kind": KIND_NAMES[row.kind],
            "conditions": _conditions(book, row.when),
            "within": span_words(row.within),
        }
        for row in book.due_rows
    ]


def _conditions(book: Book, when: When) -> list[str]:
    named = [name_of(book.categories[key]) for key in sorted(when.category)]
    named += [name_of(book.groups[key]) for key in sorted(when.group)]
    named += [str(SIZE_NAMES[key]) for key in sorted(when.size)]
    named += sorted(when.channel)
    named += [str(LEVEL_NAMES[key]) for key in sorted(when.level)]
    named += [name_of(book.assets.by_key[key]) for key in sorted(when.asset)]
    named += [str(ZONE_NAMES[key]) for key in sorted(when.zone)]
    if when.urgent:
        named.append(_("紧急") if True in when.urgent else _("不紧急"))
    return named


def _routes(book: Book) -> list[dict[str, Any]]:
    """The rows of routing in words, and how many of this month's sendings by each came back."""
    flagged = reads.flagged_routes(settings.COUNTY)
    own = {"{body}": _("类别的县级单位"), "{station}": _("类别的乡镇站所")}
    return [
        {
            "row": row,
            "conditions": [
                *_conditions(book, row.when),
                *([] if row.by_grid is None else [str(_BY_GRID[row.by_grid])]),
            ],
            "to": [
                _("或").join(str(own.get(code) or _unit_name(book, code)) for code in step)
                for step in row.to
            ],
            "back": flagged.get(row.id),
        }
        for row in book.route_rows
    ]


def _ladders(book: Book) -> list[dict[str, Any]]:
    """Whom a broken promise is told to, in words."""
    return [
        {
            "row": row,
            "conditions": [
                *(str(KIND_NAMES[kind]) for kind in sorted(row.when.kind)),
                *_conditions(book, row.when),
            ],
            "steps": [(span_words(one.after), TELL_NAMES[one.tell]) for one in row.steps],
        }
        for row in book.ladder_rows
    ]


def _calendar(book: Book) -> dict[str, Any]:
    """Working hours by season and unit, the local exceptions from this year on, what is unknown."""
    calendar = book.calendar
    this_year = calendar.local_date(clock.now()).year
    return {
        "hours": [
            {"hours": one, "units": [_unit_name(book, unit) for unit in one.units]}
            for one in calendar.hours
        ],
        "known_to": max(calendar.official.years, default=this_year),
        "unknown": reads.unknown_year(settings.COUNTY),
        "exceptions": [
            (day, works, calendar.notes.get(day, ""))
            for day, works in sorted(calendar.exceptions.items())
            if day.year >= this_year
        ],
    }


def _unit_name(book: Book, code: str) -> str:
    """A unit's name where the book knows it; a pattern stands for itself."""
    return name_of(book.bodies[code]) if code in book.bodies else code


def _overview(
    request: HttpRequest,
    form: UploadForm,
    status: int = 200,
    *,
    calendar_form: CalendarForm | None = None,
) -> HttpResponse:
    actor = _manager(request)
    book = _in_force()
    words, group = request.GET.get("q", ""), request.GET.get("group", "")
    context = {
        "book": book,
        "categories": [_category_row(book, one) for one in _found(book, words, group)]
        if book
        else [],
        "groups": [(key, name_of(one)) for key, one in book.groups.items()] if book else [],
        "due_rows": _due_rows(book) if book else [],
        "routes": _routes(book) if book else [],
        "firsts": [(row, _conditions(book, row.when), AT_NAMES[row.at]) for row in book.first_rows]
        if book
        else [],
        "ladders": _ladders(book) if book else [],
        "calendar": _calendar(book) if book else None,
        "calendar_form": calendar_form or CalendarForm(),
        "words": words,
        "group": group,
        "versions": reads.versions(actor, county=settings.COUNTY).defer("files")[:50],
        "form": form,
    }
    return render(request, "rulebook/overview.html", context, status=status)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The rulebook in force: categories with search, deadlines, limits, versions, upload."""
    return _overview(request, UploadForm())


@require_safe
def category(request: HttpRequest, key: str) -> HttpResponse:
    """Everything the rulebook in force says of one category."""
    _manager(request)
    book = reads.current(settings.COUNTY)
    found = book.category(key)
    routes = []
    flagged = reads.flagged_routes(settings.COUNTY)
    for level in ("village", "town", "county"):
        route = book.route(key, area_kind="grid", level=level)
        bodies = [name_of(book.bodies[code]) for code in route.bodies]
        routes.append((LEVEL_NAMES[level], bodies, route, flagged.get(route.rule)))
    context = {
        "row": _category_row(book, found),
        "category": found,
        "routes": routes,
        "stages": [(name_of(stage), span_words(stage.within)) for stage in found.stages],
        "similar": book.similar(key),
    }
    return render(request, "rulebook/category.html", context)


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: who applied it, its files, and what it changed."""
    actor = _manager(request)
    found = reads.version(actor, number, county=settings.COUNTY)
    changes: list[dict[str, Any]] | None = None
    if number > 1:
        before = reads.book(settings.COUNTY, number - 1)
        after = reads.book(settings.COUNTY, number)
        changes = [change_row(one) for one in reads.diff(before, after)]
    context = {"version": found, "changes": changes}
    return render(request, "rulebook/version.html", context)


@require_safe
def export(request: HttpRequest, number: int) -> HttpResponse:
    """The files of one version as a zip."""
    actor = _manager(request)
    found = reads.version(actor, number, county=settings.COUNTY)
    name = f"rulebook-{settings.COUNTY}-{number}.zip"
    return file_answer(reads.zip_of(found.files), name, media_type="application/zip")


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check uploaded files (with the ones in force for the rest) and show what they change."""
    actor = _manager(request)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _overview(request, form, status=422)
    try:
        files = _files_in_force(actor) | form.texts()
    except (UploadTwice, UploadUnreadable) as refusal:
        form.add_error("upload", str(refusal))
        return _overview(request, form, status=refusal.status)
    return _show_check(request, files)


@require_safe
def export_calendar(request: HttpRequest) -> HttpResponse:
    """The days off, make-up days and local exceptions in force, from this year on, as iCalendar."""
    actor = _manager(request)
    book = reads.current(settings.COUNTY)
    found = reads.version(actor, book.version, county=settings.COUNTY)
    year = book.calendar.local_date(clock.now()).year
    name = f"calendar-{settings.COUNTY}-{found.number}.ics"
    days = reads.days_of(found, first_year=year)
    return file_answer(days, name, media_type="text/calendar")


@require_POST
def import_calendar(request: HttpRequest) -> HttpResponse:
    """Check the days of an uploaded iCalendar file and show what they change."""
    actor = _manager(request)
    form = CalendarForm(request.POST, request.FILES)
    if not form.is_valid():
        return _overview(request, UploadForm(), 422, calendar_form=form)
    upload = form.cleaned_data["calendar"]
    try:
        files = reads.files_with_days(
            _files_in_force(actor),
            upload.name,
            upload.read(),
            official=form.cleaned_data["days"] == "official",
        )
    except BrokenRulebook as broken:
        problems = {"problems": broken.problems}
        return render(request, "rulebook/check.html", problems, status=broken.status)
    return _show_check(request, files)


@require_POST
def check_version(request: HttpRequest, number: int) -> HttpResponse:
    """Show what putting an older version in force again would change."""
    actor = _manager(request)
    return _show_check(request, reads.version(actor, number, county=settings.COUNTY).files)


def _files_in_force(actor: Actor) -> dict[str, str]:
    book = _in_force()
    if book is None:
        return {}
    return dict(reads.version(actor, book.version, county=settings.COUNTY).files)


def _show_check(
    request: HttpRequest, files: Mapping[str, str], form: ApplyForm | None = None
) -> HttpResponse:
    old = _in_force()
    try:
        new = reads.read_files(files)
    except BrokenRulebook as broken:
        problems = {"problems": broken.problems}
        return render(request, "rulebook/check.html", problems, status=broken.status)
    against = old.version if old else 0
    context = {
        "form": form or ApplyForm(initial={"texts": json.dumps(files), "against": against}),
        "old": old,
        "new": new,
        "changes": [change_row(one) for one in reads.diff(old, new)] if old else [],
    }
    return render(request, "rulebook/check.html", context, status=422 if form else 200)


@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Put the checked files in force, if the difference that was shown is still the difference."""
    actor = _manager(request)
    data = request.POST.copy()
    form = ApplyForm(data)
    if not form.is_valid() and "texts" not in form.cleaned_data:
        messages.error(request, _("内容已损坏，请重新上传。"))
        return redirect("rulebook:overview")
    if not form.is_valid():
        return _show_check(request, form.cleaned_data["texts"], form)
    files = form.cleaned_data["texts"]
    old = _in_force()
    if form.cleaned_data["against"] != (old.version if old else 0):
        form.add_error(None, _("规则册刚被别人更新过，请重新核对下面的变化。"))
        data["against"] = str(old.version if old else 0)
        return _show_check(request, files, form)
    found = actions.apply_book(
        files, note=form.cleaned_data["note"], county=settings.COUNTY, actor=actor
    )
    messages.success(request, _("第 %(number)s 版规则册已启用。") % {"number": found.number})
    return redirect("rulebook:version", number=found.number)
