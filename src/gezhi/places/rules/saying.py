"""How a place is said: its levels one after another, what repeats said once. Pure."""

import re
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.places.rules.codes import Kind, Level, level_of, short_name_of

BETWEEN = " · "
# What an area is, for readers to whom 镇 and 村 at the end of a name say nothing.
KIND_WORDS: Mapping[str, str | Promise] = {
    Kind.COUNTY: _("%(name)s（县）"),
    Kind.TOWN: _("%(name)s（镇街）"),
    Kind.VILLAGE: _("%(name)s（村）"),
    Kind.COMMUNITY: _("%(name)s（社区）"),
}
# A number, or the sign before one: what is left of a name can stand alone.
_COUNTED = re.compile(r"[0-9０-９零〇一二三四五六七八九十第（(、，,\s]")
_OFFICE = re.compile(r"[委民]")  # 上河村 + 委会 is no name
_LEVEL_WORD = re.compile(r"(?<=..)(街道|社区|镇|乡|村)$")
_GRID = re.compile(r"第?([0-9]{1,3}|[零一二三四五六七八九十百]{1,5})号?网格")
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}


def name_alone(name: str, short_name: str, *, path: str, kind: str) -> str:
    """An area's own name with its level word; a school or works without “专属网格”."""
    if level_of(path) == Level.GRID:
        return short_name if kind == Kind.EXCLUSIVE else name
    return short_name_of(name, path)


def said_once(names: Sequence[str]) -> tuple[str, ...]:
    """Names from the largest down, without the larger names the smaller ones begin with."""
    said: list[str] = []
    for at, name in enumerate(names):
        for above in names[:at]:
            name = _without(name, above)
        said.append(name)
    return tuple(said)


def _without(name: str, above: str) -> str:
    rest = name.removeprefix(above)
    if rest != name:
        return rest if len(rest) > 1 and not _OFFICE.match(rest) else name
    stem = _LEVEL_WORD.sub("", above)
    rest = name.removeprefix(stem)
    return rest if rest != name and _COUNTED.match(rest) and len(rest) > 1 else name


def with_spot(area: str, spot: str) -> str:
    """The area and somebody's own words for the spot; names the area has said are not repeated."""
    names = [name.partition(" (")[0] for name in area.split(BETWEEN)]
    spot = rest = _after(names, spot.strip())
    for name in names:
        rest = rest.removeprefix(name)
    if spot == _LEVEL_WORD.sub("", names[-1]):  # 新桥社区 is 新桥
        return area
    if area and rest != spot and (not rest or _COUNTED.match(rest)):
        spot = rest.lstrip("、，, ")
    return BETWEEN.join(part for part in (area, spot) if part)


def _after(names: Sequence[str], spot: str) -> str:
    """What is left once the levels are gone that it begins with: it was said by a program."""
    levels = spot.split(BETWEEN)
    while len(levels) > 1 and levels[0].partition(" (")[0] in names:
        levels = levels[1:]
    return BETWEEN.join(levels)


def grid_number(name: str) -> int | None:
    """3 for 第三网格 and 3网格; None for a grid with a name of its own."""
    found = _GRID.fullmatch(name)
    if found is None:
        return None
    text = found.group(1)
    return int(text) if text.isdecimal() else _counted(text)


def _counted(text: str) -> int | None:
    """三, 十, 十二, 三十, 二十一 and 一百零五 as numbers; None for what counts nothing."""
    total, digit = 0, 0
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            continue
        total, digit = total + (digit or 1) * (100 if sign == "百" else 10), 0
    return total + digit or None
