"""Which cases are late and which will be soon: `cases.rules.lateness` as conditions in SQL."""

from datetime import datetime

from django.db.models import F, Q


def not_past_its_pause(due: str = "due_at", case: str = "") -> Q:
    """A promise that is measured now, or was due before its case's clock was stopped.

    Of a row that has its due moment as `due` and reaches its case by `case`.
    """
    runs = Q(**{f"{case}paused_until__isnull": True})
    return runs | Q(**{f"{due}__lt": F(f"{case}paused_at")})


def late_at(now: datetime) -> Q:
    """Cases whose next promise is late. The first condition is one an index can walk."""
    return Q(due_at__lt=now) & (not_past_its_pause() | Q(due_runs_on=True))


def due_between(since: datetime, until: datetime) -> Q:
    """Cases that are not late at the first moment, and will be by the second if nobody acts."""
    runs = Q(paused_until__isnull=True) | Q(due_runs_on=True)
    return Q(due_at__gte=since, due_at__lt=until) & runs
