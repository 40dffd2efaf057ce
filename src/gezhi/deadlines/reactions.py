"""What each fact about a case does to its promises, inside the act's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases import facts
from gezhi.cases import reads as cases
from gezhi.cases.facts import CaseFact
from gezhi.deadlines import actions, reads
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import EFFECTS, OF_THE_HOLDER, STANDING, Effect, Kind, Matter


@reacts_to(facts.CaseReported)
def make_first_promises(fact: facts.CaseReported, *, actor: Actor, now: datetime) -> None:
    """The resident is promised a day from the first minute."""
    matter = reads.matter_of(fact)
    made = [actions.make(matter, kind, now=now) for kind in EFFECTS[fact.kind].opens]
    made += actions.fit_stages(matter, made, now=now)
    actions.keep(made)
    actions.show(fact.case, made)


@reacts_to(
    facts.CaseAccepted,
    facts.CaseRefused,
    facts.CaseAssigned,
    facts.CaseSigned,
    facts.CaseSentBack,
    facts.CaseEscalated,
    facts.CaseHandedDown,
    facts.ReporterAnswered,
    facts.CaseResumed,
    facts.CaseReturned,
    facts.CaseFinished,
    facts.CaseClosed,
    facts.CaseReopened,
    facts.CaseMerged,
    facts.CaseWithdrawn,
    facts.CaseReclassified,
)
def follow_the_case(fact: CaseFact, *, actor: Actor, now: datetime) -> None:
    """Meet, drop, move and open promises as the table of effects says."""
    effect, matter = EFFECTS[fact.kind], _matter_after(fact)
    there = reads.open_to_change(fact.case)
    still = _settle(there, effect, actor, now)
    if isinstance(fact, facts.CaseReturned) and (again := reads.last_finish(fact.case)):
        # Not done after all: what was met by that is open again, moved on by the time it was done.
        open_again = [again, *reads.stages_met_with(again)]
        actions.take_up(open_again)
        actions.shift(matter, open_again, now=now)
        there += open_again
        still += open_again
    _move_on(matter, still, effect, fact, now)
    leg = getattr(fact, "leg", None)
    made = [
        actions.make(matter, kind, now=now, leg=leg if kind == Kind.SIGN else None)
        for kind in effect.opens
        if kind != Kind.VISIT or _can_be_visited(fact)
    ]
    if fact.is_sorted_anew or Kind.FINISH in effect.opens:
        made += actions.fit_stages(matter, [*still, *made], now=now)
    _keep(fact.case, still, made, there)
    if matter.holder != fact.holder_was:
        actions.hand_merged_to(matter.holder, main=fact.case)


def _matter_after(fact: CaseFact) -> Matter:
    """What its reporters were promised is owed, once merged, by who works on the main case."""
    matter = reads.matter_of(fact)
    if isinstance(fact, facts.CaseMerged):
        return replace(matter, holder=reads.matters([fact.main])[fact.main].holder)
    return matter


def _can_be_visited(fact: CaseFact) -> bool:
    """Nobody is promised a call that can't be made; such a case waits for the reporter's word."""
    return not isinstance(fact, facts.CaseFinished) or fact.is_reachable


def _settle(rows: list[Deadline], effect: Effect, actor: Actor, now: datetime) -> list[Deadline]:
    """Meet and drop; gives back what stays open. A window that ends is no visit."""
    meets = effect.meets - {Kind.VISIT} if actor.is_system else effect.meets
    met = [row for row in rows if row.kind in meets]
    dropped = [row for row in rows if row.kind in (effect.drops | effect.meets) - meets]
    actions.meet(met, now=now)
    actions.drop(dropped, now=now)
    return [row for row in rows if row.kind not in effect.meets | effect.drops]


def _move_on(
    matter: Matter, rows: list[Deadline], effect: Effect, fact: CaseFact, now: datetime
) -> None:
    """What stays open moves with the clock, the category, the size and the holder."""
    if effect.shifts:
        actions.shift(matter, rows, now=now)
    for row in rows:
        if row.kind in OF_THE_HOLDER:
            row.unit_id = matter.holder  # the old unit's clock has ended
            if row.kind == Kind.FINISH and fact.is_sorted_anew:
                actions.renew_finish(matter, row, now=now)


def _keep(
    case: UUID,
    still: list[Deadline],
    made: Sequence[Deadline] = (),
    changed: Sequence[Deadline] | None = None,
) -> None:
    """Write it all; while the clock stands nothing it drives comes by itself."""
    open_now = [row for row in (*still, *made) if row.dropped_at is None]
    if any(row.kind in STANDING for row in open_now):
        actions.hold(open_now)
    actions.keep(made, still if changed is None else changed)
    actions.show(case, open_now)


@reacts_to(facts.CaseFinished)
def keep_promises_to_merged(fact: facts.CaseFinished, *, actor: Actor, now: datetime) -> None:
    """The main case's end keeps the promise to everyone whose case was merged into it."""
    rows = reads.open_of_merged(fact.case)
    actions.meet(rows, now=now)
    actions.keep(changed=rows)


@reacts_to(facts.CaseRefused, facts.CaseWithdrawn)
def drop_promises_to_merged(fact: CaseFact, *, actor: Actor, now: datetime) -> None:
    """Nobody will do what the main case asked for, so nobody owes it to anyone else either."""
    rows = reads.open_of_merged(fact.case)
    actions.drop(rows, now=now)
    actions.keep(changed=rows)


@reacts_to(facts.CaseUnmerged)
def promise_again(fact: facts.CaseUnmerged, *, actor: Actor, now: datetime) -> None:
    """A case stands alone again: its own day still holds, and what its state asks for is due."""
    matter, rows = reads.matter_of(fact), reads.open_to_change(fact.case)
    wanted = {"reported": Kind.ACCEPT, "accepted": Kind.FORWARD, "assigned": Kind.SIGN}
    kinds = [wanted[fact.state]] if fact.state in wanted else []
    if not any(row.kind == Kind.FINISH for row in rows):
        kinds.append(Kind.FINISH)
    made = [actions.make(matter, kind, now=now) for kind in kinds]
    for row in rows:
        if row.kind in OF_THE_HOLDER:
            row.unit_id = matter.holder
    actions.shift(matter, rows, now=now)
    made += actions.fit_stages(matter, [*rows, *made], now=now)
    _keep(fact.case, rows, made)
    actions.hand_merged_to(matter.holder, main=fact.case)


@reacts_to(facts.CaseWhistled)
def promise_arrivals(fact: facts.CaseWhistled, *, actor: Actor, now: datetime) -> None:
    """Each unit that was called must be there by the deadline."""
    matter, units = reads.matter_of(fact), cases.units_of_legs(fact.legs)
    made = [
        actions.make(matter, Kind.ARRIVE, now=now, due=fact.arrive_by, unit=unit, leg=leg)
        for leg, unit in units.items()
    ]
    _keep(fact.case, reads.open_to_change(fact.case), made)


@reacts_to(facts.JointArrived, facts.JointFinished, facts.JointExcused)
def settle_arrival(
    fact: facts.JointArrived | facts.JointFinished | facts.JointExcused,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Arrived (or done, which is more) keeps the promise; excused drops it."""
    there = reads.open_to_change(fact.case)
    rows = [row for row in there if row.leg_id == fact.leg]
    if isinstance(fact, facts.JointExcused):
        actions.drop(rows, now=now)
    else:
        actions.meet(rows, now=now)
    _keep(fact.case, [row for row in there if row not in rows], changed=rows)


@reacts_to(facts.StageReached)
def keep_stage(fact: facts.StageReached, *, actor: Actor, now: datetime) -> None:
    """That stage and no other: one before it that nobody has said is reached stays open."""
    there = reads.open_to_change(fact.case)
    reached = [row for row in there if row.kind == Kind.STAGE and row.stage == fact.stage]
    actions.meet(reached, now=now)
    _keep(fact.case, [row for row in there if row not in reached], changed=reached)


@reacts_to(facts.ReporterAsked)
def promise_reply(fact: facts.ReporterAsked, *, actor: Actor, now: datetime) -> None:
    """The reporter has until then; the case's own clock stands."""
    _let_stand(fact, Kind.REPLY, fact.answer_by, now)


@reacts_to(facts.CasePausedFact)
def end_the_pause(fact: facts.CasePausedFact, *, actor: Actor, now: datetime) -> None:
    """The clock runs on by itself when the day has come."""
    _let_stand(fact, Kind.PAUSE, fact.until, now)


def _let_stand(fact: CaseFact, kind: Kind, until: datetime, now: datetime) -> None:
    made = actions.make(reads.matter_of(fact), kind, now=now, due=until)
    _keep(fact.case, reads.open_to_change(fact.case), [made])


@reacts_to(facts.CaseExtended)
def move_due_day(fact: facts.CaseExtended, *, actor: Actor, now: datetime) -> None:
    """An extension moves the finish promise; the first due day stays on record."""
    matter, rows = reads.matter_of(fact), reads.open_to_change(fact.case)
    for row in rows:
        if row.kind == Kind.FINISH:
            actions.set_due(matter, row, fact.due, now=now)
    _keep(fact.case, rows)


@reacts_to(facts.CaseSupervised)
def promise_answer(fact: facts.CaseSupervised, *, actor: Actor, now: datetime) -> None:
    """The holder must answer the demand by then."""
    matter = reads.matter_of(fact)
    made = actions.make(matter, Kind.ANSWER, now=now, due=fact.answer_by, unit=fact.holder)
    _keep(fact.case, reads.open_to_change(fact.case), [made])


@reacts_to(facts.SupervisionAnswered)
def keep_answer(fact: facts.SupervisionAnswered, *, actor: Actor, now: datetime) -> None:
    """One demand, the oldest, is answered."""
    there = reads.open_to_change(fact.case)
    demands = [row for row in there if row.kind == Kind.ANSWER]
    answered = sorted(demands, key=lambda row: (row.starts, row.id))[:1]
    actions.meet(answered, now=now)
    _keep(fact.case, [row for row in there if row not in answered], changed=answered)


@reacts_to(facts.CaseVerified)
def close_after_all(fact: facts.CaseVerified, *, actor: Actor, now: datetime) -> None:
    """A case whose time for a vote was over waited for this check alone."""
    waiting = [row for row in reads.open_to_change(fact.case) if row.kind == Kind.RATE]
    for row in waiting:
        row.next_step = ""
    actions.plan(reads.matter_of(fact), waiting, now=now)
    actions.keep(changed=waiting)
