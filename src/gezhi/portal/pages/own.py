"""My information: the account, its devices, another phone, the end of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.base import clock
from gezhi.base.http import address_of
from gezhi.base.masking import mask_phone
from gezhi.base.refusal import Refusal
from gezhi.notices.rules import Purpose
from gezhi.people import reads as people
from gezhi.portal.forms import PhoneForm
from gezhi.portal.pages import keeping
from gezhi.portal.pages.data import own_address
from gezhi.portal.pages.entering import prove_first, to_code, to_sign_in
from gezhi.portal.pages.words import moment_words
from gezhi.residents import actions as resident_actions
from gezhi.residents import reads as residents
from gezhi.residents.reads import Signed
from gezhi.residents.rules import RequestState


@login_not_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """What the account is, and what can be done with it."""
    signed = keeping.signed(request)
    if signed is None:
        return to_sign_in(request)
    answer = keeping.show(request, "portal/me.html", {**_account(signed), **_kept(signed)})
    answer["Cache-Control"] = "private, no-store"
    return answer


def _kept(signed: Signed) -> dict[str, object]:
    """Of each own report in one line: how one is reached, how often somebody looked, what waits."""
    return {
        "reports": [
            {
                "number": each.report.case.number,
                "address": own_address(each.report),
                "contact": [value for value in residents.shown_contact(each).values() if value],
                "looks": len(each.looks),
                "waits": any(one.state == RequestState.OPEN for one in each.requests),
            }
            for each in residents.own_data(signed)
        ]
    }


def _account(signed: Signed) -> dict[str, object]:
    now = clock.now()
    sessions = list(people.resident_sessions(signed.actor))
    return {
        "phone": mask_phone(signed.phone),
        "devices": [
            {
                "is_here": each.id == signed.session,
                "is_app": each.is_app,
                "since": moment_words(each.made_at, now),
                "until": moment_words(each.ends_at, now),
            }
            for each in sessions
        ],
    }


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_phone(request: HttpRequest) -> HttpResponse:
    """The old phone first, then the new one; both give back a code."""
    signed = keeping.signed(request)
    if signed is None:
        return to_sign_in(request)
    if not signed.is_fresh:
        answer = prove_first(request, signed, reverse("portal:new_phone"))
        typed = request.POST.get("phone", "")
        return keeping.remember_new_phone(answer, typed) if typed else answer
    form = PhoneForm(request.POST or None, initial={"phone": keeping.new_phone(request)})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                check = resident_actions.ask_new_phone(
                    form.cleaned_data["phone"], address=address_of(request), signed=signed
                )
            except Refusal as refusal:
                form.add_error("phone", str(refusal))
                status = refusal.status
            else:
                answer = to_code(check, Purpose.NEW_PHONE, reverse("portal:me"))
                return keeping.forget_new_phone(answer)
    values = {"form": form, "phone": mask_phone(signed.phone)}
    return keeping.show(request, "portal/new_phone.html", values, status=status)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def close_account(request: HttpRequest) -> HttpResponse:
    """Sure? Then the account ends here and everywhere; the reports stay what they are."""
    signed = keeping.signed(request)
    if signed is None:
        return to_sign_in(request)
    if not signed.is_fresh:
        return prove_first(request, signed, reverse("portal:close_account"))
    if request.method != "POST":
        return keeping.show(request, "portal/close_account.html", {"own": len(signed.actor.proven)})
    resident_actions.close(signed=signed)
    said = _("账号已注销。您反映的事照常办理，凭编号和查询码随时可以查。")
    messages.success(request, said, extra_tags=keeping.LEFT)
    return keeping.forget_session(redirect("portal:home"))
