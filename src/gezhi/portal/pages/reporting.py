"""Reporting, steps one and two: what it is and where it is."""

from dataclasses import replace

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base.refusal import Refusal
from gezhi.places import reads as places
from gezhi.portal import actions, reads
from gezhi.portal.forms import WhatForm, WhereForm
from gezhi.portal.pages import keeping
from gezhi.portal.pages.files import served
from gezhi.portal.reads import Meant
from gezhi.portal.rules import Draft
from gezhi.rulebook import reads as rulebook

_MOST_KEPT = 20_000  # letters of a text that is still too long to be sent


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    """Step one. Whatever is typed or chosen is kept, also when something else is refused."""
    limits = rulebook.current(settings.COUNTY).limits
    draft = keeping.open_draft(request)
    if request.method != "POST":
        form = WhatForm(initial={"what": draft.what}, most=limits.text_max)
        return _show_what(request, draft, form)
    refused = _keep_files(request, draft)
    has_files = bool(reads.photos_of(draft) or reads.voices_of(draft))
    form = WhatForm(request.POST, has_files=has_files, most=limits.text_max)
    is_valid = form.is_valid()
    typed = _typed(request)
    meant = draft.meant if typed == draft.what else ""
    draft = actions.keep_draft(replace(draft, what=typed, meant=meant))
    if is_valid and not refused:
        answer: HttpResponse = redirect("portal:where")
    else:
        answer = _show_what(request, draft, form, refused=refused, status=422)
    return keeping.remember_draft(answer, draft)


def _typed(request: HttpRequest) -> str:
    """The words as they were typed, also those that are too many."""
    typed = request.POST.get("what", "").replace("\r\n", "\n").replace("\x00", "")
    return typed.strip()[:_MOST_KEPT]


def _show_what(
    request: HttpRequest,
    draft: Draft,
    form: WhatForm,
    *,
    refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    values = {"form": form, "step": 1, **_files_of(draft), "refused": refused or []}
    return keeping.show(request, "portal/what.html", values, status=status)


def _files_of(draft: Draft) -> dict[str, object]:
    limits = rulebook.current(settings.COUNTY).limits
    return {
        "photos": reads.photos_of(draft),
        "voices": reads.voices_of(draft),
        "most_photos": limits.photos_max,
        "most_mb": limits.photo_mb_max,
    }


def _keep_files(request: HttpRequest, draft: Draft) -> list[str]:
    """Keep what was chosen; the words of what was refused."""
    refused = []
    chosen = [(file, "photo") for file in request.FILES.getlist("photos")]
    chosen += [(file, "voice") for file in request.FILES.getlist("voice")]
    limits = rulebook.current(settings.COUNTY).limits
    for file, kind in chosen:
        try:
            actions.add_file(
                draft,
                kind=kind,
                name=file.name or kind,
                size=file.size or 0,
                read=file.read,
                limits=limits,
            )
        except Refusal as refusal:
            refused.append(str(refusal))
    return refused


@login_not_required
@require_POST
def add_files(request: HttpRequest) -> HttpResponse:
    """Part of step one: files sent as soon as they are chosen, so that they are safe early."""
    draft = keeping.open_draft(request)
    if reads.draft(draft.id) is None:
        actions.keep_draft(draft)
    refused = _keep_files(request, draft)
    return _show_files(request, draft, refused)


def _show_files(request: HttpRequest, draft: Draft, refused: list[str]) -> HttpResponse:
    values = {**_files_of(draft), "refused": refused}
    status = 422 if refused else 200
    answer = keeping.show(request, "portal/_files.html", values, status=status)
    return keeping.remember_draft(answer, draft)


@login_not_required
@require_safe
def draft_file(request: HttpRequest, name: str) -> HttpResponse:
    """A photo or voice note of the draft, for its writer's eyes."""
    body = reads.draft_file(keeping.open_draft(request), name)
    is_photo = name.endswith(".photo")
    sound = "audio/ogg" if body.startswith(b"OggS") else "audio/webm"
    return served(body, "image/jpeg" if is_photo else sound, "photo.jpg" if is_photo else "voice")


@login_not_required
@require_POST
def drop_file(request: HttpRequest, name: str) -> HttpResponse:
    """Take a file out again, then go on where it was."""
    actions.drop_file(keeping.open_draft(request), name)
    return redirect(reverse("portal:what") + "#files")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    """Step two: a point, words, or a village from the list."""
    draft = keeping.open_draft(request)
    if request.method != "POST":
        if not _is_begun(draft):
            return redirect("portal:what")
        shown = WhereForm(
            initial={"lon": draft.lon, "lat": draft.lat, "place": draft.place, "path": draft.path}
        )
        return _show_where(request, draft, shown)
    form = WhereForm(request.POST)
    if form.is_valid():
        _check_place(form)
    if not form.is_valid():
        draft = _with_words(request, replace(draft, place=form.cleaned_data.get("place") or ""))
        answer = _show_where(request, actions.keep_draft(draft), form, status=422)
        return keeping.remember_draft(answer, draft)
    draft = _with_words(request, replace(draft, **form.cleaned_data, meant="", follows=""))
    meant = reads.meant_by(draft, county=settings.COUNTY)
    actions.keep_draft(replace(draft, meant=meant.path if meant else ""))
    # The words of a draft that was swept away meanwhile come with the form.
    answer = redirect(_next(meant) if _is_begun(draft) else "portal:what")
    return keeping.remember_draft(answer, draft)


def _next(meant: Meant | None) -> str:
    """To the question which place the words mean, or in which village, where they leave one."""
    if meant is None or meant.path:
        return "portal:same"
    return "portal:which" if meant.answers else "portal:village"


def _with_words(request: HttpRequest, draft: Draft) -> Draft:
    return draft if draft.what else replace(draft, what=_typed(request))


def _is_begun(draft: Draft) -> bool:
    return bool(draft.what or reads.photos_of(draft) or reads.voices_of(draft))


def _check_place(form: WhereForm) -> None:
    values = form.cleaned_data
    try:
        if values["lon"] is not None:
            places.place_at(values["lon"], values["lat"], county=settings.COUNTY)
        if values["path"]:
            places.area_by_path(settings.COUNTY, values["path"])
    except Refusal as refusal:
        form.add_error("path" if values["lon"] is None else "lon", str(refusal))


def _show_where(
    request: HttpRequest, draft: Draft, form: WhereForm, *, status: int = 200
) -> HttpResponse:
    revision = places.revision(settings.COUNTY)
    found = places.overview(settings.COUNTY, revision=revision)
    values = {
        "form": form,
        "step": 2,
        "draft": draft,
        "towns": reads.towns_and_villages(settings.COUNTY),
        "has_map": found["bounds"] is not None,
        "found": reads.point_words(draft, county=settings.COUNTY),
    }
    return keeping.show(request, "portal/where.html", values, status=status)
