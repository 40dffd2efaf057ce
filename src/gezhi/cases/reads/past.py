"""Past cases by the thousand, with their histories and ledgers, for whoever looks back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from gezhi.cases import rules
from gezhi.cases.models import Case, ClockEntry, HistoryLine

_UNASKED = ("words", "answer", "head", "before_merge")


class PastLine(NamedTuple):
    """A line of a history without what people wrote."""

    at: datetime
    act: str
    state: str
    holder: UUID
    data: dict[str, Any]


def opened_between(
    since: datetime, until: datetime, *, county: str, paths: Iterable[str]
) -> QuerySet[Case]:
    """Cases in these areas that were opened from `since` up to `until`."""
    inside = (Q(path__startswith=path) for path in paths)
    return Case.objects.filter(
        reduce(or_, inside, Q(pk__in=[])), county=county, opened_at__gte=since, opened_at__lt=until
    )


def next_of(cases: QuerySet[Case], after: tuple[datetime, UUID] | None, *, most: int) -> list[Case]:
    """The cases that were opened next after that one, the oldest first."""
    if after:
        # The first condition is one an index can walk; the second cuts off its beginning.
        moment, last = after
        later = Q(opened_at__gt=moment) | Q(opened_at=moment, id__gt=last)
        cases = cases.filter(later, opened_at__gte=moment)
    return list(cases.defer(*_UNASKED).order_by("opened_at", "id")[:most])


def settled(county: str, *, most: int) -> list[tuple[str, str, datetime]]:
    """What was written, the category and the closing time of the newest closed cases.

    Not of those whose reporter asked to stay unknown, nor of those whose words are gone.
    """
    closed = Case.objects.filter(
        county=county, state=rules.State.CLOSED, is_secret=False, closed_at__isnull=False
    )
    told = closed.exclude(what="").exclude(category="").order_by("-closed_at", "-id")
    rows = told.values_list("what", "category", "closed_at")[:most]
    return [(what, category, at) for what, category, at in rows if at is not None]


def histories(case_ids: Collection[UUID], *, county: str) -> dict[UUID, list[PastLine]]:
    """The lines of each of these cases in order, in one query."""
    found: dict[UUID, list[PastLine]] = defaultdict(list)
    rows = HistoryLine.objects.filter(county=county, case__in=case_ids).order_by("case", "seq")
    for case, *values in rows.values_list("case_id", "at", "act", "state", "holder_id", "data"):
        found[case].append(PastLine(*values))
    return found


def ledgers(case_ids: Collection[UUID], *, county: str) -> dict[UUID, list[rules.Entry]]:
    """The clock ledger of each of these cases in order, in one query."""
    found: dict[UUID, list[rules.Entry]] = defaultdict(list)
    rows = ClockEntry.objects.filter(county=county, case__in=case_ids).order_by("case", "at", "id")
    for case, kind, at, unit, until in rows.values_list(
        "case_id", "kind", "at", "unit_id", "until"
    ):
        found[case].append(rules.Entry(rules.EntryKind(kind), at, unit, until))
    return found
