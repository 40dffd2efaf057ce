"""Opening and ending root-cause cases."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.words import clean
from gezhi.cases import actions as cases
from gezhi.people import reads as people
from gezhi.places import actions as places_actions
from gezhi.places import reads as places
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

_LONGEST = timedelta(days=3 * 366)
_CHANNEL = "inspection"  # 督查交办: asked for from above, worked like any other


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

    The case behind it is reported as any other and goes its way from the centre of the area.
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
    made = cases.report(
        county=county,
        what=clean(words),
        where=cases.Where(path=area.path),
        channel=_CHANNEL,
        category=category,
        actor=actor,
    )
    root = RootCause.objects.create(
        county=county,
        path=area.path,
        category=category,
        owner=unit,
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


@transaction.atomic
def end_root(
    root_id: UUID, *, is_reached: bool, result: str, county: str, actor: Actor
) -> RootCause:
    """Judge it. Its case goes its own way; the reports go on being counted."""
    root = reads.root_to_change(actor, root_id, county=county)
    actor.must(reads.OPENS, path=root.path)
    if root.ended_at is not None:
        raise RootCauseEndedAlready()
    root.ended_at, root.ended_by = clock.now(), actor.label
    root.is_reached, root.result = is_reached, clean(result)
    root.save(update_fields=["ended_at", "ended_by", "is_reached", "result"])
    fact = RootCauseEnded(root=root.id, case=root.case_id, is_reached=is_reached)
    announce(fact, about=f"root:{root.id}", county=county, actor=actor, now=root.ended_at)
    return root


def forget_result_of(case: UUID) -> None:
    """What was written at its end goes with the words of its case."""
    RootCause.objects.filter(case=case).update(result="")


def rewrite_paths(moves: Iterable[tuple[str, str]]) -> int:
    """Let root-cause cases and topics follow a change of divisions, in its transaction."""
    ordered = list(moves)
    moved = places_actions.rewrite_paths(RootCause.objects.all(), ordered)
    return moved + places_actions.rewrite_paths(Topic.objects.all(), ordered)
