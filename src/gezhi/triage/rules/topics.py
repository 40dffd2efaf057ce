"""Topics: what many reports of some weeks speak of; where, since when, how hot, in which words.

A topic is a matter at a place. Nothing here knows who reported.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from gezhi.triage.rules.clusters import Floats, Progress, Told, Vectors, group, vectors_of
from gezhi.triage.rules.rates import Ratio, ratio
from gezhi.triage.rules.topics_words import words_said, words_shared

WINDOW = timedelta(weeks=4)
WEEK = timedelta(days=7)
HALF_LIFE = timedelta(days=7)
LEAST = 3  # voices that make a matter a topic
_FOLLOWER = 0.5
_MOST_NAMED = 0.6  # the part of its reports that name the thing a topic is told by
_MOST_PLACED = 0.8  # the part of its reports that lie where a topic is said to be
_CLAUSE = re.compile(r"[^。！？!?；;，,、\n]+")
_SHORT, _LONG = 6, 48
_BRIEF = 10.0  # grams: keeps a clause of two words from being the best
_OPENING = 1.5  # a title says what it is about better than what follows


@dataclass(frozen=True)
class Line:
    """A clause of a masked text, by where it stands in it: no second copy of the words is kept."""

    start: int
    end: int


@dataclass(frozen=True)
class Found:
    """A topic as it is now; `members` with their clauses, the most central first.

    `place` is the thing that most of them name, `towns` where they are told from, most first,
    `words` what they share and others don't.
    """

    members: tuple[Told, ...]
    lines: tuple[Line, ...]
    path: str
    category: str
    place: str = ""
    towns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def ids(self) -> frozenset[UUID]:
        return frozenset(one.id for one in self.members)

    @property
    def first_at(self) -> datetime:
        return min(one.at for one in self.members)

    @property
    def last_at(self) -> datetime:
        return max(_last(one) for one in self.members)

    @property
    def reports(self) -> int:
        return sum(one.reports for one in self.members)

    @property
    def likes(self) -> int:
        return sum(_net_likes(one) for one in self.members)


def find_topics(
    told: Iterable[Told], *, common: Collection[str] = (), progress: Progress | None = None
) -> list[Found]:
    """The topics among these reports, in the order of their first report.

    `common` are words of reports that say nothing of what they are about.
    """
    ordered = sorted(told, key=lambda one: one.id)
    vectors = vectors_of([one.text for one in ordered])
    groups = group(ordered, vectors, progress=progress)
    said = [words_said(one.text, common) for one in ordered]
    all_use = Counter(word for one in said for word in one)
    found = []
    for rows in groups:
        if sum(ordered[at].reports for at in rows) >= LEAST:
            one = _told_of([ordered[at] for at in rows], vectors, rows)
            own = [said[at] for at in rows]
            words = words_shared(own, all_use, len(ordered), told=one.place)
            found.append(replace(one, words=words))
    return sorted(found, key=lambda one: (one.first_at, one.members[0].id))


def _told_of(told: Sequence[Told], vectors: Vectors, rows: Sequence[int]) -> Found:
    centre = vectors.centre(rows)
    nearness = vectors.rows[list(rows)] @ centre
    order = sorted(range(len(told)), key=lambda at: (-round(nearness[at], 6), told[at].id))
    members = tuple(told[at] for at in order)
    return Found(
        members,
        lines=tuple(best_clause(one.text, vectors, centre) for one in members),
        path=common_path([one.path for one in members]),
        category=_most([one.category for one in members]),
        place=_place(members),
        towns=_by_count([one.path[:9] for one in members if len(one.path) >= 9]),
    )


def _place(members: Sequence[Told]) -> str:
    """The thing that most of them name."""
    named = _by_count([name for one in members for name in one.names])
    often = [one for one in members if named and named[0] in one.names]
    return named[0] if len(often) >= _MOST_NAMED * len(members) else ""


def _most(values: Iterable[str]) -> str:
    return next(iter(_by_count([one for one in values if one])), "")


def _by_count(values: Sequence[str]) -> tuple[str, ...]:
    """Each once, those that are there most often first."""
    counted = Counter(values)
    return tuple(sorted(counted, key=lambda one: (-counted[one], one)))


def best_clause(text: str, vectors: Vectors, centre: Floats) -> Line:
    """The clause that says most of what the topic's reports share, by its length."""
    best, most = Line(0, 0), 0.0
    opening = min(len(text.split("\n", 1)[0]), _LONG)
    for match in _CLAUSE.finditer(text):
        words = match[0].strip()
        if not _SHORT <= len(words) <= _LONG:
            continue
        weight, size = vectors.weight_of(words, centre)
        worth = weight / math.sqrt(size + _BRIEF) * (_OPENING if match.start() <= opening else 1.0)
        if worth > most:
            most = worth
            start = match.start() + match[0].index(words)
            best = Line(start, start + len(words))
    return best


def line_of(text: str, line: Line) -> str:
    """The clause in a masked text; how it begins where no clause was chosen, or it has changed."""
    chosen = text[line.start : line.end]
    if not chosen:
        chosen = next((found[0] for found in _CLAUSE.finditer(text)), "")[:_LONG]
    return " ".join(chosen.split())


def common_path(paths: Sequence[str]) -> str:
    """The smallest area in which most of these lie; those that only name the county say little."""
    known = [path for path in paths if path]
    if not known:
        return ""
    best = min(known, key=len)[:6]
    for digits in (9, 12, 15):
        counted = Counter(path[:digits] for path in known if len(path) >= digits)
        named = min(counted, key=lambda path: (-counted[path], path), default="")
        if not named or counted[named] < _MOST_PLACED * len(known):
            break
        best = named
    return best


def _last(one: Told) -> datetime:
    return max(one.last_at or one.at, one.at)


def _net_likes(one: Told) -> int:
    return max(one.likes - one.dislikes, 0)


def heat(members: Iterable[Told], now: datetime) -> float:
    """Each report 1, with the decimal logarithm of its likes, each follower a half; halved weekly.

    A follower wrote less than a reporter and still said "me too". Likes cost nothing and come by
    the thousand, so ten of them weigh as one report and a hundred as two: Reddit's ranking counts
    votes by their logarithm for that reason. The half-life of a week lets a matter that nobody
    speaks of any more fall behind within the four weeks that are looked at.
    """
    total = 0.0
    for one in members:
        total += (1 + math.log10(1 + _net_likes(one))) * _faded(now - one.at)
        total += _FOLLOWER * (one.reports - 1) * _faded(now - _last(one))
    return total


def _faded(age: timedelta) -> float:
    return float(0.5 ** (max(age, timedelta()) / HALF_LIFE))


def peak(members: Sequence[Told]) -> float:
    """How hot it was at its hottest: for a file of a year, where the last day says little."""
    moments = sorted({_last(one) for one in members})
    return max(heat([one for one in members if one.at <= moment], moment) for moment in moments)


def trend(moments: Iterable[datetime], *, now: datetime, since: datetime) -> Ratio | None:
    """Reports a day in the last week to those of the weeks before it, from `since`."""
    told = list(moments)
    recent = sum(at > now - WEEK for at in told)
    before = max(now - WEEK - since, timedelta(days=1))
    return ratio(recent, WEEK / timedelta(days=1), len(told) - recent, before / timedelta(days=1))


def ends_of(found: Ratio | None) -> tuple[float | None, float | None, float | None]:
    """A ratio as a row keeps it: what has no end is left out."""
    if found is None:
        return None, None, None
    return _finite(found.value), _finite(found.low), _finite(found.high)


def _finite(value: float) -> float | None:
    return None if math.isinf(value) else round(value, 3)


def is_growing(found: Ratio | None, recent: int) -> bool:
    """More than chance would make of it, and not by one or two reports."""
    return found is not None and found.low > 1 and recent >= LEAST


def by_day(moments: Iterable[datetime], *, now: datetime, days: int) -> list[int]:
    """How many came on each of the last `days` times 24 hours, the newest last."""
    counted = [0] * days
    for at in moments:
        ago = (now - at) // timedelta(days=1)
        if 0 <= ago < days:
            counted[days - 1 - ago] += 1
    return counted


def keep_identities(
    found: Sequence[frozenset[UUID]], known: Mapping[UUID, frozenset[UUID]]
) -> dict[int, UUID]:
    """Which of the topics found is which that was known: the largest overlap keeps its name.

    An overlap counts where it is at least half of the smaller of the two, so that a report that
    went from one topic to another does not take the topic's name along.
    """
    shared = sorted(
        (-len(new & old), id, at)
        for at, new in enumerate(found)
        for id, old in known.items()
        if 2 * len(new & old) >= min(len(new), len(old)) > 0
    )
    kept: dict[int, UUID] = {}
    taken: set[UUID] = set()
    for _overlap, id, at in shared:
        if at not in kept and id not in taken:
            kept[at] = id
            taken.add(id)
    return kept
