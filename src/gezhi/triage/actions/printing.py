"""Keeping the prints of open cases: of one that came in, of very many that were there before."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.cases.rules import OPEN
from gezhi.rulebook import reads as rulebook
from gezhi.triage import reads
from gezhi.triage.models import Print
from gezhi.triage.rules import sameness


@transaction.atomic
def print_cases(ids: Iterable[UUID]) -> int:
    """Make, renew or drop the prints of these cases as they are now; how many have one.

    In the order of their ids, so that two who do so at once wait and don't lock each other out.
    """
    found = sorted(cases.cases_behind(ids), key=lambda case: case.id)
    kept = Print.objects.filter(case__in=[case.id for case in found]).order_by("case")
    list(kept.select_for_update().values_list("case"))
    made = [_print_of(case) for case in found if _leaves_print(case)]
    Print.objects.filter(case__in=[case.id for case in found if not _leaves_print(case)]).delete()
    Print.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=["county", "opened_at", "sketch", "bands"],
    )
    return len(made)


def _leaves_print(case: Case) -> bool:
    """Only what may still be joined has one, and nothing whose words are kept from the search."""
    if not case.what or case.state not in OPEN:
        return False
    return not cases.is_sensitive(rulebook.book(case.county, case.book), case)


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
