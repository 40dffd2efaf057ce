"""What came in by which channel, and by which program, without a look at what it says."""

from datetime import datetime

from django.db.models import F, Max

from gezhi.base.channels import MEASURED, Channel, Counts, Kind, Sign, by, counted, counts_in
from gezhi.cases.models import Report
from gezhi.cases.rules import CHANNEL_NAMES


def came_in(*, county: str, now: datetime) -> list[Channel]:
    """Every channel, those by which nothing ever came too; a voice in a known case counts."""
    all_of_it = Report.objects.filter(county=county)
    newest = all_of_it.filter(channel__in=CHANNEL_NAMES, at__gte=now - MEASURED).order_by()
    rows = by("channel", newest.values("channel").annotate(last=Max("at"), **counted("at", now)))
    found = []
    for code, name in CHANNEL_NAMES.items():
        row = rows.get(code)
        last = row["last"] if row else all_of_it.filter(channel=code).aggregate(at=Max("at"))["at"]
        sign = Sign.OK if row else Sign.SILENT
        found.append(Channel(Kind.REPORTS, name, sign, code, last=last, counts=counts_in(row)))
    return found


def sent_by_programs(
    channel: str, *, county: str, now: datetime
) -> dict[str, tuple[datetime, Counts]]:
    """When who sends by this channel did so last within the days measured, and how much."""
    rows = (
        Report.objects.filter(
            county=county, channel=channel, at__gte=now - MEASURED, is_first=True,
            case__history__seq=1, case__history__county=county,
        )
        .order_by()
        .values(who=F("case__history__actor"))
        .annotate(last=Max("at"), **counted("at", now))
    )  # fmt: skip
    return {row["who"]: (row["last"], counts_in(row)) for row in rows}
