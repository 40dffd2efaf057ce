"""One act on many rows: first what would be refused and why, then row by row, each for itself."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import NotFound, Refusal
from gezhi.cases import reads
from gezhi.cases import rules as case_rules
from gezhi.cases.errors import UnitNotSuitable
from gezhi.cases.forms import FORMS, MoveForm, choices
from gezhi.cases.models import Case
from gezhi.cases.rules import ACT_NAMES, Act, State
from gezhi.desk import reads as desk
from gezhi.desk.actions import Wanted
from gezhi.desk.errors import NothingChosen
from gezhi.desk.pages import rows, running
from gezhi.desk.rules import MOST_AT_ONCE

_ACTS = {"assign": Act.ASSIGN, "supervise": Act.SUPERVISE, "merge": Act.MERGE}

_TYPED = ("unit", "words", "main")


@dataclass(frozen=True)
class Outcome:
    """What would happen to one row; `revision` is the one it was shown with."""

    number: str
    what: str
    refusal: str
    revision: int

    @property
    def is_fine(self) -> bool:
        return not self.refusal


@require_POST
def bulk(request: HttpRequest, act: str) -> HttpResponse:
    """Before anything is done: the form, and for each row whether it would be refused."""
    kind, chosen, actor = _asked(request, act)
    outlook = [_outlook(case, kind, actor) for case in chosen]
    fitting = [case for case, row in zip(chosen, outlook, strict=True) if row.is_fine]
    typed = {name: request.POST[name] for name in _TYPED if request.POST.get(name)}
    if kind == Act.MERGE:
        typed.setdefault("main", min(chosen, key=lambda case: case.opened_at).number)
    form = FORMS[kind](case=(fitting or chosen)[0], actor=actor, initial=typed)
    unit = form.initial.get("unit", "") if kind == Act.ASSIGN else ""
    outlook = [_suits(row, case, unit) for row, case in zip(outlook, chosen, strict=True)]
    return _show(request, act, form, outlook)


@require_POST
def do_bulk(request: HttpRequest, act: str) -> HttpResponse:
    """Each row is an act of its own: one refusal leaves the others done."""
    if (known := running.known(request)) is not None:
        return running.show(request, known)
    kind, chosen, actor = _asked(request, act)
    outlook = [_outlook(case, kind, actor) for case in chosen]
    fitting = [case for case, row in zip(chosen, outlook, strict=True) if row.is_fine]
    form = FORMS[kind](request.POST, case=(fitting or chosen)[0], actor=actor)
    if not form.is_valid():
        seen = [replace(row, revision=seen_of(request, row.number)) for row in outlook]
        return _show(request, act, form, seen, status=422)
    wanted = [
        Wanted(case.id, case.number, seen_of(request, case.number))
        for case in chosen
        if not _is_main(form, case.number)
    ]
    return running.start(request, kind.value, wanted, arguments=form.arguments())


def _is_main(form: MoveForm, number: str) -> bool:
    """Whether the others are to go into this one: the oldest of them until another is typed."""
    return form.act == Act.MERGE and form["main"].value() == number


def _asked(request: HttpRequest, act: str) -> tuple[Act, list[Case], Actor]:
    if act not in _ACTS:
        raise NotFound()
    actor = actor_of(request)
    return _ACTS[act], chosen_of(request, actor), actor


def chosen_of(request: HttpRequest, actor: Actor) -> list[Case]:
    """The ticked cases that this actor may see, in their order; refuses none and too many."""
    numbers = list(dict.fromkeys(request.POST.getlist("number")))
    is_fine = 0 < len(numbers) <= MOST_AT_ONCE
    chosen = desk.chosen(actor, numbers, county=settings.COUNTY) if is_fine else []
    if not chosen:
        raise NothingChosen(most=MOST_AT_ONCE)
    return chosen


def seen_of(request: HttpRequest, number: str) -> int:
    """The revision that the form showed of this case; -1 if nobody could have shown it."""
    typed = request.POST.get(f"revision-{number}", "")
    return int(typed) if typed.isdecimal() and len(typed) < 9 else -1


def _outlook(case: Case, act: Act, actor: Actor) -> Outcome:
    """Ask the table of moves, as the act will."""
    refusal = ""
    try:
        move = case_rules.find_move(act, State(case.state))
        case_rules.must_be_allowed(move, reads.situation(case, actor), actor)
    except Refusal as found:
        refusal = str(found)
    return Outcome(case.number, rows.first_words(case.what), refusal, case.lines)


def _suits(row: Outcome, case: Case, unit: str) -> Outcome:
    """Whether the chosen unit may work at the place of this row too."""
    if not unit or row.refusal or unit in {str(one.id) for one in choices.suitable_units(case)}:
        return row
    refusal = UnitNotSuitable(unit=desk.unit_label(UUID(unit)))
    return replace(row, refusal=str(refusal))


def _show(
    request: HttpRequest, act: str, form: MoveForm, outlook: list[Outcome], *, status: int = 200
) -> HttpResponse:
    moved = [row for row in outlook if not _is_main(form, row.number)]
    shown = {
        "act": act,
        "form": form,
        "title": ACT_NAMES[form.act],
        "outlook": outlook,
        "refused": [row for row in moved if not row.is_fine],
        "fine": sum(row.is_fine for row in moved),
        "once": request.POST.get("once") or uuid4().hex,
    }
    return render(request, "desk/_bulk.html", shown, status=status)
