"""What each fact about a case does to its promises, inside the act's transaction."""

from datetime import datetime

from gezhi.base.actor import Actor
from gezhi.base.fact import reacts_to
from gezhi.cases import facts
from gezhi.cases import reads as cases
from gezhi.cases.facts import CaseFact
from gezhi.deadlines import actions, reads
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import EFFECTS, Effect, Kind


@reacts_to(facts.CaseReported)
def make_first_promises(fact: facts.CaseReported, *, actor: Actor, now: datetime) -> None:
    """The resident is promised a day from the first minute."""
    made = [actions.make(fact, kind, now=now) for kind in EFFECTS[fact.kind].opens]
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
    effect = EFFECTS[fact.kind]
    there = reads.open_of(fact.case)
    still = _settle(there, effect, now)
    if isinstance(fact, facts.CaseReturned) and (again := reads.last_finish(fact.case)):
        # Not done after all: its finish promise is open again, moved on by the time it was done.
        actions.take_up(again)
        actions.shift(fact, [again], now=now)
        there.append(again)
        still.append(again)
    _move_on(fact, still, effect, now)
    leg = getattr(fact, "leg", None)
    made = [
        actions.make(fact, kind, now=now, leg=leg if kind == Kind.SIGN else None)
        for kind in effect.opens
        if kind != Kind.VISIT or _can_be_visited(fact)
    ]
    actions.keep(made, there)
    actions.show(fact.case, still + made)


def _can_be_visited(fact: CaseFact) -> bool:
    """Nobody is promised a call that can't be made; such a case waits for the reporter's word."""
    return not isinstance(fact, facts.CaseFinished) or fact.is_reachable


def _settle(rows: list[Deadline], effect: Effect, now: datetime) -> list[Deadline]:
    """Meet and drop; gives back what stays open."""
    met = [row for row in rows if row.kind in effect.meets]
    dropped = [row for row in rows if row.kind in effect.drops - effect.meets]
    actions.meet(met, now=now)
    actions.drop(dropped, now=now)
    return [row for row in rows if row.kind not in effect.meets | effect.drops]


def _move_on(fact: CaseFact, rows: list[Deadline], effect: Effect, now: datetime) -> None:
    """What stays open moves with the clock, the category and the holder."""
    if effect.shifts:
        actions.shift(fact, rows, now=now)
    for row in rows:
        if row.kind == Kind.FINISH:
            row.unit_id = fact.holder  # the old unit's clock has ended
            if effect.renews_finish:
                actions.renew_finish(fact, row, now=now)


@reacts_to(facts.CaseFinished)
def keep_promises_to_merged(fact: facts.CaseFinished, *, actor: Actor, now: datetime) -> None:
    """The main case's end keeps the promise to everyone whose case was merged into it."""
    rows = reads.open_of_merged(fact.case)
    actions.meet(rows, now=now)
    actions.keep(changed=rows)


@reacts_to(facts.CaseUnmerged)
def promise_again(fact: facts.CaseUnmerged, *, actor: Actor, now: datetime) -> None:
    """A case stands alone again: its own day still holds, and what its state asks for is due."""
    rows = reads.open_of(fact.case)
    wanted = {"reported": Kind.ACCEPT, "accepted": Kind.FORWARD, "assigned": Kind.SIGN}
    kinds = [wanted[fact.state]] if fact.state in wanted else []
    if not any(row.kind == Kind.FINISH for row in rows):
        kinds.append(Kind.FINISH)
    made = [actions.make(fact, kind, now=now) for kind in kinds]
    actions.shift(fact, rows, now=now)
    actions.keep(made, rows)
    actions.show(fact.case, rows + made)


@reacts_to(facts.CaseWhistled)
def promise_arrivals(fact: facts.CaseWhistled, *, actor: Actor, now: datetime) -> None:
    """Each unit that was called must be there by the deadline."""
    units = cases.units_of_legs(fact.legs)
    actions.keep(
        [
            actions.make(fact, Kind.ARRIVE, now=now, due=fact.arrive_by, unit=unit, leg=leg)
            for leg, unit in units.items()
        ]
    )
    actions.show_next(fact.case)


@reacts_to(facts.JointArrived, facts.JointFinished, facts.JointExcused)
def settle_arrival(
    fact: facts.JointArrived | facts.JointFinished | facts.JointExcused,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Arrived (or done, which is more) keeps the promise; excused drops it."""
    rows = [row for row in reads.open_of(fact.case) if row.leg_id == fact.leg]
    if isinstance(fact, facts.JointExcused):
        actions.drop(rows, now=now)
    else:
        actions.meet(rows, now=now)
    actions.keep(changed=rows)
    actions.show_next(fact.case)


@reacts_to(facts.ReporterAsked)
def promise_reply(fact: facts.ReporterAsked, *, actor: Actor, now: datetime) -> None:
    """The reporter has until then; the case's own clock stands."""
    actions.keep([actions.make(fact, Kind.REPLY, now=now, due=fact.answer_by)])


@reacts_to(facts.CaseExtended)
def move_due_day(fact: facts.CaseExtended, *, actor: Actor, now: datetime) -> None:
    """An extension moves the finish promise; the first due day stays on record."""
    rows = reads.open_of(fact.case)
    for row in rows:
        if row.kind == Kind.FINISH:
            actions.set_due(row, fact.due, now=now)
    actions.keep(changed=rows)
    actions.show(fact.case, rows)


@reacts_to(facts.CaseSupervised)
def promise_answer(fact: facts.CaseSupervised, *, actor: Actor, now: datetime) -> None:
    """The holder must answer the demand by then."""
    actions.keep([actions.make(fact, Kind.ANSWER, now=now, due=fact.answer_by, unit=fact.holder)])
    actions.show_next(fact.case)


@reacts_to(facts.SupervisionAnswered)
def keep_answer(fact: facts.SupervisionAnswered, *, actor: Actor, now: datetime) -> None:
    """One demand, the oldest, is answered."""
    rows = sorted(
        (row for row in reads.open_of(fact.case) if row.kind == Kind.ANSWER),
        key=lambda row: (row.starts, row.id),
    )
    actions.meet(rows[:1], now=now)
    actions.keep(changed=rows[:1])
    actions.show_next(fact.case)
