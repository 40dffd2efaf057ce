"""What will be late today, whose it is, and what nobody heard of: one press asks for an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gezhi.base import clock
from gezhi.base.days import midnight
from gezhi.base.http import actor_of
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline, Raised
from gezhi.deadlines.reads import Owing
from gezhi.deadlines.rules import UNSTOPPED, Kind
from gezhi.desk.pages import rows, words
from gezhi.desk.pages.story import owed
from gezhi.desk.rules import left_of
from gezhi.people import reads as people
from gezhi.people.rules import LEVEL_NAMES, Level
from gezhi.rulebook.forms import TELL_NAMES

_MOST = 100
_ALARMS = timedelta(days=1)


@dataclass(frozen=True)
class Holder:
    """A unit that owes something today."""

    unit: UUID
    name: str
    level: str
    late: int
    soon: int
    since: str
    is_here: bool

    @property
    def query(self) -> str:
        return f"holder={self.unit}"


@dataclass(frozen=True)
class Step:
    """A level of the house: how much is late there, how much may become so today."""

    level: str
    name: str
    late: int
    soon: int
    is_here: bool


@require_safe
def supervision(request: HttpRequest) -> HttpResponse:
    """What is broken or falls due today, by level and by holder; tick and supervise."""
    actor, now = actor_of(request), clock.now()
    actor.must("case.supervise")
    tonight = midnight(timezone.localdate(now) + timedelta(days=1))
    due = deadlines.due_by(actor, moment=tonight).filter(county=settings.COUNTY)
    owing = deadlines.owing(due, now=now)
    level, holder = request.GET.get("level", ""), request.GET.get("holder", "")
    holders = _holders(owing, holder, now)
    here = [one for one in holders if not level or one.level == level]
    chosen = [one.unit for one in here if not holder or str(one.unit) == holder]
    found = list(due.filter(unit__in=chosen).select_related("case")[: _MOST + 1])
    shown = {
        "levels": _levels(holders, level),
        "holders": here,
        "level": level,
        "holder": next((one for one in holders if one.is_here), None),
        "entries": _entries(found[:_MOST], now),
        "has_more": len(found) > _MOST,
        "late": sum(one.late for one in holders),
        "soon": sum(one.soon for one in holders),
        "alarms": _alarms(deadlines.unheard(actor, since=now - _ALARMS, most=_MOST), now),
    }
    return render(request, "desk/supervision.html", shown)


def _holders(owing: Iterable[Owing], here: str, now: datetime) -> list[Holder]:
    owing = list(owing)
    units = people.units_by_ids(one.unit for one in owing)
    return [
        Holder(
            unit=one.unit,
            name=units[one.unit].label,
            level=units[one.unit].level,
            late=one.late,
            soon=one.soon,
            since=words.moment(one.first, now),
            is_here=str(one.unit) == here,
        )
        for one in owing
        if one.unit in units
    ]


def _levels(holders: list[Holder], here: str) -> list[Step]:
    there = {one.level for one in holders}
    return [
        Step(
            level=level.value,
            name=str(LEVEL_NAMES[level]),
            late=sum(one.late for one in holders if one.level == level),
            soon=sum(one.soon for one in holders if one.level == level),
            is_here=level == here,
        )
        for level in Level
        if level in there
    ]


def _entries(found: list[Deadline], now: datetime) -> list[dict[str, Any]]:
    """The promise, not the case, is what counts here: a case that owes two has two lines."""
    listed = rows.rows_of([row.case for row in found], now)
    owners = people.unit_names(row.unit_id for row in found)
    reached = deadlines.climbed(found)
    above = people.unit_names(one.unit_id for one in reached.values() if one.unit_id)
    return [
        {
            "row": row,
            "revision": promise.case.lines,
            "owes": owed(promise, promise.case),
            "owner": owners.get(promise.unit_id, ""),
            "due": words.moment(promise.due, now),
            "left": _left(promise, now),
            "is_late": promise.due < now,
            "climbed": above.get(reached[promise.id].unit_id or promise.unit_id, "")
            if promise.id in reached
            else "",
        }
        for promise, row in zip(found, listed, strict=True)
    ]


def _left(promise: Deadline, now: datetime) -> str:
    stands = Kind(promise.kind) not in UNSTOPPED
    due = left_of(
        start=promise.starts,
        due=promise.due,
        paused_until=promise.case.paused_until if stands else None,
        paused_at=promise.case.paused_at,
        now=now,
    )
    return words.promise(due)


def _alarms(unheard: list[Raised], now: datetime) -> list[dict[str, Any]]:
    names = people.unit_names(one.unit_id for one in unheard if one.unit_id)
    return [
        {
            "number": one.case.number,
            "owes": owed(one.deadline, one.case),
            "unit": names.get(one.unit_id, "") if one.unit_id else "",
            "audience": TELL_NAMES.get(one.audience, one.audience),
            "at": words.moment(one.at, now),
        }
        for one in unheard
    ]
