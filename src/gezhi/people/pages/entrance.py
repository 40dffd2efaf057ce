"""Signing in and out, the first change of password, and the page of a lock-out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal
from gezhi.people import actions, forms, reads, rules
from gezhi.people.models import Account


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
        account = authenticate(
            request,
            login=rules.clean_login(form.cleaned_data["login"]),  # the name axes counts by
            password=form.cleaned_data["password"],
        )
        if isinstance(account, Account):
            return _let_in(request, account)
        form.add_error(None, _("登录名或密码不对，请再试一次。"))
    return _sign_in_page(request, form, status=422)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the page after it is the way in."""
    logout(request)
    return redirect("entrance:sign_in")


@never_cache
@sensitive_post_parameters("old", "new", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; after a first sign-in nothing else can be done before."""
    form = forms.OwnPassword(request.POST or None)
    if form.is_valid():
        try:
            account = actions.change_own_password(
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
                actor=actor_of(request),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            update_session_auth_hash(request, account)
            messages.success(request, _("密码已经修改。"))
            return redirect(settings.LOGIN_REDIRECT_URL)
    shown = {"form": form, "is_first": getattr(request.user, "must_change_password", False)}
    return render(request, "people/password.html", shown, status=422 if form.errors else 200)


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
    }
    return render(request, "people/sign_in.html", shown, status=status)


def _let_in(request: HttpRequest, account: Account) -> HttpResponse:
    goal = _next(request)
    login(request, account)
    if account.must_change_password:
        goal = reverse("entrance:password")
    answer = HttpResponseRedirect(goal)
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, account.language, samesite="Lax")
    return answer


def _next(request: HttpRequest) -> str:
    goal = request.POST.get("next", request.GET.get("next", ""))
    safe = url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return goal if safe else str(settings.LOGIN_REDIRECT_URL)


def _demo_accounts() -> list[tuple[Account, Promise]]:
    return [
        (account, rules.ROLE_NAMES[rules.Role(role)])
        for role, account in reads.demo_accounts(settings.COUNTY)
    ]


def _is_demo() -> bool:
    return bool(getattr(settings, "DEMO", False))
