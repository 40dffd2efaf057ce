"""A case's history, legs and promises in words, for staff."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases
from gezhi.cases.forms import choices
from gezhi.cases.models import Case, HistoryLine
from gezhi.cases.rules import ACT_NAMES, Act, is_late
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.rules import UNSTOPPED, Kind, is_reminder
from gezhi.desk import rules
from gezhi.desk.pages import words
from gezhi.desk.rules import Colour
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.forms import TELL_NAMES, span_words
from gezhi.rulebook.rules import KIND_NAMES, REASON_KINDS, Book, read_span

LEG_ENDS = {
    "assigned": gettext_lazy("已派出"),
    "sent_back": gettext_lazy("退回"),
    "escalated": gettext_lazy("上报上级"),
    "handed_down": gettext_lazy("下派"),
    "returned": gettext_lazy("退回重办"),
    "refused": gettext_lazy("不予受理"),
    "merged": gettext_lazy("并案"),
    "withdrawn": gettext_lazy("撤回"),
    "closed": gettext_lazy("结案"),
    "finished": gettext_lazy("完成"),
    "excused": gettext_lazy("免除"),
    "reported": gettext_lazy("登记以后交给别的单位办"),
}


@dataclass(frozen=True)
class Told:
    """One line of the history as people read it."""

    at: str
    act: str
    who: str
    unit: str
    holder: str
    words: str
    details: list[str]
    is_public: bool
    code: str


def history(lines: Sequence[HistoryLine], book: Book, now: datetime) -> list[Told]:
    """The whole history, the newest first. One query."""
    names = words.people_names(
        label
        for line in lines
        for label in (line.actor, line.data.get("asked_by"), words.lender(line.data))
        if label
    )
    units = people.unit_names(_units_in(lines))
    return [
        Told(
            at=words.moment(line.at, now),
            act=str(_act_name(line, book)),
            who=words.who(line.actor, line.data, names),
            unit=units.get(line.unit_id, "") if line.unit_id else "",
            holder=units.get(line.holder_id, ""),
            words=mask_text(line.words),
            details=_lapse(line, names)
            or [*_agreed(line, names), *_details(line, book, units, now)],
            is_public=line.is_public,
            code=line.act,
        )
        for line in reversed(lines)
    ]


def _act_name(line: HistoryLine, book: Book) -> object:
    if line.act == Act.REACH_STAGE:
        return _("阶段完成：%(stage)s") % {"stage": stage_name(book, line.data["stage"])}
    if "asks" in line.data:
        return _("申请%(act)s") % {"act": ACT_NAMES[Act(line.data["asks"])]}
    if "granted" in line.data:  # what was granted is told by the line of the act itself
        return _("审批：不同意%(act)s") % {"act": ACT_NAMES[Act(line.data["asked"])]}
    if "asked_by" in line.data and line.act != Act.LAPSE:
        return _("审批：同意%(act)s") % {"act": ACT_NAMES[Act(line.act)]}
    return ACT_NAMES.get(Act(line.act), line.act)


# Why nobody decides any more what was asked.
_LAPSED = {
    "moved": gettext_lazy("%(who)s申请的“%(act)s”还没有批，工单已换单位承办，申请失效。"),
    "late": gettext_lazy("%(who)s申请的“%(act)s”还没有批，现在已经不能“%(act)s”，申请失效。"),
}


def _lapse(line: HistoryLine, names: dict[str, str]) -> list[str]:
    """A plain sentence for what lapsed; nothing for every other line."""
    if line.act != Act.LAPSE:
        return []
    who, act = names.get(line.data["asked_by"], ""), ACT_NAMES[Act(line.data["lapsed"])]
    return [str(_LAPSED[line.data["why"]]) % {"who": who, "act": act}]


def _agreed(line: HistoryLine, names: dict[str, str]) -> list[str]:
    """Who asked for what whoever wrote the line has granted."""
    if not (asked := line.data.get("asked_by")):
        return []
    who = {"asked": names.get(asked, ""), "who": names.get(line.actor, "")}
    return [_("%(asked)s申请，%(who)s同意") % who]


def _units_in(lines: Sequence[HistoryLine]) -> set[UUID]:
    found = {line.holder_id for line in lines} | {line.unit_id for line in lines if line.unit_id}
    for line in lines:
        named = [line.data.get("unit"), line.data.get("proposed"), *(line.data.get("units") or ())]
        found |= {UUID(unit) for unit in named if unit}
    return found


def _details(line: HistoryLine, book: Book, units: dict[UUID, str], now: datetime) -> list[str]:
    found = [reason_of(line, book)]
    found += [_detail(name, value, book, units, now) for name, value in line.data.items()]
    return [text for text in found if text]


def reason_of(line: HistoryLine, book: Book) -> str:
    """The reason somebody gave, in the rulebook's words; nothing where the act asks for none."""
    if not line.reason:
        return ""
    for kind in REASON_KINDS:
        known = book.all_reasons[kind]
        if line.reason in known and kind in (line.act, line.data.get("asks"), "cannot"):
            return _("理由：%(name)s") % {"name": choices.name_of(known[line.reason])}
    return ""


def _detail(name: str, value: Any, book: Book, units: dict[UUID, str], now: datetime) -> str:
    if name in ("unit", "proposed") and value:
        label = _("给：%(unit)s") if name == "unit" else _("建议由：%(unit)s")
        return label % {"unit": units.get(UUID(value), "")}
    if name == "units":
        return _("请：%(units)s") % {"units": "、".join(units.get(UUID(u), "") for u in value)}
    if name == "category" and value in book.categories:
        return _("类别：%(name)s") % {"name": choices.name_of(book.categories[value])}
    if name == "outcome" and value in book.outcomes:
        return _("结果：%(name)s") % {"name": choices.name_of(book.outcomes[value])}
    return _plain_detail(name, value, now)


_MOMENTS = frozenset({"until", "due", "due_was", "answer_by", "arrive_by"})


def _plain_detail(name: str, value: Any, now: datetime) -> str:
    if name in _MOMENTS and value:
        said = _("原期限：%(moment)s") if name == "due_was" else _("到：%(moment)s")
        return said % {"moment": words.moment(parse_datetime(value), now)}
    if name == "solved":
        return _("认为解决了") if value else _("认为没有解决")
    if name == "rating" and value:
        return _("评分：%(rating)s 分") % {"rating": value}
    if name == "reached":
        return _("联系上了") if value else _("没联系上")
    if name == "main":
        return _("并入：%(number)s") % {"number": value}
    if name == "shown":
        return ngettext("给诉求人看的照片：%(n)s 张", "给诉求人看的照片：%(n)s 张", len(value)) % {
            "n": len(value)
        }
    return ""


def stage_name(book: Book, key: str) -> str:
    """The rulebook's name of a stage; of one that the book doesn't have, what it is."""
    found = book.stage(key)
    return choices.name_of(found) if found else str(KIND_NAMES[Kind.STAGE])


def owed(row: Deadline, case: Case) -> str:
    """What is promised: a stage by its own name."""
    if row.kind != Kind.STAGE:
        return str(KIND_NAMES[row.kind])
    return stage_name(rulebook.book(case.county, case.book), row.stage)


@dataclass(frozen=True)
class Promised:
    """One promise of a case as a row."""

    kind: str
    unit_id: UUID
    unit: str
    due: str
    first_due: str
    met: str
    colour: str
    percent: int
    words: str
    basis: str
    is_next: bool
    urged: list[str]


def is_reached(row: Deadline, lines: Sequence[HistoryLine]) -> bool:
    """Whether somebody said that this stage is reached; finishing the case ends it all the same.

    After a reopening the same stage is promised and may be reached again, so the moment tells.
    """
    return any(
        line.act == Act.REACH_STAGE and line.at == row.met_at and line.data["stage"] == row.stage
        for line in lines
    )


def promises(case: Case, lines: Sequence[HistoryLine], now: datetime) -> list[Promised]:
    """Every promise that was kept, broken or stands, and who was reminded of it. Two queries."""
    by_due = deadlines.of_case(case).order_by("due", "starts", "id")
    rows = [row for row in by_due if row.dropped_at is None]
    urged: dict[UUID, list[Raised]] = defaultdict(list)
    for raised in deadlines.raised_of(case).filter(audience__gt=""):
        urged[raised.deadline_id].append(raised)
    told = (raised.unit_id for each in urged.values() for raised in each if raised.unit_id)
    units = people.unit_names({*(row.unit_id for row in rows), *told})
    return [_promised(case, row, _Seen(lines, urged[row.id], units, now)) for row in rows]


@dataclass(frozen=True)
class _Seen:
    """What a promise is told from: the history, who was told of it, names of units, the hour."""

    lines: Sequence[HistoryLine]
    urged: Sequence[Raised]
    units: dict[UUID, str]
    now: datetime


def _urged(raised: Raised, units: dict[UUID, str], now: datetime) -> str:
    """Who heard of a step of its plan when: 今天 22:18 上报 河湾镇综治中心 本级中心督办员 2 人."""
    if raised.audience == "reporter":
        return _("%(moment)s 提醒诉求人") % {"moment": words.moment(raised.at, now)}
    values = {
        "moment": words.moment(raised.at, now),
        "unit": units.get(raised.unit_id, "") if raised.unit_id else "",
        "whom": TELL_NAMES.get(raised.audience, raised.audience),
        "n": raised.told,
    }
    if not raised.told:
        return _("%(moment)s %(unit)s %(whom)s 无人在岗") % values
    said = _("%(moment)s 提醒 %(unit)s %(whom)s %(n)s 人")
    if not is_reminder(raised.step):
        said = _("%(moment)s 催办 %(unit)s %(whom)s %(n)s 人")
    return said % values


def _promised(case: Case, row: Deadline, seen: _Seen) -> Promised:
    is_ended = row.met_at is not None
    colour, percent, said = _met(row, seen.lines) if is_ended else _standing(case, row, seen.now)
    is_unsaid = is_ended and row.kind == Kind.STAGE and not is_reached(row, seen.lines)
    return Promised(
        kind=owed(row, case),
        unit_id=row.unit_id,
        unit=seen.units.get(row.unit_id, ""),
        due=words.moment(row.due, seen.now),
        first_due=words.moment(row.first_due, seen.now) if row.first_due != row.due else "",
        met="" if is_unsaid else words.moment(row.met_at, seen.now),
        colour=colour,
        percent=percent,
        words=said,
        basis=_basis(row.basis),
        is_next=row.met_at is None and row.due == case.due_at,
        urged=[_urged(raised, seen.units, seen.now) for raised in seen.urged],
    )


def _standing(case: Case, row: Deadline, now: datetime) -> tuple[str, int, str]:
    """Colour, share and words of what is still owed."""
    runs_on = Kind(row.kind) in UNSTOPPED
    left = rules.left_of(
        start=row.starts,
        due=row.due,
        paused_until=None if runs_on else case.paused_until,
        paused_at=case.paused_at,
        now=now,
    )
    return left.colour.value, left.percent, words.promise(left)


def _met(row: Deadline, lines: Sequence[HistoryLine]) -> tuple[str, int, str]:
    """The same of what is not owed any more; a stage may have ended without being reached."""
    over = row.met_at - row.due if row.met_at and is_late(row.due, at=row.met_at) else None
    if row.kind == Kind.STAGE and not is_reached(row, lines):
        said = _("没有报完成，随办结结束")
        if over is None:
            return Colour.PAUSED.value, 100, said
        return Colour.LATE.value, 100, f"{_('超时 %(span)s') % {'span': words.span(over)}}，{said}"
    if over is None:
        return Colour.ON_TIME.value, 100, _("按时")
    return Colour.LATE.value, 100, _("超时 %(span)s完成") % {"span": words.span(over)}


def _basis(basis: str) -> str:
    """The span in the rulebook's row, in words: `finish-small: 1 working day` → 1 个工作日."""
    span = read_span(basis.partition(": ")[2].partition("; ")[0])
    return span_words(span) if span else ""


@dataclass(frozen=True)
class LegRow:
    unit: str
    is_joint: bool
    opened: str
    signed: str
    arrived: str
    arrive_by: str
    ended: str
    how: str
    result: str = ""
    is_open: bool = field(default=False)
    is_registrar: bool = field(default=False)


def legs(case: Case, now: datetime) -> list[LegRow]:
    """Whose work it was and is, the newest first. One query."""
    rows = list(cases.legs_of(case))
    units = people.unit_names(row.unit_id for row in rows)
    return [
        LegRow(
            unit=units.get(row.unit_id, ""),
            is_joint=row.role == "joint",
            opened=words.moment(row.opened_at, now),
            signed=words.moment(row.signed_at, now),
            arrived=words.moment(row.arrived_at, now),
            arrive_by=words.moment(row.arrive_by, now),
            ended=words.moment(row.ended_at, now),
            how=str(LEG_ENDS.get(row.ended_how, "")),
            result=mask_text(row.result) if row.role == "joint" else "",
            is_open=row.ended_at is None,
            is_registrar=row.role == "register",
        )
        for row in reversed(rows)
    ]
