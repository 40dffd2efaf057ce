"""Following a case: where it stands, what is asked, the last word."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gezhi.base import clock
from gezhi.base.http import network_of
from gezhi.base.masking import mask_text
from gezhi.base.puzzle import Puzzle
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Report
from gezhi.cases.rules import OPEN, STATE_NAMES, Act, State, handed
from gezhi.cases.rules.sealed import Field
from gezhi.people import reads as people
from gezhi.places import reads as places
from gezhi.places.rules import with_spot
from gezhi.portal import reads
from gezhi.portal.forms import AnswerForm, RateForm, ReopenForm, TrackForm, reason_choices
from gezhi.portal.pages import keeping
from gezhi.portal.pages.data import own_address
from gezhi.portal.pages.promising import promise_of
from gezhi.portal.pages.telling import outcome_words, rating_words, timeline
from gezhi.portal.pages.words import in_english, moment_words
from gezhi.portal.reads import Tracked
from gezhi.record import reads as record
from gezhi.record.errors import PuzzleNeeded

# A resident gives reasons of their own; inspections give the others.
_REOPEN_REASONS = ("not_solved", "came_back", "answer_wrong")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Number and code; one and the same refusal for every mistake."""
    if request.method != "POST":
        number = request.GET.get("number", "")[:24]
        return _ask(request, TrackForm(initial={"number": number}), number=_plain(number))
    form = TrackForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    return _prove(request, form, **form.cleaned_data)


def _ask(
    request: HttpRequest,
    form: TrackForm,
    *,
    number: str = "",
    status: int = 200,
    puzzle: Puzzle | None = None,
) -> HttpResponse:
    """The form; whoever came by a link and signs in instead is led to that case."""
    goal = reverse("portal:tracking", args=[number]) if number else reverse("portal:mine")
    values = {"form": form, "goal": goal, "puzzle": puzzle, "is_asked": True}
    return keeping.show(request, "portal/track.html", values, status=status)


def _prove(request: HttpRequest, form: TrackForm, *, number: str, code: str) -> HttpResponse:
    try:
        own = cases.prove_code(
            number,
            code,
            county=settings.COUNTY,
            address=network_of(request),
            proof=keeping.proof_of(request),
        )
    except PuzzleNeeded as asked:
        return _ask(request, form, status=asked.status, puzzle=asked.puzzle)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, form, status=refusal.status)
    answer = redirect("portal:tracking", number=own.case.number)
    return keeping.remember_mine(answer, [*keeping.mine(request), own.id])


@login_not_required
@require_safe
def tracking(request: HttpRequest, number: str) -> HttpResponse:
    """The case. A code in the address is taken once, then the address is clean."""
    if code := request.GET.get("code", "")[:24]:
        form = TrackForm(initial={"number": number[:24]}, data={"number": number, "code": code})
        form.is_valid()
        return _prove(request, form, number=number[:24], code=code)
    try:
        tracked = reads.tracked(number[:24], keeping.resident(request), county=settings.COUNTY)
    except NotFound:
        # Not there, or not shown to you: both ask for the code.
        return redirect(f"{reverse('portal:track')}?number={_plain(number)}")
    return _show(request, tracked)


def _plain(number: str) -> str:
    return "".join(sign for sign in number[:24] if sign.isdigit() or sign == "-")


def _forms(tracked: Tracked, given: dict[str, forms.Form]) -> dict[str, forms.Form | None]:
    """The forms this person may use now; a refused one comes back as it was sent, in any case."""
    may: dict[str, Callable[[], forms.Form]] = {}
    if tracked.question is not None and Act.ANSWER in tracked.moves:
        may["answer_form"] = AnswerForm
    if _may_rate(tracked):
        may["rate_form"] = RateForm
    if _may_reopen(tracked):
        may["reopen_form"] = lambda: ReopenForm(reasons=_reasons(tracked))
    return {**{name: make() for name, make in may.items() if name not in given}, **given}


def _may_rate(tracked: Tracked) -> bool:
    own, main = tracked.report, tracked.main
    if own is None or Act.RATE not in tracked.moves or main.state not in (State.DONE, State.CLOSED):
        return False
    if own.rated_at is not None and (main.finished_at is None or own.rated_at >= main.finished_at):
        return False
    return _is_within(tracked, tracked.book.limits.rate_days)


def _may_reopen(tracked: Tracked) -> bool:
    is_own_and_closed = tracked.is_own and tracked.case.state == State.CLOSED
    return (
        is_own_and_closed
        and not _may_rate(tracked)
        and _is_within(tracked, tracked.book.limits.reopen_days)
    )


def _is_within(tracked: Tracked, days: int) -> bool:
    closed = tracked.main.closed_at
    return closed is None or (clock.now() - closed).days < days


def _reasons(tracked: Tracked) -> list[tuple[str, str]]:
    known = tracked.book.reasons("reopen")
    wanted = [known[code] for code in _REOPEN_REASONS if code in known]
    return reason_choices(wanted or list(known.values()), in_english=in_english())


def _show(
    request: HttpRequest,
    tracked: Tracked,
    *,
    status: int = 200,
    problem: str = "",
    given: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    now = clock.now()
    main_book = tracked.main_book
    kind = main_book.categories.get(tracked.main.category or tracked.main.proposed_category)
    values = {
        "tracked": tracked,
        "case": tracked.case,
        "main": tracked.main,
        "kind": (kind.name_en if in_english() else kind.name) if kind else "",
        "is_proposed": not tracked.main.category,
        "state_name": STATE_NAMES[State(tracked.main.state)],
        "what": _what(tracked),
        "answers": _answers(tracked),
        "place": _place(tracked),
        "opened": moment_words(tracked.case.opened_at, now),
        "promise": promise_of(tracked, now),
        "told": timeline(tracked, now),
        "outcome": outcome_words(main_book, tracked.main.outcome) if tracked.main.outcome else "",
        "answer": tracked.main.answer if tracked.is_own else mask_text(tracked.main.answer),
        "asked_until": moment_words(tracked.question.answer_by, now) if tracked.question else "",
        "rated": _rated(tracked),
        "is_taken_up_again": _is_taken_up_again(tracked),
        "may_withdraw": Act.WITHDRAW in tracked.moves,
        "own_address": _own_address(request, tracked.report),
        "openings": _openings(tracked),
        "pictures": _pictures(tracked),
        "problem": problem,
        "waits_for_check": case_reads.waits_for_check(tracked.main, main_book),
        **_forms(tracked, given or {}),
    }
    return keeping.show(request, "portal/tracking.html", values, status=status)


def _own_address(request: HttpRequest, report: Report | None) -> str:
    """Where it is put right, if it is theirs by the account and not by this device alone."""
    signed = keeping.signed(request)
    if signed is None or report is None or report.id not in signed.actor.proven:
        return ""
    return own_address(report)


def _what(tracked: Tracked) -> str:
    own = tracked.report
    if own is not None and own.is_first:
        return tracked.case.what
    if own is not None and own.words:
        return own.words
    return mask_text(handed.without_end(tracked.case.what))


def _answers(tracked: Tracked) -> list[tuple[str, str]]:
    """What whoever reported it first answered besides, for themselves."""
    if tracked.report is None or not tracked.report.is_first:
        return []
    told = case_reads.told_answers(tracked.case, is_own=True)
    return [(one.name_en if in_english() else one.name, said) for one, said in told]


def _place(tracked: Tracked) -> str:
    case, own = tracked.case, tracked.report
    area = places.words_for(case.path)
    if own is not None and own.is_first:
        return with_spot(area, case.place)
    exact = "" if case_reads.is_sensitive(tracked.book, case) else mask_text(case.place)
    return with_spot(area, exact)


def _is_taken_up_again(tracked: Tracked) -> bool:
    """Whether what had been finished is worked on once more."""
    was_finished = any(line.act == Act.FINISH for line in tracked.lines)
    return was_finished and State(tracked.main.state) in OPEN


def _rated(tracked: Tracked) -> dict[str, str] | None:
    """The reporter's word on what stands finished now; one on work taken up again is history."""
    own, main = tracked.report, tracked.main
    if own is None or own.rated_at is None or main.state not in (State.DONE, State.CLOSED):
        return None
    if main.finished_at is not None and own.rated_at < main.finished_at:
        return None
    solved = _("解决了") if own.is_solved else _("没解决")
    return {"solved": solved, "rating": rating_words(own.rating), "words": own.rating_words}


def _openings(tracked: Tracked) -> list[dict[str, Any]] | None:
    """Who looked at what of the reporter: when, who, what, why. Nobody else is told."""
    if tracked.report is None:
        return None
    now = clock.now()
    found = record.openings_about(f"report:{tracked.report.id}", county=tracked.case.county)[:50]
    days = {each.id: timezone.localdate(each.at) for each in found}
    lookers = people.standings_then((each.actor, days[each.id]) for each in found)
    fields = {field.value: field.label for field in Field}
    return [
        {
            "at": moment_words(each.at, now),
            "who": lookers[each.actor, days[each.id]] or _("系统"),
            "what": fields.get(each.field, _("联系方式")),
            "why": each.reason,
        }
        for each in found
    ]


_PICTURE_KINDS = {
    "photo": gettext_lazy("反映时的照片"),
    "progress": gettext_lazy("进展照片"),
    "before": gettext_lazy("处理前"),
    "after": gettext_lazy("处理后"),
    "check": gettext_lazy("核查照片"),
}


def _pictures(tracked: Tracked) -> dict[str, Any]:
    """Pictures by kind in the order of the work, then sound and documents."""
    shown: dict[str, Any] = {"groups": [], "sounds": [], "documents": []}
    for kind, name in _PICTURE_KINDS.items():
        group = [file for file in tracked.files if file.kind == kind]
        if group:
            shown["groups"].append((name, group))
    for file in tracked.files:
        if file.kind == "voice":
            shown["sounds"].append(file)
        elif file.kind not in _PICTURE_KINDS:
            shown["documents"].append(file)
    return shown


def _own(request: HttpRequest, number: str) -> Tracked:
    return _own_and_voice(request, number)[0]


def _own_and_voice(request: HttpRequest, number: str) -> tuple[Tracked, Report]:
    """The case and the report of whoever asks; for all but its reporters it is not there."""
    tracked = reads.tracked(number[:24], keeping.resident(request), county=settings.COUNTY)
    if tracked.report is None:
        raise NotFound()
    return tracked, tracked.report


def _do(
    request: HttpRequest, tracked: Tracked, name: str, form: forms.Form, act: Callable[[], object]
) -> HttpResponse:
    """Do it, or show the page again with the words kept and the reason beside them."""
    if not form.is_valid():
        return _show(request, tracked, status=422, given={name: form})
    try:
        act()
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        again = _own(request, tracked.case.number)
        return _show(
            request, again, status=refusal.status, problem=str(refusal), given={name: form}
        )
    return redirect("portal:tracking", number=tracked.case.number)


@login_not_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter answers what the handler asked."""
    if request.method == "GET":
        return redirect("portal:tracking", number=number)
    tracked, form = _own(request, number), AnswerForm(request.POST)

    def act() -> None:
        words = form.cleaned_data["words"]
        cases.answer(tracked.case.id, words=words, actor=tracked.actor)
        messages.success(request, _("答复已送到承办单位，接着办理。"))

    return _do(request, tracked, "answer_form", form, act)


@login_not_required
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Solved or not, and how satisfied. "Not solved" sends it back to work."""
    if request.method == "GET":
        return redirect("portal:tracking", number=number)
    tracked, own = _own_and_voice(request, number)
    form = RateForm(request.POST)

    def act() -> None:
        values = form.cleaned_data
        cases.rate(
            tracked.case.id,
            report=own.id,
            is_solved=values["is_solved"],
            rating=values["rating"],
            words=values["rate_words"],
            actor=tracked.actor,
        )
        said = _("谢谢您的评价。") if values["is_solved"] else _("已退回承办单位继续办理。")
        messages.success(request, said)

    return _do(request, tracked, "rate_form", form, act)


@login_not_required
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """A closed case is taken up again, within the rulebook's window."""
    if request.method == "GET":
        return redirect("portal:tracking", number=number)
    tracked = _own(request, number)
    form = ReopenForm(request.POST, reasons=_reasons(tracked))

    def act() -> None:
        cases.reopen(
            tracked.case.id,
            reason=form.cleaned_data["reason"],
            words=form.cleaned_data["reopen_words"],
            actor=tracked.actor,
        )
        messages.success(request, _("已重新受理，请留意进度。"))

    return _do(request, tracked, "reopen_form", form, act)


@login_not_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter takes it back while nobody was sent yet."""
    if request.method == "GET":
        return redirect("portal:tracking", number=number)
    tracked = _own(request, number)

    def act() -> None:
        cases.withdraw(tracked.case.id, actor=tracked.actor)
        messages.success(request, _("已撤回。"))

    return _do(request, tracked, "withdraw_form", forms.Form(request.POST), act)
