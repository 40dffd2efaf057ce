"""Cases that were written beside a change of divisions come to lie where their area lies."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from gezhi.cases.models import Case
from gezhi.places import actions as places


def settle_paths(*, cases: Collection[UUID], inside: Collection[str]) -> int:
    """Give these cases, and those inside these paths, the path of their area; how many moved."""
    settled = 0
    if cases:
        settled += places.settle_paths(Case.objects.filter(id__in=cases))
    if inside:
        lie = Q(*(("path__startswith", path) for path in sorted(inside)), _connector=Q.OR)
        settled += places.settle_paths(Case.objects.filter(lie))
    return settled
