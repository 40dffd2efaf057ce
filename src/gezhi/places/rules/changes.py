"""What becomes of divisions that are renamed, raised, moved, merged: pairs and moved paths. Pure.

Published tables say only "gone" and "new". The same name, or the same name with
another rank (乡 → 镇), makes a pair; whatever stays alone must be decided by a person.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Moves = tuple[tuple[str, str], ...]

_RANK = re.compile(r"(街道办事处|街道办|地区办事处|街道|镇|民族乡|乡|苏木|管理委员会|管委会)$")
_ALIKE = 0.5  # 枣元 and 枣园 are alike: one character of two
_BANDS = ((1, 200), (200, 400), (400, 500), (500, 1000))  # residents, villagers, and the like


@dataclass(frozen=True)
class Change:
    """One line of a table of changes: a code, its bearer before and after ("" is none)."""

    line: int
    code: str
    before: str
    after: str


@dataclass(frozen=True)
class Pair:
    """The same division before and after, whatever its code and name."""

    old_code: str
    old_name: str
    new_code: str
    new_name: str


@dataclass(frozen=True)
class Merge:
    """A division that ended and was put into another (`into` is that one's code afterwards)."""

    code: str
    name: str
    into: str


@dataclass(frozen=True)
class Undecided:
    """A division that ended and nobody said where it went."""

    code: str
    name: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a table of changes comes to."""

    pairs: tuple[Pair, ...]
    merges: tuple[Merge, ...]
    new: tuple[Change, ...]
    stays: tuple[str, ...]
    undecided: tuple[Undecided, ...]


def stem_of(name: str) -> str:
    """The name without its rank: 西湖乡 and 西湖镇 are both 西湖."""
    stem = _RANK.sub("", name)
    return stem if len(stem) > 1 else name


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, stem_of(one), stem_of(other)).ratio()


# How a pair shows itself, the surest first. The last one reaches over county lines and
# therefore asks for the whole name: every second county has a 城关镇.
_SIGNS: tuple[Callable[[str, str], tuple[str, str]], ...] = (
    lambda code, name: (code[:6], name),
    lambda code, name: (code[:6], stem_of(name)),
    lambda code, name: (code[:4], name),
)


class _Pairing:
    """Codes before and after that have not found each other yet."""

    def __init__(self, changes: Iterable[Change]) -> None:
        changes = list(changes)
        self.before = {change.code: change.before for change in changes if change.before}
        self.after = {change.code: change.after for change in changes if change.after}
        self.pairs: list[Pair] = []

    def join(self, old: str, new: str) -> None:
        self.pairs.append(Pair(old, self.before.pop(old), new, self.after.pop(new)))

    def join_by(self, sign: Callable[[str, str], tuple[str, str]]) -> None:
        olds, news = defaultdict(list), defaultdict(list)
        for code, name in self.before.items():
            olds[sign(code, name)].append(code)
        for code, name in self.after.items():
            news[sign(code, name)].append(code)
        for key, codes in olds.items():
            if len(codes) == 1 and len(news[key]) == 1:
                self.join(codes[0], news[key][0])

    def join_same_codes(self) -> None:
        for code in [code for code in self.before if code in self.after]:
            if _likeness(self.before[code], self.after[code]) >= _ALIKE:
                self.join(code, code)


def plan_changes(changes: Sequence[Change], successors: Mapping[str, str]) -> Plan:
    """Work out which division is which. `successors` (old code → code afterwards) goes first.

    A successor equal to the division's own code says that it stays as it is (or,
    where the table gives the code a new name, that it was only renamed).
    """
    pairing = _Pairing(changes)
    decided = {old: new for old, new in successors.items() if old in pairing.before}
    merges, stays = _take_decisions(pairing, decided)
    for sign in _SIGNS:
        pairing.join_by(sign)
    pairing.join_same_codes()
    undecided = tuple(
        Undecided(code, name, _suggestions(code, name, pairing.after))
        for code, name in sorted(pairing.before.items())
    )
    left = tuple(
        Change(change.line, change.code, "", change.after)
        for change in changes
        if change.code in pairing.after
    )
    return Plan(tuple(pairing.pairs), merges, left, stays, undecided)


def _take_decisions(
    pairing: _Pairing, decided: Mapping[str, str]
) -> tuple[tuple[Merge, ...], tuple[str, ...]]:
    """Apply what the caller decided: alone into a new code is the same division, else a merge."""
    merges: list[Merge] = []
    stays: list[str] = []
    into = list(decided.values())
    for old, new in decided.items():
        if new in pairing.after and into.count(new) == 1:
            pairing.join(old, new)
        elif old == new:
            pairing.before.pop(old)
            stays.append(old)
        else:
            merges.append(Merge(old, pairing.before.pop(old), new))
    return tuple(merges), tuple(stays)


def _suggestions(code: str, name: str, after: Mapping[str, str]) -> tuple[str, ...]:
    near = [other for other in after if other[:4] == code[:4]]
    near.sort(key=lambda other: -_likeness(name, after[other]))
    return tuple(other for other in near if _likeness(name, after[other]) >= _ALIKE)[:3]


def rewrite_path(path: str, moves: Iterable[tuple[str, str]]) -> str:
    """Where `path` lies after all moves at once: the longest old prefix decides, and only once.

    So a code that changed its bearer is no trouble: 200 → 201 does not run on along 201 → 104.
    """
    for old, new in in_order(moves):
        if path.startswith(old):
            return new + path[len(old) :]
    return path


def in_order(moves: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Moves as they must be asked: the longest old prefix first."""
    return sorted(moves, key=lambda move: (-len(move[0]), move[0]))


def moves_of(plan: Plan, paths: Collection[str]) -> Moves:
    """Old → new prefixes for a plan, given the current paths of all areas concerned.

    Villages of a merged town keep their last group if it is free in the other
    town, else get the next free one of their band.
    """
    moves = [(pair.old_code, pair.new_code) for pair in plan.pairs]
    towns = [(old, new) for old, new in moves if old != new]
    gone = {merge.code for merge in plan.merges}
    taken = {
        rewrite_path(path, towns) for path in paths if len(path) == 12 and path[:9] not in gone
    }
    numbered: list[tuple[str, str]] = []
    for merge in plan.merges:
        villages = sorted(p for p in paths if len(p) == 12 and p[:9] == merge.code)
        for village in villages:
            new = _free_village(merge.into, int(village[9:]), taken)
            taken.add(new)
            if new != merge.into + village[9:]:
                numbered.append((village, new))
    towns += [(merge.code, merge.into) for merge in plan.merges]
    return tuple(in_order([*towns, *numbered]))


def _free_village(town: str, group: int, taken: Collection[str]) -> str:
    first, end = next(band for band in _BANDS if group < band[1])
    for number in (*range(group, end), *range(first, end), *range(1, 1000)):
        if f"{town}{number:03d}" not in taken:
            return f"{town}{number:03d}"
    raise ValueError(f"{town} has no free village code")
