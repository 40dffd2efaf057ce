"""My reports: those this browser has shown the tracking code of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal
from gezhi.cases import reads as cases
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline
from gezhi.portal.forms import TrackForm
from gezhi.portal.pages import keeping
from gezhi.portal.pages.words import moment_words

_LONGEST = 60


@dataclass(frozen=True)
class OwnCard:
    number: str
    what: str
    state: str
    state_name: str
    at: str
    waits: bool
    is_late: bool


def own_cards(ids: list[UUID]) -> list[OwnCard]:
    """The newest first. `waits`: something is asked of the reporter. Two queries."""
    if not ids:
        return []
    actor = Actor(label="resident:unknown", kind="resident", proven=frozenset(ids))
    now = clock.now()
    cards = []
    reports = list(cases.reports_proven(actor).select_related("case__main"))
    targets = deadlines.targets(report.case_id for report in reports)
    for report in reports:
        case = report.case.main or report.case
        what = (report.words or report.case.what) if not report.is_first else report.case.what
        is_done = case.state in (case_rules.State.DONE, case_rules.State.CLOSED)
        cards.append(
            OwnCard(
                number=report.case.number,
                what=" ".join(what.split())[:_LONGEST],
                state=case.state,
                state_name=str(case_rules.STATE_NAMES[case_rules.State(case.state)]),
                at=moment_words(report.at, now),
                waits=is_done and report.rated_at is None,
                is_late=_is_late(report.case, targets.get(report.case_id), now),
            )
        )
    return cards


def _is_late(case: Case, target: Deadline | None, now: datetime) -> bool:
    """Whether what was promised is still owed, and should have been done by now."""
    if target is None or target.met_at or target.dropped_at:
        return False
    at = case_rules.measured_at(
        target.due, paused_until=case.paused_until, paused_at=case.paused_at, now=now
    )
    return case_rules.is_late(target.due, at=at)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The list; a POST adds one by number and code."""
    form = TrackForm(request.POST or None)
    known = keeping.mine(request)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                own = cases.report_by_code(**form.cleaned_data, county=settings.COUNTY)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
            else:
                return keeping.remember_mine(redirect("portal:mine"), [*known, own.id])
    values = {"form": form, "own": own_cards(known)}
    return keeping.show(request, "portal/mine.html", values, status=status)


@login_not_required
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Take every trace of this resident off this browser."""
    messages.success(request, _("这台设备上的记录已清除。凭编号和查询码随时可以再查。"))
    return keeping.forget_all(redirect("portal:home"))
