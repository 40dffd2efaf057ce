"""Which closed cases are learned from, which are held out, and what a training came to. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.triage.rules.learning_groups import not_seen

LEAST_CASES = 300  # in all; with fewer, the rulebook's keywords know more
LEAST_OF_EACH = 15  # of a category; the others stay reachable by keywords
MOST_CASES = 30_000  # the newest: a bound on time and memory
LEAST_HELD, MOST_HELD = 50, 1000
_HELD_SHARE = 10  # every tenth
VERSIONS_KEPT = 3  # the one in force and two before it
TRAININGS_KEPT = 30
# A training that has said nothing for so long has lost its worker.
SILENCE = timedelta(minutes=15)


class Result(StrEnum):
    """What a training came to. It is empty while it is under way."""

    SWITCHED = "switched"
    KEPT = "kept"
    TOO_FEW = "too_few"
    FAILED = "failed"
    STOPPED = "stopped"


RESULT_NAMES: Mapping[Result, Promise] = {
    Result.SWITCHED: _("更好，已启用"),
    Result.KEPT: _("还不能肯定更好，仍用原来的"),
    Result.TOO_FEW: _("新结案的工单还不够"),
    Result.FAILED: _("系统出错，没有练完"),
    Result.STOPPED: _("中途停了"),
}


@dataclass(frozen=True)
class Settled:
    """What people wrote, and the category it stood under when its case was closed."""

    what: str
    category: str
    closed_at: datetime


@dataclass(frozen=True)
class Parts:
    """Cases to learn from, and newer ones to be judged by. `until`: the newest learned from.

    `rare` are as old as those, of kinds that have too few: they are asked about meanwhile.
    """

    learned: Sequence[Settled]
    rare: Sequence[Settled]
    held: Sequence[Settled]
    until: datetime


def parted(cases: Sequence[Settled], *, seen_until: datetime | None) -> Parts | None:
    """The newest tenth is held out; None while there are too few of either.

    `cases` come the newest first. Neither the model in force, which learned from cases closed up
    to `seen_until`, nor the new one has seen what is held out, nor anything nearly the same.
    """
    newer = sum(1 for case in cases if seen_until is None or case.closed_at > seen_until)
    held = min(max(len(cases) // _HELD_SHARE, LEAST_HELD), MOST_HELD, newer)
    rest = cases[held:]
    many = Counter(case.category for case in rest)
    learned = [case for case in rest if many[case.category] >= LEAST_OF_EACH]
    if len(learned) < LEAST_CASES or len({case.category for case in learned}) < 2:
        return None
    newest = cases[:held]
    is_fresh = not_seen([case.what for case in newest], [case.what for case in rest])
    fresh = [case for case, fresh in zip(newest, is_fresh, strict=True) if fresh]
    if len(fresh) < LEAST_HELD // 2:
        return None
    rare = [case for case in rest if many[case.category] < LEAST_OF_EACH]
    return Parts(learned, rare, fresh, max(case.closed_at for case in rest))


def minutes_left(done: int, total: int, taken: timedelta) -> int | None:
    """How long the rest will take at the pace so far, at least one; None before there is one."""
    if not done:
        return None
    return max(1, round(taken.total_seconds() / done * (total - done) / 60))
