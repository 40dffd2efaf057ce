"""Whether the proof that a category asks for is there, and which files an act goes by.

Every way of finishing asks here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from gezhi.cases.rules.moves import OPEN, Act, State
from gezhi.rulebook.rules import Book

PROOF_NAMES = {
    "photo_after": _("处理后照片"),
    "photo_pair": _("处理前后对比照片"),
    "place": _("现场拍摄的照片（带位置）"),
    "document": _("文书材料"),
    "signature": _("签字材料"),
    "second_check": _("第二人核查"),
}
FILE_NAMES = {
    "photo": _("现场照片"),
    "before": _("处理前"),
    "after": _("处理后"),
    "check": _("核查照片"),
    "progress": _("进展照片"),
    "document": _("文书"),
    "signature": _("签字"),
    "voice": _("语音"),
}
_EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
# Pictures of the work: of work that is not done there is nothing to show.
_OF_THE_WORK = frozenset({"before", "after"})
# What an act shows of the files it took. Papers and signatures name people.
SHOWN_KINDS = _OF_THE_WORK | {"photo", "check", "progress"}
NEVER_SHOWN = frozenset({"signature"})
# What is kept as it came, and sealed: no copy of it is without traces.
DOCUMENTS = frozenset({"document", "voice"})
# What was brought to say that the work is done. How it was before stays as it was.
_SAYS_DONE = frozenset({"after", "document", "signature"})
_BY_PICTURES = frozenset({"photo_after", "photo_pair", "place"})
# What has to be new to the case: a picture it has already proves nothing more.
PROVES = _OF_THE_WORK | {"check", "signature"}
LEFT_OUT = "left_out"  # came for an act that went without it


@dataclass(frozen=True)
class Evidence:
    """One attachment as proof sees it; place and time from its EXIF, where it had them.

    `at` is when it came, `waits_for` the act it came for, as long as that did not happen.
    """

    kind: str
    is_picture: bool
    lon: float | None = None
    lat: float | None = None
    taken_at: datetime | None = None
    id: UUID | None = None
    at: datetime | None = None
    waits_for: str = ""


def asks_for_photos(proof: Collection[str]) -> bool:
    """Whether what was done is to be seen on pictures; then what was checked is, too."""
    return not _BY_PICTURES.isdisjoint(proof)


def waits_for_check(
    state: str, *, outcome: str, category: str, is_verified: bool, book: Book
) -> bool:
    """Whether a second person has still to look before a finished case can be closed."""
    known, kind = book.outcomes.get(outcome), book.categories.get(category)
    if state != State.DONE or is_verified or known is None or kind is None:
        return False
    return known.is_solved and "second_check" in kind.proof


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres between two WGS-84 points along the great circle (haversine)."""
    rise, run = radians(lat2 - lat1), radians(lon2 - lon1)
    half = sin(rise / 2) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(run / 2) ** 2
    return 2 * _EARTH_RADIUS_M * asin(sqrt(half))


def nearest_m(evidence: Sequence[Evidence], place: tuple[float, float]) -> float | None:
    """How near to the place the nearest picture of the work done was taken; None: none says."""
    return min(
        (
            distance_m(item.lon, item.lat, *place)
            for item in evidence
            if item.kind == "after" and item.lon is not None and item.lat is not None
        ),
        default=None,
    )


def _near(evidence: Sequence[Evidence], place: tuple[float, float] | None, metres: int) -> bool:
    if place is None:
        return True  # a case without a point can't ask for nearness to it
    nearest = nearest_m(evidence, place)
    return nearest is not None and nearest <= metres


def missing_proof(
    needed: Collection[str],
    evidence: Sequence[Evidence],
    *,
    place: tuple[float, float] | None,
    metres: int,
    is_checked: bool,
) -> tuple[str, ...]:
    """Which of the needed kinds of proof are not there, in the order they were asked for."""
    pictures = {item.kind for item in evidence if item.is_picture}
    kinds = {item.kind for item in evidence}
    there = {
        "photo_after": "after" in pictures,
        "photo_pair": {"before", "after"} <= pictures,
        "document": "document" in kinds,
        "signature": "signature" in kinds,
        "place": _near(evidence, place, metres),
        "second_check": is_checked,
    }
    return tuple(kind for kind in needed if not there.get(kind, False))


def shown_with(kind: str, state: State) -> Act | None:
    """The act that shows a file of this kind added in this state; None: it is shown at once."""
    if kind == "check":  # what the second person saw
        return Act.VERIFY
    if kind == "progress":  # how far the work has come
        return Act.REACH_STAGE
    return Act.FINISH if kind in _OF_THE_WORK and state in OPEN else None


def of_this_work(evidence: Sequence[Evidence], *, since: datetime) -> list[Evidence]:
    """Without what proved work that came to nothing: the reporter said no, or it was reopened.

    `since` is when the present work began. What waits for an act is left to whoever takes it.
    """
    return [
        item
        for item in evidence
        if item.waits_for or item.kind not in _SAYS_DONE or item.at is None or item.at >= since
    ]


def taken(
    act: Act, evidence: Sequence[Evidence], named: Collection[UUID] | None, *, since: datetime
) -> frozenset[UUID]:
    """Which of the files that wait for an act it goes by.

    Those that are named; without names all that came since the work began, and what
    shows how it was before. A picture of somebody else's work that came to nothing is not
    of this work.
    """
    waiting = [item for item in evidence if item.waits_for == act and item.id is not None]
    return frozenset(
        item.id
        for item in waiting
        if item.id is not None
        and (
            item.id in named
            if named is not None
            else item.kind == "before" or item.at is None or item.at >= since
        )
    )
