"""One act on many cases while it runs and afterwards: how far, what became of each, found again."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.http import actor_of
from gezhi.base.slices import seconds_left
from gezhi.cases.models import Case
from gezhi.cases.pages.moves import digest_of
from gezhi.cases.rules import ACT_NAMES, STATE_NAMES, Act, State
from gezhi.desk import actions, reads, rules
from gezhi.desk.actions import Wanted
from gezhi.desk.models import Bulk, BulkCase
from gezhi.desk.pages import rows, words
from gezhi.desk.rules import TAKE, BulkState, Fate

AT_ONCE = 1.0  # seconds somebody waits for the answer; what takes longer goes on by itself
_PAGE = 20
BULK_STATES = {
    BulkState.WORKING: gettext_lazy("正在办理"),
    BulkState.STOPPED: gettext_lazy("已停止"),
    BulkState.DONE: gettext_lazy("已完成"),
}


@dataclass(frozen=True)
class Told:
    """One case of many as people read it; `where` is its state and holder now."""

    number: str
    what: str
    where: str
    fate: str
    refusal: str


def known(request: HttpRequest) -> Bulk | None:
    """What this same form has begun before: an impatient second press begins nothing."""
    key = _key(request)
    return reads.bulk_by_key(actor_of(request), key, _digest(request)) if key else None


def start(
    request: HttpRequest,
    act: str,
    wanted: Sequence[Wanted],
    *,
    arguments: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Begin; what is done within a second is shown done, the rest is left to the worker."""
    found = actions.start_bulk(
        act,
        wanted,
        arguments=arguments or {},
        key=_key(request) or uuid4().hex,
        digest=_digest(request),
        county=settings.COUNTY,
        actor=actor_of(request),
    )
    if actions.work_on(found.id, seconds=AT_ONCE):
        actions.leave_to_worker(found.id)
    return show(request, reads.bulk_for(actor_of(request), found.id))


def _key(request: HttpRequest) -> str:
    return request.POST.get("once", "").replace("\x00", "")[:64]


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(digest_of(request)).hexdigest()


def show(request: HttpRequest, found: Bulk) -> HttpResponse:
    """How far it is; when it is over, the list beside it hears which rows to look at again."""
    shown = _shown(request, found)
    answer = render(request, "desk/_running.html", shown)
    if found.state != BulkState.WORKING:
        numbers = [row.number for row in shown["results"]]
        answer["HX-Trigger"] = json.dumps({"gz-bulk": {"numbers": numbers}})
    return answer


@require_safe
def bulk_progress(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """A part of the page that asks again while it is under way."""
    return show(request, reads.bulk_for(actor_of(request), bulk_id))


@require_safe
def bulk_run(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """The same as a page, to be found again."""
    found = reads.bulk_for(actor_of(request), bulk_id)
    return render(request, "desk/running.html", {**_shown(request, found), "is_page": True})


@require_POST
def bulk_stop(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """Leave the rest as it is."""
    actions.stop_bulk(bulk_id, actor=actor_of(request))
    return redirect("desk:bulk_run", bulk_id)


@require_safe
def bulks(request: HttpRequest) -> HttpResponse:
    """What one has asked for on many cases in the last month."""
    now = clock.now()
    page = Paginator(reads.bulks(actor_of(request)), _PAGE).get_page(request.GET.get("page"))
    entries = [
        {
            "found": one,
            "title": title_of(one),
            "state": BULK_STATES[BulkState(one.state)],
            "asked": words.moment(one.asked_at, now),
            "fine": one.done - one.refused,
        }
        for one in page
    ]
    shown = {"page": page, "entries": entries, "days": rules.KEPT_FOR.days}
    return render(request, "desk/bulks.html", shown)


def title_of(found: Bulk) -> Any:
    """What was asked for."""
    return _("采纳建议") if found.act == TAKE else ACT_NAMES[Act(found.act)]


def _shown(request: HttpRequest, found: Bulk) -> dict[str, Any]:
    left = seconds_left(total=found.total, done=found.done, pace=found.pace)
    is_working = found.state == BulkState.WORKING
    return {
        "found": found,
        "title": title_of(found),
        "state": BULK_STATES[BulkState(found.state)],
        "is_working": is_working,
        "left": words.about(left) if is_working and left is not None else "",
        "asked": words.moment(found.asked_at, clock.now()),
        "fine": found.done - found.refused,
        "refused": found.refused,
        "untouched": found.total - found.done,
        "results": _results(request, reads.cases_of_bulk(found)),
    }


def _results(request: HttpRequest, found: list[BulkCase]) -> list[Told]:
    """With where each case is now, read once for all of them; the refused first."""
    numbers = [row.number for row in found]
    seen = reads.chosen(actor_of(request), numbers, county=settings.COUNTY)
    now, units = {case.number: case for case in seen}, reads.unit_names(seen)
    told = [_told(row, now.get(row.number), units) for row in found]
    return sorted(told, key=lambda row: row.fate != Fate.REFUSED)


def _told(row: BulkCase, case: Case | None, units: dict[UUID, str]) -> Told:
    where = what = ""
    if case is not None:
        what = rows.first_words(case.what)
        where = f"{STATE_NAMES[State(case.state)]} · {units.get(case.holder_id, '')}"
    return Told(row.number, what, where, row.fate, row.refusal)
