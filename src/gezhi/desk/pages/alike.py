"""What may be the same matter: beside a case that came in, and under words that are being typed."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

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
    found = triage.same_as(case.what, county=case.county, here=here, actor=actor, besides=case.id)
    return _rows(found, now)


def to_typed(request: HttpRequest, actor: Actor) -> list[AlikeRow]:
    """Those that may be the same as what has been typed so far, and where."""
    what, now = request.POST.get("what", "")[:5000], clock.now()
    if not what.strip():
        return []
    kind = request.POST.get("category") or triage.what(what, county=settings.COUNTY).category
    lon, lat = _number(request, "lon", most=180), _number(request, "lat", most=90)
    here = Spotted(now, request.POST.get("path", ""), lon, lat, kind)
    return _rows(triage.same_as(what, county=settings.COUNTY, here=here, actor=actor, most=3), now)


def _number(request: HttpRequest, name: str, *, most: int) -> float | None:
    try:
        typed = float(request.POST.get(name, ""))
    except ValueError:
        return None
    return typed if -most <= typed <= most else None


def _rows(found: list[triage.Alike], now: datetime) -> list[AlikeRow]:
    rows = rows_of([one.case for one in found], now) if found else []
    return [AlikeRow(row, _why(one, now)) for row, one in zip(rows, found, strict=True)]


def _why(one: triage.Alike, now: datetime) -> str:
    said = (apart(one.metres), words.moment(one.case.opened_at, now), words_shared(one.words))
    return " · ".join(filter(None, said))
