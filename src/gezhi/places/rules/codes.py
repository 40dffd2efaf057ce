"""How division codes are built: county 6 digits, town 9, village 12, grid 15. Pure.

`path` is the code without padding, so that "inside" is a prefix. A city is the
one level whose code (620100) is longer than its path (6201).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from gezhi.places.errors import CodeWrong


class Level(StrEnum):
    """From the largest to the smallest."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    GRID = "grid"


class Kind(StrEnum):
    """What an area is called."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    COMMUNITY = "community"
    GRID = "grid"
    EXCLUSIVE = "exclusive"


LEVELS = tuple(Level)
KINDS = tuple(Kind)
_LENGTHS = {4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.VILLAGE, 15: Level.GRID}
_PARENTS = {6: 4, 9: 6, 12: 9, 15: 12}
GENERAL_GRIDS = range(1, 900)  # 001–899 tile the village; 900–999 are exclusive grids in it


@dataclass(frozen=True)
class NewArea:
    """An area to be added; what is left empty follows from the code and the name."""

    code: str
    name: str
    kind: str = ""
    short_name: str = ""
    households: int = 0
    population: int = 0


def path_of(code: str) -> str:
    """The path of a code, padded with zeros or not: 620102001000 → 620102001."""
    code = code.strip()
    if not re.fullmatch(r"[1-9][0-9]{5}([0-9]{3}){0,3}", code):
        raise CodeWrong(code=code[:20])
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    if len(code) == 6 and code.endswith("00"):
        code = code[:4]
    if code.endswith("00") and len(code) == 4:
        raise CodeWrong(code=code)  # a province: higher than any deployment
    return code


def level_of(path: str) -> Level:
    """The level of an area, by the length of its path."""
    level = _LENGTHS.get(len(path))
    if level is None:
        raise CodeWrong(code=path[:20])
    return level


def parent_path(path: str) -> str:
    """The path one level up; empty above the city."""
    return path[: _PARENTS.get(len(path), 0)]


def steps_of(path: str) -> tuple[str, ...]:
    """The paths from the highest level down to this one."""
    return tuple(path[:length] for length in _LENGTHS if length <= len(path))


def county_of(path: str) -> str:
    """The six digits that stand first in every index: the county's, or the city's own code."""
    return path[:6].ljust(6, "0")


def is_inside(path: str, of: str) -> bool:
    """Whether `path` is `of` or lies in it. Everything lies in the empty path."""
    return path.startswith(of)


def common_path(paths: Sequence[str]) -> str:
    """The smallest area that holds all of these; "" where they share none."""
    first, last = min(paths, default=""), max(paths, default="")
    same = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    )
    start = first[:same]
    return start[: max((length for length in _LENGTHS if length <= len(start)), default=0)]


def town_kind(path: str) -> str:
    """street 街道, town 镇, township 乡 or special, by the third group (GB/T 10114)."""
    group = int(path[6:9])
    if group < 100:
        return "street"
    if group < 200:
        return "town"
    return "township" if group < 400 else "special"


def _village_kind(path: str, name: str) -> Kind:
    """Committee of residents or of villagers, by the last group, else by the name."""
    group = int(path[9:12]) // 100
    if group in {0, 1, 4}:
        return Kind.COMMUNITY
    if group in {2, 3, 5}:
        return Kind.VILLAGE
    return Kind.COMMUNITY if re.search(r"社区|居委会|居民委员会", name) else Kind.VILLAGE


def kind_of(path: str, name: str = "") -> Kind:
    """The kind of an area, as its code tells it."""
    level = level_of(path)
    if level == Level.VILLAGE:
        return _village_kind(path, name)
    if level == Level.GRID:
        return Kind.GRID if int(path[12:]) in GENERAL_GRIDS else Kind.EXCLUSIVE
    return Kind(level)


def short_name_of(name: str, path: str) -> str:
    """The name without its office: 相公村村委会 → 相公村, 中山路社区居委会 → 中山路社区."""
    level = level_of(path)
    if level == Level.TOWN:
        return re.sub(r"街道(办事处|办)$", "街道", name)
    if level != Level.VILLAGE:
        return name
    stem = re.sub(r"(村民委员会|村委会|居民委员会|居委会|委员会)$", "", name)
    if not stem or stem == name:
        return name
    if re.search(r"(村|社区|队|场|区|站|厂|园)$", stem):
        return stem
    return stem + ("社区" if _village_kind(path, name) == Kind.COMMUNITY else "村")
