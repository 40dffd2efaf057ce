"""Whether an answer answers: what was done or found, the matter it is about, what was asked."""

import re
from collections.abc import Iterator

import rjieba

from gezhi.base.masking import mask_text
from gezhi.triage.rules.answers_found import Finding
from gezhi.triage.rules.answers_plain import Plain

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
    # Any plain "did": 换了, 通了; not what was only received, passed on or understood.
    r"(?<=[\u4e00-\u9fff])(?<![收转除为悉知])(?<!收到)(?<!转交)(?<!交办)(?<!登记)(?<!受理)(?<!上报)了(?!解)|恢复|正常|"
    r"将(?:于|在|对|由|会|组织|安排|继续|按|进行|其|在)|计划|预计|拟(?:于|在|建|定)|安排在|"
    r"您可|可以|协商|已建|暂缓|建议[您你]|可拨|可由|请[将把]|请(?:您)?(?:具体|直接)?(?:到|携带|拨打|提供|联系|向|咨询|询问)|办理流程|材料|"
    r"没有|不存在|不属|无法|不能|不符合|未(?:发现|纳入|收到|列入)|[\d]+(?:元|米|户|月|日|%|％|公里|平方)"
)  # fmt: skip
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])")
_ASKS_WHEN = re.compile(
    r"(?<!任)(?<!不管)(?<!不论)(?<!不知道)(?<!不知)"
    r"(?:什么时候|何时(?!了)|啥时候|几时|什么时间)|(?<![没不过])多久|哪一?天"
)
_ASKS_WHY = re.compile(r"为什么|为何|凭什么|什么原因|为啥")
_ASKS_HOW_MUCH = re.compile(
    r"多少[钱元费税]|(?:[是要需交补能该领])多少|怎么收费|收费标准是(?:多少|什么)"
)
_IS_QUESTION = re.compile(r"[？?吗呢]|请问|咨询|想问|告知|想知道|请求")
_SAYS_WHEN = re.compile(
    r"\d+\s*[年月日号天]|[一二三四五六七八九十两半]个?(?:月|天|年|周|小时|工作日)|[年月]底|年内|季度|今[天日年]|明[天日年]|"
    r"周[一二三四五六日末]|时间|期限|上半年|下半年|尚未确定|暂未确定|再通知|已(?:经)?(?:完成|修好|开通|恢复|解决|发放)"
)  # fmt: skip
_SAYS_WHY = re.compile(
    r"因|由于|原因|鉴于|是为了|为了|根据|按照|依据|依照|导致|致使|造成|受[\u4e00-\u9fff]{1,10}影响|属于|不属|没有|未|涉及|需(?:要)?"
)
_SAYS_HOW_MUCH = re.compile(
    r"\d|[一二三四五六七八九十百千万]+(?:元|户|个|米|次|人|平)|免费|不收费|不收取"
)
_FEW_WORDS = 4
_NO_MATTER = frozenset("cdefmopqrstuxy")  # tags of place relations, times, numbers, function words


def words_of_matter(text: str, common: frozenset[str]) -> list[str]:
    """The words a report is about, of two signs and more, those it says most first.

    Things and what happens to them: neither where it was said (旁边), nor when, nor how many.
    """
    counted: dict[str, int] = {}
    for word, kind in rjieba.tag(text, True):
        if len(word) > 1 and kind[0] not in _NO_MATTER and _HAN.match(word) and word not in common:
            counted[word] = counted.get(word, 0) + 1
    return sorted(counted, key=lambda word: -counted[word])


def substance(text: str, plain: Plain) -> Iterator[Finding]:
    said = _GREETING.sub("", text)
    left = plain.patterns["empty"].sub("", said)
    if len(_HAN.findall(left)) < 8 or not _SUBSTANCE.search(left):
        hollow = next(plain.find("empty", text), None)
        at = hollow[0].span() if hollow else (0, 0)
        yield Finding("no_substance", *at)


def told_of_matter(text: str, asked: str, plain: Plain) -> Iterator[Finding]:
    words = words_of_matter(asked, plain.common)
    if len(words) >= _FEW_WORDS and not any(_is_told(word, text) for word in words):
        yield Finding("off_topic", found="、".join(words[:3]))
    questions = [one for one in _SENTENCE_END.split(asked) if _IS_QUESTION.search(one)]
    for code, asks, says in _QUESTIONS:
        asking = (one for one in questions if asks.search(one))
        if (sentence := next(asking, "")) and not says.search(text):
            yield Finding(code, found=_short(mask_text(sentence.strip()), asks))


_QUESTIONS = (
    ("when_unanswered", _ASKS_WHEN, _SAYS_WHEN),
    ("why_unanswered", _ASKS_WHY, _SAYS_WHY),
    ("how_much_unanswered", _ASKS_HOW_MUCH, _SAYS_HOW_MUCH),
)


def _is_told(word: str, text: str) -> bool:
    """The word itself, or of a long one two signs that stand together."""
    return word in text or (
        len(word) > 2 and any(word[at : at + 2] in text for at in (0, len(word) - 2))
    )


def _short(sentence: str, asks: re.Pattern[str]) -> str:
    """What of a long sentence asks."""
    found = asks.search(sentence)
    at = found.start() if found else 0
    return sentence[max(0, at - 10) : at + 20].strip()
