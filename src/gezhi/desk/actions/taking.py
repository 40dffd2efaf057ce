"""Taking what the rulebook proposes for a case: two acts of the cases room, all or nothing."""

from uuid import UUID

from django.db import transaction

from gezhi.base.actor import Actor
from gezhi.cases import actions as cases
from gezhi.cases.errors import CaseChanged
from gezhi.cases.models import Case
from gezhi.cases.rules import State


@transaction.atomic
def take_as_shown(
    case: Case, *, category: str, unit: UUID | None, revision: int | None, actor: Actor
) -> Case:
    """Accept where that is still to be done, then send it to the unit, where one was shown."""
    if case.state == State.REPORTED:
        case = cases.accept(case.id, category=category, revision=revision, actor=actor)
        revision = case.lines if revision is not None else None
    elif unit is None:
        raise CaseChanged()  # somebody has accepted it meanwhile: nothing of this is left to do
    if unit is None:
        return case
    return cases.assign(case.id, unit=unit, revision=revision, actor=actor)
