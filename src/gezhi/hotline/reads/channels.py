"""How the hotline is as a way in: calls as they ring, and those that nobody has settled."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext_lazy as _

from gezhi.base.channels import MEASURED, Channel, Kind, Sign, counted, counts_in
from gezhi.hotline.models import Call


def channel(now: datetime) -> Channel:
    """Calls of the days measured; the last one of all."""
    all_of_it = Call.objects.filter(county=settings.COUNTY)
    open_ones = Q(outcome="")
    row = all_of_it.filter(began_at__gte=now - MEASURED).aggregate(
        last=Max("began_at"),
        open=Count("pk", filter=open_ones),
        oldest=Min("began_at", filter=open_ones),
        **counted("began_at", now),
    )
    last = row["last"] or all_of_it.aggregate(at=Max("began_at"))["at"]
    return Channel(
        Kind.CALLS, _("热线来电"), Sign.OK if row["last"] else Sign.SILENT, "calls",
        last=last, counts=counts_in(row), waiting=row["open"], oldest=row["oldest"],
    )  # fmt: skip
