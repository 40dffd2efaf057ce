"""Taking out who called and what was said; that there was a call, and what became of it, stays."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.base import clock
from gezhi.base.sealed import blind_indexes
from gezhi.cases.rules import phone_text
from gezhi.hotline.models import Call
from gezhi.hotline.rules import RINGS_FOR
from gezhi.record.keeping import Due, Kind, Over, keeps

_TELLS = (
    'length("hotline_call"."phone") + length("hotline_call"."recording")'
    ' + length("hotline_call"."said") > 0 OR "hotline_call"."phone_index" IS NOT NULL'
)
_NOTHING = {"phone": "", "phone_index": None, "recording": "", "said": ""}


def forget_calls_of(case: UUID, *, report: UUID | None = None) -> None:
    """No second copy stays of the number and words that went from a case, or from one report.

    A call of which nobody knows whose it was, as of those from before, goes with any.
    """
    found = Call.objects.filter(county=settings.COUNTY, case=case)
    if report is not None:
        found = found.filter(Q(report=report) | Q(report=None))
    found.update(**_NOTHING)


def forget_calls_from(phone: str) -> int:
    """What is kept of a number's calls that became no case; one at an agent's hand stays."""
    index = blind_indexes(phone_text(phone)) if phone else []
    rings = Q(outcome="", began_at__gte=clock.now() - RINGS_FOR)
    found = Call.objects.filter(county=settings.COUNTY, case=None, phone_index__in=index)
    return found.exclude(rings).update(**_NOTHING)


def _old(over: Over) -> QuerySet[Call]:
    found = Call.objects.filter(county=over.county, began_at__lt=over.before)
    found = found.exclude(case__in=over.held.cases)
    for path in over.held.paths:
        found = found.exclude(Q(case__isnull=False) & Q(case__path__startswith=path))
    return found.extra(where=[_TELLS])  # noqa: S610  # a constant


def _due(over: Over) -> Due:
    found = _old(over)
    return Due(found.count(), found.aggregate(oldest=Min("began_at"))["oldest"])


@transaction.atomic
def _forget(over: Over, most: int) -> int:
    found = _old(over).select_for_update(of=("self",)).order_by("began_at")
    ids = list(found.values_list("id", flat=True)[:most])
    return Call.objects.filter(id__in=ids).update(**_NOTHING)


keeps(
    Kind(
        "calls",
        _("热线来电"),
        _("来电号码、录音编号和记下的话被清除；何时来过电、怎么处理的仍在。"),
        180,
        30,
        _due,
        _forget,
    )
)
