"""Setting rules, holding back, and removing in slices what a rule says is over."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gezhi.base import clock, slices
from gezhi.base.actor import Actor, system
from gezhi.cases import reads as cases
from gezhi.places import actions as places_actions
from gezhi.places import reads as places
from gezhi.record import actions as record
from gezhi.record.keeping import Kind, Over
from gezhi.record.rules import AuditKind
from gezhi.retention import reads, rules
from gezhi.retention.errors import DaysWrong, HoldWrong, LookFirst, ReasonNeeded, RemovalRuns
from gezhi.retention.models import Hold, Removal, Rule

_JOB = "gezhi.retention.jobs.remove"


@transaction.atomic
def set_days(kind: str, *, days: int, reason: str, seen: int = 0, actor: Actor) -> Rule:
    """Keep a kind of data for so many days from now on; what is over goes within the hour.

    Where something goes by it that stays by the rule in force, that is told first; `seen` is the
    number of days of which somebody has read it.
    """
    reads.must_manage(actor)
    reads.wait_for_slices(settings.COUNTY)
    found = reads.kind_of(kind)
    if not rules.is_long_enough(days, found.least):
        raise DaysWrong(kind=str(found.name), least=found.least, most=rules.MOST_DAYS)
    was, _rule = reads.days_of(found)
    reason, now = _reason(reason), clock.now()
    if seen != days and reads.takes_more(found, days):
        _must_be_nothing(found, days, now)
    made = Rule.objects.create(
        county=settings.COUNTY, kind=kind, days=days, reason=reason, actor=actor.label, at=now
    )  # fmt: skip
    _note(f"retention:{kind}", {"kind": kind, "days": days, "was": was}, reason, actor, now,
          AuditKind.RULES)  # fmt: skip
    return made


def _must_be_nothing(kind: Kind, days: int, now: datetime) -> None:
    due = reads.would_go(kind, days, now)
    if due.count:
        oldest = f"{timezone.localtime(due.oldest):%Y-%m-%d}" if due.oldest else ""
        raise LookFirst(kind=str(kind.name), days=days, count=due.count, oldest=oldest)


def _reason(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise ReasonNeeded()
    return reason.strip()


def _note(
    about: str,
    data: dict[str, str | int | bool | None],
    reason: str,
    actor: Actor,
    now: datetime,
    kind: AuditKind = AuditKind.RETENTION,
) -> None:
    record.note(
        kind, about=about, data=data, reason=reason, county=settings.COUNTY, actor=actor, now=now
    )


@transaction.atomic
def hold(about: str, *, reason: str, actor: Actor) -> Hold:
    """Let nothing go of a case (by its number) or of an area (by its code)."""
    reads.must_manage(actor)
    reads.wait_for_slices(settings.COUNTY)
    now, about = clock.now(), about.strip()
    case = cases.id_of_number(about, county=settings.COUNTY)
    path = "" if case else about
    if case is None and not places.areas_by_paths([path]):
        raise HoldWrong(about=about[:24])
    made = Hold.objects.create(
        county=settings.COUNTY, about=about, case_id=case, path=path, reason=_reason(reason),
        actor=actor.label, at=now,
    )  # fmt: skip
    _note(f"hold:{made.id}", {"about": about, "held": True}, reason, actor, now)
    return made


@transaction.atomic
def lift(id: UUID, *, reason: str, actor: Actor) -> Hold:
    """End a hold, saying why; by the next removal what is over goes, for good."""
    reads.must_manage(actor)
    found, now, reason = reads.hold_to_lift(id), clock.now(), _reason(reason)
    found.lifted_at, found.lifted_by = now, actor.label
    found.save(update_fields=["lifted_at", "lifted_by"])
    _note(f"hold:{found.id}", {"about": found.about, "held": False}, reason, actor, now)
    return found


def rewrite_paths(moves: Iterable[tuple[str, str]]) -> int:
    """Let holds on areas follow a change of divisions, in its transaction; how many did.

    No slice goes meanwhile, nor is an area held by its old code. Cases have followed already: a
    slice that waits for one of them is undone by the server, and comes again.
    """
    reads.wait_for_slices(settings.COUNTY)
    return places_actions.rewrite_paths(reads.holds_now(), moves)


@transaction.atomic
def ask_removal(*, actor: Actor) -> list[Removal]:
    """Leave to the worker what is over now, of every kind; one row and certificate for each."""
    reads.must_manage(actor)
    reads.wait_for_slices(settings.COUNTY)
    if reads.open_removals():
        raise RemovalRuns()
    now = clock.now()
    made = Removal.objects.bulk_create(
        Removal(
            county=settings.COUNTY, kind=each.kind.code, days=each.days, before=each.before,
            actor=actor.label, began_at=now, touched_at=now, oldest=each.due.oldest,
            total=each.due.count,
        )
        for each in reads.preview(now)
        if each.due.count and each.is_in_force
    )  # fmt: skip
    for removal in made:
        go_on_with(removal.id)
    return made


def go_on_with(id: UUID) -> None:
    """Leave the next slice to the worker."""
    slices.queue_once(_JOB, lock=f"retention:{id}", removal_id=str(id))


def work_on(id: UUID, *, seconds: float = slices.SLICE) -> bool:
    """Remove slice after slice for so long; true if there is more to do."""
    return slices.go_on(lambda: remove_next(id), seconds=seconds)


@transaction.atomic
def remove_next(id: UUID) -> bool:
    """Remove one slice and write down how much that was, both or neither; false when all is gone.

    Holds and the rule are asked for anew each time: a hold that is set meanwhile stops what it
    holds, a longer rule the whole removal. The next one goes by the new rule.
    """
    found = reads.removal_held(id)
    if found is None:
        return False
    reads.keep_rules_still(found.county)
    kind = reads.kind_to_remove(found)
    count = 0
    if kind is not None:
        over = Over(found.county, found.before, reads.held_now(), cause=f"removal:{found.id}")
        count = kind.erase(over, rules.SLICE)
    found.removed += count
    found.touched_at = clock.now()
    if not count:
        _certify(found)
    found.save(update_fields=["removed", "touched_at", "finished_at", "hash"])
    return count > 0


def _certify(found: Removal) -> None:
    found.finished_at = found.touched_at
    found.hash = rules.certificate(certified(found))
    _note(
        f"removal:{found.id}",
        {"kind": found.kind, "days": found.days, "removed": found.removed,
         "before": found.before.isoformat(), "hash": found.hash},
        "", Actor(label=found.actor, kind="staff"), found.touched_at,
    )  # fmt: skip


def certified(found: Removal) -> dict[str, str | int]:
    """What a certificate vouches for."""
    return {
        "id": str(found.id),
        "county": found.county,
        "kind": found.kind,
        "days": found.days,
        "before": found.before.isoformat(),
        "began": found.began_at.isoformat(),
        "finished": found.finished_at.isoformat() if found.finished_at else "",
        "removed": found.removed,
        "actor": found.actor,
    }


def look_after() -> None:
    """What is over goes. What a killed worker left is gone on with first.

    A removal whose kind no room registers any more ends with what it has removed.
    """
    left = reads.open_removals()
    for removal in left:
        go_on_with(removal.id)
    if not left:
        ask_removal(actor=system("retention"))
