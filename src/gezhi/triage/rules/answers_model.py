"""What may be said to a model, how it is asked, and which of its answers can be used. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import rjieba

from gezhi.base.masking import mask_text, masked_in
from gezhi.triage.rules.answers import PERSON, SURNAMES

LONGEST_ASKED = 4000
LONGEST_SUMMARY = 80
WORTH_A_SUMMARY = 200  # signs of a report that is long
_NAME = re.compile(r"[\w.:/@+-]{1,120}")


class Wish(StrEnum):
    """What the model is asked for."""

    PLAINER = "plainer"
    SUMMARY = "summary"


class SettingWrong(ValueError):
    """A setting that means nothing."""


@dataclass(frozen=True)
class Model:
    """Where an OpenAI-compatible server answers, and as what."""

    url: str
    name: str
    key: str


def read_model(url: str, name: str, key: str) -> Model | None:
    """The model of the settings; None without an address."""
    if not url:
        if name or key:
            raise SettingWrong("GEZHI_MODEL_NAME and GEZHI_MODEL_KEY need GEZHI_MODEL_URL")
        return None
    try:
        parts = urlsplit(url)
        is_open = parts.scheme == "https" or (parts.scheme == "http" and _is_number(parts.hostname))
    except ValueError:
        is_open = False
    if not is_open or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise SettingWrong(
            "GEZHI_MODEL_URL: write https://host/v1 (http only to an address in numbers)"
        )
    if not _NAME.fullmatch(name):
        raise SettingWrong("GEZHI_MODEL_NAME: write the name of the model at GEZHI_MODEL_URL")
    if not key.isprintable() or not key.isascii() or " " in key:
        raise SettingWrong("GEZHI_MODEL_KEY: a key has no blanks and only plain signs")
    return Model(url.rstrip("/"), name, key)


def _is_number(host: str | None) -> bool:
    try:
        return bool(host) and bool(ip_address(host or ""))
    except ValueError:
        return False


# --- what may be sent -----------------------------------------------------------------------------

_DOOR = re.compile(
    # From where figures begin, each part with its dash: there is one way to read a long number.
    r"(?<![\dA-Za-z０-９])(?:[\dA-Za-z０-９]+[-—－#])*[\dA-Za-z０-９]*[\d０-９](?:号院|号楼|号(?![线令文])|栋|幢|单元|室|户|组|弄|巷|排)"
    r"|[一二三四五六七八九十百]+(?:号院|号楼|栋|幢|单元|室|组)"
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAMED = re.compile(
    # Whatever follows: how long a name is nobody can see, and one sign too many comes back anyway.
    rf"(?:我叫|名叫|叫做|名字[是叫]|本人|我是|[公婆爸妈儿女子夫妻弟哥姐妹]叫)[是系]?[{SURNAMES}][\u4e00-\u9fff]{{1,2}}|"
    r"(?:我叫|我是|姓名[:：]?|联系人[:：]?|本人)[\u4e00-\u9fff]{2,4}(?=[，,。；;、\s（(]|$)|"
    r"[\u4e00-\u9fff](?:先生|女士|小姐|师傅|阿姨|大爷|大妈)|"
    r"(?:微信号?|QQ号?|车牌号?)[:： ]?[\w-]{4,}"
)
_TOKEN = re.compile(r"〔(\d{1,3})〕")


@dataclass(frozen=True)
class Hidden:
    """A text without what tells of persons; `kept` stands for each 〔n〕 in it."""

    text: str
    kept: tuple[str, ...]


def hide(text: str) -> Hidden:
    """Numbers, doors, names and addresses give way to 〔1〕, 〔2〕…; the words stay here."""
    spans = masked_in(text)
    for pattern in (_TOKEN, _MAIL, PERSON, _NAMED, _DOOR):
        spans += [found.span() for found in pattern.finditer(text)]
    spans += _like_names(text)
    kept: list[str] = []
    parts, at = [], 0
    for start, end in _joined(spans):
        kept.append(text[start:end])
        parts += [text[at:start], f"〔{len(kept)}〕"]
        at = end
    return Hidden("".join([*parts, text[at:]]), tuple(kept))


def _like_names(text: str) -> Iterator[tuple[int, int]]:
    """Words that read as somebody's name and begin with a surname."""
    at = 0
    for word, kind in rjieba.tag(text):
        if kind == "nr" and 2 <= len(word) <= 4 and word[0] in SURNAMES:
            yield at, at + len(word)
        at += len(word)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


_TITLE = r"(?:先生|女士|小姐|同志|老师|师傅|某)"
_BARE = re.compile(r"[\s,，.。·、\-—_()（）]")
_LEAST_OF_ADDRESS = 8


def tells_of(text: str, persons: Sequence[str]) -> bool:
    """Whether a text still tells of anybody: what masking finds, or what a reporter left."""
    if mask_text(text) != text:
        return True
    bare = _BARE.sub("", text)
    for said in persons:
        known = _BARE.sub("", said)
        if len(known) > 1 and (known in bare or _shares_address(known, bare)):
            return True
        if 2 <= len(known) <= 4 and re.search(rf"{re.escape(known[0])}{_TITLE}", bare):
            return True
    return False


def _shares_address(known: str, text: str) -> bool:
    """Whether eight signs in a row of what was left stand there too: 河湾镇柳树村三组."""
    return any(
        known[at : at + _LEAST_OF_ADDRESS] in text
        for at in range(len(known) - _LEAST_OF_ADDRESS + 1)
    )


def restore(text: str, kept: Sequence[str]) -> str | None:
    """The words back in their places; None where the answer lost one or made one up."""
    said = [int(number) for number in _TOKEN.findall(text)]
    if any(not 0 < number <= len(kept) for number in said):
        return None
    if set(said) != set(range(1, len(kept) + 1)):
        return None
    return _TOKEN.sub(lambda found: kept[int(found[1]) - 1], text)


# --- asking, and reading what comes ---------------------------------------------------------------

_ASKED: Mapping[Wish, str] = {
    Wish.PLAINER: (
        "你帮政府工作人员修改给群众的答复。把下面的答复改写成大白话：短句，一句话说一件事，不用公文用语和套话，称对方为“您”。"
        "不增加、不减少、不改变任何事实、日期、数字和承诺，不道歉，不加开头和结尾的说明。"
        "像〔1〕这样的记号要原样保留。只输出改写后的答复。"
    ),
    Wish.SUMMARY: (
        "把下面群众反映的事情概括成一句话，不超过四十个字，只说是什么事、在哪一类地方、要求什么，不评价，不猜测。"
        "像〔1〕这样的记号可以省略。只输出这一句话。"
    ),
}
_REFUSALS = re.compile(
    r"^(?:很?抱歉|对不起|我(?:无法|不能)|作为(?:一个)?(?:AI|人工智能|语言模型)|"
    r"I(?:'|’)?m sorry|I (?:can(?:no|')t|am unable)|Sorry)",
    re.I,
)
_THOUGHT = re.compile(r"<think>.*?</think>", re.S)
_ROOM = 400


def body_for(wish: Wish, model: Model, text: str) -> dict[str, Any]:
    """The request of the chat protocol."""
    return {
        "model": model.name,
        "messages": [
            {"role": "system", "content": _ASKED[wish]},
            {"role": "user", "content": text},
        ],
        "temperature": 0.2,
        "max_tokens": 200 if wish == Wish.SUMMARY else min(4000, 2 * len(text) + _ROOM),
        "stream": False,
    }


def said_in(body: bytes) -> str:
    """What the model says; "" where there is nothing that can be used."""
    try:
        choice = json.loads(body)["choices"][0]
        content, ended = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    if not isinstance(content, str) or ended not in (None, "stop"):
        return ""
    text = _THOUGHT.sub("", content).replace("\x00", "").strip()
    return "" if _REFUSALS.match(text) else text


def usable(wish: Wish, said: str, hidden: Hidden) -> str:
    """The proposal with its words back; "" where it is too long, or lost what it had to keep."""
    if wish == Wish.SUMMARY:
        line = _TOKEN.sub("", said.splitlines()[0]).strip() if said else ""
        return line if len(line) <= LONGEST_SUMMARY else ""
    if not said or len(said) > 2 * len(hidden.text) + _ROOM:
        return ""
    return restore(said, hidden.kept) or ""
