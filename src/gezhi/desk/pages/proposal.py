"""What the rulebook proposes for a case that waits at a centre, and taking it with one key."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import h3
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.http import actor_of
from gezhi.base.refusal import Malformed
from gezhi.cases import reads
from gezhi.cases.forms import choices
from gezhi.cases.models import Case
from gezhi.cases.pages.moves import digest_of, revision_of, said
from gezhi.cases.rules import Act, State
from gezhi.desk import rules
from gezhi.desk.actions import take_as_shown
from gezhi.people.models import Unit
from gezhi.record.actions import once
from gezhi.rulebook.rules import Book, Suggestion

CONFIDENCE_NAMES = {
    rules.Confidence.HIGH: gettext_lazy("把握高"),
    rules.Confidence.FAIR: gettext_lazy("把握中等"),
    rules.Confidence.LOW: gettext_lazy("把握低，请核对"),
}
_CELL_EDGE_M = 200  # of an H3 cell at resolution 9, about


@dataclass(frozen=True)
class Proposal:
    """Category, unit and why. `can_take` says whether one key may do it.

    `confidence` and `source` are words; `is_sure` is false where somebody should look first.
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


def proposal_for(case: Case, book: Book, moves: tuple[Act, ...]) -> Proposal | None:
    """The proposal where the actor may accept or assign; None elsewhere."""
    if Act.ACCEPT not in moves and Act.ASSIGN not in moves:
        return None
    found = book.suggest(case.what)
    key = case.category or case.proposed_category or (found[0].key if found else "")
    if key not in book.categories:
        return _NOTHING
    deciding = next((one for one in found if one.key == key), None)
    others = [one for one in found if one.key != key]
    level = _confidence(case, deciding, others)
    route = choices.route_of(case, book, key)
    units = choices.units_on(case, route)
    return Proposal(
        category=key,
        category_name=choices.name_of(book.categories[key]),
        words=deciding.words if deciding else (),
        confidence=CONFIDENCE_NAMES[level] if level else "",
        is_sure=level != rules.Confidence.LOW,
        source=_source(case, deciding),
        others=[(one.key, choices.name_of(book.categories[one.key])) for one in others][:3],
        unit=units[0] if units else None,
        unit_why=route.why,
        can_take=True,
        verb=_verb(case, bool(units)),
    )


_NOTHING = Proposal(
    "", "", (), CONFIDENCE_NAMES[rules.Confidence.LOW], False, "", [], None, "", False, ""
)  # fmt: skip


def _confidence(
    case: Case, deciding: Suggestion | None, others: list[Suggestion]
) -> rules.Confidence | None:
    """How sure the words are; None where somebody has settled the category already."""
    if case.category:
        return None
    scores = [deciding.score, *(one.score for one in others)] if deciding else []
    return rules.confidence(scores)


def _source(case: Case, deciding: Suggestion | None) -> str:
    """Where the category comes from, in words."""
    if case.category:
        return _("受理时已定")
    if deciding:
        return _("依据的词：") + "、".join(deciding.words)
    return _("上报时填的")


def _verb(case: Case, has_unit: bool) -> Any:
    if case.state == State.ACCEPTED:
        return gettext_lazy("派发") if has_unit else gettext_lazy("选择承办单位")
    return gettext_lazy("受理并派发") if has_unit else gettext_lazy("受理")


def alike(case: Case, actor: Actor, book: Book) -> list[Case]:
    """Open cases of the same category nearby, of those the actor may see. One query."""
    if not case.h3:
        return []
    limits = book.limits
    rings = max(1, -(-limits.similar_radius_m // (2 * _CELL_EDGE_M)))
    near = reads.alike_nearby(
        county=case.county,
        cells=h3.grid_disk(case.h3, rings),
        since=case.opened_at - timedelta(days=limits.similar_days),
        category=case.category or case.proposed_category,
    )
    seen = reads.visible_to(actor).values("pk")
    return list(near.exclude(pk=case.pk).filter(pk__in=seen)[:5])


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
