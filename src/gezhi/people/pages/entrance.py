"""Signing in and out, the first change of password, and the page of a lock-out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base import clock
from gezhi.base.http import actor_of, address_of
from gezhi.base.refusal import Refusal, SignInNeeded
from gezhi.people import actions, forms, reads, rules
from gezhi.people.errors import OldPasswordWrong
from gezhi.people.models import Account
from gezhi.people.pages.second import account_of, ask_second, let_in, safe_goal
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The staff's way in. A wrong login and a wrong password look alike."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(_next(request))
        wanted = request.GET.get("login", "")[:48]
        password = settings.DEMO_PASSWORD if _is_demo() and wanted else ""
        return _sign_in_page(request, forms.SignIn(initial={"login": wanted}), password=password)
    form = forms.SignIn(request.POST)
    if form.is_valid():
        account = account_of(request, form.cleaned_data["login"], form.cleaned_data["password"])
        if account is not None:
            return _accept(request, account, form)
        form.add_error(None, _("登录名或密码不对，请再试一次。"))
    return _sign_in_page(request, form, status=422)


def _accept(request: HttpRequest, account: Account, form: forms.SignIn) -> HttpResponse:
    """The password was right: in, unless it is good for nothing any more."""
    try:
        accepted = actions.accept_password(account.id, actor=reads.person_entering(account))
    except Refusal as refusal:
        form.refuse(refusal)
        return _sign_in_page(request, form, status=422)
    account.must_change_password = accepted.must_change_password
    return _go_on(request, account)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the page after it is the way in."""
    if isinstance(request.user, Account):
        note(
            AuditKind.SIGN_OUT,
            about=f"account:{request.user.id}",
            address=address_of(request),
            county=request.user.county,
            actor=reads.person_entering(request.user),
            now=clock.now(),
        )
    logout(request)
    return redirect("entrance:sign_in")


@never_cache
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; after a first sign-in nothing else can be done before."""
    form = _own_password(request)
    if form.is_valid():
        try:
            account = _change_password(request, form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            update_session_auth_hash(request, account)
            messages.success(request, _("密码已经修改。"))
            return redirect(settings.LOGIN_REDIRECT_URL)
    shown = {
        "form": form,
        "is_once": getattr(request.user, "password_is_once", False),
        "is_due": getattr(request.user, "must_change_password", False),
    }
    return render(request, "people/password.html", shown, status=422 if form.errors else 200)


def _change_password(request: HttpRequest, form: forms.OwnPassword) -> Account:
    """A wrong old password counts like one at the entrance: a desk left open is tried at too."""
    old, new = form.cleaned_data["old"], form.cleaned_data["new"]
    login = getattr(request.user, "login", "")
    if account_of(request, login, old) is None:
        raise OldPasswordWrong()
    return actions.change_own_password(old=old, new=new, actor=actor_of(request))


def _own_password(request: HttpRequest) -> forms.OwnPassword:
    """The form, which says beforehand what a new password must be like."""
    actor = actor_of(request)
    own = reads.own_id(actor)
    if own is None:
        raise SignInNeeded()
    least = reads.least_password_length(own)
    return forms.OwnPassword(request.POST or None, least=least, before=settings.PASSWORD_HISTORY)


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """What somebody sees after too many wrong passwords (called by axes)."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    shown = {"minutes": minutes, "failures": settings.AXES_FAILURE_LIMIT}
    return render(request, "people/locked_out.html", shown, status=429)


def _sign_in_page(
    request: HttpRequest, form: forms.SignIn, *, password: str = "", status: int = 200
) -> HttpResponse:
    shown = {
        "form": form,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "demo_accounts": _demo_accounts() if _is_demo() else (),
        "demo_password": settings.DEMO_PASSWORD,
        "filled_password": password,
        "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "passkey_failed": "passkey" in request.GET,
    }
    return render(request, "people/sign_in.html", shown, status=status)


def _go_on(request: HttpRequest, account: Account) -> HttpResponse:
    """The password was right: in, or to the second page where the account has a factor."""
    goal = _next(request)
    if account.has_factor:
        return ask_second(request, account, goal=goal)
    if account.must_change_password:
        goal = reverse("entrance:password")
    return let_in(request, account, goal=goal, by="")


def _next(request: HttpRequest) -> str:
    return safe_goal(request, request.POST.get("next", request.GET.get("next", "")))


def _demo_accounts() -> list[tuple[Account, Promise]]:
    return [
        (account, rules.ROLE_NAMES[rules.Role(role)])
        for role, account in reads.demo_accounts(settings.COUNTY)
    ]


def _is_demo() -> bool:
    return bool(getattr(settings, "DEMO", False))
