"""What a promise depends on: what a fact says of its case, or the case as it stands."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from gezhi.cases import reads as cases
from gezhi.cases.facts import CaseFact
from gezhi.cases.rules import State
from gezhi.deadlines.rules import Matter
from gezhi.people import reads as people

if TYPE_CHECKING:
    from gezhi.cases.models import Case


def matter_of(fact: CaseFact) -> Matter:
    """What a fact says of its case. The county is that of the centre in charge."""
    return Matter(
        county=people.unit(fact.centre).county,
        case=fact.case,
        number=fact.number,
        path=fact.path,
        centre=fact.centre,
        holder=fact.holder,
        category=fact.category,
        size=fact.size,
        channel=fact.channel,
        book=fact.book,
        state=State(fact.state),
    )


def matter_as_is(case: "Case") -> Matter:
    """The same from the case as it stands."""
    return Matter(
        county=case.county,
        case=case.id,
        number=case.number,
        path=case.path,
        centre=case.centre_id,
        holder=case.holder_id,
        category=case.category or case.proposed_category,
        size=case.size,
        channel=case.channel,
        book=case.book,
        state=State(case.state),
        is_standing=case.paused_until is not None,
    )


def matters(case_ids: Iterable[UUID]) -> dict[UUID, Matter]:
    """The same from many, in one trip."""
    return {case.id: matter_as_is(case) for case in cases.cases_behind(case_ids)}
