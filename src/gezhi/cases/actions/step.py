"""The road every act on a case takes: lock, ask the table, change, write the line, announce."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from gezhi.base import clock, rows
from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal
from gezhi.base.words import clean
from gezhi.cases import reads, rules
from gezhi.cases.actions import projecting
from gezhi.cases.errors import CaseChanged, ReasonNeedsWords, SizeUnknown, WordsTooLong
from gezhi.cases.facts import ApprovalLapsed, CaseFact
from gezhi.cases.models import Approval, Case, ClockEntry, HistoryLine, Leg, Question
from gezhi.cases.rules.moves import State
from gezhi.people import reads as people
from gezhi.record import rules as record_rules
from gezhi.record.actions import announce
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.errors import ReasonUnknown
from gezhi.rulebook.rules import SIZES, Book


@dataclass
class Step:
    """One act under way: the case is locked, the move is allowed, `now` stands.

    `new` are rows the act adds, `changed` rows it has fetched and changed; `end` writes them.
    `asked_by` is whoever asked for what another one grants by this act; `behalf` for whom the
    actor makes the move, where only a delegated post allows it.
    """

    case: Case
    act: rules.Act
    actor: Actor
    now: datetime
    was: State
    holder_was: UUID
    new: list[Model] = field(default_factory=list)
    changed: list[Model] = field(default_factory=list)
    asked_by: str = ""
    behalf: UUID | None = None
    category_was: str = field(init=False)
    size_was: str = field(init=False)

    def __post_init__(self) -> None:
        self.category_was, self.size_was = self.category, self.case.size

    @property
    def category(self) -> str:
        """What it is taken for, decided or only proposed."""
        return self.case.category or self.case.proposed_category

    @property
    def asker(self) -> dict[str, str]:
        """Who asked, for the data of the line."""
        return {"asked_by": self.asked_by} if self.asked_by else {}

    @property
    def book(self) -> Book:
        """The rulebook the case was opened under."""
        return rulebook.book(self.case.county, self.case.book)


def begin(ref: reads.Ref, act: rules.Act, *, actor: Actor, revision: int | None = None) -> Step:
    """Lock the case as the actor may see it and ask the table of moves.

    `revision` is the number of history lines the actor had read; a case that has
    grown since is refused, so that nobody overwrites what they have not seen.
    """
    case = reads.case_to_change(actor, ref)
    if projecting.is_under_way(case.id):
        raise RuntimeError("A reaction acts on the case whose act has not ended; use a follower.")
    if revision is not None and revision != case.lines:
        raise CaseChanged()
    step = Step(case, act, actor, clock.now(), State(case.state), case.holder_id)
    try:
        move, stands = rules.find_move(act, step.was), reads.situation(case, actor)
        rules.must_be_allowed(move, stands, actor)
    except Refusal as refusal:
        raise narrowed(refusal, step) from None
    step.behalf = actor.acting_for(lambda one: rules.is_for(move, stands, one))
    return step


def narrowed(refusal: Refusal, step: Step) -> Refusal:
    """The refusal, naming of what would be allowed only what this actor could do."""
    rules.keep_open(refusal, reads.situation(step.case, step.actor), step.actor)
    return refusal


def end(
    step: Step,
    fact: type[CaseFact],
    *,
    words: str = "",
    reason: str = "",
    data: dict[str, Any] | None = None,
    is_public: bool = True,
    **more: Any,
) -> Case:
    """Write the history line, announce the fact, save the case.

    The case's row comes last, with what the reactions let it show: rows of cases are wide and
    lie in nine indexes, so each is written once. A reaction learns all it needs from the fact.
    """
    case = step.case
    lapsed = _lapsed_wishes(step)
    write_line(step, words=words, reason=reason, data=data or {}, is_public=is_public)
    case.changed_at = step.now
    rows.write(new=step.new, changed=step.changed)
    step.new, step.changed = [], []
    with projecting.under_way(case):
        _announce(step, fact, reason, more)
        for asked in lapsed:
            _let_lapse(step, asked)
    if case._state.adding:
        rows.write(new=[case])
    else:
        rows.write(changed=[case])
    return case


def _lapsed_wishes(step: Step) -> list[Approval]:
    """What was asked is void once another unit has the case or it can't be done any more."""
    case = step.case
    has_moved = case.holder_id != step.holder_was
    vain = rules.asked_in_vain(State(case.state)) - rules.asked_in_vain(step.was)
    if not has_moved and not vain:
        return []
    decided = {row.pk for row in step.changed if isinstance(row, Approval)}
    return [
        asked
        for asked in reads.open_approvals(case)
        if (has_moved or asked.act in vain) and asked.id not in decided
    ]


def _let_lapse(step: Step, asked: Approval) -> None:
    """A line of its own says so, after that of the act which left nothing to decide."""
    case = step.case
    own = Step(case, rules.Act.LAPSE, step.actor, step.now, State(case.state), case.holder_id)
    asked.decided_at, asked.decided_by = own.now, own.actor.label
    own.changed.append(asked)
    why = "moved" if case.holder_id != step.holder_was else "late"
    data = {"lapsed": asked.act, "why": why, "asked_by": asked.asked_by}
    write_line(own, words="", reason="", data=data, is_public=False)
    rows.write(new=own.new, changed=own.changed)
    _announce(own, ApprovalLapsed, "", {"approval": asked.id, "act": asked.act})


def _announce(step: Step, fact: type[CaseFact], reason: str, more: dict[str, Any]) -> None:
    case = step.case
    announce(
        fact(
            case=case.id,
            number=case.number,
            seq=case.lines,
            hash=bytes(case.head).hex(),
            was=step.was.value,
            state=case.state,
            holder=case.holder_id,
            holder_was=step.holder_was,
            centre=case.centre_id,
            path=case.path,
            category=step.category,
            category_was=step.category_was,
            size=case.size,
            size_was=step.size_was,
            channel=case.channel,
            book=case.book,
            reason=reason,
            **more,
        ),
        about=f"case:{case.id}",
        county=case.county,
        actor=step.actor,
        now=step.now,
    )


def write_line(
    step: Step, *, words: str, reason: str, data: dict[str, Any], is_public: bool
) -> None:
    """Add the line to the history and move the case's head to it."""
    case, words = step.case, clean(words)
    most = step.book.limits.text_max
    if len(words) > most:
        raise WordsTooLong(most=most, length=len(words))
    case.lines += 1
    salt = secrets.token_hex(8) if words else ""
    line = HistoryLine(
        county=case.county,
        case=case,
        seq=case.lines,
        at=step.now,
        act=step.act.value,
        actor=step.actor.label,
        unit_id=reads.unit_of(step.actor, case),
        was=step.was.value if case.lines > 1 else "",
        state=case.state,
        holder_id=case.holder_id,
        reason=reason,
        data=data | {"acting_for": str(step.behalf)} if step.behalf else data,
        words=words,
        is_public=is_public,
        salt=salt,
        words_digest=record_rules.words_digest(salt, words),
    )
    line.hash = record_rules.chain_hash(bytes(case.head), reads.line_values(line))
    case.head = line.hash
    step.new.append(line)


def give_reason(step: Step, kind: str, code: str, words: str) -> None:
    """Refuse a reason the rulebook doesn't know, and one that says nothing without words.

    What another system says of itself is no person's to give.
    """
    reason = step.book.reason(kind, code)
    if reason.is_told and step.actor.account:
        raise ReasonUnknown(reason=code, allowed=tuple(step.book.reasons(kind)))
    if reason.needs_words and not clean(words):
        raise ReasonNeedsWords()


def tick(
    step: Step,
    kind: rules.EntryKind,
    *,
    reason: str = "",
    until: datetime | None = None,
) -> None:
    """Add an entry to the clock ledger. Where the clock stops, nothing waits any more."""
    if kind == rules.EntryKind.PAUSE:
        step.case.paused_at, step.case.paused_until = step.now, until
    elif kind not in (rules.EntryKind.TRANSFER, rules.EntryKind.EXTEND):
        step.case.paused_at = step.case.paused_until = None
    if kind == rules.EntryKind.STOP:
        rows.update(
            Question,
            "case_id = %s AND answered_at IS NULL",
            [step.case.id],
            answered_at=step.now,
            answered_by=step.actor.label,
        )
    entry = ClockEntry(
        county=step.case.county,
        case=step.case,
        kind=kind.value,
        at=step.now,
        unit_id=step.case.holder_id,
        actor=step.actor.label,
        reason=reason,
        until=until,
    )
    step.new.append(entry)


def open_leg(step: Step, unit: UUID, *, is_signed: bool = False) -> Leg:
    """Open a lead leg for `unit`, which holds the case from here on."""
    step.case.holder_id = unit
    leg = Leg(
        county=step.case.county,
        case=step.case,
        unit_id=unit,
        role="lead",
        opened_at=step.now,
        signed_at=step.now if is_signed else None,
        signed_by=step.actor.label if is_signed else "",
    )
    step.new.append(leg)
    return leg


def end_legs(step: Step, how: str, *, joint_too: bool = False) -> None:
    """End the open lead leg; and the joint ones, where the whole case leaves the road."""
    which = "case_id = %s AND ended_at IS NULL"
    if not joint_too:
        which += " AND role = 'lead'"
    rows.update(Leg, which, [step.case.id], ended_at=step.now, ended_how=how)


def hand_over(step: Step, unit: UUID, how: str) -> Leg:
    """Move the lead to another unit: its leg ends, a new one opens, the clock is told."""
    end_legs(step, how)
    leg = open_leg(step, unit)
    tick(step, rules.EntryKind.TRANSFER, reason=how)
    return leg


def centre_takes(step: Step, centre: UUID, how: str) -> Leg:
    """A centre is in charge and holds the case itself."""
    step.case.centre_id = centre
    return hand_over(step, centre, how)


def level_of(unit: UUID) -> str:
    """The level of a unit, for the rulebook."""
    return people.unit(unit).level


def classify(step: Step, category: str, size: str) -> None:
    """Set category and size; the category's own size where none is given."""
    known = step.book.category(category)
    must_be_a_size(size)
    step.case.category = category
    step.case.size = size or known.size
    step.case.is_urgent = step.case.is_urgent or known.urgent


def must_be_a_size(size: str) -> None:
    """Refuse a size the rulebook has no promise for; empty means "as the category says"."""
    if size and size not in SIZES:
        raise SizeUnknown(allowed=SIZES)
