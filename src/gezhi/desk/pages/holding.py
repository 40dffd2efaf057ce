"""Who held a case how long, as a bar: when its clock stood, and how that lies to its promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from gezhi.cases import reads as cases
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Approval, Case, HistoryLine
from gezhi.cases.rules import Holding, Standing
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline
from gezhi.deadlines.reads import Reminding
from gezhi.deadlines.rules import Kind, measured_at, number_of
from gezhi.desk import rules
from gezhi.desk.pages import words
from gezhi.desk.pages.ledger import Names, Row, Sum, length_words, rows_of, sums_of
from gezhi.desk.pages.story import is_reached, owed
from gezhi.rulebook.rules import Book

# A moment, what it is called, of which kind it is, whether it will be put off.
_Marked = tuple[datetime, str, str, bool]
_GAP, _AHEAD = 0.1, 9.0  # most of what is drawn, to all that was held: a tenth of it at least
_PIECE_REM, _LEAST_REM = 1.5, 30.0


@dataclass(frozen=True)
class Part:
    """A part of the bar, in percent of its length."""

    left: float
    width: float
    words: str
    kind: str
    number: int = 0
    tint: int = 0


@dataclass(frozen=True)
class Mark:
    """A moment on the bar; its words stand below it in the row `lane` and end at its line."""

    place: float
    left: float
    width: float
    lane: int
    words: str
    at: str
    kind: str


@dataclass(frozen=True)
class Bar:
    held: list[Part]
    ran: list[Part]
    late: Part | None
    marks: list[Mark]
    rows: list[Row]
    sums: list[Sum]
    whole: str
    stood: str
    is_true: bool
    least_width: float
    mark_rows: list[int]


def bar_of(
    case: Case,
    lines: Sequence[HistoryLine],
    asked: Sequence[Approval],
    book: Book,
    now: datetime,
) -> Bar | None:
    """The clock of a case; None where its ledger is empty. Four queries, with stages five."""
    ledger = cases.ledger_of(case, now=now)
    if not ledger.holdings:
        return None
    names = Names(ledger, lines, asked, book, now)
    target = _standing_target(case)
    plan = deadlines.reminding(case, target, ledger.entries, now=now) if target else None
    pieces = _pieces(ledger.holdings, plan)
    axis = rules.lay_out([one.on_axis for one in pieces])
    marks = _marks(ledger, target, plan, _stage_marks(case, lines, book), axis, now)
    stood = sum(
        (one.end - one.start for held in ledger.holdings for one in held.stood), timedelta()
    )
    return Bar(
        held=_held_parts(ledger.holdings, pieces, axis, names),
        ran=_clock_parts(case, pieces, axis, names),
        late=_late_part(case, target, axis, now),
        marks=marks,
        rows=rows_of(ledger, names),
        sums=sums_of(ledger, names),
        whole=length_words(ledger.whole),
        stood=length_words(stood) if stood else "",
        is_true=axis.is_true,
        least_width=max(_LEAST_REM, _PIECE_REM * len(pieces)),
        mark_rows=list(range(max((mark.lane for mark in marks), default=-1) + 1)),
    )


def _standing_target(case: Case) -> Deadline | None:
    """The finish promise, if it is anybody's still."""
    target = deadlines.target(case)
    return target if target is not None and target.dropped_at is None else None


@dataclass(frozen=True)
class _Piece:
    """A piece of the axis, the holding it is part of, and what stood in it."""

    on_axis: rules.Piece
    holding: Holding | None = None
    stood: Standing | None = None


def _pieces(held: Sequence[Holding], plan: Reminding | None) -> list[_Piece]:
    """What is drawn, in order: runs and pauses, gaps in which nobody held it, time that is left."""
    pieces: list[_Piece] = []
    for one in held:
        if pieces and one.start > pieces[-1].on_axis.end:
            pieces.append(_Piece(rules.Piece(pieces[-1].on_axis.end, one.start, most=_GAP)))
        pieces += _pieces_of(one)
    end = pieces[-1].on_axis.end
    if plan is not None and plan.due > end:
        pieces.append(_Piece(rules.Piece(end, plan.due, most=_AHEAD)))
    return pieces


def _pieces_of(one: Holding) -> list[_Piece]:
    """Its runs and pauses in order; one piece where it had the case for no time at all."""
    parts: list[tuple[datetime, datetime, Standing | None]] = [
        *((start, end, None) for start, end in one.runs),
        *((each.start, each.end, each) for each in one.stood if each.end > each.start),
    ] or [(one.start, one.end, None)]
    parts.sort(key=lambda part: part[0])
    return [_Piece(rules.Piece(start, end), one, stood) for start, end, stood in parts]


def _held_parts(
    held: Sequence[Holding], pieces: Sequence[_Piece], axis: rules.Axis, names: Names
) -> list[Part]:
    """One part for each holding."""
    parts = []
    for number, one in enumerate(held, start=1):
        own = [at for at, piece in enumerate(pieces) if piece.holding is one]
        left, right = axis.edges[own[0]][1], axis.edges[own[-1] + 1][1]
        said = f"{names.unit(one.unit)} · {length_words(one.ran)}"
        parts.append(Part(left, round(right - left, 2), said, "held", number, names.tint(one.unit)))
    return parts


def _clock_parts(
    case: Case, pieces: Sequence[_Piece], axis: rules.Axis, names: Names
) -> list[Part]:
    """Below who held it: whether the clock ran, stood, or is still to run."""
    is_ended = not next(one.holding for one in reversed(pieces) if one.holding).is_open
    parts = []
    for at, one in enumerate(pieces):
        left, right = axis.edges[at][1], axis.edges[at + 1][1]
        if one.holding is None:
            is_last = at + 1 == len(pieces)
            kind, said = _empty_words(case, one.on_axis, is_last=is_last, is_ended=is_ended)
            tint = 0
        else:
            kind, said = ("stood", _stood_words(one.stood, names)) if one.stood else ("ran", "")
            tint = names.tint(one.holding.unit)
        parts.append(Part(left, round(right - left, 2), said, kind, tint=tint))
    return parts


def _stood_words(stood: Standing, names: Names) -> str:
    values = {"length": length_words(stood.end - stood.start), "why": names.why(stood.entry)}
    return _("时钟停 %(length)s：%(why)s") % values


def _empty_words(
    case: Case, piece: rules.Piece, *, is_last: bool, is_ended: bool
) -> tuple[str, str]:
    """A time in which nobody held it, or what is left until it is due."""
    length = {"length": length_words(piece.end - piece.start)}
    if not is_last:
        return "gap", _("已停 %(length)s") % length
    if is_ended:
        return "ahead", _("提前 %(length)s") % length
    if case.paused_until is not None:
        return "ahead", _("期限顺延")
    return "ahead", _("还剩 %(length)s") % length


def _late_part(case: Case, target: Deadline | None, axis: rules.Axis, now: datetime) -> Part | None:
    """By how much the promise is broken."""
    if target is None:
        return None
    until = target.met_at or measured_at(
        target.kind,
        target.due,
        paused_until=case.paused_until,
        paused_at=case.paused_at,
        now=now,
    )
    if not case_rules.is_late(target.due, at=until):
        return None
    left = axis.place(target.due)
    said = _("超时 %(span)s") % {"span": length_words(until - target.due)}
    return Part(left, round(axis.place(until) - left, 2), said, "late")


def _marks(
    ledger: cases.Ledger,
    target: Deadline | None,
    plan: Reminding | None,
    stages: list[_Marked],
    axis: rules.Axis,
    now: datetime,
) -> list[Mark]:
    """Reminders, due moments, stages, extensions, now: from left to right, no words over others."""
    found = stages + [
        (entry.at, _("延期"), "extend", False) for entry in case_rules.extensions(ledger.entries)
    ]
    if target is not None and plan is not None:
        found += _target_marks(target, plan)
    if ledger.holdings[-1].is_open:
        found.append((now, _("现在"), "now", False))
    found.sort(key=lambda one: one[0])
    spans = [_span(axis.place(at), said) for at, said, _kind, _put_off in found]
    rows = rules.lanes(spans)
    return [
        Mark(
            place=axis.place(at),
            left=left,
            width=round(right - left, 2),
            lane=row,
            words=said,
            at=_moment(at, now, is_put_off),
            kind=kind,
        )
        for (at, said, kind, is_put_off), (left, right), row in zip(found, spans, rows, strict=True)
    ]


def _moment(at: datetime, now: datetime, is_put_off: bool) -> str:
    said = words.moment(at, now)
    return _("现在恢复的话 %(moment)s") % {"moment": said} if is_put_off else said


def _stage_marks(case: Case, lines: Sequence[HistoryLine], book: Book) -> list[_Marked]:
    """When stages were reached; of those that were not, until when, unless that moves still."""
    category = book.categories.get(case.category or case.proposed_category)
    if not case.stages and not (category and category.stages):
        return []
    found: list[_Marked] = []
    for row in deadlines.all_of_case(case).filter(kind=Kind.STAGE, dropped_at=None):
        name = {"name": owed(row, case)}
        if row.met_at is None and case.paused_until is None:
            found.append((row.due, _("%(name)s期限") % name, "stage", False))
        elif row.met_at is not None and is_reached(row, lines):
            found.append((row.met_at, _("%(name)s完成") % name, "reached", False))
    return found


def _target_marks(target: Deadline, plan: Reminding) -> list[_Marked]:
    """Where its reminders came, and where they will: as they are taken, not as it began."""
    found = [
        (step.at, _("提醒 %(n)s%%") % {"n": number_of(step.code)}, "remind", is_put_off)
        for steps, is_put_off in ((plan.came, False), (plan.to_come, plan.is_put_off))
        for step in steps
    ]
    if target.first_due != target.due:
        found.append((target.first_due, _("原定期限"), "first", False))
    return [*found, (plan.due, _("期限"), "due", plan.is_put_off)]


def _span(place: float, said: str) -> tuple[float, float]:
    """Where words that end at a place begin and end, at the least width the bar has."""
    wide = sum(2.6 if sign > "\u2e80" else 1.5 for sign in said) + 1.5
    left = max(0.0, place - wide)
    return round(left, 2), round(left + wide, 2)
