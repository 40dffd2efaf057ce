"""What may be the same matter: beside a case that came in, and under words that are being typed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.cases.models import Case
from gezhi.cases.rules import OPEN
from gezhi.desk.pages import words
from gezhi.desk.pages.rows import Row, rows_of
from gezhi.triage import reads as triage
from gezhi.triage.pages.words import apart, words_shared
from gezhi.triage.rules import Spotted


@dataclass(frozen=True)
class AlikeRow:
    """A case with why it may be the same."""

    row: Row
    why: str


def to_case(case: Case, actor: Actor, now: datetime, *, chosen: str = "") -> list[AlikeRow]:
    """Open cases the actor may see that may be the same as this one; none once it has ended.

    `chosen` is the category somebody picked for it just now.
    """
    if case.state not in OPEN:
        return []
    here = triage.spot_of(case)
    if chosen and not case.category:
        here = replace(here, category=chosen)
    found = triage.same_as(case.what, county=case.county, here=here, actor=actor, besides=case)
    return _rows(found, now)


def to_typed(typed: Mapping[str, str], actor: Actor, *, meant: str = "") -> list[AlikeRow]:
    """Those that may be the same as what has been typed so far, and where.

    `meant` is the area that the words name, where none was chosen.
    """
    what, now = typed.get("what", "")[:5000], clock.now()
    if not what.strip():
        return []
    kind = typed.get("category") or triage.what(what, county=settings.COUNTY).category
    lon, lat = _number(typed, "lon", most=180), _number(typed, "lat", most=90)
    here = Spotted(now, typed.get("path") or meant, lon, lat, kind)
    return _rows(triage.same_as(what, county=settings.COUNTY, here=here, actor=actor, most=3), now)


def _number(typed: Mapping[str, str], name: str, *, most: int) -> float | None:
    try:
        number = float(typed.get(name, ""))
    except ValueError:
        return None
    return number if -most <= number <= most else None


def _rows(found: list[triage.Alike], now: datetime) -> list[AlikeRow]:
    rows = rows_of([one.case for one in found], now) if found else []
    return [AlikeRow(row, _why(one, now)) for row, one in zip(rows, found, strict=True)]


def _why(one: triage.Alike, now: datetime) -> str:
    said = (apart(one.metres), words.moment(one.case.opened_at, now), words_shared(one.words))
    return " · ".join(filter(None, said))
