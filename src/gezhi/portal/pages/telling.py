"""The history of a case as a resident reads it: one plain sentence a line, never inner notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gezhi.base.masking import mask_text
from gezhi.cases.models import HistoryLine
from gezhi.cases.rules import are_words_for
from gezhi.people import reads as people
from gezhi.portal import reads
from gezhi.portal.forms import RATINGS
from gezhi.portal.pages.words import in_english, moment_words
from gezhi.rulebook.rules import Book

_L = gettext_lazy


@dataclass(frozen=True)
class Told:
    """One point of the timeline."""

    at: str
    when: datetime
    sentence: str
    words: str
    act: str


# What each act is in a resident's words. `%(unit)s` did it, `%(holder)s` has it afterwards.
# Acts that are not here are the offices' own business.
_SENTENCES: Mapping[str, str | Promise] = {
    "report": _L("有居民反映了这件事"),
    "follow": _L("又有一位居民反映同一件事"),
    "accept": _L("%(unit)s已受理"),
    "refuse": _L("%(unit)s决定不予受理：%(reason)s"),
    "assign": _L("已派给%(holder)s办理"),
    "sign": _L("%(holder)s已签收，正在办理"),
    "send_back": _L("%(unit)s退回，由%(holder)s重新安排"),
    "escalate": _L("已上报%(holder)s处理"),
    "hand_down": _L("已转给%(holder)s处理"),
    "whistle": _L("已请其他单位一起来解决"),
    "arrive": _L("%(unit)s已到场"),
    "finish_leg": _L("%(unit)s完成了协助"),
    "reach_stage": _L("阶段完成：%(stage)s"),
    "ask": _L("%(unit)s向诉求人了解情况"),
    "pause": _L("办理暂停：%(reason)s。预计%(until)s恢复"),
    "resume": _L("继续办理"),
    "extend": _L("办理时限延长到%(until)s：%(reason)s"),
    "supervise": _L("上级督办，要求抓紧办理"),
    "finish": _L("%(unit)s已办结：%(outcome)s"),
    "verify": _L("已派人核查，确认解决"),
    "visit_back": _L("回访结束，已结案"),
    "close": _L("已结案"),
    "reopen": _L("重新办理"),
    "merge": _L("与另一件相同的事合并办理"),
    "unmerge": _L("恢复单独办理"),
    "withdraw": _L("诉求人撤回了这件事"),
    "attach": _L("%(unit)s补充了现场材料"),
}
# The same to the person who reported it.
_TO_REPORTER: Mapping[str, str | Promise] = {
    "report": _L("您反映的事已收到"),
    "joined": _L("您反映了同一件事"),
    "ask": _L("%(unit)s想问您"),
    "answer": _L("您答复了"),
    "rate": _L("您的评价：%(solved)s，%(rating)s"),
    "withdraw": _L("您撤回了这件事"),
    "reopen": _L("您要求重新办理"),
    "correct": _L("您更正了联系方式"),
}
_NOT_SOLVED = _L("没有解决，继续办理")


def timeline(tracked: reads.Tracked, now: datetime) -> list[Told]:
    """The newest first, as the reporter or as anybody reads it."""
    units = people.unit_names(
        {line.holder_id for line in tracked.lines}
        | {line.unit_id for line in tracked.lines if line.unit_id}
    )
    told: list[Told] = []
    for line in tracked.lines:
        step = _tell(line, tracked, units, now)
        if step is not None and not (told and _says_the_same(told[-1], step)):
            told.append(step)
    return told[::-1]


def _says_the_same(before: Told, step: Told) -> bool:
    """Three photos added one after the other are one point of the timeline."""
    return before.act == step.act == "attach" and before.sentence == step.sentence


def _tell(
    line: HistoryLine, tracked: reads.Tracked, units: Mapping[UUID, str], now: datetime
) -> Told | None:
    sentence = _sentence(line, tracked)
    if sentence is None:
        return None
    values = _values(line, tracked, units, now)
    voice = tracked.actor.label if tracked.is_own else ""
    is_shown = are_words_for(voice, act=line.act, actor=line.actor)
    words = line.words if is_shown else ""
    return Told(
        at=moment_words(line.at, now),
        when=line.at,
        sentence=str(sentence) % values,
        words=words if tracked.is_own else mask_text(words),
        act=line.act,
    )


def _sentence(line: HistoryLine, tracked: reads.Tracked) -> str | Promise | None:
    if line.data.get("solved") is False and line.act != "rate":
        return _NOT_SOLVED
    own = tracked.report
    if own is None:
        return _SENTENCES.get(line.act)
    if line.act == "follow" and own.at == line.at:
        return _TO_REPORTER["joined"]
    is_theirs = line.actor == tracked.actor.label or (line.act == "report" and own.is_first)
    if line.act == "ask" or (is_theirs and line.act in _TO_REPORTER):
        return _TO_REPORTER[line.act]
    return _SENTENCES.get(line.act)


def _values(
    line: HistoryLine, tracked: reads.Tracked, units: Mapping[UUID, str], now: datetime
) -> dict[str, str]:
    acting = units.get(line.unit_id) if line.unit_id else None
    until = line.data.get("until") or line.data.get("due")
    book = tracked.book_of(line)
    return {
        "unit": acting or units.get(line.holder_id, _("经办单位")),
        "holder": units.get(line.holder_id, _("经办单位")),
        "until": moment_words(datetime.fromisoformat(until), now) if until else "",
        "reason": _reason(line, book),
        "outcome": outcome_words(book, line.data.get("outcome", "")),
        "stage": _stage_words(book, line.data.get("stage", "")),
        "solved": _("解决了") if line.data.get("solved") else _("没解决"),
        "rating": rating_words(line.data.get("rating")),
    }


def _reason(line: HistoryLine, book: Book) -> str:
    reasons = book.all_reasons.get(line.act, {})
    found = reasons.get(line.reason)
    if found is None:
        return _("情况特殊")
    return found.name_en if in_english() else found.name


def _stage_words(book: Book, key: str) -> str:
    found = book.stage(key)
    return found.name_in("en" if in_english() else "zh-hans") if found else ""


def outcome_words(book: Book, code: str) -> str:
    found = book.outcomes.get(code)
    if found is None:
        return _("已处理")
    return found.name_en if in_english() else found.name


def rating_words(rating: Any) -> str:
    return str(dict(RATINGS).get(rating, ""))
