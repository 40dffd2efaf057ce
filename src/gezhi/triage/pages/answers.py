"""While an answer is written: its check, standard replies and solved cases, a plainer wording."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gezhi.base import clock
from gezhi.base.http import actor_of
from gezhi.base.masking import mask_text
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.rulebook import reads as rulebook
from gezhi.triage.actions import answers as actions
from gezhi.triage.errors import ModelSilent, NotSent
from gezhi.triage.forms import ProposeForm
from gezhi.triage.reads import answers as reads
from gezhi.triage.rules.answers import MOST, must_be_seen

_HOURS_AS_DAYS = 48


@require_safe
def answer_help(request: HttpRequest, ref: str) -> HttpResponse:
    """Standard replies to start from, and how cases like this one were answered."""
    actor = actor_of(request)
    case = reads.case_to_answer(actor, ref)
    shown = {
        "case": case,
        "replies": reads.fitting(case),
        "solved": [_example(one, case) for one in reads.solved_like(actor, case)],
        "may_ask_model": reads.may_ask_model(case),
    }
    return render(request, "triage/_answer_help.html", shown)


def _example(one: reads.Solved, case: Case) -> dict[str, Any]:
    book = rulebook.book(case.county, one.case.book)
    outcome = book.outcomes.get(one.case.outcome)
    return {
        "case": one.case,
        "what": one.what,
        "answer": one.answer,
        "votes": one.votes,
        "took": _span(one.took),
        "outcome": outcome.name_in(get_language() or "zh-hans") if outcome else "",
    }


def _span(length: timedelta) -> str:
    """In the larger of days and hours, one hour at least."""
    hours = max(1, round(length.total_seconds() / 3600))
    if hours < _HOURS_AS_DAYS:
        return ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours}
    days = round(hours / 24)
    return ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days}


@require_POST
def check(request: HttpRequest, ref: str) -> HttpResponse:
    """What is to be looked at in the draft. By POST: answers are not for addresses and logs."""
    actor = actor_of(request)
    case = reads.case_to_answer(actor, ref)
    return render(request, "triage/_answer_check.html", _checked(request, case, _typed(request)))


def _typed(request: HttpRequest) -> str:
    return request.POST.get("answer", "").replace("\x00", "")[:MOST]


def _checked(request: HttpRequest, case: Case, answer: str) -> dict[str, Any]:
    outcome = request.POST.get("outcome", "")[:64]
    # A browser sends two signs for the end of a line, and counts one.
    text = answer.replace("\r\n", "\n")
    found = reads.findings(actor_of(request), case, answer=text, outcome=outcome, now=clock.now())
    musts = must_be_seen(found)
    return {
        "musts": musts,
        "shoulds": [one for one in found if one not in musts],
        "is_empty": not text.strip(),
    }


@require_POST
def reword(request: HttpRequest, ref: str) -> HttpResponse:
    """The draft in plainer words, beside it, with what the check says of them."""
    actor, answer = actor_of(request), _typed(request)
    case = reads.case_to_answer(actor, ref)

    def ask() -> dict[str, Any]:
        said = actions.reword(case.id, answer=answer, actor=actor)
        return {"proposal": said, **_checked(request, case, said)}

    return _shown(request, "triage/_answer_model.html", ask)


@require_POST
def summary(request: HttpRequest, ref: str) -> HttpResponse:
    """A long report in one line."""
    actor = actor_of(request)
    return _shown(
        request,
        "triage/_answer_summary.html",
        lambda: {"line": actions.summarise(ref, actor=actor)},
    )


def _shown(request: HttpRequest, part: str, ask: Callable[[], dict[str, Any]]) -> HttpResponse:
    """What came of asking the model; where nothing came, a calm sentence."""
    try:
        shown = ask()
    except (ModelSilent, NotSent) as refusal:
        shown = {"why_not": str(refusal)}
    return render(request, part, shown)


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, ref: str) -> HttpResponse:
    """The answer of a finished case as a standard reply, to be taken in by who keeps the rules."""
    actor = actor_of(request)
    case = cases.case_for(actor, ref)
    if not reads.may_propose(actor, case):
        raise NotFound()
    form = ProposeForm(request.POST or None, initial={"text": mask_text(case.answer)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose_reply(case.id, **form.cleaned_data, actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已提出，等系统管理员采用。"))
            return redirect("desk:case", case.number)
    shown = {"form": form, "case": case}
    return render(request, "triage/answer_propose.html", shown, status=422 if form.errors else 200)
