"""The check of a draft answer before it is sent: what it lacks, promises or should not hold.

Nothing is decided here but what to point at. The text stays as it was typed, and only what would
harm a person or is plainly unfinished has to be looked at (`Level.MUST`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gezhi.base.days import day
from gezhi.base.masking import mask_text, masked_in
from gezhi.rulebook.rules import Calendar
from gezhi.triage.rules.answers_dates import Said, days_said
from gezhi.triage.rules.answers_found import Finding, Level
from gezhi.triage.rules.answers_matter import substance, told_of_matter
from gezhi.triage.rules.answers_plain import Plain

SHORTEST, LONGEST = 20, 800
LONGEST_SENTENCE = 90
MOST = 5000  # signs of a draft that are looked at
_MOST_OF_A_KIND = 3


@dataclass(frozen=True)
class Draft:
    """An answer that is being written, and what it answers.

    `asked` are the reporter's words; `persons` is what nobody else should read of the reporters
    (names, numbers, addresses, so far as who writes may know them). `is_solved` is what the chosen
    outcome claims; None where it claims nothing.
    """

    text: str
    asked: str = ""
    now: datetime | None = None
    due: datetime | None = None
    calendar: Calendar | None = None
    is_solved: bool | None = None
    persons: Sequence[str] = ()


def check(draft: Draft, plain: Plain) -> list[Finding]:
    """What is to be looked at, first what must be, then in the order of the text."""
    text = draft.text[:MOST]
    if not text.strip():
        return []
    found = [
        *_unfilled(text),
        *_persons(text, draft.persons),
        *_length(text),
        *substance(text, plain),
        *told_of_matter(text, draft.asked[:MOST], plain),
        *_dates(text, draft),
        *_outcome(text, draft.is_solved),
        *_plain(text, plain),
    ]
    return sorted(found, key=lambda one: (one.level != Level.MUST, one.start))


def must_be_seen(findings: Sequence[Finding]) -> list[Finding]:
    """Those that somebody has to have looked at before the answer goes out."""
    return [one for one in findings if one.level == Level.MUST]


def _length(text: str) -> Iterator[Finding]:
    signs = len(re.sub(r"\s", "", text))
    if signs < SHORTEST:
        yield Finding("too_short", values={"n": signs})
    if signs > LONGEST:
        yield Finding("too_long", values={"n": signs})


# --- what is unfinished, or tells of persons ------------------------------------------------------

_PLACE = re.compile(r"[{｛][^{}｛｝\n]{0,20}[}｝]|_{3,}|＿{2,}")
_NEAR_A_DESK = re.compile(
    r"电话|热线|咨询|拨打|联系|客服|值班|监督|举报|座机|传真|致电|电询|详情请询|本级|(?:局|科|股|室|部|所|处|队|站|办|厅|中心|街道|公司|[县区镇乡])[（(：:]?$"
)
_BEFORE_A_PHONE = 60
SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜"
    "范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
)
PERSON = re.compile(
    rf"(?<![\u4e00-\u9fff])[{SURNAMES}](?!某)[\u4e00-\u9fff]{{1,2}}(?=先生|女士|小姐|大爷|大妈|阿姨|师傅)"
    rf"|(?:当事人|业主|住户|居民|村民|店主|司机|户主)[{SURNAMES}](?!某)[\u4e00-\u9fff]{{2}}(?<!某)(?=[（(，,、；;。]|于|在|将|的|等)"
)  # fmt: skip


def places_in(text: str) -> Iterator[re.Match[str]]:
    """What a standard reply leaves to be filled in: {日期}, ____."""
    return _PLACE.finditer(text)


def _unfilled(text: str) -> Iterator[Finding]:
    for one in places_in(text):
        yield Finding("unfilled", one.start(), one.end(), one[0])


def _persons(text: str, persons: Sequence[str]) -> Iterator[Finding]:
    yield from _numbers(text)
    for words in dict.fromkeys(each.strip() for each in persons):
        if len(words) < 2:
            continue
        for one in re.finditer(re.escape(words), text):
            yield Finding("reporter", one.start(), one.end(), one[0])
    for one in PERSON.finditer(text):
        yield Finding("person", one.start(), one.end(), one[0])


def _numbers(text: str) -> Iterator[Finding]:
    for start, end in masked_in(text):
        code = _kind_of(text[start:end])
        if code == "landline" and _NEAR_A_DESK.search(
            text[max(0, start - _BEFORE_A_PHONE) : start]
        ):
            continue
        yield Finding(code, start, end, mask_text(text[start:end]))


def _kind_of(number: str) -> str:
    digits = re.sub(r"[^\dXx]", "", number)
    if digits.startswith("0"):
        return "landline"
    if len(digits) == 11 or (len(digits) == 13 and digits.startswith("86")):
        return "phone"
    return "identity" if len(digits) == 18 else "number"


# --- what it promises -----------------------------------------------------------------------------

_VAGUE = re.compile(
    r"尽快|尽早|近期(?=[^。]{0,12}(?:将|会|拟))|适时|择机|逐步|早日|不日|抓紧(?:时间)?(?=[^。；]{0,20}(?:完成|办理|处理|解决|修|实施|推进))"
)
_FUTURE = re.compile(r"将|会|争取|拟|计划|预计|要求|督促|力争|确保|安排|协调")
_OF_RULES = re.compile(
    r"第[\d一二三四五六七八九十]+条|政策规定|办法|标准[\u4e00-\u9fff]{0,12}调整|条例"
)


def _dates(text: str, draft: Draft) -> Iterator[Finding]:
    if draft.now is None or draft.calendar is None:
        return
    said = days_said(text, now=draft.now, calendar=draft.calendar)
    today = draft.calendar.local_date(draft.now)
    for one in said:
        values = {"day": day(one.day, today)}
        if not one.is_promise:
            continue
        if one.day < today and one.is_ahead:
            yield Finding("past_date", one.start, one.end, text[one.start : one.end], values)
        elif draft.due and one.day > (due := draft.calendar.local_date(draft.due)):
            values["due"] = day(due, today)
            yield Finding("late_promise", one.start, one.end, text[one.start : one.end], values)
    yield from _vague(text, said)


def _vague(text: str, said: Sequence[Said]) -> Iterator[Finding]:
    """Something is to be done soon, and neither this sentence nor the next says by when."""
    at = 0
    for sentence in re.split(r"(?<=[。！？!?\n])", text):
        end = at + len(sentence)
        found = _VAGUE.search(sentence)
        is_meant = found and _FUTURE.search(sentence) and not _OF_RULES.search(sentence)
        if found and is_meant and not any(at <= one.start < end for one in said):
            yield Finding("no_date", at + found.start(), at + found.end(), found[0])
        at = end


# --- whether it fits the outcome ------------------------------------------------------------------

_CANNOT = re.compile(
    r"(?:暂时|目前|现阶段|确实|仍)?(?:无法|不能|不予|难以|暂不|暂未|尚未|还没有|未能)(?:予以)?"
    r"(?:解决|处理|办理|修复|维修|完成|实施|支持|安装|拆除|整改|协调|满足|列入|受理)"
)
_SOLVED = re.compile(
    r"(?:已|已经|全部|均已)(?:全部|圆满|彻底|妥善)?(?:解决|修复|修好|整改到位|整改完毕|整改完成|办结|处理完毕|恢复(?:正常|供水|供电|通行|照明))"
)  # fmt: skip
_NOT_NOW = re.compile(r"如|若|之前|以前|此前|原来|曾|不再|是否|反映|来电称|您说|担心")


def _outcome(text: str, is_solved: bool | None) -> Iterator[Finding]:
    if is_solved is None:
        return
    pattern, code = (_CANNOT, "contradiction") if is_solved else (_SOLVED, "claims_solved")
    for found in pattern.finditer(text):
        before = re.split(r"[，。；！？,;\n]", text[: found.start()])[-1]
        if not _NOT_NOW.search(before):
            yield Finding(code, found.start(), found.end(), found[0])
            return


# --- whether it is plain --------------------------------------------------------------------------

_CAPITALS = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2,6}(?![A-Za-z0-9])")
_KNOWN_CAPITALS = frozenset(
    {"APP", "LED", "WIFI", "GPS", "ATM", "QQ", "VIP", "ID", "IC", "EMS", "POS", "ETC"}
)


def _plain(text: str, plain: Plain) -> Iterator[Finding]:
    yield from _long_sentences(text)
    for kind in ("stiff", "filler", "short"):
        yield from _listed(kind, text, plain)
    seen: set[str] = set()
    for found in _CAPITALS.finditer(text):
        is_told = text[found.end() : found.end() + 1] in ("（", "(")
        if found[0] not in _KNOWN_CAPITALS | seen and not is_told:
            seen.add(found[0])
            yield Finding("short", *found.span(), found[0], {"plain": "…"})


# Nobody who answers can change what a document is called.
_TITLE = re.compile(r"《[^《》]{0,120}》")


def _blank(title: re.Match[str]) -> str:
    return " " * len(title[0])


def _listed(kind: str, text: str, plain: Plain) -> Iterator[Finding]:
    """Each word once, and not more of one kind than anybody reads."""
    seen: set[str] = set()
    for found, instead in plain.find(kind, _TITLE.sub(_blank, text)):
        if found[0] in seen or len(seen) == _MOST_OF_A_KIND or instead and instead in text:
            continue
        seen.add(found[0])
        yield Finding(kind, *found.span(), found[0], {"plain": instead})


def _long_sentences(text: str) -> Iterator[Finding]:
    told = 0
    for found in re.finditer(r"[^。！？!?；;\n：:]+", text):
        signs = len(re.sub(r"\s", "", found[0]))
        if signs > LONGEST_SENTENCE and told < _MOST_OF_A_KIND:
            told += 1
            yield Finding("long_sentence", *found.span(), _where_to_part(found[0]), {"n": signs})


def _where_to_part(sentence: str) -> str:
    """The words around the comma nearest to its middle; its middle without one."""
    commas = [found.start() for found in re.finditer(r"[，,、]", sentence)]
    at = min(commas, key=lambda comma: abs(comma - len(sentence) // 2), default=len(sentence) // 2)
    return sentence[max(0, at - 6) : at + 1]
