"""Standard replies as values: their places, whether an answer was made from one, how they do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.triage.rules.answers import places_in

LONGEST_TITLE, LONGEST_TEXT = 60, 2000
_LEAST_HELD = 0.7  # of a reply's own signs that an answer holds, to count as made from it
_FEWEST_SIGNS = 8
_SIGNS_OF_WORDS = re.compile(r"[\w]+")
_FEW = 20  # votes below which a share is given as an interval
_Z = 1.96

STATE_NAMES: Mapping[str, Promise] = {
    "proposed": _("待采用"), "in_use": _("使用中"), "dropped": _("不再使用"),
}  # fmt: skip
# What a change does, from which states it may, and to which state it leads ("" keeps it).
CHANGES: Mapping[str, tuple[frozenset[str], str]] = MappingProxyType({
    "changed": (frozenset({"proposed", "in_use"}), ""),
    "taken": (frozenset({"proposed", "dropped"}), "in_use"),
    "dropped": (frozenset({"proposed", "in_use"}), "dropped"),
})  # fmt: skip
CHANGE_NAMES: Mapping[str, Promise] = {
    "made": _("新建"), "proposed": _("从工单提出"), "changed": _("修改"),
    "taken": _("采用"), "dropped": _("不再使用"),
}  # fmt: skip


def is_made_from(answer: str, text: str) -> bool:
    """Whether an answer holds a standard reply: most of its words between the places, in order."""
    at, held, whole = 0, 0, 0
    said = _bare(answer)
    for piece in _pieces(text):
        whole += len(piece)
        found = said.find(piece, at)
        if found >= 0:
            held, at = held + len(piece), found + len(piece)
    return whole >= _FEWEST_SIGNS and held / whole >= _LEAST_HELD


def _pieces(text: str) -> list[str]:
    """What stands between the places, clause by clause, without signs that part them."""
    parts, at = [], 0
    for place in places_in(text):
        parts.append(text[at : place.start()])
        at = place.end()
    clauses = [
        clause for part in [*parts, text[at:]] for clause in re.split(r"[，。；！？,;!?\n]", part)
    ]
    return [bare for clause in clauses if (bare := _bare(clause))]


def _bare(text: str) -> str:
    return "".join(_SIGNS_OF_WORDS.findall(text))


@dataclass(frozen=True)
class Votes:
    """What reporters said of cases: how many were asked and answered, how many say it is solved."""

    asked: int
    solved: int

    @property
    def percent(self) -> int:
        return round(100 * self.solved / self.asked) if self.asked else 0

    @property
    def is_few(self) -> bool:
        return self.asked < _FEW

    @property
    def between(self) -> tuple[int, int]:
        """Wilson's interval at 95 %, in percent."""
        if not self.asked:
            return 0, 100
        n, share = self.asked, self.solved / self.asked
        middle = share + _Z * _Z / (2 * n)
        spread = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
        whole = 1 + _Z * _Z / n
        return round(100 * (middle - spread) / whole), round(100 * (middle + spread) / whole)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets of words have in common, from 0 to 1."""
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def pairs_of(text: str) -> frozenset[str]:
    """Neighbouring Han characters: words found without asking where they begin and end."""
    return frozenset(re.findall(r"(?=([\u4e00-\u9fff]{2}))", text))
