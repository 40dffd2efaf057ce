"""From holder to holder: assign, sign, send back, escalate, hand down."""

from typing import TYPE_CHECKING
from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.cases import reads, rules
from gezhi.cases.actions.step import (
    Step,
    begin,
    centre_takes,
    classify,
    end,
    end_legs,
    give_reason,
    hand_over,
    must_be_a_size,
    narrowed,
)
from gezhi.cases.errors import (
    AlreadyDecidedAbove,
    CategoryMissing,
    JointLegsOpen,
    NoHigherCentre,
    UnitNotSuitable,
)
from gezhi.cases.facts import (
    CaseAssigned,
    CaseEscalated,
    CaseHandedDown,
    CaseSentBack,
    CaseSigned,
)
from gezhi.cases.models import Case
from gezhi.cases.reads.routing import matter_of, who
from gezhi.cases.rules.moves import State
from gezhi.people import reads as people

if TYPE_CHECKING:
    from gezhi.people.models import Unit

_SECOND_RETURN = 2


@rows.atomic()
def assign(
    ref: reads.Ref,
    *,
    unit: UUID,
    category: str = "",
    size: str = "",
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Send the case to the unit that shall lead the work.

    `category` is needed only where the case has none yet: one passed up before it was accepted.
    """
    step = begin(ref, rules.Act.ASSIGN, actor=actor, revision=revision)
    lead = suitable_unit(step.case, unit)
    if not step.case.category:
        if not category:
            raise CategoryMissing()
        classify(step, category, size)
    elif size:
        must_be_a_size(size)
        step.case.size = size
    # As it is now, before the case counts among those the unit has.
    whose = who(matter_of(step.case), step.book, step.case.category, at=step.now)
    step.case.state = State.ASSIGNED.value
    leg = hand_over(step, lead.id, "assigned")
    data = {"unit": str(lead.id), "size": step.case.size}
    return end(
        step,
        CaseAssigned,
        words=words,
        data=data,
        leg=leg.id,
        rule=whose.rule,
        responsibility=whose.responsibility,
        proposed=whose.unit.id if whose.unit else None,
    )


def suitable_unit(case: Case, unit: UUID) -> "Unit":
    """The unit, if it may do work at the place of the case."""
    found = people.unit(unit)
    covers = case.path.startswith(found.path) or found.path.startswith(case.path)
    if not found.is_active or found.kind == "centre" or not covers:
        raise UnitNotSuitable(unit=found.label)
    return found


@rows.atomic()
def sign(ref: reads.Ref, *, words: str = "", revision: int | None = None, actor: Actor) -> Case:
    """The lead unit takes the case to work on it."""
    step = begin(ref, rules.Act.SIGN, actor=actor, revision=revision)
    step.case.state = State.HANDLING.value
    leg = reads.open_lead_leg(step.case)
    leg.signed_at, leg.signed_by = step.now, actor.label
    step.changed.append(leg)
    return end(step, CaseSigned, words=words, leg=leg.id)


@rows.atomic()
def send_back(
    ref: reads.Ref,
    *,
    reason: str,
    words: str = "",
    unit: UUID | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Give the case back, naming who should have it. The second time the next centre decides."""
    step = begin(ref, rules.Act.SEND_BACK, actor=actor, revision=revision)
    give_reason(step, "send_back", reason, words)
    case = step.case
    if case.is_decided_above:
        raise narrowed(AlreadyDecidedAbove(allowed=["extend", "whistle"]), step)
    _no_joint_open(step)
    if unit is not None:
        people.unit(unit)  # refuses what is no unit
    case.sent_back += 1
    centre = people.unit(case.centre_id)
    if case.sent_back >= _SECOND_RETURN:
        centre = people.parent_centre(centre) or centre
        case.is_decided_above = True
    case.state = State.ACCEPTED.value
    centre_takes(step, centre.id, "sent_back")
    data = {"proposed": str(unit) if unit else "", "times": case.sent_back}
    return end(step, CaseSentBack, words=words, reason=reason, data=data, proposed=unit)


def _no_joint_open(step: Step) -> None:
    joint = reads.joint_units(step.case)
    if joint:
        raise narrowed(JointLegsOpen(allowed=["excuse_leg"], count=len(joint)), step)


@rows.atomic()
def escalate(
    ref: reads.Ref,
    *,
    reason: str,
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Pass the case up one level, with the reason why it can't be solved here."""
    step = begin(ref, rules.Act.ESCALATE, actor=actor, revision=revision)
    give_reason(step, "escalate", reason, words)
    case = step.case
    above = people.parent_centre(people.unit(case.centre_id))
    if above is None:
        raise NoHigherCentre()
    end_legs(step, "escalated", joint_too=True)
    case.state = State.ACCEPTED.value
    case.accepted_at = case.accepted_at or step.now
    centre_takes(step, above.id, "escalated")
    return end(step, CaseEscalated, words=words, reason=reason, data={"unit": str(above.id)})


@rows.atomic()
def hand_down(
    ref: reads.Ref,
    *,
    unit: UUID,
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Give the case to a lower centre that covers the place."""
    step = begin(ref, rules.Act.HAND_DOWN, actor=actor, revision=revision)
    here = people.unit(step.case.centre_id)
    lower = people.unit(unit)
    is_below = lower.path.startswith(here.path) and lower.path != here.path
    covers = step.case.path.startswith(lower.path) or lower.path.startswith(step.case.path)
    if lower.kind != "centre" or not lower.is_active or not is_below or not covers:
        raise UnitNotSuitable(unit=lower.label)
    centre_takes(step, lower.id, "handed_down")
    return end(step, CaseHandedDown, words=words, data={"unit": str(lower.id)})
