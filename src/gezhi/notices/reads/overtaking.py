"""What of that which had to wait is no news any more when its hour comes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime

from gezhi.base.actor import system
from gezhi.cases import reads as cases
from gezhi.deadlines import reads as deadlines
from gezhi.deadlines.models import Deadline
from gezhi.notices import rules
from gezhi.notices.models import Delivery, Notice
from gezhi.notices.rules import EVENTS_OF, Audience, News
from gezhi.record import reads as record
from gezhi.record.models import Line

_NOTICES = system("notices")


def overtaken(deliveries: Sequence[Delivery], *, now: datetime) -> set[UUID]:
    """Which of these, of one county, tell what later news took the place of."""
    notices = list({row.notice_id: row.notice for row in deliveries}.values())
    if not notices:
        return set()
    since = _Since(notices, now=now)
    over = {notice.id for notice in notices if since.is_over(notice)}
    return {row.id for row in deliveries if row.notice_id in over}


class _Since:
    """What became of the cases of these notices, asked once for all."""

    def __init__(self, notices: Sequence[Notice], *, now: datetime) -> None:
        self._now, self._county = now, notices[0].county
        self._upwards = self._mains({notice.case_id for notice in notices if notice.case_id})
        self._lines = self._lines_of({id for road in self._upwards.values() for id in road})
        self._told = {
            notice.id: line for notice in notices if (line := self._line_of(notice)) is not None
        }
        self._open = self._promises(line.data for line in self._told.values())
        self._waiting = self._wishes(line.data for line in self._told.values())
        asked = [notice.id for notice in notices if notice.event == "rating_asked"]
        self._rated = dict(
            Notice.objects.filter(pk__in=asked).values_list("pk", "report__rated_at")
            if asked else ()
        )  # fmt: skip

    def is_over(self, notice: Notice) -> bool:
        """Whether it is no news any more; what the book does not show is told."""
        line = self._told.get(notice.id)
        if line is None:
            return False
        if "deadline" in line.data:
            return self._is_promise_over(notice, line.data)
        if notice.event == "approval_asked":
            return line.data["approval"] not in self._waiting
        if (rated := self._rated.get(notice.id)) is not None and rated >= line.at:
            return True
        later = [News(one.kind, one.data) for one in self._about(notice) if one.id > line.id]
        told = News(line.kind, line.data)
        return rules.is_overtaken(notice.event, Audience(notice.audience), told=told, later=later)

    def _is_promise_over(self, notice: Notice, data: dict[str, Any]) -> bool:
        promise, told_due = self._open.get(UUID(data["deadline"])), parse_datetime(data["due"])
        if promise is None or told_due is None:
            return promise is None  # kept or dropped
        return rules.is_owed_otherwise(
            Audience(notice.audience),
            told_due=told_due,
            told_unit=UUID(data["unit"]),
            due=promise.due,
            unit=promise.unit_id,
            now=self._now,
        )

    def _mains(self, ids: set[UUID]) -> dict[UUID, set[UUID]]:
        """By case, itself and those it was merged into; one query for each depth there is."""
        main_of: dict[UUID, UUID | None] = {}
        level = ids
        while level:
            found = cases.visible_to(_NOTICES).filter(county=self._county, pk__in=level)
            main_of |= dict(found.values_list("pk", "main"))
            level = {main for main in main_of.values() if main} - main_of.keys()
        return {id: set(_upwards(id, main_of)) for id in ids}

    def _lines_of(self, ids: set[UUID]) -> list[Line]:
        return list(record.facts_about(*(f"case:{id}" for id in ids), county=self._county))

    def _about(self, notice: Notice) -> list[Line]:
        """The lines about its case, and the one that is worked on for it."""
        road = self._upwards[notice.case_id] if notice.case_id else ()
        abouts = {f"case:{id}" for id in road}
        return [line for line in self._lines if line.about in abouts]

    def _line_of(self, notice: Notice) -> Line | None:
        """The line of the book that the notice comes from."""
        kind, _colon, which = notice.cause.partition(":")
        lines = self._about(notice)
        if kind == "line":
            return next((line for line in lines if line.id == int(which)), None)
        return next(
            (
                line for line in lines
                if notice.event in EVENTS_OF.get(line.kind, ())
                and f"{line.data['deadline']}:{line.data.get('percent') or 0}" == which
            ),
            None,
        )  # fmt: skip

    def _promises(self, told: Iterable[dict[str, Any]]) -> dict[UUID, Deadline]:
        """The promises still open in the cases of which one was told."""
        owing = {UUID(data["case"]) for data in told if "deadline" in data}
        return {row.id: row for case in owing for row in deadlines.open_of(case)}

    def _wishes(self, told: Iterable[dict[str, Any]]) -> set[str]:
        """What leave was asked for and nobody has decided; none of it has lapsed."""
        asked = [(data["case"], data["approval"]) for data in told if "approval" in data]
        if not asked:
            return set()
        found = cases.visible_to(_NOTICES).filter(
            county=self._county,
            pk__in={case for case, _wish in asked},
            approvals__id__in={wish for _case, wish in asked},
            approvals__decided_at__isnull=True,
        )
        return {str(wish) for wish in found.values_list("approvals__id", flat=True)}


def _upwards(case: UUID, main_of: dict[UUID, UUID | None]) -> Iterable[UUID]:
    above: UUID | None = case
    while above is not None:
        yield above
        above = main_of.get(above)
