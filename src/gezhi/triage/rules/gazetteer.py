"""All names of a county in one automaton (Aho–Corasick), and the names a text holds. Pure.

One walk through the text finds every form of every name, however many there are. What is found
counts if enough stands around it (see `gazetteer_forms`); of two that overlap the longer does.
"""

import re
from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import ahocorasick

from gezhi.places.rules import NamedPlace, grid_number
from gezhi.triage.rules.gazetteer_forms import PLAIN_WORDS, Need, forms_of, plain

LONGEST_TEXT = 2000  # signs of a report that are looked through
AREAS = frozenset({"city", "county", "town", "village", "community"})
_VILLAGES = frozenset({"village", "community", "grid"})

_COUNT = r"(?:[0-9]{1,4}|[一二三四五六七八九十百零〇两]{1,5})"
_UNIT = r"(?:号楼|号院|号|栋|幢|座|单元|楼|层|室|组|社|队|小队|村民小组|网格|号网格|巷|弄|期|区|户)"
_TAIL = re.compile(rf"(?:\s*[第之的\-]?{_COUNT}{_UNIT})+")
_UNITS = {"村民小组": "组", "小组": "组", "组": "组", "社": "社", "队": "队", "网格": "网格"}
_GROUP = re.compile(rf"第?({_COUNT})(?:号)?(村民小组|小组|组|社|队|网格)")
_BEFORE = re.compile(
    r"(?:^|[\s,.;:!?、，。；：！？（(\[【“\"'/\-—~0-9]|[在到从住于去往至和与及跟同的是向们叫离过由经靠挨址点距这那省市县区])$"
)
_SPOT = (
    r"附近|旁边|旁|边上|边|周边|周围|一带|隔壁|对面|对过|斜对面|对门|门口|门前|门外|大门|正门|后门|侧门|路口|街口|"
    r"巷口|村口|村头|桥头|十字|交叉口|里面|里|内|中间|中段|上|东|西|南|北|前面|后面|后|前|口|街上|境内|辖区"
)
_AFTER = re.compile(
    rf"(?:$|[\s,.;:!?、，。；：！？）)\]】”\"'/\-—~0-9]|第?{_COUNT}{_UNIT}|{_SPOT}|的|与|和|到|至|这|那|有|是|村|镇|乡)"
)
_PLACE_AFTER = re.compile(rf"(?:[\s,.;:!?、，。；：！？）)\]]*$|\s*第?{_COUNT}{_UNIT}|{_SPOT})")
_TRAPS = {
    "路": re.compile("灯|面|基|况|障|政"),
    "街": re.compile("道(?!路)"),
    "河": re.compile("[南北]省"),
}
# Offices that are spoken of, not stood at.
_BODY = re.compile(
    r"(?:镇|乡)?(?:人民)?(?:政府|派出所|综治中心|信访|司法所|领导|干部|书记|法院|法庭|工作人员)"
)
_NEAR = re.compile(
    r"(?:的|那|这)?(?:附近|旁边|旁|边上|周边|周围|一带|隔壁|后面|后边|背后|前面|前边|东侧|西侧|南侧|北侧|东边|西边|南边|北边|往[东西南北])"
)
_OPPOSITE = re.compile(r"(?:的)?(?:正|斜)?对(?:面|过|门)")
_JOIN = r"\s*(?:与|和|跟|及|同|、|-|—|/)?\s*"
_TO = r"\s*(?:到|至|-|—|~|和|与)\s*"
_CROSSES = re.compile(r"(?:的)?(?:大|小)?(?:交叉|十字|路口|街口|交汇|交界|丁字|三岔|拐角|转角)")
_BETWEEN = re.compile(r"(?:的)?(?:之间|中间|这?一?段|路段|沿线|的路|这条路)")
# Where somebody is from, or a bus goes to, is not where the matter is.
_FROM = re.compile(r"(?:(?:我们?|俺们?|本人)(?:是|家?住在?|家在|来自)|家住在?)$")
_OF = re.compile(
    r"人(?:[,，。;；、!！\s]|$)|的(?:班车|公交|客车|中巴)"
    r"|的[老小][王李张刘陈杨赵黄周吴徐孙胡朱何郭罗梁宋郑谢韩唐冯董程曹袁邓许傅沈曾彭吕苏蒋蔡贾魏薛](?![家树])"
)
# Words for a place that name none: the report's own names then say where it is.
_NO_PLACE = re.compile(
    rf"(?>\W|第?{_COUNT}{_UNIT}|{_SPOT}|[我咱本这那自的在家村镇乡县]|我们|大家|社区|小区|院子|楼道|楼下|楼上"
    r"|马路|路上|路|街|某处|某地|无|没有|不详|不清楚|不知道|不明|未知|[如同]上|见(?:内容|描述|正文))*+"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: where it stands, what it may mean, the numbers and relation behind it.

    `is_from`: it says where somebody belongs, not where the matter is. `is_short`: the words may
    be others too, 柳树 for 柳树村.
    """

    start: int
    end: int
    words: str
    means: tuple[int, ...]
    tail: str = ""
    relation: str = ""
    group: tuple[str, int] | None = None
    is_from: bool = False
    is_short: bool = False


class Gazetteer:
    """The names of one county.

    `common` are words that reports are full of: whoever calls a place so, only who is asked
    where it is can mean that.
    """

    def __init__(
        self,
        county: str,
        places: Iterable[NamedPlace],
        *,
        common: Collection[str] = (),
        token: Any = None,
    ) -> None:
        self.county, self.token = county, token
        self._common = frozenset(map(plain, common))
        self.places: list[NamedPlace] = list(places)
        self._means: list[list[tuple[Need, tuple[int, ...]]]] = []
        self._lengths = array("H")
        self._grids: dict[tuple[str, str, int], int] = {}
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_INTS)
        self._fill()

    def __len__(self) -> int:
        return len(self.places)

    def _fill(self) -> None:
        areas = self._areas()
        found: dict[str, dict[int, Need]] = {}
        for at, place in enumerate(self.places):
            around = [name for step in (6, 9, 12) for name in areas.get(place.path[:step], ())]
            for form, need in forms_of(place, around).items():
                is_common = need == Need.WHOLE and form in self._common
                found.setdefault(form, {})[at] = Need.PLAIN if is_common else need
            if place.kind == "grid":
                self._note_numbers(at, place)
        for form, means in found.items():
            self._automaton.add_word(form, len(self._means))
            self._lengths.append(len(form))
            self._means.append(self._told_apart(means))
        if found:
            self._automaton.make_automaton()
        self._is_empty = not found
        self._waiting = {at for at, place in enumerate(self.places) if place.is_waiting}

    def _areas(self) -> dict[str, list[str]]:
        """What may be left out before a name: those of the areas around, with 县 or without."""
        names: dict[str, list[str]] = {}
        for place in self.places:
            if len(place.path) <= 12 and place.kind in AREAS:
                short = re.sub(r"(街道|社区|[县区市镇乡村])$", "", place.name)
                names.setdefault(place.path, []).extend(
                    name for name in (place.name, place.short, short) if len(name) > 1
                )
        return names

    def _note_numbers(self, at: int, place: NamedPlace) -> None:
        """第三网格 by its number; 一、二组网格 by the numbers of the groups in its name.

        Grids of today come before those that once bore a number.
        """
        village = place.path[:12]
        own = re.search(rf"第?{_COUNT}号?网格$", place.name)
        number = grid_number(own[0]) if own else None
        if number is not None:
            self._grids.setdefault((village, "网格", number), at)
        for listed in re.finditer(rf"((?:{_COUNT}[、,，和至\-—])*{_COUNT})(组|社|队)", place.name):
            for number in _listed(listed[1]):
                self._grids.setdefault((village, listed[2], number), at)

    def _told_apart(self, means: dict[int, Need]) -> list[tuple[Need, tuple[int, ...]]]:
        """By what they need, least first; without the labels that maps write on areas."""
        areas = tuple(self.places[at].path for at in means if self.places[at].kind in AREAS)
        by_need: dict[Need, list[int]] = {}
        for at, need in means.items():
            if self.places[at].kind != "place" or not self.places[at].path.startswith(areas):
                by_need.setdefault(need, []).append(at)
        return [(need, tuple(by_need[need])) for need in sorted(by_need)]

    def grid_of(self, village: str, unit: str, number: int) -> int | None:
        """The grid of a village that is told by a number."""
        return self._grids.get((village, unit, number))

    def villages_said(self, mentions: Iterable[Mention], near: str) -> frozenset[str]:
        """The villages that are named, and the reporter's; none where no name waits for a yes."""
        if not self._waiting:
            return frozenset()
        named = (self.places[at] for each in mentions for at in each.means)
        said = {near[:12], *(one.path[:12] for one in named if one.kind in _VILLAGES)}
        return frozenset(said - {""})

    def mentions(self, text: str, *, is_place: bool, inside: Collection[str] = ()) -> list[Mention]:
        """The names in a text, in its order. `is_place`: it was written to say where.

        Names that wait for somebody's yes count where they lie in one of the villages `inside`.
        """
        text = plain(text)[:LONGEST_TEXT]
        if self._is_empty or not text:
            return []
        found = [(at + 1 - self._lengths[index], at + 1, index)
                 for at, index in self._automaton.iter(text)]  # fmt: skip
        found.sort(key=lambda each: (each[0] - each[1], each[0]))
        held: list[Mention] = []
        taken, edges = bytearray(len(text)), _Edges(set(), set())
        for _turn in range(2):  # the second time for what stands beside a name found since
            for start, end, index in found:
                if any(taken[start:end]):
                    continue
                around = _Around(text, start, end, edges, is_place)
                need, means = self._meant(index, around, inside)
                if means:
                    is_short = need > Need.WHOLE
                    held.append(Mention(start, end, text[start:end], means, is_short=is_short))
                    taken[start:end] = b"1" * (end - start)
                    edges.starts.add(start)
                    edges.ends.add(end)
        held.sort(key=lambda each: each.start)
        told: list[Mention] = []
        for each, following in zip(held, [*held[1:], None], strict=False):
            if is_place or not _BODY.match(text, each.end):
                told.append(self._told(text, each, following, told[-1] if told else None))
        return told if is_place else _with_origins(text, told)

    def _meant(
        self, index: int, around: "_Around", inside: Collection[str]
    ) -> tuple[Need, tuple[int, ...]]:
        """What a form means where it stands: the meanings that need least."""
        for need, means in self._means[index]:
            heard = self._heard(means, inside)
            if heard and around.gives(need):
                return need, heard
        return Need.NOTHING, ()

    def _heard(self, means: tuple[int, ...], inside: Collection[str]) -> tuple[int, ...]:
        if self._waiting.isdisjoint(means):
            return means
        waiting, places = self._waiting, self.places
        return tuple(at for at in means if at not in waiting or places[at].path[:12] in inside)

    def _told(
        self, text: str, each: Mention, following: Mention | None, before: Mention | None
    ) -> Mention:
        """With the numbers behind it, and how the report stands to it."""
        tail = _TAIL.match(text, each.end)
        end = tail.end() if tail else each.end
        until = min(following.start if following else len(text), each.end + 40)
        group = _GROUP.search(text, each.end, until)
        return replace(
            each,
            tail=tail[0] if tail else "",
            relation=_relation(text, each, end, before),
            group=(_UNITS[group[2]], number_of(group[1])) if group else None,
        )


def _with_origins(text: str, told: list[Mention]) -> list[Mention]:
    """我是河湾镇柳树村人: both names say where somebody is from."""
    after: Mention | None = None
    for at in reversed(range(len(told))):
        each = told[at]
        end = each.end + len(each.tail)
        is_joined = after is not None and after.is_from and after.start == end
        if (
            is_joined
            or _OF.match(text, end)
            or _FROM.search(text, max(0, each.start - 6), each.start)
        ):
            told[at] = after = replace(each, is_from=True)
    for at, (before, each) in enumerate(zip(told, told[1:], strict=False), start=1):
        if told[at - 1].is_from and before.end + len(before.tail) == each.start:
            told[at] = replace(each, is_from=True)
    return told


def names_a_place(words: str) -> bool:
    """Whether words for a place say more than that it is at the door, or unknown."""
    return _NO_PLACE.fullmatch(plain(words)[:200]) is None


def _relation(text: str, each: Mention, end: int, before: Mention | None) -> str:
    if before is not None:
        joint = text[before.end + len(before.tail) : each.start]
        if re.fullmatch(_JOIN, joint) and _CROSSES.match(text, end):
            return "crossing"
        if re.fullmatch(_TO, joint) and _BETWEEN.match(text, end):
            return "between"
    if _OPPOSITE.match(text, end):
        return "opposite"
    return "near" if _NEAR.match(text, end) else ""


@dataclass(frozen=True, slots=True)
class _Edges:
    """Where the names that are found begin and end."""

    starts: set[int]
    ends: set[int]


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands before and behind a form in a text."""

    text: str
    start: int
    end: int
    edges: _Edges
    is_place: bool

    def gives(self, need: Need) -> bool:
        if need == Need.NOTHING:
            return not self._is_trap()
        if need == Need.BEGINNING:
            return self._begins() and not self._is_trap()
        if need == Need.WHOLE:
            return self._begins() and self._ends()
        if not self.is_place:
            return False
        if need == Need.BOTH:
            return self._begins() and self._ends()
        return self._stands_alone()

    def _begins(self) -> bool:
        if self.start == 0 or self.start in self.edges.ends:
            return True
        return _BEFORE.search(self.text, max(0, self.start - 1), self.start) is not None

    def _ends(self) -> bool:
        if self.end in self.edges.starts:
            return True
        return _AFTER.match(self.text, self.end) is not None

    def _stands_alone(self) -> bool:
        before = self.text[: self.start].rstrip(" ,，、在到住(（")
        beside = len(before) in self.edges.ends
        return (not before or beside) and _PLACE_AFTER.match(self.text, self.end) is not None

    def _is_trap(self) -> bool:
        """和平路灯坏了 is about a lamp in 和平, or of a 和平路: nobody knows."""
        trap = _TRAPS.get(self.text[self.end - 1])
        if trap is None or trap.match(self.text, self.end) is None:
            return False
        return self.text[self.start : self.end - 1] in PLAIN_WORDS or not self._begins()


def number_of(count: str) -> int:
    """三, 十二 and 12 as numbers; 0 for what is none."""
    return int(count) if count.isdecimal() else grid_number(f"第{count}网格") or 0


def _listed(words: str) -> list[int]:
    """一、二 and 1-3 as the numbers they tell."""
    parts = re.split(r"([至\-—])", words)
    if len(parts) == 3:
        first, last = number_of(parts[0]), number_of(parts[2])
        return list(range(first, min(last, first + 50) + 1))
    return [number for part in re.split(r"[、,，和]", words) if (number := number_of(part))]
