"""Signing in by way of the identity provider: there, and back."""

import hmac
import secrets
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.http import address_of
from gezhi.base.refusal import NotFound, Refusal
from gezhi.people import adapters, errors, reads, rules
from gezhi.people.models import Account
from gezhi.people.pages.second import ask_second, let_in, safe_goal
from gezhi.record.actions import note
from gezhi.record.rules import AuditKind

_ASKED = "provider"
log = structlog.get_logger("gezhi.people")


@login_not_required
@never_cache
@require_safe
def to_provider(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider, with a question whose answer only this session takes."""
    provider = _provider()
    asked = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
    }
    try:
        address = provider.address(back=_back(request), **asked)
    except adapters.ProviderDown as error:
        log.warning("the identity provider could not be asked", why=str(error))
        return _refused(request, errors.ProviderSilent())
    goal = safe_goal(request, request.GET.get("next", ""))
    request.session[_ASKED] = {**asked, "goal": goal, "at": clock.now().timestamp()}
    return HttpResponseRedirect(address)


@login_not_required
@never_cache
@require_safe
def from_provider(request: HttpRequest) -> HttpResponse:
    """The browser comes back with a code: see whom it stands for, and let that account in."""
    provider = _provider()
    asked: dict[str, Any] = request.session.pop(_ASKED, None) or {}
    try:
        person = _person(request, provider, asked)
        account = _account(person)
    except Refusal as refusal:
        return _refused(request, refusal)
    if person.has_shown_two(settings.OIDC_FACTOR):
        return let_in(request, account, goal=asked["goal"], by="provider", from_provider=True)
    if account.has_factor:
        return ask_second(request, account, goal=asked["goal"], from_provider=True)
    return let_in(request, account, goal=asked["goal"], by="", from_provider=True)


def _person(
    request: HttpRequest, provider: adapters.Provider, asked: dict[str, Any]
) -> adapters.Person:
    is_late = clock.now().timestamp() - asked.get("at", 0) > rules.ENTERING.total_seconds()
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    if is_late or not code or not hmac.compare_digest(asked["state"].encode(), state.encode()):
        raise errors.ProviderNotBelieved()
    try:
        return provider.person(
            code, back=_back(request), nonce=asked["nonce"], verifier=asked["verifier"]
        )
    except adapters.ProviderDown as error:
        log.warning("the identity provider could not be asked", why=str(error))
        raise errors.ProviderSilent() from error
    except adapters.NotBelieved as error:
        log.warning("the identity provider was not believed", why=str(error))
        raise errors.ProviderNotBelieved() from error


def _account(person: adapters.Person) -> Account:
    account = reads.account_behind(
        issuer=settings.OIDC_ISSUER,
        subject=person.subject,
        login=person.login(settings.OIDC_CLAIM),
    )
    if account is None:
        raise errors.ProviderUnknownPerson()
    return account


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    note(
        AuditKind.SIGN_IN_FAILED,
        data={"step": "provider", "code": refusal.code},
        address=address_of(request),
        county=settings.COUNTY,
        actor=NOBODY,
        now=clock.now(),
    )
    return render(request, "people/provider.html", {"refusal": refusal}, status=refusal.status)


def _provider() -> adapters.Provider:
    if not settings.OIDC_ISSUER:
        raise NotFound()
    return adapters.Provider(
        settings.OIDC_ISSUER, settings.OIDC_CLIENT, settings.OIDC_SECRET, settings.OIDC_CA
    )


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("entrance:provider_back"))
