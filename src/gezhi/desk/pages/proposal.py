"""What triage proposes for a case that waits at a centre, and taking it with one key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gezhi.base import clock
from gezhi.base.http import actor_of
from gezhi.base.refusal import Malformed, NotAllowed
from gezhi.cases import reads
from gezhi.cases.forms import choices
from gezhi.cases.models import Case
from gezhi.cases.pages.moves import digest_of, revision_of, said
from gezhi.cases.reads.platforms import platforms
from gezhi.cases.reads.routing import Who
from gezhi.cases.rules import Act, State
from gezhi.desk import rules
from gezhi.desk.actions import take_as_shown
from gezhi.desk.pages import alike, words
from gezhi.people.models import Unit
from gezhi.record.actions import once
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book
from gezhi.triage import reads as triage
from gezhi.triage.rules import Option, Source

CONFIDENCE_NAMES = {
    rules.Confidence.HIGH: gettext_lazy("把握高"),
    rules.Confidence.FAIR: gettext_lazy("把握中等"),
    rules.Confidence.LOW: gettext_lazy("说不准，请核对"),
}


@dataclass(frozen=True)
class Guess:
    """A category that it may be; `share` is how likely, in words, where anybody knows."""

    key: str
    name: str
    share: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """Category, unit and why. `can_take` says whether one key may do it.

    `confidence` and `source` are words; `is_sure` is false where somebody should look first.
    `others` are what it may be instead; `is_chosen`: somebody picked one of them just now.
    `guesses` stand where nothing can be proposed, but something can be chosen from.
    """

    category: str
    category_name: str
    words: tuple[str, ...]
    confidence: Any
    is_sure: bool
    source: str
    others: list[tuple[str, str]]
    unit: Unit | None
    unit_why: str
    can_take: bool
    verb: Any
    is_chosen: bool = False
    guesses: tuple[Guess, ...] = ()
    platform: str = ""


def proposal_for(
    case: Case,
    book: Book,
    moves: tuple[Act, ...],
    *,
    chosen: str = "",
    flags: triage.Flags | None = None,
) -> Proposal | None:
    """The proposal where the actor may accept or assign; None elsewhere.

    `flags` are asked for where they aren't given. Its category is what somebody settled, else
    `chosen`, else what came with the report, else what the words point at, in the book in force,
    of what is in the case's own. What is no more than the words' guess is not proposed: somebody
    chooses.
    """
    if Act.ACCEPT not in moves and Act.ASSIGN not in moves:
        return None
    found = triage.what(case.what, county=case.county)
    is_chosen = bool(chosen) and not case.category
    options = [one for one in found.options if one.category in book.categories]
    settled = case.category or chosen
    key = settled or case.proposed_category
    if key not in book.categories:
        key = options[0].category if options else ""
    is_told = bool(settled) or (case.is_category_told and key == case.proposed_category)
    is_guess = not is_told and key in {"", found.category}
    if not key or (is_guess and rules.confidence(found, key) == rules.Confidence.LOW):
        return replace(_NOTHING, guesses=_guesses(options, found.source, book))
    deciding = next((one for one in options if one.category == key), None)
    others = [one.category for one in options if one.category != key]
    level = None if case.category or is_chosen else rules.confidence(found, key)
    whose = choices.who_for(case, book, key)
    return Proposal(
        category=key,
        category_name=choices.name_of(book.categories[key]),
        words=deciding.words if deciding else (),
        confidence=CONFIDENCE_NAMES[level] if level else "",
        is_sure=level != rules.Confidence.LOW,
        source=_source(case, deciding, is_chosen=is_chosen),
        others=[(one, choices.name_of(book.categories[one])) for one in others],
        unit=whose.unit,
        unit_why=_whose_words(whose, case.county, flags),
        can_take=True,
        verb=_verb(case, bool(whose.units)),
        is_chosen=is_chosen,
        platform=platforms().get(whose.unit.id, "") if whose.unit else "",
    )


_NOTHING = Proposal(
    "", "", (), CONFIDENCE_NAMES[rules.Confidence.LOW], False, "", [], None, "", False, ""
)  # fmt: skip


def _guesses(options: Sequence[Option], source: Source, book: Book) -> tuple[Guess, ...]:
    """What words count for is no likelihood; what was held out is."""
    return tuple(
        Guess(
            one.category,
            choices.name_of(book.categories[one.category]),
            f"{one.confidence:.0%}" if source == Source.MODEL else "",
            one.words,
        )
        for one in options
        if one.confidence >= rules.LEAST_GUESS
    )


def _source(case: Case, deciding: Option | None, *, is_chosen: bool) -> str:
    """Where the category comes from, in words."""
    if case.category:
        return _("受理时已定")
    if is_chosen:
        return _("刚才选的")
    if deciding and deciding.words:
        return _("依据的词：") + "、".join(deciding.words)
    if deciding:
        return _("依据整段文字")  # no word of it stands out
    return _("上报时填的")


def _whose_words(whose: Who, county: str, flags: triage.Flags | None) -> str:
    """Why it is theirs, and how often this month that was wrong, where it is often."""
    said = choices.why_words(whose)
    flags = triage.flags(county, at=clock.now()) if flags is None else flags
    if found := triage.came_back_of(whose, flags):
        values = {"sent": found.share.of, "back": found.share.count}
        return (
            f"{said} "
            + _("按它本月派出 %(sent)s 件、退回 %(back)s 件，高于平均，请核对。") % values
        )
    return said


def _verb(case: Case, has_unit: bool) -> Any:
    if case.state == State.ACCEPTED:
        return gettext_lazy("派发") if has_unit else gettext_lazy("选择承办单位")
    return gettext_lazy("受理并派发") if has_unit else gettext_lazy("受理")


@require_safe
def choose(request: HttpRequest, ref: str) -> HttpResponse:
    """The proposal anew, with another of the categories it may be: its unit is another, too.

    So may be the cases that are the same, and the heading says what was chosen.
    """
    actor = actor_of(request)
    case = reads.case_for(actor, ref)
    book = rulebook.book(case.county, case.book)
    if chosen := request.GET.get("category", ""):
        book.category(chosen)
    moves = reads.moves_for(actor, case)
    found = proposal_for(case, book, moves, chosen=chosen)
    if found is None:
        raise NotAllowed()
    shown = {
        "case": case,
        "proposal": found,
        "alike": alike.to_case(case, actor, clock.now(), chosen=chosen),
        "may_merge": Act.MERGE in moves,
        "is_proposed": not case.category,
        "once": uuid4().hex,
        "area": words.area_words([case.path]).get(case.path, ""),
    }
    return render(request, "desk/_chosen.html", shown)


@require_POST
def take(request: HttpRequest, ref: str) -> HttpResponse:
    """Take the proposal as it was shown: accept, and send it to the unit, all or nothing."""
    actor = actor_of(request)
    case = reads.case_for(actor, ref)
    category, unit = request.POST.get("category", ""), unit_typed(request.POST.get("unit", ""))
    key = request.POST.get("once", "")[:64] or uuid4().hex
    made: list[Case] = []

    def do() -> tuple[int, dict[str, Any]]:
        made.append(
            take_as_shown(
                case, category=category, unit=unit, revision=revision_of(request), actor=actor
            )
        )
        return 200, {"case": str(case.id)}

    once(key, request=digest_of(request), do=do, actor=actor, now=clock.now())
    taken = made[0] if made else reads.case_for(actor, case.id)
    return said(request, taken, Act.ASSIGN if unit else Act.ACCEPT)


def unit_typed(typed: str) -> UUID | None:
    """The unit that a form names; None where it names none."""
    try:
        return UUID(typed) if typed else None
    except ValueError as error:
        raise Malformed(why="unit") from error
