"""What is kept about me, report by report: seen, put right, asked about, and taken home."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock
from gezhi.base.http import address_of, file_answer
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases.models import Report
from gezhi.cases.rules.sealed import Field
from gezhi.portal.forms import CorrectForm, EraseForm, OwnContactForm
from gezhi.portal.pages import keeping
from gezhi.portal.pages.entering import prove_first, to_sign_in
from gezhi.portal.pages.words import day_words, moment_words
from gezhi.residents import actions as residents
from gezhi.residents import reads, rules
from gezhi.residents.models import Copy
from gezhi.residents.reads import OwnReport, Signed
from gezhi.residents.rules import CopyState, RequestState, Wish


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest, number: str) -> HttpResponse:
    """One report: the contact can be put right here, words and erasure be asked for."""
    signed = keeping.signed(request)
    if signed is None:
        return to_sign_in(request)
    own = _asked_for(request, signed, number)
    wish = request.POST.get("wish", "")
    if request.method != "POST":
        return _show(request, own)
    given = _given(request, own, wish)
    if not given.is_valid():
        return _show(request, own, {wish: given}, status=422)
    try:
        messages.success(request, _do(own, wish, given, signed))
    except Refusal as refusal:
        given.add_error(None, str(refusal))
        return _show(request, own, {wish: given}, status=refusal.status)
    return redirect(own_address(own.report))


def own_address(report: Report) -> str:
    """The page of this very report: somebody may have several in one case."""
    return f"{reverse('portal:own_data', args=[report.case.number])}?report={report.id}"


def _asked_for(request: HttpRequest, signed: Signed, number: str) -> OwnReport:
    named = request.GET.get("report", "")
    try:
        report = UUID(named) if named else None
    except ValueError as error:
        raise NotFound() from error
    return reads.own_report(signed, number[:24], report=report)


def _given(request: HttpRequest, own: OwnReport, wish: str) -> forms.Form:
    if wish == Wish.CORRECT:
        return CorrectForm(request.POST)
    return EraseForm(request.POST) if wish == Wish.ERASE else _contact_form(own, request.POST)


def _contact_form(own: OwnReport, sent: Any = None) -> OwnContactForm:
    return OwnContactForm(sent, shown=reads.shown_contact(own), is_shown=own.is_shown)


def _do(own: OwnReport, wish: str, form: forms.Form, signed: Signed) -> str:
    """Do it, and say what was done."""
    report, values = own.report, form.cleaned_data
    if isinstance(form, OwnContactForm):
        residents.correct_contact(report.id, corrected=form.corrected(), signed=signed)
        return _("已更正。办理经过里只记下改了哪几项，不记内容。")
    residents.ask_about_data(
        report.id,
        wish=Wish(wish),
        wanted=values.get("wanted", ""),
        reason=values["why"],
        signed=signed,
    )
    return _("申请已送到受理中心，答复会出现在这里，也会发短信告诉您。")


def _show(
    request: HttpRequest,
    own: OwnReport,
    given: dict[str, forms.Form] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    report, given = own.report, given or {}
    words = reads.words_of(report)
    is_open = {each.wish for each in own.requests if each.state == RequestState.OPEN}
    values = {
        "own": own,
        "case": report.case,
        "words": words,
        "contact_form": given.get("") or _contact_form(own),
        "correct_form": given.get(Wish.CORRECT) or CorrectForm(initial={"wanted": words}),
        "erase_form": given.get(Wish.ERASE) or EraseForm(),
        "opened": next(iter(given), None),
        "is_held": reads.is_held(report.case),
        "may_ask": {wish.value: wish not in is_open for wish in Wish},
        **told_of(own),
    }
    answer = keeping.show(request, "portal/own_data.html", values, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def told_of(own: OwnReport) -> dict[str, Any]:
    """Who looked, what was sent, what was asked: in words."""
    now, fields = clock.now(), {field.value: field.label for field in Field}
    return {
        "looks": [
            {
                "at": moment_words(look.at, now),
                "who": look.who or _("系统"),
                "what": fields.get(look.field, _("联系方式")),
                "why": look.reason,
            }
            for look in own.looks
        ],
        "messages_sent": [
            {"at": moment_words(each.made_at, now), "words": each.words} for each in own.told
        ],
        "requests": [
            {
                "id": each.id,
                "at": moment_words(each.asked_at, now),
                "wish": rules.WISH_NAMES[Wish(each.wish)],
                "state": rules.STATE_NAMES[RequestState(each.state)],
                "until": day_words(each.due_at, now),
                "is_open": each.state == RequestState.OPEN,
                "is_late": each.state == RequestState.OPEN and each.due_at < now,
                "answer": each.answer,
            }
            for each in own.requests
        ],
    }


@login_not_required
@require_POST
def take_back(request: HttpRequest, number: str) -> HttpResponse:
    """A request is wanted no more."""
    signed = keeping.must_be_signed(request)
    own = _asked_for(request, signed, number)
    asked = request.POST.get("request", "")
    found = next((each for each in own.requests if str(each.id) == asked), None)
    try:
        if found is not None:
            residents.take_back(found.id, actor=signed.actor)
            messages.success(request, _("申请已撤回。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(own_address(own.report))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest) -> HttpResponse:
    """Everything in one file: asked for, how far it is, fetched."""
    signed = keeping.signed(request)
    if signed is None:
        return to_sign_in(request)
    if not signed.is_fresh:
        return prove_first(request, signed, reverse("portal:copy"))
    if request.method == "POST":
        residents.ask_copy(address=address_of(request), signed=signed)
        return redirect("portal:copy")
    answer = keeping.show(request, "portal/copy.html", _progress(signed))
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_not_required
@require_safe
def copy_progress(request: HttpRequest) -> HttpResponse:
    """How far it is, asked again and again by the page."""
    signed = keeping.must_be_signed(request)
    answer = render(request, "portal/_copy.html", _progress(signed))
    answer["Cache-Control"] = "private, no-store"
    return answer


def _progress(signed: Signed) -> dict[str, Any]:
    found: Copy | None = reads.newest_copy(signed.actor)
    now = clock.now()
    return {
        "copy": found,
        "is_working": found is not None and found.state == CopyState.WORKING,
        "is_ready": found is not None and found.state == CopyState.READY,
        "percent": 100 * found.done // max(found.total, 1) if found else 0,
        "until": moment_words(found.ends_at, now) if found else "",
        "own": len(signed.actor.proven),
    }


@login_not_required
@require_safe
def copy_file(request: HttpRequest) -> HttpResponse:
    """The zip itself; only just after a code."""
    signed = keeping.signed(request)
    if signed is None:
        return to_sign_in(request)
    if not signed.is_fresh:
        return prove_first(request, signed, reverse("portal:copy"))
    found = reads.newest_copy(signed.actor)
    if found is None:
        return redirect("portal:copy")
    body = residents.fetch_copy(found.id, address=address_of(request), signed=signed)
    return file_answer(body, _("我的信息") + ".zip", media_type="application/zip")
