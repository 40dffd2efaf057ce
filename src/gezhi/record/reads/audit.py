"""Reading the audit: openings, lines as they are asked for, certificates of what was purged."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.record.models import AuditLine, Burst
from gezhi.record.rules import AuditKind

PURGED_TO = "purged_to_seal"


def openings_about_any(abouts: Iterable[str], *, county: str) -> list[AuditLine]:
    """The same of several, in one question."""
    lines = AuditLine.objects.filter(county=county, about__in=list(abouts), kind=AuditKind.OPENING)
    return list(lines.order_by("-at", "-id"))


def openings_about(about: str, *, county: str) -> QuerySet[AuditLine]:
    """Who has opened sealed fields of this report or person, the newest first."""
    lines = AuditLine.objects.filter(county=county, about=about, kind=AuditKind.OPENING)
    return lines.order_by("-at", "-id")


def changes_about(about: str, *, county: str) -> QuerySet[AuditLine]:
    """What was done to somebody's rights and sign-in, or was tried in vain, the newest first."""
    kinds = (AuditKind.RIGHTS, AuditKind.SECURITY, AuditKind.SIGN_IN_FAILED)
    lines = AuditLine.objects.filter(county=county, about=about, kind__in=kinds)
    return lines.order_by("-at", "-id")


def erasures(*, county: str) -> set[str]:
    """The reports that were erased because somebody asked for it, by id."""
    lines = AuditLine.objects.filter(
        county=county, kind=AuditKind.RETENTION, about__startswith="report:",
        data__kind="one report",
    )  # fmt: skip
    return {about.removeprefix("report:") for about in lines.values_list("about", flat=True)}


def certificates() -> QuerySet[AuditLine]:
    """What was purged, the newest first. Each tells of all seals up to one."""
    found = AuditLine.objects.filter(kind=AuditKind.RETENTION, data__has_key=PURGED_TO)
    return found.order_by("-id")


def lines_for(actor: Actor, *, county: str) -> QuerySet[AuditLine]:
    """The audit, for who audits and nobody else."""
    actor.must("audit.read", path=county)
    return AuditLine.objects.filter(county=county)


# Where lines name a case or a part of one, beside what they are about.
NAMING = ("ref", "number", "case", "about", "report", "attachment", "id")


def naming(
    lines: QuerySet[AuditLine], *, abouts: Iterable[str], names: Iterable[str]
) -> QuerySet[AuditLine]:
    """Those of the lines that are about any of these, or name one of these."""
    found, named = Q(about__in=list(abouts)), list(names)
    for key in NAMING:
        found |= Q(**{f"data__{key}__in": named})
    return lines.filter(found)


def narrowed(
    lines: QuerySet[AuditLine],
    *,
    kind: str = "",
    actors: Collection[str] | None = None,
    about: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    words: str = "",
) -> QuerySet[AuditLine]:
    """Those of the lines that fit; what isn't asked for is no condition."""
    asked: dict[str, object] = {
        "kind": kind, "about": about, "at__gte": since, "at__lt": until, "reason__icontains": words,
    }  # fmt: skip
    lines = lines.filter(**{name: value for name, value in asked.items() if value})
    return lines if actors is None else lines.filter(actor__in=actors)


def bursts_before(minute: datetime) -> list[Burst]:
    """Refusals counted in minutes that are over, held until they are told of."""
    found = Burst.objects.select_for_update(skip_locked=True).filter(minute__lt=minute)
    return list(found.order_by("minute", "id"))


def older_than(moment: datetime) -> bool:
    """Whether the audit has lines from before."""
    return AuditLine.objects.filter(at__lt=moment).exists()
