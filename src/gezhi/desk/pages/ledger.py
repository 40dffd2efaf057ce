"""The clock ledger of a case as a table: who held it, what stood, who did it and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gezhi.base.masking import mask_text
from gezhi.cases import reads as cases
from gezhi.cases import rules as case_rules
from gezhi.cases.models import Approval, HistoryLine
from gezhi.cases.rules import Entry, EntryKind, Holding, Standing
from gezhi.desk.pages import story, words
from gezhi.people import reads as people
from gezhi.rulebook.rules import Book

TINTS = 6
_WORDS_SHOWN = 60

# How a unit came to have it; a pause and an end by reasons of the rulebook have names of their own.
_HOWS = {
    "": gettext_lazy("上报"),
    "assigned": gettext_lazy("派发"),
    "sent_back": gettext_lazy("退回"),
    "escalated": gettext_lazy("上报上级"),
    "handed_down": gettext_lazy("下派"),
    "verify": gettext_lazy("核查没有通过"),
    "visit": gettext_lazy("回访没有解决"),
    "rate": gettext_lazy("诉求人说没有解决"),
    "reopened": gettext_lazy("重办"),
    "unmerged": gettext_lazy("取消并案"),
    "asked": gettext_lazy("询问诉求人"),
    "finished": gettext_lazy("办结"),
    "merged": gettext_lazy("并案"),
    "withdrawn": gettext_lazy("撤回"),
}
_KINDS = {
    EntryKind.PAUSE: gettext_lazy("挂起"),
    EntryKind.STOP: gettext_lazy("不予受理"),
    EntryKind.EXTEND: gettext_lazy("延期"),
}


@dataclass(frozen=True)
class Row:
    """A line of the table: a unit's stretch, a pause in it, more time, an end."""

    kind: str
    who: str
    start: str
    end: str
    length: str
    why: str
    said: str
    by: str
    number: int = 0
    tint: int = 0


@dataclass(frozen=True)
class Sum:
    unit: str
    tint: int
    ran: str
    worked: str


def length_words(length: timedelta) -> str:
    return words.span(length, is_exact=True) if length >= timedelta(minutes=1) else _("不到 1 分钟")


class Names:
    """What the parts of one ledger are called. One query."""

    def __init__(
        self,
        ledger: cases.Ledger,
        lines: Sequence[HistoryLine],
        asked: Sequence[Approval],
        book: Book,
        now: datetime,
    ) -> None:
        self.book, self.now = book, now
        wrote = case_rules.lines_of(ledger.entries, lines)
        self._lines = {id(entry): line for entry, line in zip(ledger.entries, wrote, strict=True)}
        self._asked = {(row.act, row.decided_at): row.asked_by for row in asked if row.is_granted}
        labels = {entry.actor for entry in ledger.entries}
        self._people = words.people_names(labels | set(self._asked.values()))
        order = dict.fromkeys(one.unit for one in ledger.holdings)
        self._tints = {unit: at % TINTS for at, unit in enumerate(order)}
        self._units = people.unit_names(unit for unit in order if unit)

    def unit(self, unit: UUID | None) -> str:
        return self._units.get(unit, "") if unit else ""

    def tint(self, unit: UUID | None) -> int:
        return self._tints[unit]

    def moment(self, at: datetime | None) -> str:
        return words.moment(at, self.now)

    def how(self, entry: Entry) -> str:
        """Why the entry was made: what was done, and the reason of the rulebook."""
        return str(_HOWS.get(entry.reason) or _KINDS.get(entry.kind) or "")

    def why(self, entry: Entry) -> str:
        line = self._lines.get(id(entry))
        reason = story.reason_of(line, self.book) if line is not None else ""
        return " · ".join(text for text in (self.how(entry), reason) if text)

    def said(self, entry: Entry) -> str:
        line = self._lines.get(id(entry))
        if line is None or entry.kind == EntryKind.STOP:
            return ""
        said = mask_text(line.words)
        return said if len(said) <= _WORDS_SHOWN else f"{said[:_WORDS_SHOWN]}…"

    def by(self, entry: Entry) -> str:
        """Who did it, and who had asked for it where that was somebody else."""
        who = self._people.get(entry.actor, "")
        asked = self._asked.get((entry.kind.value, entry.at))
        if asked is None:
            return who
        return _("%(asked)s申请，%(who)s同意") % {"asked": self._people.get(asked, ""), "who": who}


def rows_of(ledger: cases.Ledger, names: Names) -> list[Row]:
    rows: list[Row] = []
    later = [entry for entry in ledger.entries if entry.kind in (EntryKind.EXTEND, EntryKind.STOP)]
    for number, one in enumerate(ledger.holdings, start=1):
        rows.append(_holding_row(one, number, names))
        inner: list[tuple[datetime, Row]] = [
            (each.start, _standing_row(each, names)) for each in one.stood
        ]
        while later and _is_of(later[0], ledger.holdings, number):
            entry = later.pop(0)
            inner.append((entry.at, _entry_row(entry, names)))
        rows += [row for _at, row in sorted(inner, key=lambda each: each[0])]
    return rows


def _is_of(entry: Entry, held: Sequence[Holding], number: int) -> bool:
    """Whether the entry stands before the next holding begins."""
    return number == len(held) or entry.at < held[number].start


def _holding_row(one: Holding, number: int, names: Names) -> Row:
    return Row(
        kind="held",
        who=names.unit(one.unit),
        start=names.moment(one.start),
        end=_("到现在") if one.is_open else names.moment(one.end),
        length=length_words(one.ran),
        why=names.why(one.entry),
        said=names.said(one.entry),
        by=names.by(one.entry),
        number=number,
        tint=names.tint(one.unit),
    )


def _standing_row(one: Standing, names: Names) -> Row:
    end = names.moment(one.end)
    if one.is_open:
        end = _("最晚到 %(moment)s") % {"moment": names.moment(one.entry.until)}
    return Row(
        kind="stood",
        who=_("时钟停"),
        start=names.moment(one.start),
        end=end,
        length=length_words(one.end - one.start),
        why=names.why(one.entry),
        said=names.said(one.entry),
        by=names.by(one.entry),
    )


def _entry_row(entry: Entry, names: Names) -> Row:
    is_extended = entry.kind == EntryKind.EXTEND
    until = _("期限改到 %(moment)s") % {"moment": names.moment(entry.until)} if is_extended else ""
    return Row(
        kind=entry.kind.value,
        who=_("延期") if is_extended else _("时钟停止"),
        start=names.moment(entry.at),
        end=until,
        length="",
        why=names.why(entry),
        said=names.said(entry),
        by=names.by(entry),
    )


def sums_of(ledger: cases.Ledger, names: Names) -> list[Sum]:
    """Each unit's whole time, in the order they first had it."""
    units: Iterable[UUID | None] = dict.fromkeys(one.unit for one in ledger.holdings)
    return [
        Sum(
            unit=names.unit(unit),
            tint=names.tint(unit),
            ran=length_words(ledger.ran.get(unit, timedelta())),
            worked=_worked(ledger, unit),
        )
        for unit in units
    ]


def _worked(ledger: cases.Ledger, unit: UUID | None) -> str:
    if ledger.worked is None:
        return ""
    minutes = ledger.worked.get(unit, 0)
    return length_words(timedelta(minutes=minutes)) if minutes else _("0 分钟")
