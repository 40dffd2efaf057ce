"""The whistle: units are called to help, arrive, work and finish, or are excused by name."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed
from gezhi.cases import reads, rules
from gezhi.cases.actions.moving import suitable_unit
from gezhi.cases.actions.step import Step, begin, end, level_of
from gezhi.cases.errors import UnitNotSuitable, UntilWrong
from gezhi.cases.facts import CaseWhistled, JointArrived, JointExcused, JointFinished
from gezhi.cases.models import Case, Leg

_MOST_ARRIVE_DAYS = 30


@rows.atomic()
def whistle(
    ref: reads.Ref,
    *,
    units: Sequence[UUID],
    words: str,
    arrive_by: datetime | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Call units to come and solve it together; each must arrive by the deadline."""
    step = begin(ref, rules.Act.WHISTLE, actor=actor, revision=revision)
    by = arrive_by or _default_arrival(step)
    if by <= step.now or (by - step.now).days > _MOST_ARRIVE_DAYS:
        raise UntilWrong(days=_MOST_ARRIVE_DAYS)
    there = reads.joint_units(step.case) | {step.case.holder_id}
    legs = []
    for unit in dict.fromkeys(units):
        called = suitable_unit(step.case, unit)
        if called.id in there:
            raise UnitNotSuitable(unit=called.label)
        legs.append(_joint(step, called.id, by))
    if not legs:
        raise UnitNotSuitable(unit="")
    step.new += legs
    return end(
        step,
        CaseWhistled,
        words=words,
        data={"units": [str(leg.unit_id) for leg in legs], "arrive_by": by.isoformat()},
        legs=tuple(leg.id for leg in legs),
        arrive_by=by,
    )


def _joint(step: Step, unit: UUID, by: datetime) -> Leg:
    case = step.case
    return Leg(
        county=case.county, case=case, unit_id=unit, role="joint", opened_at=step.now, arrive_by=by
    )


def _default_arrival(step: Step) -> datetime:
    case = step.case
    return step.book.due(
        "arrive",
        category=case.category,
        size=case.size,
        channel=case.channel,
        level=level_of(case.centre_id),
        start=step.now,
    ).at


@rows.atomic()
def arrive(ref: reads.Ref, *, words: str = "", revision: int | None = None, actor: Actor) -> Case:
    """A called unit is there."""
    step = begin(ref, rules.Act.ARRIVE, actor=actor, revision=revision)
    leg = _own_leg(step)
    if leg.arrived_at is None:
        leg.arrived_at = step.now
        leg.signed_by = actor.label
        step.changed.append(leg)
    return end(step, JointArrived, words=words, data={"unit": str(leg.unit_id)}, leg=leg.id)


@rows.atomic()
def finish_leg(ref: reads.Ref, *, words: str, revision: int | None = None, actor: Actor) -> Case:
    """A called unit has done its part; `words` say what."""
    step = begin(ref, rules.Act.FINISH_LEG, actor=actor, revision=revision)
    leg = _own_leg(step)
    leg.arrived_at = leg.arrived_at or step.now
    leg.result = words
    leg.finished_at = leg.ended_at = step.now
    leg.ended_how = "finished"
    step.changed.append(leg)
    return end(step, JointFinished, words=words, data={"unit": str(leg.unit_id)}, leg=leg.id)


def _own_leg(step: Step) -> Leg:
    units = [post.unit for post in step.actor.posts if "case.work" in post.rights]
    leg = reads.open_joint_leg(step.case, units)
    if leg is None:
        raise NotAllowed()
    return leg


@rows.atomic()
def excuse_leg(
    ref: reads.Ref, *, leg: UUID, words: str, revision: int | None = None, actor: Actor
) -> Case:
    """A supervisor excuses a called unit by name, so that the case can be finished."""
    step = begin(ref, rules.Act.EXCUSE_LEG, actor=actor, revision=revision)
    excused = reads.joint_leg(step.case, leg)
    excused.ended_at, excused.ended_how, excused.result = step.now, "excused", words
    step.changed.append(excused)
    data = {"unit": str(excused.unit_id)}
    return end(step, JointExcused, words=words, data=data, leg=excused.id)
