"""The check of a draft answer before it is sent: what it lacks, promises or should not hold.

Nothing is decided here but what to point at. The text stays as it was typed, and only what would
harm a person or is plainly unfinished has to be looked at (`Level.MUST`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

import rjieba

from gezhi.base.masking import mask_text
from gezhi.rulebook.rules import Calendar
from gezhi.triage.rules.answers_dates import Said, days_said
from gezhi.triage.rules.answers_plain import Plain
from gezhi.triage.rules.answers_words import WORDS

SHORTEST, LONGEST = 20, 800
LONGEST_SENTENCE = 90
MOST = 5000  # signs of a draft that are looked at
_MOST_OF_A_KIND = 3


class Level(StrEnum):
    MUST = "must"
    SHOULD = "should"


MUSTS = frozenset({"unfilled", "phone", "identity", "number", "reporter"})


@dataclass(frozen=True)
class Finding:
    """One thing in the text, from `start` to `end` (the same where it is about the whole)."""

    code: str
    start: int = 0
    end: int = 0
    found: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        return Level.MUST if self.code in MUSTS else Level.SHOULD

    @property
    def says(self) -> str:
        return str(WORDS[self.code][0]) % {"found": self.found, **self.values}

    @property
    def do(self) -> str:
        return str(WORDS[self.code][1]) % {"found": self.found, **self.values}


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
        *_substance(text, plain),
        *_answers(text, draft.asked),
        *_dates(text, draft),
        *_outcome(text, draft.is_solved),
        *_plain(text, plain),
    ]
    return sorted(found, key=lambda one: (one.level != Level.MUST, one.start))


def must_be_seen(findings: Sequence[Finding]) -> list[Finding]:
    """Those that somebody has to have looked at before the answer goes out."""
    return [one for one in findings if one.level == Level.MUST]


# --- what is unfinished, or tells of persons ------------------------------------------------------

_PLACE = re.compile(r"[{｛][^{}｛｝\n]{0,20}[}｝]|_{3,}|＿{2,}")
_NEAR_A_DESK = re.compile(
    r"电话|热线|咨询|拨打|联系|客服|值班|监督|举报|座机|传真|致电|电询|详情请询|本级|(?:局|科|股|室|部|所|处|队|站|办|厅|中心|街道|公司|[县区镇乡])[（(：:]?$"
)
_BEFORE_A_PHONE = 60
_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜"
    "范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
)
_PERSON = re.compile(
    rf"(?<![\u4e00-\u9fff])[{_SURNAMES}](?!某)[\u4e00-\u9fff]{{1,2}}(?=先生|女士|小姐|大爷|大妈|阿姨|师傅)"
    rf"|(?:当事人|业主|住户|居民|村民|店主|司机|户主)[{_SURNAMES}](?!某)[\u4e00-\u9fff]{{2}}(?<!某)(?=[（(，,、；;。]|于|在|将|的|等)"
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
    for one in _PERSON.finditer(text):
        yield Finding("person", one.start(), one.end(), one[0])


def numbers_of_persons(text: str) -> list[tuple[int, int]]:
    """Where masking hides something: phones, identity numbers and other long numbers."""
    masked = mask_text(text)
    if masked == text:
        return []
    spans: list[tuple[int, int]] = []
    matcher = SequenceMatcher(None, text, masked, autojunk=False)
    for tag, start, end, _from, _to in matcher.get_opcodes():
        if tag == "equal":
            continue
        start, end = _whole(text, start, end)
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


_OF_NUMBER = re.compile(r"[\dXxＸｘ０-９*\-—－.· ]")


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """All of the number of which masking changed the middle."""
    while start > 0 and _OF_NUMBER.match(text[start - 1]):
        start -= 1
    while end < len(text) and _OF_NUMBER.match(text[end]):
        end += 1
    said = text[start:end]
    start += len(said) - len(said.lstrip(" -—－.·"))
    return start, start + len(said.strip(" -—－.·"))


def _numbers(text: str) -> Iterator[Finding]:
    for start, end in numbers_of_persons(text):
        code = _kind_of(text[start:end])
        if code == "landline" and _NEAR_A_DESK.search(text[max(0, start - _BEFORE_A_PHONE) : start]):
            continue
        yield Finding(code, start, end, mask_text(text[start:end]))


def _kind_of(number: str) -> str:
    digits = re.sub(r"[^\dXx]", "", number)
    if digits.startswith("0"):
        return "landline"
    if len(digits) == 11 or (len(digits) == 13 and digits.startswith("86")):
        return "phone"
    return "identity" if len(digits) == 18 else "number"


# --- whether it answers ---------------------------------------------------------------------------

_GREETING = re.compile(
    r"(?:尊敬的)?(?:网友|市民|居民|群众|诉求人)?[^。！!\n]{0,30}?(?:您好|你好)[，,。！!：:]?"
    r"|(?:再次)?(?:衷心)?感谢[^。！!\n]{0,40}[。！!]?|特此(?:回复|答复|说明)[。！!]?|此复[。]?"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
# What was done, what was found, what will be done, what the rule is or where to go.
_SUBSTANCE = re.compile(
    r"现场|查看|核实(?:了|，|：|:|后|到|发现)|查[，：:明]|调查(?:了解)?[，：:后]|核查|发现|了解到|得知|属于|"
    r"原因|由于|因为|因(?!此)|根据|按照|依据|规定|标准|文件|政策|"
    r"已(?:经)?(?!转|交|收|知|受理|登记|记录|上报|反馈)[\u4e00-\u9fff]{0,12}"
    r"(?:修|清|整|拆|装|换|疏|补|完|立案|处罚|约谈|督促|要求|责令|联系|走访|召开|安排|开展|启动|下达|发放|恢复|开通)|"
    r"(?:修|清理|疏通|更换|安装|拆除|补种|补发|退还|恢复|开通|制止|查处)(?:了|好|完)|"
    r"将(?:于|在|对|由|会|组织|安排|继续|按|进行|其|在)|计划|预计|拟(?:于|在|建|定)|安排在|"
    r"您可|可以?到|可拨|请(?:您)?(?:到|携带|拨打|提供|联系|向)|办理流程|材料|"
    r"没有|不存在|不属|无法|不能|不符合|未(?:发现|纳入|收到|列入)|[\d]+(?:元|米|户|月|日|%|％|公里|平方)"
)  # fmt: skip
_STOP = frozenset(
    "我们 你们 他们 大家 没有 可以 什么 怎么 如何 为什么 这个 那个 这样 那样 现在 目前 已经 希望 请问 领导 政府 有关 部门 相关 问题 "
    "解决 反映 能否 是否 不是 就是 还是 因为 所以 但是 而且 如果 一个 这里 那里 一直 感谢 谢谢 您好 你好 尊敬 书记 市长 局长 居民 "
    "群众 市民 业主 老百姓 百姓 投诉 建议 咨询 求助 处理 情况 进行 时候 时间 今年 去年 每天 多次 很多 非常 严重 影响 生活 需要 应该 "
    "知道 觉得 自己 关于 以及 或者 为了 对于 由于 通过 根据 一下 不能 不会 出来 起来 下来 过来 回复 答复 给予 帮忙 麻烦 附近 位于 "
    "为何 何时 多少 哪里 哪个 到底 究竟 各位 他人 本人 个人 地方 事情 那么 这么 之后 之前 以后 以前 然后 而是 并且 不要 不知 只有 只能 还有 都是".split()
)
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])")
_ASKS_WHEN = re.compile(
    r"(?<!任)(?<!不管)(?<!不论)(?<!不知道)(?<!不知)(?:什么时候|何时(?!了)|啥时候|几时|什么时间)|(?<![没不过])多久|哪一?天"
)
_ASKS_WHY = re.compile(r"为什么|为何|凭什么|什么原因|为啥")
_ASKS_HOW_MUCH = re.compile(r"多少[钱元费税]|(?:[是要需交补能该领])多少|怎么收费|收费标准是(?:多少|什么)")
_IS_QUESTION = re.compile(r"[？?吗呢]|请问|咨询|想问|告知|想知道|请求")
_SAYS_WHEN = re.compile(
    r"\d+\s*[年月日号天]|[一二三四五六七八九十两半]个?(?:月|天|年|周|小时|工作日)|[年月]底|年内|季度|今[天日年]|明[天日年]|"
    r"周[一二三四五六日末]|时间|期限|上半年|下半年|尚未确定|暂未确定|再通知|已(?:经)?(?:完成|修好|开通|恢复|解决|发放)"
)  # fmt: skip
_SAYS_WHY = re.compile(
    r"因|由于|原因|鉴于|是为了|为了|根据|按照|依据|依照|导致|致使|造成|受[\u4e00-\u9fff]{1,10}影响|属于|不属|没有|未|涉及|需(?:要)?"
)
_SAYS_HOW_MUCH = re.compile(r"\d|[一二三四五六七八九十百千万]+(?:元|户|个|米|次|人|平)|免费|不收费|不收取")
_FEW_WORDS = 4


@lru_cache(maxsize=256)
def words_of_matter(text: str) -> tuple[str, ...]:
    """The words a report is about, each once: nouns and verbs of two signs and more, most said first."""
    counted: dict[str, int] = {}
    for word in rjieba.cut(text[:MOST], True):
        if len(word) > 1 and _HAN.match(word) and word not in _STOP:
            counted[word] = counted.get(word, 0) + 1
    return tuple(sorted(counted, key=lambda word: -counted[word]))


def _length(text: str) -> Iterator[Finding]:
    signs = len(re.sub(r"\s", "", text))
    if signs < SHORTEST:
        yield Finding("too_short", values={"n": signs})
    if signs > LONGEST:
        yield Finding("too_long", values={"n": signs})


def _substance(text: str, plain: Plain) -> Iterator[Finding]:
    said = _GREETING.sub("", text)
    left = plain.patterns["empty"].sub("", said)
    if len(_HAN.findall(left)) < 8 or not _SUBSTANCE.search(left):
        hollow = next(plain.find("empty", text), None)
        at = hollow[0].span() if hollow else (0, 0)
        yield Finding("no_substance", *at)


def _answers(text: str, asked: str) -> Iterator[Finding]:
    words = words_of_matter(asked)
    if len(words) >= _FEW_WORDS and not any(_is_told(word, text) for word in words):
        yield Finding("off_topic", found="、".join(words[:3]))
    for code, asks, says in _QUESTIONS:
        sentence = next((one for one in _SENTENCE_END.split(asked) if asks.search(one) and _IS_QUESTION.search(one)), "")
        if sentence and not says.search(text):
            yield Finding(code, found=_short(mask_text(sentence.strip()), asks))


_QUESTIONS = (
    ("when_unanswered", _ASKS_WHEN, _SAYS_WHEN),
    ("why_unanswered", _ASKS_WHY, _SAYS_WHY),
    ("how_much_unanswered", _ASKS_HOW_MUCH, _SAYS_HOW_MUCH),
)


def _is_told(word: str, text: str) -> bool:
    """The word itself, or of a long one two signs that stand together."""
    return word in text or (len(word) > 2 and any(word[at : at + 2] in text for at in (0, len(word) - 2)))


def _short(sentence: str, asks: re.Pattern[str]) -> str:
    """What of a long sentence asks."""
    found = asks.search(sentence)
    at = found.start() if found else 0
    return sentence[max(0, at - 10) : at + 20].strip()


# --- what it promises -----------------------------------------------------------------------------

_VAGUE = re.compile(r"尽快|尽早|近期|适时|择机|逐步|早日|不日|抓紧(?:时间)?(?=[^。；]{0,20}(?:完成|办理|处理|解决|修|实施|推进))")
_FUTURE = re.compile(r"将|会|争取|拟|计划|预计|要求|督促|力争|确保|安排|协调")
_OF_RULES = re.compile(r"第[\d一二三四五六七八九十]+条|政策规定|办法|标准[\u4e00-\u9fff]{0,12}调整|条例")


def _dates(text: str, draft: Draft) -> Iterator[Finding]:
    if draft.now is None or draft.calendar is None:
        return
    said = days_said(text, now=draft.now, calendar=draft.calendar)
    today = draft.calendar.local_date(draft.now)
    for one in said:
        values = {"day": f"{one.day:%Y-%m-%d}"}
        if not one.is_promise:
            continue
        if one.day < today:
            yield Finding("past_date", one.start, one.end, text[one.start : one.end], values)
        elif draft.due and one.day > (due := draft.calendar.local_date(draft.due)):
            values["due"] = f"{due:%Y-%m-%d}"
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
_KNOWN_CAPITALS = frozenset({"APP", "LED", "WIFI", "GPS", "ATM", "QQ", "VIP", "ID", "EMS", "POS", "ETC"})


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


def _listed(kind: str, text: str, plain: Plain) -> Iterator[Finding]:
    """Each word once, and not more of one kind than anybody reads."""
    seen: set[str] = set()
    for found, instead in plain.find(kind, text):
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
