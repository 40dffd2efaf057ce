"""The centre decides whether and as what it takes a case: accept, refuse, correct, publish."""

from typing import Any
from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.cases import reads, rules
from gezhi.cases.actions.approving import ask_or_do
from gezhi.cases.actions.moving import assign
from gezhi.cases.actions.step import Step, begin, classify, end, end_legs, give_reason, tick
from gezhi.cases.errors import PlaceOutside, SecretNotPublic
from gezhi.cases.facts import CaseAccepted, CasePublished, CaseReclassified, CaseRefused
from gezhi.cases.models import Case
from gezhi.cases.rules.moves import State
from gezhi.people import reads as people
from gezhi.places import reads as places


@rows.atomic()
def accept(
    ref: reads.Ref,
    *,
    category: str,
    size: str = "",
    path: str = "",
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Take the case on: it is of this category and lies in this area.

    `size` defaults to the category's; `path` to the area found when it came in.
    """
    step = begin(ref, rules.Act.ACCEPT, actor=actor, revision=revision)
    case = step.case
    classify(step, category, size)
    if path and path != case.path:
        _place_in(case, path)
    case.state = State.ACCEPTED.value
    case.accepted_at = step.now
    data = {"category": case.category, "size": case.size, "path": case.path}
    return end(step, CaseAccepted, words=words, data=data)


def _place_in(case: Case, path: str) -> None:
    if not path.startswith(people.unit(case.centre_id).path):
        raise PlaceOutside()
    area = places.area_by_path(case.county, path)
    case.area_id, case.path = area.id, area.path


@rows.atomic()
def refuse(
    ref: reads.Ref,
    *,
    reason: str,
    words: str,
    unit: UUID | None = None,
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Ask to refuse a case, or refuse it where the actor may approve.

    `words` name the rule and who is responsible instead. Where that body is in
    the system (`unit`) the case is not refused but goes there.
    """
    step = begin(ref, rules.Act.REFUSE, actor=actor, revision=revision)
    give_reason(step, "refuse", reason, words)
    if unit is not None:
        return _reroute(step, unit, words)
    return ask_or_do(step, {"reason": reason}, words=words)


def _reroute(step: Step, unit: UUID, words: str) -> Case:
    """Send the case to the body in the system that is responsible for it."""
    case, actor = step.case, step.actor
    if case.state == State.REPORTED:
        accept(case.id, category=case.proposed_category, actor=actor)
    return assign(case.id, unit=unit, words=words, actor=actor)


def do_refuse(step: Step, values: dict[str, Any], words: str) -> Case:
    """The refusal itself, once it is approved."""
    step.act = rules.Act.REFUSE
    step.case.state = State.REFUSED.value
    step.case.closed_at = step.now
    end_legs(step, "refused", joint_too=True)
    tick(step, rules.EntryKind.STOP, reason=values["reason"])
    return end(step, CaseRefused, words=words, reason=values["reason"], data=step.asker)


@rows.atomic()
def reclassify(
    ref: reads.Ref,
    *,
    category: str,
    size: str = "",
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Correct the category or size. The clock is not touched: what has run, has run."""
    step = begin(ref, rules.Act.RECLASSIFY, actor=actor, revision=revision)
    was = {"category_was": step.case.category, "size_was": step.case.size}
    classify(step, category, size)
    data = {"category": category, "size": step.case.size, **was}
    return end(step, CaseReclassified, words=words, data=data, is_public=False)


@rows.atomic()
def publish(ref: reads.Ref, *, is_public: bool, revision: int | None = None, actor: Actor) -> Case:
    """After review, let everyone see the case, or no longer."""
    step = begin(ref, rules.Act.PUBLISH, actor=actor, revision=revision)
    if is_public and step.case.is_secret:
        raise SecretNotPublic()
    step.case.is_public = is_public
    return end(
        step, CasePublished, data={"is_public": is_public}, is_public=False, open_to_all=is_public
    )
