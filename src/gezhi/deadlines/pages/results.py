"""What a rehearsal came to, as tables whose every number opens to the findings behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gezhi.deadlines.forms import KIND_NAMES, SHOWN_NAMES
from gezhi.deadlines.models import Rehearsal
from gezhi.deadlines.pages.words import Names
from gezhi.deadlines.rules.rehearsing import Topic, Verdict

_DUE_COLUMNS = ("late_before", "late_after", "late", "in_time", "sooner", "later", "unsure")
_JUDGED_COLUMNS = ("better", "worse", "other", "open")
_CHANGED = ("late", "in_time", "sooner", "later", "unsure")
MOST_ROWS = 30

_LEFT_OUT = gettext_lazy(
    "责任归属按今天写明的算；先到哪一级中心不重演，同等的单位里谁更闲也不重演，取代码最前的。"
)


@dataclass(frozen=True)
class Number:
    """A count and the address of what it counts."""

    count: int
    href: str
    tone: str = ""


@dataclass(frozen=True)
class Row:
    names: tuple[str, ...]
    n: int
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Table:
    """A table of sums. `same` rows have no difference and are not written out."""

    key: str
    title: str
    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: list[Row]
    same: int = 0
    more: int = 0
    note: str = ""


_TONES = {"late": "gz-late", "in_time": "gz-on-time", "better": "gz-on-time", "worse": "gz-late"}


def cards(found: Rehearsal) -> list[tuple[str, Number, str]]:
    """The first things to know: name, number, of how many."""
    kinds = found.sums.get("kind", {}).values()
    promises = sum(row.get("n", 0) for row in kinds)
    of = _("共对照 %(n)s 个时限") % {"n": promises}
    late = [
        (str(SHOWN_NAMES[Topic.DUE][show]), _all(found, Topic.DUE, show, kinds), of)
        for show in (Verdict.LATE.value, Verdict.IN_TIME.value)
    ]
    return [*late, *(_judged_card(found, topic) for topic in (Topic.ROUTE, Topic.PROPOSAL)),
            _shut_card(found)]  # fmt: skip


def _all(found: Rehearsal, topic: Topic, show: str, rows: Any) -> Number:
    count = sum(row.get(show, 0) for row in rows)
    return Number(count, _href(found, topic, show=show), _TONES.get(show, ""))


def _judged_card(found: Rehearsal, topic: Topic) -> tuple[str, Number, str]:
    counts = found.sums.get(topic.value, {}).get("", {})
    changed = sum(counts.get(column, 0) for column in _JUDGED_COLUMNS)
    name = _("首派单位变了") if topic == Topic.ROUTE else _("类别建议变了")
    of = _("共对照 %(n)s 件；变好 %(better)s，变差 %(worse)s") % {
        "n": counts.get("n", 0),
        "better": counts.get("better", 0),
        "worse": counts.get("worse", 0),
    }
    return name, Number(changed, _href(found, topic)), of


def _shut_card(found: Rehearsal) -> tuple[str, Number, str]:
    count = sum(row.get("n", 0) for row in found.sums.get("shut", {}).values())
    of = _("共 %(n)s 件") % {"n": found.done}
    tone = "gz-late" if count else ""
    return _("办不下去的"), Number(count, _href(found, Topic.SHUT), tone), of


def tables(found: Rehearsal) -> list[Table]:
    """All of them, without those that say nothing."""
    names = Names(found)
    made = [
        _due(found, "kind", _("按环节"), _("环节"), lambda key: str(KIND_NAMES.get(key, key))),
        _pairs(found, Topic.ROUTE, _("首派单位：谁变成谁"), names.body),
        _pairs(found, Topic.PROPOSAL, _("类别建议：什么变成什么"), names.category),
        _due(found, "category", _("按事项类别"), _("事项类别"), names.category),
        _due(found, "unit", _("按承担单位"), _("单位"), names.unit),
        _shut(found, names),
    ]
    return [table for table in made if table.rows or table.same]


def _due(
    found: Rehearsal, table: str, title: str, head: str, name_of: Callable[[str], str]
) -> Table:
    sums: Mapping[str, Mapping[str, int]] = found.sums.get(table, {})
    told = {
        key: counts
        for key, counts in sums.items()
        if table == "kind" or any(counts.get(column) for column in _CHANGED)
    }
    order = list(KIND_NAMES)
    keys = sorted(
        told,
        key=lambda key: (
            order.index(key) if key in order else 0,
            -told[key].get("late", 0) - told[key].get("in_time", 0),
            -told[key]["n"],
        ),
    )
    rows = [
        Row(
            (name_of(key),),
            told[key]["n"],
            tuple(
                Number(
                    told[key].get(column, 0),
                    _href(found, Topic.DUE, show=column, **{table: key}),
                    _TONES.get(column, ""),
                )
                for column in _DUE_COLUMNS
            ),
        )
        for key in keys
    ]
    shown = SHOWN_NAMES[Topic.DUE]
    columns = tuple(str(shown[column]) for column in _DUE_COLUMNS)
    return Table(table, title, (head,), columns, rows, len(sums) - len(rows))


def _pairs(found: Rehearsal, topic: Topic, title: str, name_of: Callable[[str], str]) -> Table:
    sums: Mapping[str, Mapping[str, int]] = found.sums.get(f"{topic}s", {})
    rows = []
    for key in sorted(sums, key=lambda key: -sums[key]["n"]):
        before, after = key.split(">", 1)
        numbers = tuple(
            Number(
                sums[key].get(column, 0),
                _href(found, topic, show=column, sides=key),
                _TONES.get(column, ""),
            )
            for column in _JUDGED_COLUMNS
        )
        rows.append(Row((name_of(before), name_of(after)), sums[key]["n"], numbers))
    columns = tuple(str(SHOWN_NAMES[topic][column]) for column in _JUDGED_COLUMNS)
    note = _("这些工单当时是照原来的规则办的，最终结果自然偏向原来：“变差”会偏多，“变好”更可信。")
    if topic == Topic.ROUTE:
        note = f"{note} {_LEFT_OUT}"
    return Table(topic.value, title, (_("原来"), _("改后")), columns, rows, note=note)


def _shut(found: Rehearsal, names: Names) -> Table:
    rows = []
    for key, counts in sorted(found.sums.get("shut", {}).items(), key=lambda row: -row[1]["n"]):
        why, code = key.split(":", 1)
        name_of = {"category": names.category, "unit": names.body}.get(why, str)
        number = Number(counts["n"], _href(found, Topic.SHUT, show=why, sides=code))
        rows.append(Row((str(SHOWN_NAMES[Topic.SHUT][why]), name_of(code)), counts["n"], (number,)))
    heads = (_("原因"), _("对象"))
    return Table("shut", _("办不下去的"), heads, (_("件数"),), rows)


def first_rows(table: Table) -> Table:
    """As many rows as a page shows; the file has all."""
    rows = table.rows[:MOST_ROWS]
    return replace(table, rows=rows, more=len(table.rows) - len(rows))


def _href(found: Rehearsal, topic: Topic, **asked: str) -> str:
    query = urlencode({"topic": topic.value, **{key: code for key, code in asked.items() if code}})
    return f"{reverse('rehearsals:differences', args=[found.id])}?{query}"
