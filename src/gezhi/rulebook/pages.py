"""Administration of the rulebook: what is in force, its versions, upload with check and difference."""

import json
from collections.abc import Mapping

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.rulebook import actions, reads
from gezhi.rulebook.errors import BrokenRulebook, RulebookMissing, UploadUnreadable
from gezhi.rulebook.forms import ApplyForm, UploadForm
from gezhi.rulebook.rules import Book, Category


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


def _overview(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    actor = _manager(request)
    book = _in_force()
    words, group = request.GET.get("q", ""), request.GET.get("group", "")
    context = {
        "book": book,
        "categories": _found(book, words, group) if book else [],
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
    routes = [
        (level, book.route(key, area_kind="grid", level=level))
        for level in ("village", "town", "county")
    ]
    context = {"book": book, "category": found, "routes": routes}
    return render(request, "rulebook/category.html", context)


@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version: who applied it, its files, and what it changed."""
    actor = _manager(request)
    found = reads.version(actor, number, county=settings.COUNTY)
    changes = None
    if number > 1:
        before = reads.book(settings.COUNTY, number - 1)
        changes = reads.diff(before, reads.book(settings.COUNTY, number))
    context = {"version": found, "changes": changes}
    return render(request, "rulebook/version.html", context)


@require_safe
def export(request: HttpRequest, number: int) -> HttpResponse:
    """The files of one version as a zip."""
    actor = _manager(request)
    found = reads.version(actor, number, county=settings.COUNTY)
    answer = HttpResponse(reads.zip_of(found.files), content_type="application/zip")
    name = f"rulebook-{settings.COUNTY}-{number}.zip"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check uploaded files (with the ones in force for the rest) and show what they change."""
    actor = _manager(request)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _overview(request, form, status=422)
    try:
        files = _files_in_force(actor) | form.texts()
    except UploadUnreadable as refusal:
        form.add_error("files", str(refusal))
        return _overview(request, form, status=refusal.status)
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
    status = 422 if form is not None else 200
    try:
        new = reads.read_files(files)
    except BrokenRulebook as broken:
        context = {"problems": broken.problems, "form": None}
        return render(request, "rulebook/check.html", context, status=broken.status)
    against = old.version if old else 0
    form = form or ApplyForm(initial={"files": json.dumps(files), "against": against})
    context = {
        "form": form,
        "old": old,
        "new": new,
        "changes": reads.diff(old, new) if old else [],
    }
    return render(request, "rulebook/check.html", context, status=status)


@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Put the checked files in force, if the difference that was shown is still the difference."""
    actor = _manager(request)
    form = ApplyForm(request.POST)
    if "files" not in form.data or (not form.is_valid() and "files" in form.errors):
        messages.error(request, _("内容已损坏，请重新上传。"))
        return redirect("rulebook:overview")
    if not form.is_valid():
        return _show_check(request, form.cleaned_data["files"], form)
    files = form.cleaned_data["files"]
    old = _in_force()
    if form.cleaned_data["against"] != (old.version if old else 0):
        form.add_error(None, _("规则册刚被别人更新过，请重新核对下面的变化。"))
        form.data = form.data.copy()
        form.data["against"] = str(old.version if old else 0)
        return _show_check(request, files, form)
    found = actions.apply_book(
        files, note=form.cleaned_data["note"], county=settings.COUNTY, actor=actor
    )
    messages.success(request, _("第 %(number)s 版规则册已启用。") % {"number": found.number})
    return redirect("rulebook:version", number=found.number)
