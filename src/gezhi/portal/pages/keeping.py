"""What a browser keeps for its resident: the draft, proven reports, a session, large letters."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gezhi.base.actor import Actor
from gezhi.base.refusal import SignInNeeded
from gezhi.base.sealed import open_bytes, seal_bytes
from gezhi.notices.rules import CODE_HOLDS, Purpose
from gezhi.people.actions import LetIn
from gezhi.places import reads as places
from gezhi.portal import actions, reads
from gezhi.portal.rules import DRAFT_DAYS, Draft
from gezhi.record.actions import Proof
from gezhi.residents import reads as residents
from gezhi.residents.reads import Signed

LETTERS, _DRAFT, _MINE, _SESSION, _CODE, _NEW_PHONE = (
    f"{settings.PORTAL_COOKIES}{name}"
    for name in ("letters", "draft", "mine", "resident", "code", "new_phone")
)
_SALT = "gezhi.portal"
_MINE_DAYS = 365
_ONCE = "gezhi.portal.once"
LEFT = "left"  # marks what is said to who leaves: the page drops what was typed and not sent
_LONGEST_PHONE = 24
_MOST_MINE = 40  # as many as fit into a cookie with room to spare


def draft_of(request: HttpRequest) -> Draft | None:
    """The draft this browser is writing, or has just sent."""
    return reads.draft(_signed(request, _DRAFT))


def open_draft(request: HttpRequest) -> Draft:
    """The draft to go on with: not the one that was already sent."""
    found = draft_of(request)
    return found if found is not None and found.sent is None else actions.new_draft()


def remember_draft(response: HttpResponse, draft: Draft) -> HttpResponse:
    _set_signed(response, _DRAFT, draft.id, timedelta(days=DRAFT_DAYS))
    return response


def token_of(draft: Draft) -> str:
    """What the last form carries, so that sending it twice is known even without a cookie."""
    return Signer(salt=_ONCE).sign(draft.id)


def draft_by_token(request: HttpRequest) -> Draft | None:
    """The draft the sent form belongs to, empty where it is no longer kept; None without one."""
    try:
        draft_id = Signer(salt=_ONCE).unsign(request.POST.get("once", ""))
    except BadSignature:
        return None
    return reads.draft(draft_id) or Draft(id=draft_id)


def proof_of(request: HttpRequest) -> Proof:
    """The puzzle that came with a form, see `portal/_puzzle.html`."""
    sent = request.POST
    return Proof(
        token=sent.get("puzzle", ""), solution=sent.get("solution", ""), words=sent.get("sum", "")
    )


def holds(request: HttpRequest, draft: Draft) -> bool:
    """Whether this browser keeps this draft, and so will find it on the next page."""
    kept = draft_of(request)
    return kept is not None and kept.id == draft.id


def mine(request: HttpRequest) -> list[UUID]:
    """The reports this browser has shown the code of, the newest last."""
    ids = []
    for text in _signed(request, _MINE).split("."):
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def remember_mine(response: HttpResponse, ids: Iterable[UUID]) -> HttpResponse:
    kept = list(dict.fromkeys(ids))[-_MOST_MINE:]
    value = ".".join(each.hex for each in kept)
    _set_signed(response, _MINE, value, timedelta(days=_MINE_DAYS))
    return response


def forget_mine(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(_MINE, samesite="Lax")
    return response


def forget_all(response: HttpResponse) -> HttpResponse:
    """For a phone that other people use too."""
    for name in (_MINE, _DRAFT):
        response.delete_cookie(name, samesite="Lax")
    return response


def resident(request: HttpRequest, *also: UUID) -> Actor:
    """Whoever holds this browser, with the reports it has proven and those of their account.

    Staff who are signed in here are nobody on these pages, and residents nobody at the desk.
    """
    proven = frozenset([*mine(request), *also])
    if (own := signed(request)) is not None:
        return replace(own.actor, proven=own.actor.proven | proven)
    return Actor(label="resident:unknown", kind="resident", proven=proven)


_ASKED = "gezhi.portal.signed"  # on the request, once it was asked


def signed(request: HttpRequest) -> Signed | None:
    """The resident who is signed in on this browser; asked once for a page."""
    around = vars(request)
    if _ASKED not in around:
        token = request.COOKIES.get(_SESSION, "")
        around[_ASKED] = residents.signed_in(token) if token else None
    found: Signed | None = around[_ASKED]
    return found


def must_be_signed(request: HttpRequest) -> Signed:
    """The same, or a refusal that asks to sign in."""
    found = signed(request)
    if found is None:
        raise SignInNeeded()
    return found


def remember_session(response: HttpResponse, let_in: LetIn) -> HttpResponse:
    """The token is random and says nothing; it needs no signature."""
    response.set_cookie(
        _SESSION,
        let_in.token,
        expires=let_in.session.ends_at,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )
    return response


def forget_session(response: HttpResponse) -> HttpResponse:
    """The draft goes along: it is theirs, and once sent it shows its tracking code for days."""
    for name in (_SESSION, _CODE, _NEW_PHONE, _DRAFT):
        response.delete_cookie(name, samesite="Lax")
    return response


@dataclass(frozen=True)
class CodeAsked:
    """Which code this browser has asked for, and what for; in a demo also the code itself."""

    purpose: Purpose
    check: UUID
    told: str


def remember_code(response: HttpResponse, purpose: Purpose, check: UUID, told: str) -> HttpResponse:
    _set_signed(response, _CODE, f"{purpose.value}.{check.hex}.{told}", CODE_HOLDS)
    return response


def code_asked(request: HttpRequest) -> CodeAsked | None:
    purpose, _dot, rest = _signed(request, _CODE).partition(".")
    check, _dot, told = rest.partition(".")
    return CodeAsked(Purpose(purpose), UUID(check), told) if check else None


def forget_code(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(_CODE, samesite="Lax")
    return response


def remember_new_phone(response: HttpResponse, phone: str) -> HttpResponse:
    """What was typed, while its owner first shows to be themselves. Sealed: it is a phone."""
    sealed = seal_bytes(phone[:_LONGEST_PHONE].encode(), _NEW_PHONE)
    _set_signed(response, _NEW_PHONE, base64.b64encode(sealed).decode(), CODE_HOLDS)
    return response


def new_phone(request: HttpRequest) -> str:
    kept = _signed(request, _NEW_PHONE)
    return open_bytes(base64.b64decode(kept), _NEW_PHONE).decode() if kept else ""


def forget_new_phone(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(_NEW_PHONE, samesite="Lax")
    return response


def _signed(request: HttpRequest, name: str) -> str:
    return request.get_signed_cookie(name, default="", salt=_SALT) or ""


def _set_signed(response: HttpResponse, name: str, value: str, age: timedelta) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=_SALT,
        max_age=age,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )


def show(
    request: HttpRequest, template: str, values: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page of this door, with what its frame needs."""
    around = {
        "county": places.root(settings.COUNTY),
        "signed": signed(request),
        "letters": "big" if request.COOKIES.get(LETTERS) == "big" else "",
        "here": request.get_full_path() if request.method == "GET" else request.path,
    }
    answer = render(request, template, {**around, **(values or {})}, status=status)
    answer["Cache-Control"] = "private, no-store" if status != 200 else "private, no-cache"
    return answer
