"""Rehearsals that were asked for, and what was found in them."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from gezhi.base.actor import Actor, system
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.deadlines.models import Difference, Rehearsal
from gezhi.deadlines.rules import rehearsing
from gezhi.deadlines.rules.rehearsing import RehearsalState, Topic
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

if TYPE_CHECKING:
    from gezhi.cases.models import Case

_books: dict[str, Book] = {}
_MOST_BOOKS = 4


def book_of(rehearsal: Rehearsal) -> Book:
    """The book that is rehearsed; read once by each process as long as it is asked for."""
    if rehearsal.digest not in _books:
        while len(_books) >= _MOST_BOOKS:
            _books.pop(next(iter(_books)), None)
        _books[rehearsal.digest] = rulebook.read_files(rehearsal.files)
    return _books[rehearsal.digest]


def cases_of(rehearsal: Rehearsal) -> "QuerySet[Case]":
    """All the cases that it looks at."""
    return cases.opened_between(
        rehearsal.since, rehearsal.until, county=rehearsal.county, paths=rehearsal.areas
    )


def rehearsals(actor: Actor, *, county: str) -> QuerySet[Rehearsal]:
    """Those in areas where the actor manages the rulebook, the newest first; without the files."""
    actor.must("rulebook.manage")
    mine = tuple(actor.paths("rulebook.manage"))
    found = Rehearsal.objects.filter(county=county)
    inside = [
        id
        for id, areas in found.values_list("id", "areas")
        if all(area.startswith(mine) for area in areas)
    ]
    return found.filter(id__in=inside).defer("files").order_by("-asked_at", "-id")


def rehearsal_for(actor: Actor, id: UUID, *, county: str) -> Rehearsal:
    """One of them."""
    found = rehearsals(actor, county=county).filter(id=id).first()
    if found is None:
        raise NotFound()
    return found


def rehearsal_held(id: UUID) -> Rehearsal | None:
    """The row until the transaction ends: whoever else works on it waits. None: removed."""
    return Rehearsal.objects.select_for_update().filter(id=id).first()


def may_go_on(rehearsal: Rehearsal) -> bool:
    """Whether who asked still manages the rulebook of those areas."""
    account = people.account(system("deadlines"), rehearsal.account_id)
    actor = people.actor_for(account)
    return all(actor.may("rulebook.manage", path=area) for area in rehearsal.areas)


def rehearsals_silent_since(moment: datetime) -> list[UUID]:
    """What should be under way and nobody has touched since."""
    silent = Rehearsal.objects.filter(state=RehearsalState.WORKING.value, touched_at__lt=moment)
    return list(silent.values_list("id", flat=True))


def differences(
    rehearsal: Rehearsal, topic: Topic, *, show: str = "", **codes: str
) -> QuerySet[Difference]:
    """What was found on one topic: of these verdicts (`rules.SHOWN`), with these codes."""
    found = Difference.objects.filter(
        county=rehearsal.county, rehearsal=rehearsal, topic=topic.value
    )
    if show in rehearsing.SHOWN:
        found = found.filter(verdict__in=[verdict.value for verdict in rehearsing.SHOWN[show]])
    elif show in rehearsing.SIGNS:
        found = found.filter(**{f"minutes__{rehearsing.SIGNS[show]}": 0})
    return found.filter(**{name: code for name, code in codes.items() if code})


def numbers_to_open(actor: Actor, rows: Iterable[Difference]) -> set[str]:
    """Of these cases the ones that the actor may open."""
    ids = {row.case_id for row in rows}
    return set(cases.visible_to(actor).filter(id__in=ids).values_list("number", flat=True))
