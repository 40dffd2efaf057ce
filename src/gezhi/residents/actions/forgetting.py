"""Taking out what residents wrote when they asked about their data; what became of it stays."""

from django.db import transaction
from django.db.models import Min, QuerySet
from django.utils.translation import gettext_lazy as _

from gezhi.record.keeping import Due, Kind, Over, keeps
from gezhi.residents.models import DataRequest
from gezhi.residents.rules import RequestState, Wish

_TABLE = DataRequest._meta.db_table
_WORDED = " OR ".join(f'length("{_TABLE}"."{name}") > 0' for name in ("wanted", "reason", "answer"))


def _answered(over: Over) -> QuerySet[DataRequest]:
    """Those that are done: an erasure that waits for its case's end is not."""
    found = DataRequest.objects.filter(county=over.county, decided_at__lt=over.before)
    found = found.exclude(
        wish=Wish.ERASE.value, state=RequestState.GRANTED.value, done_at__isnull=True
    )
    found = found.exclude(case__in=over.held.cases)
    for path in over.held.paths:
        found = found.exclude(case__path__startswith=path)
    return found.extra(where=[_WORDED])  # noqa: S610  # a constant


def _due(over: Over) -> Due:
    found = _answered(over)
    return Due(found.count(), found.aggregate(oldest=Min("decided_at"))["oldest"])


@transaction.atomic
def _forget(over: Over, most: int) -> int:
    found = _answered(over).select_for_update(of=("self",)).order_by("decided_at")
    ids = list(found.values_list("id", flat=True)[:most])
    return DataRequest.objects.filter(id__in=ids).update(wanted="", reason="", answer="")


keeps(
    Kind(
        "requests",
        _("更正和删除的申请"),
        _("居民申请更正、删除时写的话和答复被清除；何时申请、怎样决定仍在。从决定之日算起。"),
        1095,
        180,
        _due,
        _forget,
    )
)
