"""Opening and ending root-cause cases."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.words import clean
from gezhi.cases import actions as cases
from gezhi.people import reads as people
from gezhi.people.models import Unit
from gezhi.places import actions as places_actions
from gezhi.places import reads as places
from gezhi.places.errors import DatesOutOfOrder, SaidAlready
from gezhi.places.models import Responsibility
from gezhi.places.rules import BY_ROOT_CAUSE, NewOwner, county_of, rewrite_path
from gezhi.record.actions import announce
from gezhi.rulebook import reads as rulebook
from gezhi.triage.errors import (
    KindNotOpen,
    RootCauseEndedAlready,
    RootCauseThere,
    TargetPast,
)
from gezhi.triage.facts import RootCauseEnded, RootCauseOpened
from gezhi.triage.models import RootCause, Topic
from gezhi.triage.reads import roots as reads
from gezhi.triage.rules.roots import MERGED

_LONGEST = timedelta(days=3 * 366)
_ON_THE_WAY = "~"  # stands for the county of what moves, until it is there
_SYSTEM = system("triage")


@transaction.atomic
def open_root(
    *,
    path: str,
    category: str,
    owner: UUID,
    target: date,
    words: str,
    topic: UUID | None = None,
    county: str,
    actor: Actor,
) -> RootCause:
    """A standing case for a kind of matter that comes back in an area, with an owner and a day.

    The case behind it is reported as any other and assigned to the owner, who is told as of any
    other. While it stands, new cases of the kind are proposed for the owner there.
    """
    actor.must(reads.OPENS, path=path)
    now = clock.now()
    if rulebook.current(county).category(category).sensitive:
        raise KindNotOpen()
    if not places.today() < target <= places.today() + _LONGEST:
        raise TargetPast()
    area, unit = places.area_by_path(county, path), people.unit(owner)
    if reads.open_root(area.path, category, county=county):
        raise RootCauseThere()
    whose = _lay_down(unit, area.path, category, county)
    made = cases.report(
        county=county,
        what=clean(words),
        where=cases.Where(path=area.path),
        channel=reads.CHANNEL,
        category=category,
        actor=actor,
    )
    cases.accept(made.case.id, category=category, actor=_SYSTEM)
    cases.assign(made.case.id, unit=unit.id, actor=_SYSTEM)
    root = RootCause.objects.create(
        county=county,
        path=area.path,
        category=category,
        owner=unit,
        responsibility=whose,
        case_id=made.case.id,
        topic=Topic.objects.filter(pk=topic, county=county).first() if topic else None,
        opened_at=now,
        opened_by=actor.label,
        target=target,
    )
    fact = RootCauseOpened(
        root=root.id, case=made.case.id, path=area.path, category=category, owner=unit.id,
        target=target,
    )  # fmt: skip
    announce(fact, about=f"root:{root.id}", county=county, actor=actor, now=now)
    return root


def _lay_down(unit: Unit, path: str, category: str, county: str) -> Responsibility | None:
    """The kind is the owner's there from today; what somebody laid down before goes on holding."""
    new = NewOwner(unit.code, BY_ROOT_CAUSE, path=path, category=category)
    with suppress(SaidAlready):
        return places_actions.add_responsibility(new, county=county, actor=_SYSTEM)
    return None


@transaction.atomic
def end_root(
    root_id: UUID, *, is_reached: bool, result: str, county: str, actor: Actor
) -> RootCause:
    """Judge it. Its case goes its own way; the reports go on being counted."""
    root = reads.root_to_change(actor, root_id, county=county)
    actor.must(reads.OPENS, path=root.path)
    if root.ended_at is not None:
        raise RootCauseEndedAlready()
    _end(root, is_reached=is_reached, result=clean(result), actor=actor, now=clock.now())
    return root


def _end(root: RootCause, *, is_reached: bool, result: str, actor: Actor, now: datetime) -> None:
    root.ended_at, root.ended_by = now, actor.label
    root.is_reached, root.result = is_reached, result
    root.save(update_fields=["ended_at", "ended_by", "is_reached", "result"])
    if root.responsibility:
        _holds_no_longer(root.responsibility)
    fact = RootCauseEnded(root=root.id, case=root.case_id, is_reached=is_reached)
    announce(fact, about=f"root:{root.id}", county=root.county, actor=actor, now=now)


def _holds_no_longer(laid_down: Responsibility) -> None:
    with suppress(DatesOutOfOrder):  # somebody has ended it before
        places_actions.end_responsibility(
            laid_down.id, county=laid_down.county, on=places.today(), actor=_SYSTEM
        )


def forget_result_of(case: UUID) -> None:
    """What was written at its end goes with the words of its case."""
    RootCause.objects.filter(case=case).update(result="")


def rewrite_paths(moves: Iterable[tuple[str, str]], *, actor: Actor, now: datetime) -> None:
    """Let root-cause cases and topics follow a change of divisions, in its transaction."""
    ordered = list(moves)
    _move_open(ordered, actor, now)
    ended = RootCause.objects.exclude(ended_at=None)
    for rows in (ended, Topic.objects.all()):
        places_actions.rewrite_paths(rows, ordered, county="county")


def _move_open(moves: list[tuple[str, str]], actor: Actor, now: datetime) -> None:
    """Where areas merge, two for one kind may meet: the older goes on, the younger ends.

    One by one, since of paths that trade places each is taken until the other has moved.
    """
    standing = RootCause.objects.filter(ended_at=None).select_for_update(of=("self",))
    standing = standing.select_related("responsibility__area")
    met: set[tuple[str, str]] = set()
    moving: list[RootCause] = []
    for root in standing.order_by("opened_at", "id"):
        path = rewrite_path(root.path, moves)
        if (path, root.category) in met:
            _end(root, is_reached=False, result=MERGED, actor=actor, now=now)
            continue
        met.add((path, root.category))
        if path != root.path:
            root.path, root.county = path, county_of(path)
            moving.append(root)
    RootCause.objects.filter(pk__in=[root.pk for root in moving]).update(county=_ON_THE_WAY)
    for root in moving:
        _lay_down_anew(root)
        root.save(update_fields=["path", "county", "responsibility"])


def _lay_down_anew(root: RootCause) -> None:
    """What is laid down stays with its area, and holds for no more once that is no more."""
    held = root.responsibility
    if held is None or held.valid_to is not None or held.area is None:
        return
    if held.area.valid_to is not None:
        _holds_no_longer(held)
        root.responsibility = _lay_down(root.owner, root.path, root.category, root.county)
