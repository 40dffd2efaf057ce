"""Leave for acts that one person asks and another grants: refusing, pausing, extending."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.module_loading import import_string

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotAllowed, Refusal
from gezhi.base.words import clean
from gezhi.cases import reads, rules
from gezhi.cases.actions.step import Step, begin, end, narrowed
from gezhi.cases.errors import AlreadyAsked, DenialSaysNothing, NothingToDecide
from gezhi.cases.facts import ApprovalAsked, ApprovalDenied
from gezhi.cases.models import Approval, Case
from gezhi.cases.rules.moves import State
from gezhi.people import reads as people

Do = Callable[[Step, dict[str, Any], str], Case]

# Written as names because those files ask this one for leave.
_DOING = {
    rules.Act.REFUSE: "gezhi.cases.actions.accepting.do_refuse",
    rules.Act.PAUSE: "gezhi.cases.actions.waiting.do_pause",
    rules.Act.EXTEND: "gezhi.cases.actions.waiting.do_extend",
}


def _doing(act: rules.Act) -> Do:
    do: Do = import_string(_DOING[act])
    return do


def ask_or_do(step: Step, values: dict[str, Any], *, words: str) -> Case:
    """Do it at once where the actor may approve it; otherwise put the wish on record."""
    if step.actor.may("case.approve", path=step.case.path):
        return _doing(step.act)(step, values, words)
    if Approval.objects.filter(
        case=step.case, act=step.act.value, decided_at__isnull=True
    ).exists():
        raise AlreadyAsked()
    asked = Approval(
        county=step.case.county,
        case=step.case,
        act=step.act.value,
        values=values,
        words=words,
        asked_at=step.now,
        asked_by=rules.person_of(step.actor),
        unit_id=reads.unit_of(step.actor, step.case),
    )
    step.case.has_asked = True
    step.new.append(asked)
    return end(
        step,
        ApprovalAsked,
        words=words,
        reason=values.get("reason", ""),
        data={"asks": step.act.value},
        is_public=False,
        approval=asked.id,
        act=asked.act,
    )


@rows.atomic()
def decide(
    ref: reads.Ref,
    *,
    approval: UUID,
    is_granted: bool,
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Grant or deny what somebody else asked leave for. Granted, it is done at once.

    Leave to pause or to extend can't be granted while the clock stands; the wish stays open.
    """
    step = begin(ref, rules.Act.DECIDE, actor=actor, revision=revision)
    asked = reads.approval(step.case, approval)
    if asked is None:
        raise NothingToDecide()
    if people.person_behind(asked.asked_by) == rules.person_of(actor):
        raise NotAllowed()
    if not is_granted and not clean(words):
        raise DenialSaysNothing()
    asked.decided_at, asked.decided_by = step.now, actor.label
    asked.is_granted, asked.decision = is_granted, words
    step.changed.append(asked)
    act = rules.Act(asked.act)
    if not is_granted:
        return end(
            step,
            ApprovalDenied,
            words=words,
            data={"asked": asked.act, "granted": False},
            is_public=False,
            approval=asked.id,
            act=asked.act,
        )
    try:
        rules.find_move(act, State(step.case.state))
        rules.must_run(act, is_paused=step.case.paused_until is not None)
    except Refusal as refusal:
        raise narrowed(refusal, step) from None
    step.asked_by = asked.asked_by
    return _doing(act)(step, asked.values, asked.words)
