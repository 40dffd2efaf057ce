"""Taking the proposals for many cases: first what would happen to each, then one by one."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import Refusal
from gezhi.cases import reads
from gezhi.cases import rules as case_rules
from gezhi.cases.errors import UnitNotSuitable
from gezhi.cases.forms import choices, words_of
from gezhi.cases.models import Case
from gezhi.cases.rules import STATE_NAMES, Act, State
from gezhi.desk.actions import Wanted
from gezhi.desk.pages import proposal, rows, running
from gezhi.desk.pages.bulk import chosen_of, seen_of
from gezhi.desk.rules import TAKE
from gezhi.rulebook import reads as rulebook
from gezhi.triage import reads as triage


@dataclass(frozen=True)
class Prospect:
    """What taking the proposal would do to one case, or why it would be refused."""

    case: Case
    what: str
    state: Any
    shown: proposal.Proposal | None
    refusal: str

    @property
    def is_ticked(self) -> bool:
        """What nobody can be sure of is only taken after somebody has looked."""
        return not self.refusal and self.shown is not None and self.shown.is_sure


@require_POST
def bulk_take(request: HttpRequest) -> HttpResponse:
    """Before anything is done: for each case category, unit and where they come from."""
    actor = actor_of(request)
    flags = triage.flags(settings.COUNTY, at=clock.now())
    found = [_prospect(case, actor, flags) for case in chosen_of(request, actor)]
    takable = [one for one in found if not one.refusal]
    shown = {
        "takable": takable,
        "refused": [one for one in found if one.refusal],
        "all": len(found),
        "ticked": sum(one.is_ticked for one in takable),
        "unsure": sum(not one.is_ticked for one in takable),
        "once": uuid4().hex,
    }
    return render(request, "desk/_taking.html", shown)


@require_POST
def do_bulk_take(request: HttpRequest) -> HttpResponse:
    """Each case is an act of its own, as it was shown: one refusal leaves the others done."""
    if (known := running.known(request)) is not None:
        return running.show(request, known)
    chosen = chosen_of(request, actor_of(request))
    return running.start(request, TAKE, [_wanted(request, case) for case in chosen])


def _wanted(request: HttpRequest, case: Case) -> Wanted:
    """What the form showed of this case; what nobody could have shown is refused at once."""
    category, unit = (
        request.POST.get(f"{name}-{case.number}", "") for name in ("category", "unit")
    )
    seen = seen_of(request, case.number)
    try:
        chosen = proposal.unit_typed(unit)
    except Refusal as found:
        return Wanted(case.id, case.number, seen, refusal=words_of(found))
    return Wanted(case.id, case.number, seen, category=category, unit=chosen)


def _prospect(case: Case, actor: Actor, flags: triage.Flags) -> Prospect:
    refusal, found = _not_allowed(case, actor), None
    if not refusal:
        book = rulebook.book(case.county, case.book)
        found = proposal.proposal_for(case, book, (Act.ACCEPT, Act.ASSIGN), flags=flags)
        refusal = _not_proposed(case, found)
    what, state = rows.first_words(case.what), STATE_NAMES[State(case.state)]
    return Prospect(case, what, state, found, refusal)


def _not_allowed(case: Case, actor: Actor) -> str:
    """Ask the table of moves, as the acts will: accepting if that is to be done, then sending."""
    here = reads.situation(case, actor)
    try:
        if here.state != State.ACCEPTED:
            accept = case_rules.find_move(Act.ACCEPT, here.state)
            case_rules.must_be_allowed(accept, here, actor)
        here = replace(here, state=State.ACCEPTED)
        case_rules.must_be_allowed(case_rules.find_move(Act.ASSIGN, here.state), here, actor)
    except Refusal as found:
        case_rules.keep_open(found, here, actor)
        return words_of(found)
    return ""


def _not_proposed(case: Case, found: proposal.Proposal | None) -> str:
    if found is None or not found.category:
        return _("从文字看不出类别，请打开这件，受理时选择。")
    if found.unit is None:
        if case.state == State.REPORTED:
            return ""  # it is accepted and waits for somebody to choose
        return _("规则册指定的单位不在系统里，请打开这件，自己选承办单位。")
    if found.unit.id not in {unit.id for unit in choices.suitable_units(case)}:
        return str(UnitNotSuitable(unit=found.unit.label))
    return ""
