"""One's own notices: the bell, the list, what is read."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.http import actor_of
from gezhi.base.paging import page_of
from gezhi.notices import actions, reads, rules
from gezhi.notices.forms import NoticeFilter
from gezhi.notices.models import Notice
from gezhi.notices.pages.words import moment

_PAGE = 50
# Which events must be done something about soon, and stand out.
_LATE = frozenset({"broken", "climbed", "nobody_on_duty", "webhook_stopped"})
_SOON = frozenset(
    {
        "reminded", "supervised", "returned", "reopened", "sent_back", "approval_asked", "whistled",
        "webhook_dead",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One notice as it is shown."""

    id: UUID
    number: str
    is_named: bool  # the words say the number already
    event: Any
    words: str
    when: str
    tone: str
    is_read: bool


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """How many are unread; a part of the header."""
    return _bell(request)


def _bell(request: HttpRequest) -> HttpResponse:
    count = reads.unread_count(actor_of(request))
    shown = {"count": f"{reads.MOST_COUNTED}+" if count > reads.MOST_COUNTED else count}
    return render(request, "notices/_bell.html", shown)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The own notices, the newest first, with filters in the address."""
    return render(request, "notices/mine.html", _listed(request))


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The same list as a part of the page, to be shown anew when there is news."""
    return render(request, "notices/_rows.html", _listed(request))


def _listed(request: HttpRequest) -> dict[str, Any]:
    actor, form = actor_of(request), NoticeFilter(request.GET)
    found = form.narrow(reads.own_notices(actor))
    cursor = request.GET.get("cursor", "")
    page = page_of(found, order=("-at", "-id"), cursor=cursor, limit=_PAGE)
    rows, unread = [_row(each) for each in page.rows], reads.unread_count(actor)
    may_be_read = bool(page.cursor) or not all(row.is_read for row in rows)
    return {
        "rows": rows,
        "filter": form,
        "next": page.cursor,
        "newest": page.rows[0].id if unread and may_be_read else "",
        "asked": form.asked,
        "query": urlencode(form.asked),
        "is_first": not cursor,
        "unread": unread,
        "most": reads.MOST_COUNTED,
    }


def _row(notice: Notice) -> Row:
    is_read = notice.read_at is not None
    tone = "late" if notice.event in _LATE else "soon" if notice.event in _SOON else "plain"
    return Row(
        id=notice.id,
        number=notice.number,
        is_named=notice.number in notice.words,
        event=rules.event_name(notice.event),
        words=notice.words,
        when=moment(notice.at, clock.now()),
        tone=tone,
        is_read=is_read,
    )


@require_POST
def open_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Read it and go to its case, or the page of what it is about."""
    found = actions.mark_read(notice_id, actor=actor_of(request))
    if not found.number:
        return redirect(rules.PAGES.get(found.event, "notices:mine"))
    return redirect("desk:case", found.number)


@require_POST
def read_one(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """Read it and stay in the list: its line as it is now; the bell hears of it."""
    found = actions.mark_read(notice_id, actor=actor_of(request))
    answer = render(request, "notices/_row.html", {"row": _row(found)})
    answer["HX-Trigger"] = json.dumps({"gz-heard": {}})
    return answer


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """All that fit the list, up to the newest that was shown: what came since stays unread."""
    newest, form = _uuid(request.POST.get("until", "")), NoticeFilter(request.POST)
    if newest is not None:
        actions.mark_all_read(until=newest, **form.chosen, actor=actor_of(request))
    return redirect(f"{reverse('notices:mine')}?{urlencode(form.asked)}".rstrip("?"))


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
