"""Several cases about one cause become one, and apart again; a reporter takes theirs back."""

from uuid import UUID

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.cases import reads, rules
from gezhi.cases.actions.step import Step, begin, end, end_legs, open_leg, tick
from gezhi.cases.errors import MergeNotPossible, MergeOfCopy
from gezhi.cases.facts import CaseMerged, CaseUnmerged, CaseWithdrawn
from gezhi.cases.models import Case
from gezhi.cases.reads.originals import originals
from gezhi.cases.rules.moves import State
from gezhi.people import reads as people


@rows.atomic()
def merge(
    ref: reads.Ref,
    *,
    main: reads.Ref,
    words: str = "",
    revision: int | None = None,
    actor: Actor,
) -> Case:
    """Put a case under a main one. Its reporters keep number, deadline, answer and vote."""
    first, second = _in_order(ref, main, actor)
    step = begin(first.id, rules.Act.MERGE, actor=actor, revision=revision)
    if second.id == step.case.id or second.state not in rules.OPEN:
        raise MergeNotPossible()
    case = step.case
    of = originals([case.what, second.what])
    if second.id in of.get(case.what, ()) or case.id in of.get(second.what, ()):
        raise MergeOfCopy()
    case.before_merge = {"state": case.state, "holder": str(case.holder_id)}
    case.state, case.main = State.MERGED.value, second
    if case.is_reachable is not False:  # an older case does not say, and may be
        second.is_reachable = True
        step.changed.append(second)
    end_legs(step, "merged", joint_too=True)
    tick(step, rules.EntryKind.STOP, reason="merged")
    data = {"main": second.number}
    return end(step, CaseMerged, words=words, data=data, main=second.id)


def _in_order(ref: reads.Ref, main: reads.Ref, actor: Actor) -> tuple[Case, Case]:
    """Lock both rows in the order of their ids, so that two mergers never wait for each other."""
    small, large = reads.case_for(actor, ref), reads.case_for(actor, main)
    for case_id in sorted({small.id, large.id}):
        reads.case_held(case_id)
    return reads.case_held(small.id), reads.case_held(large.id)


@rows.atomic()
def unmerge(ref: reads.Ref, *, words: str = "", revision: int | None = None, actor: Actor) -> Case:
    """Take a case out again: it stands where it stood, and its clock runs on."""
    step = begin(ref, rules.Act.UNMERGE, actor=actor, revision=revision)
    case = step.case
    main, before = case.main_id, case.before_merge or {}
    if main:
        _tell_who_is_left(step, main)
    case.state = before.get("state", State.ACCEPTED.value)
    case.main, case.before_merge = None, None
    holder = case.centre_id
    if case.state in (State.ASSIGNED, State.HANDLING):
        holder = next(iter(people.units_by_ids([UUID(before["holder"])])), case.centre_id)
    open_leg(step, holder, is_signed=case.state == State.HANDLING)
    tick(step, rules.EntryKind.START, reason="unmerged")
    return end(step, CaseUnmerged, words=words, main=main)


def _tell_who_is_left(step: Step, main: UUID) -> None:
    """Whether anybody can still be called about the main case once this one is out of it."""
    held = reads.case_held(main)
    gone = {step.case.id, *(row.case_id for row in reads.reports_merged_into(step.case.id))}
    voices = [*reads.reports_of(held), *reads.reports_merged_into(main)]
    held.is_reachable = any(row.phone or row.address for row in voices if row.case_id not in gone)
    step.changed.append(held)


@rows.atomic()
def withdraw(ref: reads.Ref, *, words: str = "", revision: int | None = None, actor: Actor) -> Case:
    """The reporter takes the case back, as long as nobody was sent to work on it."""
    step = begin(ref, rules.Act.WITHDRAW, actor=actor, revision=revision)
    step.case.state, step.case.closed_at = State.WITHDRAWN.value, step.now
    end_legs(step, "withdrawn", joint_too=True)
    tick(step, rules.EntryKind.STOP, reason="withdrawn")
    return end(step, CaseWithdrawn, words=words)
