"""How the ways in are that bring messages by themselves or by file."""

from datetime import datetime

from django.conf import settings
from django.db.models import F, Max, Min, Q, Sum
from django.utils.translation import gettext_lazy as _

from gezhi.base.channels import (
    MEASURED,
    SPANS,
    Channel,
    Kind,
    Sign,
    by,
    counted,
    counts_in,
)
from gezhi.intake import rules
from gezhi.intake.errors import FAULT_NAMES
from gezhi.intake.models import Import, Received, Source
from gezhi.intake.reads.standing import healths


def channels(now: datetime) -> list[Channel]:
    """Each source, then files."""
    found = list(Source.objects.filter(county=settings.COUNTY).order_by("made_at", "id"))
    told, all_of_it = healths(found), Received.objects.filter(county=settings.COUNTY)
    newest = all_of_it.filter(source__in=found, received_at__gte=now - MEASURED).order_by()
    rows = by("source", newest.values("source").annotate(**counted("received_at", now)))
    kept = all_of_it.filter(source__in=found, fate__in=sorted(rules.KEPT)).order_by()
    oldest = dict(kept.values_list("source").annotate(Min("received_at")))
    sources = []
    for each in found:
        health = told[each.id]
        fault = health.last_fault
        sources.append(
            Channel(
                Kind.SOURCE, each.name, Sign(health.sign), each.channel, each.id,
                last=each.received_at, counts=counts_in(rows.get(each.id)), faults=health.faults,
                fault=FAULT_NAMES.get(fault.code, fault.code) if fault else "",
                fault_at=fault.last_at if fault else None, lag=health.lag,
                waiting=health.kept, oldest=oldest.get(each.id),
            )
        )  # fmt: skip
    return [*sources, _of_files(now)]


def _of_files(now: datetime) -> Channel:
    """Tables: messages that were taken from them, rows that were not, files still worked on."""
    taken = Import.objects.filter(county=settings.COUNTY).exclude(state=rules.State.DRAFT)
    row = taken.filter(received_at__gte=now - MEASURED).aggregate(
        last=Max("received_at"),
        faults=Sum("failed", filter=Q(received_at__gte=now - SPANS["day"])),
        fault_at=Max("received_at", filter=Q(failed__gt=0)),
        waits=Sum(F("total") - F("done"), filter=Q(state__in=sorted(rules.WORKING))),
        oldest=Min("received_at", filter=Q(state__in=sorted(rules.WORKING))),
        **counted("received_at", now, of=Sum, what="added"),
    )
    last = row["last"] or taken.aggregate(at=Max("received_at"))["at"]
    has_faults = bool(row["faults"])
    return Channel(
        Kind.IMPORTS, _("表格导入"), Sign.OK if row["last"] else Sign.SILENT, "imports",
        last=last, counts=counts_in(row), faults=row["faults"] or 0,
        fault=_("有的行没有收下") if has_faults else "",
        fault_at=row["fault_at"] if has_faults else None,
        waiting=row["waits"] or 0, oldest=row["oldest"],
    )  # fmt: skip
