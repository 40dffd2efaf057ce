"""Reporting, the last step: is it the same thing, how to reach you, sent."""

from dataclasses import dataclass, replace
from uuid import UUID

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.base import clock
from gezhi.base.http import network_of
from gezhi.base.masking import mask_text
from gezhi.base.puzzle import Puzzle
from gezhi.base.refusal import Refusal
from gezhi.cases import rules as case_rules
from gezhi.cases.forms import AnswersForm
from gezhi.cases.rules import handed
from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.portal import actions, reads
from gezhi.portal.forms import ContactForm, WhereForm
from gezhi.portal.pages import keeping
from gezhi.portal.pages.danger import danger_in
from gezhi.portal.pages.home import shortened
from gezhi.portal.pages.promising import promise_of
from gezhi.portal.pages.words import distance_words, moment_words
from gezhi.portal.rules import Draft, Sent, is_odd_mobile
from gezhi.record import actions as pays
from gezhi.record.errors import PuzzleNeeded
from gezhi.rulebook import reads as rulebook
from gezhi.triage import reads as triage
from gezhi.triage.pages.words import words_shared


@dataclass(frozen=True)
class AlikeCard:
    number: str
    what: str
    place: str
    state_name: str
    distance: str
    words: str
    at: str


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def same(request: HttpRequest) -> HttpResponse:
    """Open cases that may be the same, before a second one is made; skipped without any."""
    draft = keeping.open_draft(request)
    if not draft.has_place:
        return redirect("portal:what")
    near = reads.alike(draft, county=settings.COUNTY, now=clock.now())
    if request.method == "POST":
        chosen = request.POST.get("same", "")
        known = {each.case.number for each in near}
        actions.keep_draft(replace(draft, follows=chosen if chosen in known else ""))
        return redirect("portal:send")
    if not near:
        return redirect("portal:send")
    values = {"alike": _alike_cards(near), "step": 3, "draft": draft}
    return keeping.show(request, "portal/same.html", values)


def _alike_cards(near: list[triage.Alike]) -> list[AlikeCard]:
    now = clock.now()
    areas = places.words_of(each.case.path for each in near)
    return [
        AlikeCard(
            number=each.case.number,
            what=shortened(mask_text(handed.without_end(each.case.what))),
            place=with_spot(areas[each.case.path], mask_text(each.case.place)),
            state_name=str(case_rules.STATE_NAMES[case_rules.State(each.case.state)]),
            distance="" if each.metres is None else distance_words(each.metres),
            words=words_shared(each.words),
            at=moment_words(each.case.opened_at, now),
        )
        for each in near
    ]


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Contact, all of it optional, and the large button. Sending twice makes one case."""
    draft = _draft_to_send(request)
    if draft.sent is not None and request.method == "POST":
        return _answer(request, draft, draft.sent)
    if draft.sent is not None or not draft.has_place:
        return redirect("portal:what")
    if request.method != "POST":
        signed = keeping.signed(request)
        known = {"phone": signed.phone} if signed else {}
        return _show_send(request, draft, ContactForm(initial=known), _asks(draft))
    form, asks = ContactForm(request.POST), _asks(draft, request.POST)
    if not (form.is_valid() and asks.is_valid()):
        return _show_send(request, draft, form, asks, status=422)
    try:
        if keeping.signed(request) is None:
            pays.must_pay_for_report(
                keeping.proof_of(request), address=network_of(request), now=clock.now()
            )
        who = keeping.resident(request)
        sent = actions.send(
            draft, form.contact(), answers=asks.given(), county=settings.COUNTY, actor=who
        )
    except Refusal as refusal:
        if not isinstance(refusal, PuzzleNeeded):
            form.add_error(None, str(refusal))
        answer = _show_send(request, draft, form, asks, refusal=refusal, status=refusal.status)
        return keeping.remember_draft(answer, draft)
    return _answer(request, draft, sent)


def _asks(draft: Draft, typed: QueryDict | None = None) -> AnswersForm:
    """What the likeliest kind of matter asks besides; who joins a case is asked nothing."""
    kind = "" if draft.follows else triage.what(draft.what, county=settings.COUNTY).category
    known = rulebook.current(settings.COUNTY).categories.get(kind)
    questions = known.asks if known else ()
    return AnswersForm(typed, questions=questions, language=get_language() or "", must=False)


def _draft_to_send(request: HttpRequest) -> Draft:
    """The draft the form names, else the one kept here; with the form's words if it was lost."""
    draft = keeping.draft_by_token(request) or keeping.draft_of(request)
    if draft is None or (draft.sent is None and not draft.has_place):
        return _carried(request, draft or actions.new_draft())
    return draft


def _carried(request: HttpRequest, draft: Draft) -> Draft:
    where = WhereForm(request.POST)
    if request.method != "POST" or not where.is_valid():
        return draft
    what = request.POST.get("what", "").replace("\r\n", "\n")
    return replace(draft, what=what, **where.cleaned_data)


def _answer(request: HttpRequest, draft: Draft, sent: Sent) -> HttpResponse:
    """Number and code; at once where a browser without cookies would not find the next page."""
    kept_here = keeping.holds(request, draft)
    answer = redirect("portal:done") if kept_here else _show_done(request, sent)
    if keeping.signed(request) is None:
        keeping.remember_mine(answer, [*keeping.mine(request), UUID(sent.report)])
    kept = keeping.draft_of(request)
    if kept is not None and kept.sent is None and not kept_here:
        return answer  # an old form came again while the next report is being written
    return keeping.remember_draft(answer, draft)


def _show_send(
    request: HttpRequest,
    draft: Draft,
    form: ContactForm,
    asks: AnswersForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    back = {"what": "portal:what", "photos": "portal:what", "place": "portal:where"}
    area = places.words_for(draft.lies) if draft.lies else ""
    point = reads.point_words(draft, county=settings.COUNTY)
    values = {
        "form": form,
        "asks": asks,
        "puzzle": _puzzle(request, refusal),
        "is_asked": isinstance(refusal, PuzzleNeeded),
        "step": 3,
        "draft": draft,
        "once": keeping.token_of(draft),
        "odd_phone": is_odd_mobile(form["phone"].value() or ""),
        "photos": reads.photos_of(draft),
        "voices": reads.voices_of(draft),
        "place": area if draft.meant else with_spot(point or area, draft.place),
        "far": reads.words_far_from_point(draft, county=settings.COUNTY),
        "mend": reverse(back[refusal.field]) if refusal and refusal.field in back else "",
    }
    return keeping.show(request, "portal/send.html", values, status=status)


def _puzzle(request: HttpRequest, refusal: Refusal | None) -> Puzzle | None:
    """The one that was asked for; while many report, one that is solved before it is sent."""
    if isinstance(refusal, PuzzleNeeded):
        return refusal.puzzle
    if keeping.signed(request) is not None:
        return None
    now = clock.now()
    level = pays.level_of_reports(network_of(request), now=now)
    return pays.ask_puzzle("report", level, now=now) if level else None


@login_not_required
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Number and code, who has it now and until when. A reload shows the same."""
    draft = keeping.draft_of(request)
    if draft is None or draft.sent is None:
        return redirect("portal:mine")
    return _show_done(request, draft.sent)


def _show_done(request: HttpRequest, sent: Sent) -> HttpResponse:
    resident = keeping.resident(request, UUID(sent.report))
    tracked = reads.tracked(sent.number, resident, county=settings.COUNTY)
    values = {
        "sent": sent,
        "code": f"{sent.code[:4]} {sent.code[4:]}",
        "tracked": tracked,
        "danger": danger_in(tracked),
        "promise": promise_of(tracked, clock.now()),
        "qr": _qr(request, sent),
    }
    return keeping.show(request, "portal/done.html", values)


def _qr(request: HttpRequest, sent: Sent) -> SafeString:
    """The tracking page's address with the code in it, to be scanned from a screenshot."""
    path = reverse("portal:tracking", args=[sent.number])
    code = segno.make(request.build_absolute_uri(f"{path}?code={sent.code}"), error="m")
    svg: str = code.svg_inline(scale=5, border=2, dark="#1b2733", light="#ffffff", omitsize=True)
    return mark_safe(svg)  # noqa: S308  # drawn here from our own address
