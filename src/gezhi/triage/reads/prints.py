"""Which cases have no print yet."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from gezhi.base.actor import system
from gezhi.cases import reads as cases
from gezhi.cases.rules import OPEN
from gezhi.triage.models import Print

_PRINTING = system("triage")


def unprinted(*, county: str, after: UUID | None, most: int) -> list[UUID]:
    """Open cases with words and without a print, in the order of their ids."""
    found = cases.visible_to(_PRINTING).filter(county=county, state__in=sorted(OPEN))
    found = found.exclude(what="")
    if after is not None:
        found = found.filter(pk__gt=after)
    found = found.exclude(Exists(Print.objects.filter(case=OuterRef("pk"))))
    return list(found.order_by("pk").values_list("pk", flat=True)[:most])
