"""Where one is signed in, and ending that, for apps of the staff."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from gezhi.base.api import Answer, Paging, Shown, give_page
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.people import actions, reads
from gezhi.people.models import Session
from gezhi.record.api import answer_once

router = Router(tags=["accounts"])


class SessionShown(Shown):
    """One browser in which the person is signed in; `is_here`: the one that asks."""

    ref: UUID
    device: str
    address: str
    began: datetime | None
    last_used: datetime | None
    is_here: bool


class SessionList(Shown):
    items: list[SessionShown]
    next: str | None


class SessionsEnded(Shown):
    count: int


@router.get("/me/sessions", response=SessionList, summary="Where am I signed in?")
def list_sessions(request: HttpRequest, asked: Paging) -> HttpResponse:
    """Of the signed-in person, what was used last first; a key has none."""
    here = request.session.session_key
    page = page_of(
        reads.own_sessions(actor_of(request)),
        order=("-last_used", "ref"),
        cursor=asked.cursor,
        limit=asked.limit,
    )

    def shown(session: Session) -> dict[str, object]:
        return {
            "ref": session.ref,
            "device": session.device,
            "address": session.address,
            "began": session.began,
            "last_used": session.last_used,
            "is_here": session.session_key == here,
        }

    return give_page(request, page, shown)


@router.post("/me/sessions/{uuid:ref}/end", response=SessionsEnded, summary="End a sign-in")
def end_session(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Sign out of one browser, which may be this one, at its next click."""
    actor = actor_of(request)

    def do() -> Answer:
        actions.end_own_session(ref, actor=actor)
        return Answer({"count": 1})

    return answer_once(request, do)


@router.post("/me/sessions/end-others", response=SessionsEnded, summary="End all others")
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here; answers in how many browsers that was."""
    actor, here = actor_of(request), request.session.session_key or ""
    return answer_once(
        request,
        lambda: Answer({"count": actions.end_other_sessions(going_on=here, actor=actor)}),
    )


@router.post(
    "/accounts/{uuid:account}/sessions/end", response=SessionsEnded, summary="Sign somebody out"
)
def end_sessions(request: HttpRequest, account: UUID) -> HttpResponse:
    """Everywhere, at the next click; answers in how many browsers that was."""
    actor = actor_of(request)
    return answer_once(
        request, lambda: Answer({"count": actions.end_sessions(account, actor=actor)})
    )
