"""The forms in which a name is written, and what must stand around one to be taken for a name.

People leave out 村 and 社区, the county before a school, the 第 of 第一中学. The shorter a form,
the likelier it is a common word or a piece of one: such forms need more around them. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from unicodedata import normalize

from gezhi.places.rules import NAME_KINDS, NamedPlace, grid_number


class Need(IntEnum):
    """What must stand around a form before it counts."""

    NOTHING = 0  # 稷阳小区: nobody writes this and means something else
    BEGINNING = 1  # 东街: the end of 河东街 too, so a word must have ended before it
    WHOLE = 2  # 老磨坊: somebody wrote it down, but 不知道 may be a shop, too
    BOTH = 3  # 杏树湾 for 杏树湾村: nothing tells that it is a place
    PLAIN = 4  # 和平, 新城: common words; only where a place is to be expected


_OFFICE = re.compile(r"(社区)?(村民委员会|村委会|居民委员会|居委会|委员会)$")
_TOWN = re.compile(r"(街道办事处|街道办|街道|民族乡|苏木|镇|乡)$")
_VILLAGE = re.compile(r"(社区|村)$")
_LEVEL = re.compile(r"(街道|社区|[县区市镇乡村])$")
_GRID = re.compile(r"(专属)?网格$")
# What the names of places end with that are no areas.
_SUFFIX = re.compile(
    r"(大道|大街|公路|高速|国道.*线|县道|路|街|巷|胡同|里弄|弄|小区|花园|家园|家属院|家属楼|公寓|新区"
    r"|新城|苑|府|院|楼|大厦|中心|广场|公园|市场|超市|商场|商城|集市|学校|中学|小学|幼儿园|学院|大学"
    r"|医院|诊所|卫生院|卫生室|服务站|车站|客运站|站|桥|河|沟|涧|渠|湖|水库|厂|矿|寺|庙|堡|村|社区|镇|乡)$"
)
_SCHOOL = re.compile(r"第?([一二三四五六七八九十]{1,3})(?:初级|高级|完全|实验)?(中学|小学|幼儿园)$")
_SHORT_OF = {"中学": "中", "小学": "小", "幼儿园": "幼"}
_CARE = {"人民医院": ("县医院", "人民医院"), "中医医院": ("中医院", "县中医院")}
# Words that are places' names too, in many counties.
PLAIN_WORDS = frozenset(
    """
    和平 新城 幸福 团结 光明 东方 红旗 胜利 友谊 建设 解放 人民 平安 文化 安全 发展 新村 长安 太平
    安乐 民主 前进 向阳 永安 城关 中心 健康 和谐 富强 振兴 兴隆 永丰 长宁 安宁 朝阳 阳光 青年 工业
    农业 新建 新民 新华 自由 繁荣 城东 城西 城南 城北 东关 西关 南关 北关 河东 河西 河南 河北 山东
    山西 广场 公园 市场 医院 学校 车站 桥头 十字 小学 中学 北京 上海 天津 重庆
    康乐 祥云 月亮 四方 五里 七里 十里
    """.split()  # noqa: SIM905 - a table of words
)


def plain(text: str) -> str:
    """Text as names and reports are compared: one width, small letters."""
    return normalize("NFKC", text).lower()


def forms_of(place: NamedPlace, around: Iterable[str]) -> Mapping[str, Need]:
    """How this place is written; `around` are names that may be left out before its own."""
    found: dict[str, Need] = {}
    for form, need in _forms(place, tuple(around)):
        form = plain(form).strip()
        if len(form) >= 2 and not form.isascii():
            found[form] = min(need, found.get(form, need))
        elif len(form) >= 4 and not form.isdigit():
            found[form] = Need.BEGINNING
    return found


def _forms(place: NamedPlace, around: tuple[str, ...]) -> Iterator[tuple[str, Need]]:
    if place.kind == "town":
        yield from _of_area(_TOWN.sub("", place.name), place, _TOWN)
    elif place.kind in ("village", "community"):
        yield from _of_area(_VILLAGE.sub("", _OFFICE.sub("", place.name)), place, _VILLAGE)
    elif place.kind in ("grid", "exclusive"):
        yield from _of_grid(place, around)
    else:
        yield from _of_thing(place, around)


def _of_area(stem: str, place: NamedPlace, level: re.Pattern[str]) -> Iterator[tuple[str, Need]]:
    for name in (place.name, place.short):
        if name and level.search(_OFFICE.sub("", name)):
            yield name, Need.NOTHING if len(name) > 2 else Need.BEGINNING
            yield _OFFICE.sub("", name), Need.NOTHING
    if level is _VILLAGE:
        own = ("社区", "居委会") if place.kind == "community" else ("村",)
        yield from ((stem + word, Need.NOTHING) for word in own)
    if len(stem) >= 2:
        yield stem, _need_of_stem(stem)


def _need_of_stem(stem: str) -> Need:
    return Need.PLAIN if stem in PLAIN_WORDS else Need.BOTH


def _of_grid(place: NamedPlace, around: tuple[str, ...]) -> Iterator[tuple[str, Need]]:
    if place.kind == "exclusive":
        yield from _of_thing(place, around)
        return
    own = _without(place.name, around)
    if grid_number(own) is None:  # 第三网格 is found by its number, in its village
        yield place.name, Need.NOTHING
        yield _GRID.sub("", own), Need.BOTH
    elif own != place.name:
        yield place.name, Need.NOTHING


def _without(name: str, around: Iterable[str]) -> str:
    """The name without those of the areas it lies in, that stand before it."""
    for each in sorted(around, key=len, reverse=True):
        if each and name.startswith(each) and len(name) - len(each) >= 2:
            return name.removeprefix(each)
    return name


def _of_thing(place: NamedPlace, around: tuple[str, ...]) -> Iterator[tuple[str, Need]]:
    for name in filter(None, (place.name, place.short)):
        name = _GRID.sub("", name)
        yield name, _need_of(name, place.kind)
        own = _without(name, around)
        if own != name:
            yield own, max(_need_of(own, place.kind), Need.BEGINNING)
        yield from _spoken(own, around)


def _spoken(name: str, around: tuple[str, ...]) -> Iterator[tuple[str, Need]]:
    """第一中学 as 一中 and, in 稷川县, as 稷川一中; 人民医院 as 县医院."""
    if found := _SCHOOL.search(name):
        short = found[1] + _SHORT_OF[found[2]]
        yield short, Need.BEGINNING
        yield f"{found[1]}{found[2]}", Need.BEGINNING
        stems = {_LEVEL.sub("", each) for each in around}
        yield from ((stem + tail, Need.NOTHING) for stem in stems for tail in (short, found[0]))
    for full, short in _CARE.items():
        if name.endswith(full):
            yield from ((each, Need.BEGINNING) for each in short)


def _need_of(name: str, kind: str) -> Need:
    if name in PLAIN_WORDS:
        return Need.PLAIN
    has_suffix = _SUFFIX.search(name) is not None
    if len(name) == 2:
        return Need.BEGINNING if has_suffix else Need.BOTH
    if has_suffix or kind == "exclusive":
        return Need.NOTHING
    # What somebody wrote down as a name is one; a label of the map may be any words.
    return Need.WHOLE if kind in NAME_KINDS else Need.BOTH
