"""One's own second factors: what there is, setting up, taking away; and resetting another's."""

from base64 import b64encode
from contextlib import suppress
from functools import wraps
from io import BytesIO
from secrets import token_bytes
from typing import Any, ParamSpec, Protocol
from urllib.parse import urlencode
from uuid import UUID

import segno
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal, SignInNeeded
from gezhi.base.sealed import open_bytes, seal_bytes
from gezhi.people import actions, adapters, reads, rules
from gezhi.people.models import Account
from gezhi.people.pages.second import (
    is_fresh,
    keep_challenge,
    passkey_answer,
    place_of,
    remember_factor,
    taken_challenge,
)

_NEW_APP = "new_app"  # in the session, sealed, until the first code was right
_ABOUT = "session.new_app"
_P = ParamSpec("_P")


class _Page(Protocol[_P]):
    def __call__(
        self, request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs
    ) -> HttpResponse: ...


def _shown_anew(page: _Page[_P]) -> _Page[_P]:
    """Only for a session that has just shown its password or factor; it is asked again first."""

    @wraps(page)
    def asked(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if is_fresh(request):
            return page(request, *args, **kwargs)
        around = request.path if request.method == "GET" else reverse("entrance:factors:mine")
        again = f"{reverse('entrance:second')}?{urlencode({'next': around})}"
        return redirect(again)

    return asked


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I sign in with besides the password."""
    return _mine(request)


@never_cache
@sensitive_post_parameters("code")
@sensitive_variables("secret")
@require_http_methods(["GET", "POST"])
@_shown_anew
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: the code to scan, then the first code it shows."""
    account = _own(request)
    secret = _secret(request)
    refused = ""
    if request.method == "POST":
        code = request.POST.get("code", "")[:32]
        try:
            actions.set_up_app(secret=secret, code=code, actor=_actor(account))
        except Refusal as refusal:
            refused = str(refusal)
        else:
            request.session.pop(_NEW_APP, None)
            return _set_up(request, account)
    shown = {
        "picture": _qr(rules.totp_address(secret, issuer=_("格治"), login=account.login)),
        "secret": _in_groups(rules.spell_secret(secret)),
        "refused": refused,
    }
    return render(request, "people/factor_app.html", shown, status=422 if refused else 200)


@never_cache
@require_POST
@_shown_anew
def passkey_challenge(request: HttpRequest) -> HttpResponse:
    """What the browser is asked for a new passkey."""
    account = _own(request)
    known = [bytes(each.credential) for each in reads.passkeys_of(account.id)]
    options, state = adapters.ask_for_new(
        place_of(request), account=account.id, login=account.login, name=account.name, known=known
    )
    keep_challenge(request, "new", state)
    return JsonResponse(options)


@never_cache
@require_POST
@_shown_anew
def passkey(request: HttpRequest) -> HttpResponse:
    """Take the passkey the browser has made."""
    account = _own(request)
    try:
        actions.add_passkey(
            name=request.POST.get("name", "") or _("通行密钥"),
            place=place_of(request),
            state=taken_challenge(request, "new") or {},
            answer=passkey_answer(request),
            actor=_actor(account),
        )
    except Refusal as refusal:
        return _mine(request, refused=str(refusal))
    return _set_up(request, account)


@never_cache
@require_POST
@_shown_anew
def remove(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take one away. Who must have one and has none left sets up another before anything else."""
    left = actions.remove_factor(id, actor=_actor(_own(request)))
    if not left.has_factor:
        request.session.pop(reads.FACTOR_AT, None)
    messages.success(request, _("已经移除。"))
    return redirect("entrance:factors:mine")


@never_cache
@require_POST
@_shown_anew
def recovery(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    return _codes(request, _own(request))


@require_POST
def reset(request: HttpRequest, id: UUID) -> HttpResponse:
    """The security administrator takes away somebody's factors."""
    actions.reset_factors(id, actor=actor_of(request))
    messages.success(request, _("二次验证已经重置。"))
    return redirect("people:account", id=id)


@require_http_methods(["GET", "POST"])
def bind(request: HttpRequest, id: UUID) -> HttpResponse:
    """The security administrator writes down who somebody is at the identity provider."""
    if request.method == "POST":
        try:
            actions.bind_identity(
                id, subject=request.POST.get("subject", "")[:300], actor=actor_of(request)
            )
        except Refusal as refusal:
            if not refusal.field:
                raise
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("统一认证的绑定已经保存。"))
    return redirect("people:account", id=id)


def factors_shown(actor: Actor, account: Account) -> dict[str, Any]:
    """What the page of an account shows of its factors."""
    return {
        "factors": _named(account.id),
        "has_provider": bool(settings.OIDC_ISSUER),
        "identity": reads.identity_of(account.id),
        "may_reset": actor.may("post.manage", path=account.path) and account.id != actor.account,
    }


def _mine(request: HttpRequest, *, refused: str = "") -> HttpResponse:
    account = _own(request)
    factors = reads.factors_of(account.id)
    shown = {
        "factors": _named(account.id),
        "has_app": any(factor.kind == rules.FactorKind.TOTP for factor in factors),
        "codes_left": reads.recovery_codes_left(account.id),
        "codes": rules.RECOVERY_CODES,
        "owed": getattr(request, "owed", None) == rules.Owed.SET_UP,
        "must_have": reads.must_have_factor(account),
        "is_fresh": is_fresh(request),
        "refused": refused,
    }
    return render(request, "people/factors.html", shown, status=422 if refused else 200)


def _set_up(request: HttpRequest, account: Account) -> HttpResponse:
    """After the first factor come recovery codes; after another, the list."""
    remember_factor(request)
    if not reads.recovery_codes_left(account.id):
        return _codes(request, account)
    messages.success(request, _("已经设好，下次登录就可以用。"))
    return redirect("entrance:factors:mine")


@sensitive_variables("codes")
def _codes(request: HttpRequest, account: Account) -> HttpResponse:
    try:
        codes = actions.new_recovery_codes(actor=_actor(account))
    except Refusal as refusal:
        return _mine(request, refused=str(refusal))
    text = "\r\n".join([str(_("格治恢复码")), account.login, "", *codes, ""])
    file = f"data:text/plain;charset=utf-8;base64,{b64encode(text.encode()).decode()}"
    shown = {"account": account, "codes": codes, "file": file}
    return render(request, "people/recovery.html", shown)


def _named(account: UUID) -> list[tuple[Any, Any]]:
    return [(each, rules.FactorKind(each.kind).label) for each in reads.factors_of(account)]


def _own(request: HttpRequest) -> Account:
    if not isinstance(request.user, Account):
        raise SignInNeeded()
    return request.user


def _actor(account: Account) -> Actor:
    return reads.person_entering(account)


def _secret(request: HttpRequest) -> bytes:
    """The secret this session is setting up: kept sealed, so that no row of sessions tells it."""
    if kept := request.session.get(_NEW_APP):
        with suppress(InvalidTag, ImproperlyConfigured):  # its key has been taken away since
            return open_bytes(bytes.fromhex(kept), _ABOUT)
    secret = token_bytes(rules.SECRET_BYTES)
    request.session[_NEW_APP] = seal_bytes(secret, _ABOUT).hex()
    return secret


def _qr(text: str) -> str:
    """A picture of this text, as a data address: no script, no file, no other host."""
    drawn = BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=4, xmldecl=False)
    return "data:image/svg+xml;base64," + b64encode(drawn.getvalue()).decode()


def _in_groups(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
