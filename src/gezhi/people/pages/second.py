"""The second page of signing in: a code, a passkey or a recovery code; and asked again later.

Who has given the password waits here as somebody not signed in yet. The same page asks a session
that is signed in for its factor, or the password, once more: `?next=` says for which page.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.http import address_of
from gezhi.people import actions, adapters, reads, rules
from gezhi.people.errors import FactorsClosed
from gezhi.people.models import Account
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind

_ENTERING = "entering"
_CHALLENGE = "passkey"
_BACKEND = "gezhi.site.sessions.AccountBackend"


class _Asked(NamedTuple):
    """Whose factor this page asks for, and whether the person is signed in already."""

    account: Account
    is_in: bool


def ask_second(
    request: HttpRequest, account: Account, *, goal: str, from_provider: bool = False
) -> HttpResponse:
    """The password was right: on to the second page, signed in nowhere yet."""
    if request.user.is_authenticated:
        logout(request)
    request.session.cycle_key()
    request.session[_ENTERING] = {
        "account": str(account.id),
        "at": _seconds(),
        "goal": goal,
        "from_provider": from_provider,
    }
    return redirect("entrance:second")


def let_in(
    request: HttpRequest, account: Account, *, goal: str, by: str, from_provider: bool = False
) -> HttpResponse:
    """Sign in; `by` names the factor that was shown, "" for none."""
    login(request, account, backend=_BACKEND)
    for old in (_ENTERING, _CHALLENGE, reads.FACTOR_AT, reads.BY_PROVIDER):
        request.session.pop(old, None)
    if from_provider:
        request.session[reads.BY_PROVIDER] = True
    _remember(request, by)
    note(
        AuditKind.SIGN_IN,
        about=f"account:{account.id}",
        data={"factor": by, "provider": from_provider},
        address=address_of(request),
        county=account.county,
        actor=reads.person_entering(account),
        now=clock.now(),
    )
    answer = HttpResponseRedirect(goal)
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        account.language,
        samesite="Lax",
        secure=settings.SECURE,
        httponly=True,
    )
    return answer


def remember_factor(request: HttpRequest) -> None:
    """This session has shown a second factor just now."""
    _remember(request, "shown")


def _remember(request: HttpRequest, by: str) -> None:
    request.session[reads.FRESH_AT] = _seconds()
    if by:
        request.session[reads.FACTOR_AT] = _seconds()


@login_not_required
@never_cache
@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Ask for a factor. A wrong code and one that was used already look alike."""
    asked = _asked(request)
    if asked is None:
        return redirect("entrance:sign_in")
    if request.method == "GET":
        return _page(request, asked)
    try:
        by = _proved(request, asked)
    except FactorsClosed as refusal:
        return _closed(request, refusal)
    if by is None:
        return _page(request, asked, wrong=_("不对，或者已经用过了。动态码请等下一个再试。"))
    if asked.is_in:
        goal = safe_goal(request, request.POST.get("next", ""))
        request.session.cycle_key()
        _remember(request, by)
        return HttpResponseRedirect(goal)
    waited = request.session[_ENTERING]
    from_provider = waited["from_provider"]
    return let_in(request, asked.account, goal=waited["goal"], by=by, from_provider=from_provider)


@login_not_required
@never_cache
@require_POST
def second_challenge(request: HttpRequest) -> HttpResponse:
    """What the browser asks the passkeys of whoever is on the second page."""
    asked = _asked(request)
    if asked is None:
        return JsonResponse({}, status=401)
    known = [bytes(each.credential) for each in reads.passkeys_of(asked.account.id)]
    options, state = adapters.ask_for_one(place_of(request), known, alone=False)
    keep_challenge(request, "second", state)
    return JsonResponse(options)


@login_not_required
@never_cache
@require_POST
def passkey_challenge(request: HttpRequest) -> HttpResponse:
    """What the browser asks its passkeys of this site, whoever holds them."""
    options, state = adapters.ask_for_one(place_of(request), (), alone=True)
    keep_challenge(request, "alone", state)
    return JsonResponse(options)


@login_not_required
@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: it is the device and the finger or PIN, two factors in one."""
    state = taken_challenge(request, "alone")
    proved = None
    try:
        if state is not None:
            proved = actions.prove_by_passkey(
                None,
                place=place_of(request),
                state=state,
                answer=passkey_answer(request),
                address=address_of(request),
                actor=NOBODY,
            )
    except FactorsClosed as refusal:
        return _closed(request, refusal)
    if proved is None:
        return redirect(f"{reverse('entrance:sign_in')}?{urlencode({'passkey': 'no'})}")
    goal = safe_goal(request, request.POST.get("next", ""))
    return let_in(request, proved.account, goal=goal, by=proved.by)


def _proved(request: HttpRequest, asked: _Asked) -> str | None:
    """What was shown: the name of a factor, "" for the password, None for nothing good."""
    account, address = asked.account, address_of(request)
    actor = reads.person_entering(account)
    if "password" in request.POST and asked.is_in and not _owes_proof(request):
        is_right = account_of(request, account.login, request.POST["password"][:256])
        return "" if is_right else None
    if "passkey" in request.POST:
        state = taken_challenge(request, "second")
        if state is None:
            return None
        proved = actions.prove_by_passkey(
            account.id,
            place=place_of(request),
            state=state,
            answer=passkey_answer(request),
            address=address,
            actor=actor,
        )
    else:
        code = request.POST.get("code", "")[:64]
        proved = actions.prove_by_code(account.id, code=code, address=address, actor=actor)
    return proved.by if proved else None


def account_of(request: HttpRequest, login: str, password: str) -> Account | None:
    """Whose these are; wrong ones count towards the lock-out and stand on the audit.

    Under the account, if there is one: what was typed as the login may be a password.
    """
    login = rules.clean_login(login)  # the name axes counts by
    found = authenticate(request, login=login, password=password)
    if isinstance(found, Account):
        return found
    known = reads.accounts_by_login([login])
    note(
        AuditKind.SIGN_IN_FAILED,
        about=next((f"account:{account.id}" for account in known.values()), ""),
        data={"step": "password"},
        address=address_of(request),
        county=settings.COUNTY,
        actor=NOBODY,
        now=clock.now(),
    )
    return None


def _asked(request: HttpRequest) -> _Asked | None:
    if isinstance(request.user, Account):
        return _Asked(request.user, is_in=True)
    waiting = request.session.get(_ENTERING) or {}
    if _seconds() - waiting.get("at", 0) > rules.ENTERING.total_seconds():
        return None
    account = reads.account_entering(waiting["account"])
    return _Asked(account, is_in=False) if account else None


def _owes_proof(request: HttpRequest) -> bool:
    return getattr(request, "owed", None) == rules.Owed.PROOF


def _page(request: HttpRequest, asked: _Asked, *, wrong: str = "") -> HttpResponse:
    account = asked.account
    kinds = {factor.kind for factor in reads.factors_of(account.id)}
    shown = {
        "account": account,
        "is_in": asked.is_in,
        "has_app": rules.FactorKind.TOTP in kinds,
        "has_passkey": rules.FactorKind.PASSKEY in kinds,
        "with_password": asked.is_in and not _owes_proof(request),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "wrong": wrong,
    }
    return render(request, "people/second.html", shown, status=422 if wrong else 200)


def _closed(request: HttpRequest, refusal: FactorsClosed) -> HttpResponse:
    answer = render(request, "people/factors_closed.html", {"refusal": refusal}, status=429)
    answer["Retry-After"] = str(refusal.values["minutes"] * 60)
    return answer


def place_of(request: HttpRequest) -> adapters.Place:
    """The host and origin of this page, which passkeys are bound to."""
    host = request.get_host()
    return adapters.Place(host.rsplit(":", 1)[0], f"{request.scheme}://{host}")


def keep_challenge(request: HttpRequest, purpose: str, state: Mapping[str, Any]) -> None:
    request.session[_CHALLENGE] = {"for": purpose, "at": _seconds(), "state": dict(state)}


def taken_challenge(request: HttpRequest, purpose: str) -> dict[str, Any] | None:
    """The challenge that was asked for this purpose; each is good for one answer."""
    kept: dict[str, Any] = request.session.pop(_CHALLENGE, None) or {}
    is_late = _seconds() - kept.get("at", 0) > rules.ENTERING.total_seconds()
    return None if is_late or kept["for"] != purpose else kept["state"]


def passkey_answer(request: HttpRequest) -> dict[str, Any]:
    """What the browser's passkey said, as its page sent it."""
    try:
        answer = json.loads(request.POST.get("passkey", ""))
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def safe_goal(request: HttpRequest, goal: str) -> str:
    """An address of ours to go on to; the desk for any other."""
    is_ours = url_has_allowed_host_and_scheme(
        goal, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return goal if is_ours else str(settings.LOGIN_REDIRECT_URL)


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session has just shown a password or factor."""
    until = reads.fresh_until(request.session)
    return until is not None and clock.now() <= until


def _seconds() -> float:
    return clock.now().timestamp()
