"""My reports: those of the account, or those this browser has shown the tracking code of."""

from collections.abc import Collection
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
from gezhi.base.http import network_of
from gezhi.base.masking import mask_phone
from gezhi.base.paging import Page, page_of
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as case_actions
from gezhi.cases import reads as cases
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Case
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline
from gezhi.portal.forms import TrackForm
from gezhi.portal.pages import keeping
from gezhi.portal.pages.words import moment_words
from gezhi.record.errors import PuzzleNeeded
from gezhi.residents.reads import Signed

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


def own_cards(ids: Collection[UUID], *, cursor: str = "", most: int = 40) -> Page[OwnCard]:
    """The newest first. `waits`: something is asked of the reporter. Two queries."""
    if not ids:
        return Page([], None)
    actor = Actor(label="resident:unknown", kind="resident", proven=frozenset(ids))
    now = clock.now()
    cards = []
    asked = cases.reports_proven(actor).select_related("case__main")
    found = page_of(asked, order=("-at", "-id"), cursor=cursor, limit=most)
    reports = found.rows
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
    return Page(cards, found.cursor)


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
    known, signed = keeping.mine(request), keeping.signed(request)
    status, puzzle = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                own = case_actions.prove_code(
                    **form.cleaned_data,
                    county=settings.COUNTY,
                    address=network_of(request),
                    proof=keeping.proof_of(request),
                )
            except PuzzleNeeded as asked:
                puzzle, status = asked.puzzle, asked.status
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
            else:
                return _add(request, signed, own.id)
    theirs = signed.actor.proven if signed else known
    own_page = own_cards(theirs, cursor=request.GET.get("cursor", ""))
    here = _owners(frozenset(known) - signed.actor.proven) if signed else []
    values = {
        "form": form,
        "puzzle": puzzle,
        "is_asked": True,
        "own": own_page.rows,
        "after": own_page.cursor,
        "phone": mask_phone(signed.phone) if signed else "",
        "to_take_in": here.count(None),
        "elsewhere": len(here) - here.count(None),
    }
    return keeping.show(request, "portal/mine.html", values, status=status)


def _owners(reports: frozenset[UUID]) -> list[UUID | None]:
    """Whose account each is in: what is in nobody's can be taken in."""
    actor = Actor(label="resident:unknown", kind="resident", proven=reports)
    return list(cases.reports_proven(actor).values_list("resident", flat=True)) if reports else []


def _add(request: HttpRequest, signed: Signed | None, report: UUID) -> HttpResponse:
    """Into the account of whoever is signed in, else into what this browser remembers."""
    if signed is None:
        answer = redirect("portal:mine")
        return keeping.remember_mine(answer, [*keeping.mine(request), report])
    return _take_in(request, [report], keeping.mine(request))


@login_not_required
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """What this browser remembers becomes the account's, and is remembered here no more."""
    keeping.must_be_signed(request)
    return _take_in(request, keeping.mine(request))


def _take_in(
    request: HttpRequest, ids: Collection[UUID], known: Collection[UUID] = ()
) -> HttpResponse:
    """Into the account; what is in another one stays with this browser, and that is said."""
    actor = keeping.resident(request, *ids)
    taken = case_actions.link_reports(ids, by_code=True, actor=actor)
    left = [id for id in (*known, *ids) if id not in taken]
    if taken:
        messages.success(request, _("已收进我的上报。"))
    if set(ids) - taken:
        said = _("有的已经在另一个账号里，收不进来。在这台设备上，凭编号和查询码仍然可以查。")
        messages.warning(request, said)
    return keeping.remember_mine(redirect("portal:mine"), left)


@login_not_required
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Take every trace of this resident off this browser."""
    said = _("这台设备上的记录已清除。凭编号和查询码随时可以再查。")
    messages.success(request, said, extra_tags=keeping.LEFT)
    return keeping.forget_all(redirect("portal:home"))
