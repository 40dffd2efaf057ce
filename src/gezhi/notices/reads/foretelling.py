"""What a move would come to, were it done now. Worked out in memory: nothing is written."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import Act, Entry, EntryKind, State, is_a_reporters
from gezhi.deadlines import actions as promises
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.rules import Kind
from gezhi.notices.rules import Occasion
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook

TAKE = "take"  # the proposal of the desk: to accept and to send on, with one key
_SENT_BACK_TWICE = 2
_MOMENTS = ("until", "answer_by", "arrive_by")


class Move:
    """A move as it was typed, on a copy of its case.

    The occasions that it makes change `case` to what it would be then, and `due` to the day its
    reporter would be promised where that changes (`is_due_new`).
    """

    def __init__(self, case: Case, act: str, typed: Mapping[str, Any], *, actor: Actor) -> None:
        self.case = copy(case)
        self.act = act
        self.typed = typed
        self.actor = actor
        self.now = clock.now()
        self.due: datetime | None = None
        self.is_due_new = False

    def text(self, name: str) -> str:
        return str(self.typed.get(name) or "")

    def is_yes(self, name: str) -> bool | None:
        """None where nothing was chosen yet."""
        found = self.typed.get(name)
        return None if found in (None, "") else found in (True, "yes", "True")

    def unit(self, name: str) -> UUID | None:
        return _uuid(self.typed.get(name))

    def units(self, name: str) -> tuple[UUID, ...]:
        found = map(_uuid, self.typed.get(name) or ())
        return tuple(each for each in found if each)

    def moment(self, name: str) -> datetime | None:
        """As a form takes it: without a zone it is the city's."""
        found = self.typed.get(name)
        if not isinstance(found, datetime):
            try:
                found = parse_datetime(str(found or ""))
            except ValueError:
                return None
        if found is None or timezone.is_aware(found):
            return found
        return timezone.make_aware(found)

    def is_possible(self, name: str) -> bool:
        """Whether a moment is one that could be promised: not gone by, and within a year."""
        found, last = self.moment(name), self.now + timedelta(days=366)
        return found is not None and self.now < found <= last

    def set_due(self, due: datetime | None) -> None:
        self.due, self.is_due_new = due, True

    def occasion(self, event: str, *, field: str = "words", **more: Any) -> Occasion:
        """What happened to the case as it would be; the words are those of a field."""
        values = {
            "event": event, "case": self.case.id, "at": self.now, "holder": self.case.holder_id,
            "actor": self.actor.label, "reason": self.text("reason"), "said": self.text(field),
            "is_reporters": is_a_reporters(self.act, self.actor.label),
        }  # fmt: skip
        return Occasion(**(values | more))

    def asks_leave(self) -> bool:
        return not self.actor.may("case.approve", path=self.case.path)

    def promised(self, hand: Callable[[Deadline], None]) -> None:
        """The finish promise as the deadlines' own act leaves it, on the row in memory."""
        row = deadlines.target(self.case)
        if row is not None:
            hand(row)
            self.set_due(row.due)


def _uuid(typed: Any) -> UUID | None:
    try:
        return typed if isinstance(typed, UUID) else UUID(str(typed))
    except ValueError:
        return None


def occasions_ahead(move: Move) -> list[Occasion]:
    """What there would be to tell of, in order."""
    if not all(move.is_possible(name) for name in _MOMENTS if move.text(name)):
        return []  # it would be refused
    return FORETOLD[move.act](move)


def _accept(move: Move) -> list[Occasion]:
    _sort(move, move.text("category") or move.case.proposed_category)
    return [move.occasion("accepted")]


def _sort(move: Move, category: str) -> None:
    """Of another category or size it is promised anew."""
    case = move.case
    was = case.category or case.proposed_category, case.size
    known = rulebook.book(case.county, case.book).categories.get(category)
    case.category, case.size = category, move.text("size") or (known.size if known else "")
    if known and (case.category, case.size) != was:
        matter = deadlines.matter_as_is(case)
        move.promised(lambda row: promises.renew_finish(matter, row, now=move.now))


def _assign(move: Move) -> list[Occasion]:
    unit = move.unit("unit")
    if unit is None:
        return []
    if not move.case.category:
        _sort(move, move.text("category") or move.case.proposed_category)
    elif move.text("size"):
        _sort(move, move.case.category)
    return [move.occasion("assigned", holder=unit)]


def _take(move: Move) -> list[Occasion]:
    """Two acts, each with a line and messages of its own."""
    accepted = _accept(move) if move.case.state == State.REPORTED else []
    return [*accepted, *(replace(one, line=1) for one in _assign(move))]


def _refuse(move: Move) -> list[Occasion]:
    """Where the body responsible is in the system the case goes there instead."""
    if move.unit("unit"):
        return _take(move)
    return _leave(move, Act.REFUSE) or [move.occasion("refused")]


def _leave(move: Move, act: Act) -> list[Occasion]:
    """What has to be approved is only asked for."""
    return [move.occasion("approval_asked", move=act.value)] if move.asks_leave() else []


def _pause(move: Move) -> list[Occasion]:
    return _leave(move, Act.PAUSE) or _until(move, "paused")


def _extend(move: Move) -> list[Occasion]:
    return _leave(move, Act.EXTEND) or _until(move, "extended")


def _until(move: Move, event: str) -> list[Occasion]:
    until = move.moment("until")
    return [move.occasion(event, due=until)] if until else []


def _decide(move: Move) -> list[Occasion]:
    """What was asked is done as it was asked, or not at all."""
    approval = move.unit("approval")
    asked = next((one for one in cases.open_approvals(move.case) if one.id == approval), None)
    is_granted = move.is_yes("is_granted")
    if asked is None or is_granted is None:
        return []
    if not is_granted:
        return [move.occasion("approval_denied", approval=asked.id, move=asked.act)]
    until = asked.values.get("until")
    granted = {
        "approval": asked.id, "reason": asked.values.get("reason", ""), "said": asked.words,
        "due": parse_datetime(until) if until else None,
    }  # fmt: skip
    event = {Act.REFUSE: "refused", Act.PAUSE: "paused", Act.EXTEND: "extended"}[Act(asked.act)]
    return [move.occasion(event, **granted)]


def _resume(move: Move) -> list[Occasion]:
    _run_on(move, EntryKind.RESUME)
    return [move.occasion("resumed")]


def _run_on(move: Move, again: EntryKind) -> None:
    """The clock has stood until now: what is promised moves on by that."""
    matter = deadlines.matter_as_is(move.case)
    ledger = [*cases.clock_of(move.case.id), Entry(again, move.now)]
    move.promised(lambda row: promises.shift(matter, [row], ledger=ledger, now=move.now))


def _ask(move: Move) -> list[Occasion]:
    limits = rulebook.book(move.case.county, move.case.book).limits
    return [move.occasion("asked", due=move.now + timedelta(days=limits.answer_days))]


def _finish(move: Move) -> list[Occasion]:
    case = move.case
    case.state, case.outcome, case.finished_at = State.DONE.value, move.text("outcome"), move.now
    case.is_verified = False
    waits = cases.waits_for_check(case, rulebook.book(case.county, case.book))
    events = ("finished",) if waits else ("finished", "rating_asked")
    return [move.occasion(event, field="answer") for event in events]


def _verify(move: Move) -> list[Occasion]:
    is_solved, case = move.is_yes("is_solved"), move.case
    if is_solved is False:
        return _returned(move)
    waits = cases.waits_for_check(case, rulebook.book(case.county, case.book))
    return [move.occasion("rating_asked")] if is_solved and waits else []


def _visit(move: Move) -> list[Occasion]:
    is_reached = move.is_yes("is_reached")
    if is_reached is False:
        return [move.occasion("closed")] if _is_last_try(move) else []
    is_solved = move.is_yes("is_solved")
    if not is_reached or is_solved is None:
        return []
    return [move.occasion("closed")] if is_solved else _returned(move)


def _is_last_try(move: Move) -> bool:
    """Whether one more that reaches nobody ends it: tries count from when it was finished last."""
    case = move.case
    tries = cases.visits_of(case).filter(at__gte=case.finished_at or move.now).count()
    return tries + 1 >= rulebook.book(case.county, case.book).limits.visit_tries


def _returned(move: Move) -> list[Occasion]:
    _run_on(move, EntryKind.START)
    return [move.occasion("returned")]


def _reopen(move: Move) -> list[Occasion]:
    """From the centre on, with a promise of its own."""
    move.case.holder_id = move.case.centre_id
    matter = deadlines.matter_as_is(move.case)
    move.set_due(promises.make(matter, Kind.FINISH, now=move.now).due)
    return [move.occasion("reopened")]


def _supervise(move: Move) -> list[Occasion]:
    case = move.case
    by = move.moment("answer_by") or _due(case, "answer", people.unit(case.holder_id).level, move)
    return [move.occasion("supervised", due=by)]


def _whistle(move: Move) -> list[Occasion]:
    case = move.case
    by = move.moment("arrive_by") or _due(case, "arrive", people.unit(case.centre_id).level, move)
    return [move.occasion("whistled", due=by, joint=move.units("units"))]


def _due(case: Case, kind: str, level: str, move: Move) -> datetime:
    return (
        rulebook.book(case.county, case.book)
        .due(
            kind, category=case.category or None, size=case.size or None, channel=case.channel,
            level=level, start=move.now,
        )
        .at
    )  # fmt: skip


def _escalate(move: Move) -> list[Occasion]:
    above = people.parent_centre(people.unit(move.case.centre_id))
    if above is None:
        return []
    move.case.centre_id = move.case.holder_id = above.id
    return [move.occasion("escalated")]


def _hand_down(move: Move) -> list[Occasion]:
    unit = move.unit("unit")
    if unit is None:
        return []
    move.case.centre_id = move.case.holder_id = unit
    return [move.occasion("handed_down")]


def _send_back(move: Move) -> list[Occasion]:
    """The second time the next higher centre decides."""
    case, held_by = move.case, move.case.holder_id
    centre = people.unit(case.centre_id)
    if case.sent_back + 1 >= _SENT_BACK_TWICE:
        centre = people.parent_centre(centre) or centre
    case.centre_id = case.holder_id = centre.id
    return [move.occasion("sent_back", named=held_by)]


def _merge(move: Move) -> list[Occasion]:
    try:
        main = cases.case_for(move.actor, move.text("main").strip())
    except NotFound:
        return []
    return [move.occasion("merged", main=main.id)] if main.id != move.case.id else []


def _reach_stage(move: Move) -> list[Occasion]:
    stage = move.text("stage")
    left = {one.key for one in cases.stages_left(move.case)}
    return [move.occasion("stage_reached", stage=stage)] if stage in left else []


def _answer_demand(move: Move) -> list[Occasion]:
    """The oldest that is open is answered."""
    demand = cases.open_question(move.case, "demand")
    return [move.occasion("supervision_answered", demand=demand.id)] if demand else []


FORETOLD: Mapping[str, Callable[[Move], list[Occasion]]] = {
    TAKE: _take,
    Act.ACCEPT: _accept,
    Act.ASSIGN: _assign,
    Act.REFUSE: _refuse,
    Act.PAUSE: _pause,
    Act.EXTEND: _extend,
    Act.DECIDE: _decide,
    Act.RESUME: _resume,
    Act.ASK: _ask,
    Act.REACH_STAGE: _reach_stage,
    Act.FINISH: _finish,
    Act.VERIFY: _verify,
    Act.VISIT_BACK: _visit,
    Act.REOPEN: _reopen,
    Act.SUPERVISE: _supervise,
    Act.ANSWER_SUPERVISION: _answer_demand,
    Act.WHISTLE: _whistle,
    Act.ESCALATE: _escalate,
    Act.HAND_DOWN: _hand_down,
    Act.SEND_BACK: _send_back,
    Act.MERGE: _merge,
}
