"""Cases as anybody may read of them: reviewed as public and of a kind that hides nobody."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from gezhi.base import rows
from gezhi.cases.models import Attachment, Case, HistoryLine
from gezhi.cases.rules.moves import Act
from gezhi.cases.rules.open_data import Wanted
from gezhi.rulebook import reads as rulebook


def open_cases(*, county: str, told_by: str = "") -> QuerySet[Case]:
    """What anybody may read of, and what a program (`told_by`, its label) itself has reported.

    Never a sensitive kind, nor what was told in secrecy, nor what was merged into such a case.
    """
    kinds = [
        key
        for key, one in rulebook.current(county).categories.items()
        if one.public and not one.sensitive
    ]
    of_kind = Q(category__in=kinds) | Q(category="", proposed_category__in=kinds)
    first = HistoryLine.objects.filter(county=county, case=OuterRef("pk"), seq=1)
    may = Q(is_public=True)
    if told_by:
        may = may | Q(Exists(first.filter(actor=told_by)))
    found = Case.objects.filter(of_kind, may, county=county, is_secret=False)
    return found.filter(Q(main=None) | Q(main__is_public=True, main__is_secret=False))


def narrow(found: QuerySet[Case], wanted: Wanted) -> QuerySet[Case]:
    """Those of `found` that are wanted; numbers go before everything else."""
    if wanted.numbers:
        return found.filter(number__in=wanted.numbers)
    for name, value in (
        ("opened_at__gte", wanted.since),
        ("opened_at__lte", wanted.until),
        ("changed_at__gte", wanted.changed_since),
        ("changed_at__lte", wanted.changed_until),
        ("state__in", wanted.states),
    ):
        if value is not None:
            found = found.filter(**{name: value})
    if wanted.kinds:
        kind = Q(category__in=wanted.kinds)
        found = found.filter(kind | Q(category="", proposed_category__in=wanted.kinds))
    if wanted.box:
        west, south, east, north = wanted.box
        found = found.filter(lon__range=(west, east), lat__range=(south, north))
    return found


def public_pictures(case_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The first picture of each of these cases that anybody may see, in one trip."""
    found = Attachment.objects.filter(
        case__in=list(case_ids),
        is_public=True,
        case__is_public=True,
        case__is_secret=False,
        media_type="image/jpeg",
    ).order_by("-at", "-id")
    return dict(found.values_list("case", "id"))


def public_lines(case_ids: Iterable[UUID]) -> list[HistoryLine]:
    """The lines of these cases that anybody may read, in the order in which they were written."""
    return rows.fetch(
        HistoryLine, "case_id = ANY(%s) AND is_public ORDER BY at, seq", [list(case_ids)]
    )


def told_case(number: str, *, county: str, told_by: str) -> Case | None:
    """The case of this number, if it is one that this program reported and may follow."""
    found = open_cases(county=county, told_by=told_by).filter(number=number)
    first = HistoryLine.objects.filter(county=county, case=OuterRef("pk"), seq=1, actor=told_by)
    return found.filter(Exists(first)).defer("words").first()


def updates(found: QuerySet[Case], since: datetime, until: datetime) -> QuerySet[HistoryLine]:
    """What happened to these cases meanwhile that anybody may know, in the order it did."""
    lines = HistoryLine.objects.filter(
        case__in=found.filter(changed_at__gte=since), at__range=(since, until), is_public=True
    ).exclude(act__in=[Act.REPORT, Act.FOLLOW])
    return lines.select_related("case").defer("case__words").order_by("at", "id")


def in_batches(found: QuerySet[Case], size: int) -> Iterator[list[Case]]:
    """All of `found` from the oldest on, some at a time, each from where the one before ended.

    What comes in meanwhile comes last; nothing is given twice, however long it takes.
    """
    ordered = found.defer("words").order_by("opened_at", "id")
    rows = list(ordered[:size])
    while rows:
        yield rows
        last = rows[-1]
        later = Q(opened_at__gt=last.opened_at) | Q(id__gt=last.id)
        rows = list(ordered.filter(later, opened_at__gte=last.opened_at)[:size])
