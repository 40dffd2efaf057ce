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
    """Meet, drop, open and move promises as the table of effects says."""
    effect = EFFECTS[fact.kind]
    rows = reads.open_of(fact.case)
    rows = _settle(rows, effect, now)
    if isinstance(fact, facts.CaseReturned):
        rows += _take_finish_up(fact, now)
    if effect.shifts:
        actions.shift(fact, rows, now=now)
    if effect.renews_finish:
        for row in rows:
            if row.kind == Kind.FINISH:
                actions.renew_finish(fact, row, now=now)
    leg = getattr(fact, "leg", None)
    made = [
        actions.make(fact, kind, now=now, leg=leg if kind == Kind.SIGN else None)
        for kind in effect.opens
    ]
    actions.keep(made)
    if fact.holder != fact.holder_was:
        actions.give_to([row for row in rows if row.kind == Kind.FINISH], fact.holder)
    actions.show(fact.case, [row for row in rows + made if row.kind != Kind.REPLY])


def _settle(rows: list[Deadline], effect: Effect, now: datetime) -> list[Deadline]:
    """Meet and drop; gives back what stays open."""
    met = [row for row in rows if row.kind in effect.meets]
    dropped = [row for row in rows if row.kind in effect.drops - effect.meets]
    actions.meet(met, now=now)
    actions.drop(dropped, now=now)
    return [row for row in rows if row not in met and row not in dropped]


def _take_finish_up(fact: CaseFact, now: datetime) -> list[Deadline]:
    """Not done after all: the finish promise is open again, moved on by the time it was done."""
    row = reads.last_finish(fact.case)
    if row is None or row.met_at is None:
        return []
    actions.take_up(row)
    actions.shift(fact, [row], now=now)
    return [row]


@reacts_to(facts.CaseFinished)
def keep_promises_to_merged(fact: facts.CaseFinished, *, actor: Actor, now: datetime) -> None:
    """The main case's end keeps the promise to everyone whose case was merged into it."""
    actions.meet(reads.open_of_merged(fact.case), now=now)


@reacts_to(facts.CaseUnmerged)
def promise_again(fact: facts.CaseUnmerged, *, actor: Actor, now: datetime) -> None:
    """A case stands alone again: its own day still holds, and what its state asks for is due."""
    rows = reads.open_of(fact.case)
    wanted = {"reported": Kind.ACCEPT, "accepted": Kind.FORWARD, "assigned": Kind.SIGN}
    kinds = [wanted[fact.state]] if fact.state in wanted else []
    if not any(row.kind == Kind.FINISH for row in rows):
        kinds.append(Kind.FINISH)
    actions.keep([actions.make(fact, kind, now=now) for kind in kinds])
    actions.shift(fact, rows, now=now)
    actions.show_next(fact.case)


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
    actions.show_next(fact.case)


@reacts_to(facts.ReporterAsked)
def promise_reply(fact: facts.ReporterAsked, *, actor: Actor, now: datetime) -> None:
    """The reporter has until then; the case's own clock stands."""
    actions.keep([actions.make(fact, Kind.REPLY, now=now, due=fact.answer_by)])


@reacts_to(facts.CaseExtended)
def move_due_day(fact: facts.CaseExtended, *, actor: Actor, now: datetime) -> None:
    """An extension moves the finish promise; the first due day stays on record."""
    for row in reads.open_of(fact.case):
        if row.kind == Kind.FINISH:
            actions.set_due(row, fact.due, now=now)
    actions.show_next(fact.case)


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
    actions.show_next(fact.case)
