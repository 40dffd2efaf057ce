"""Keeping the prints of cases: of one that came in, of very many that were there before."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.triage import reads
from gezhi.triage.models import Print
from gezhi.triage.rules import sameness


@transaction.atomic
def print_cases(ids: Iterable[UUID]) -> int:
    """Make or renew the prints of these cases; a case without words has none. How many they are."""
    found = cases.cases_behind(ids)
    made = [_print_of(case) for case in found if case.what]
    Print.objects.filter(case__in=[case.id for case in found if not case.what]).delete()
    Print.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=["county", "opened_at", "sketch", "bands"],
    )
    return len(made)


def _print_of(case: Case) -> Print:
    sketch = sameness.sketch(sameness.grams(case.what))
    return Print(
        case_id=case.id,
        county=case.county,
        opened_at=case.opened_at,
        sketch=sketch.astype("<u4").tobytes(),
        bands=sameness.bands(sketch, sameness.era_of(case.opened_at)),
    )


def print_unprinted(*, county: str, after: UUID | None = None, most: int = 1000) -> UUID | None:
    """Print the next cases that no line of the book told of; the last of them, None at the end.

    Such are written in by the million beside the acts, to measure or to move in.
    """
    ids = reads.unprinted(county=county, after=after, most=most)
    print_cases(ids)
    return ids[-1] if ids else None
