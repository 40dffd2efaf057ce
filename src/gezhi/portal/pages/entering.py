"""Signing in with a code to one's phone, and out again. No password, no name."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base import clock
from gezhi.base.http import address_of
from gezhi.base.masking import mask_phone
from gezhi.base.refusal import Refusal
from gezhi.notices import actions as notices
from gezhi.notices import reads as notice_reads
from gezhi.notices import rules as notice_rules
from gezhi.notices.models import AddressCheck
from gezhi.notices.rules import Purpose
from gezhi.people import actions as people
from gezhi.portal.forms import CodeForm, PhoneForm
from gezhi.portal.pages import keeping
from gezhi.residents import actions as residents
from gezhi.residents.reads import Signed

_AFTER = {
    Purpose.ENTRY: "portal:mine",
    Purpose.AGAIN: "portal:me",
    Purpose.NEW_PHONE: "portal:me",
}


def next_of(request: HttpRequest, otherwise: str) -> str:
    """Where somebody wanted to go, if that is a page of ours."""
    goal = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(goal, {request.get_host()}, request.is_secure())
    return goal if is_ours else reverse(otherwise)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Signing in leads back to where somebody wanted to go."""
    return redirect(f"{reverse('portal:sign_in')}?{urlencode({'next': request.get_full_path()})}")


@login_not_required
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The phone; the answer is the same whether anybody ever signed in with it or not."""
    goal = next_of(request, "portal:mine")
    if keeping.signed(request) is not None:
        return redirect(goal)
    form = PhoneForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                check = residents.ask_entry(form.cleaned_data["phone"], address=address_of(request))
            except Refusal as refusal:
                form.add_error("phone", str(refusal))
                status = refusal.status
            else:
                return to_code(check, Purpose.ENTRY, goal)
    return _private(keeping.show(
        request, "portal/sign_in.html", {"form": form, "goal": goal}, status=status
    ))  # fmt: skip


def to_code(check: AddressCheck, purpose: Purpose, goal: str) -> HttpResponse:
    """On to where the code is typed in. A demo sends nothing: it makes the code and shows it."""
    told = notices.send_code(check.id) if settings.DEMO else ""
    answer = redirect(f"{reverse('portal:code')}?{urlencode({'next': goal})}")
    return keeping.remember_code(answer, purpose, check.id, told)


def prove_first(request: HttpRequest, signed: Signed, goal: str) -> HttpResponse:
    """A code to the own phone, and then on to where somebody wanted to go.

    Only who presses a button has one sent: links are followed by browsers and other sites too.
    """
    if request.method == "POST":
        return _send_to_own(request, signed, goal)
    values = {"goal": goal, "phone": mask_phone(signed.phone)}
    return _private(keeping.show(request, "portal/prove.html", values))


@login_not_required
@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """The button of that page; who has given back a code since goes on."""
    signed, goal = keeping.must_be_signed(request), next_of(request, "portal:me")
    return redirect(goal) if signed.is_fresh else _send_to_own(request, signed, goal)


def _send_to_own(request: HttpRequest, signed: Signed, goal: str) -> HttpResponse:
    try:
        check = residents.ask_again(address=address_of(request), signed=signed)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:me")
    return to_code(check, Purpose.AGAIN, goal)


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The six digits that came."""
    asked = keeping.code_asked(request)
    check = notice_reads.phone_checked(asked.check) if asked else None
    if asked is None or check is None:
        return redirect("portal:sign_in")
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _use(request, asked.purpose, asked.check, form.cleaned_data["code"])
            except Refusal as refusal:
                form.add_error("code", str(refusal))
                status = refusal.status
    return _show_code(request, asked, check, form, status)


def _use(request: HttpRequest, purpose: Purpose, check: UUID, code: str) -> HttpResponse:
    """What the code was asked for."""
    where = {"county": settings.COUNTY, "address": address_of(request)}
    answer = redirect(next_of(request, _AFTER[purpose]))
    if purpose == Purpose.ENTRY:
        let_in = residents.enter(check, code, is_app=False, **where)
        messages.success(request, _("已登录。"))
        return keeping.forget_code(keeping.remember_session(answer, let_in))
    signed = keeping.must_be_signed(request)
    if purpose == Purpose.AGAIN:
        residents.prove_again(check, code, signed=signed, **where)
    else:
        residents.change_phone(check, code, signed=signed, **where)
        messages.success(request, _("手机号已更换，其他设备都已退出登录。"))
    return keeping.forget_code(answer)


@login_not_required
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Another code to the same phone."""
    asked = keeping.code_asked(request)
    check = notice_reads.phone_checked(asked.check) if asked else None
    if asked is None or check is None:
        return redirect("portal:sign_in")
    try:
        new = notices.ask_phone_code(
            check.address, purpose=asked.purpose, address=address_of(request)
        )
    except Refusal as refusal:
        form = CodeForm()
        return _show_code(request, asked, check, form, refusal.status, problem=str(refusal))
    messages.success(request, _("验证码已重新发送。"))
    return to_code(new, asked.purpose, next_of(request, _AFTER[asked.purpose]))


def _show_code(
    request: HttpRequest,
    asked: keeping.CodeAsked,
    check: AddressCheck,
    form: CodeForm,
    status: int,
    *,
    problem: str = "",
) -> HttpResponse:
    is_over = check.ended_at is not None or (
        check.sent_at is not None
        and not notice_rules.is_open(check.sent_at, tries=check.tries, now=clock.now())
    )
    values = {
        "form": form,
        "goal": next_of(request, _AFTER[asked.purpose]),
        "phone": mask_phone(check.address),
        "minutes": int(notice_rules.CODE_HOLDS.total_seconds() // 60),
        "told": asked.told if settings.DEMO else "",
        "failed": check.error,
        "is_over": is_over,
        "is_entry": asked.purpose == Purpose.ENTRY,
        "problem": problem,
    }
    return _private(keeping.show(request, "portal/code.html", values, status=status))


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """This device, or every one of them."""
    signed = keeping.signed(request)
    if signed is not None:
        only = None if request.POST.get("where") == "everywhere" else signed.session
        people.sign_resident_out(only, address=address_of(request), actor=signed.actor)
        said = _("所有设备都已退出登录。") if only is None else _("已退出登录。")
        messages.success(request, said, extra_tags=keeping.LEFT)
    return keeping.forget_session(redirect("portal:home"))


def _private(answer: HttpResponse) -> HttpResponse:
    """Nothing of it stays on a phone that others use too."""
    answer["Cache-Control"] = "private, no-store"
    return answer
