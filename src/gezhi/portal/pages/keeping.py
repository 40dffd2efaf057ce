"""What a browser keeps for its resident: the draft, proven reports, the size of letters."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gezhi.base.actor import Actor
from gezhi.places import reads as places
from gezhi.portal import actions, reads
from gezhi.portal.rules import DRAFT_DAYS, Draft

LETTERS = "gz_letters"
_DRAFT, _MINE = "gz_draft", "gz_mine"
_SALT = "gezhi.portal"
_MINE_DAYS = 365
_signer = Signer(salt="gezhi.portal.once")
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
    return _signer.sign(draft.id)


def draft_by_token(request: HttpRequest) -> Draft | None:
    """The draft the sent form belongs to, empty where it is no longer kept; None without one."""
    try:
        draft_id = _signer.unsign(request.POST.get("once", ""))
    except BadSignature:
        return None
    return reads.draft(draft_id) or Draft(id=draft_id)


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


def forget_all(response: HttpResponse) -> HttpResponse:
    """For a phone that other people use too."""
    for name in (_MINE, _DRAFT):
        response.delete_cookie(name, samesite="Lax")
    return response


def resident(request: HttpRequest, *also: UUID) -> Actor:
    """Whoever holds this browser: nobody by name, with the reports it has proven."""
    proven = frozenset([*mine(request), *also])
    return Actor(label="resident:unknown", kind="resident", proven=proven)


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
        "letters": "big" if request.COOKIES.get(LETTERS) == "big" else "",
        "here": request.get_full_path() if request.method == "GET" else request.path,
    }
    answer = render(request, template, {**around, **(values or {})}, status=status)
    answer["Cache-Control"] = "private, no-store" if status != 200 else "private, no-cache"
    return answer
