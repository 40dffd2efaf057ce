"""Days of the city: which of them the house takes, when one begins, how a moment is written."""

from datetime import date, datetime, time

from django.utils import timezone

# Far from the ends of the calendar, where another zone's clock would fall off it.
FIRST = date(1900, 1, 1)
LAST = date(2199, 12, 31)


def midnight(day: date) -> datetime:
    """When the day begins in the city."""
    return datetime.combine(day, time(), timezone.get_current_timezone())


def written(at: datetime) -> str:
    """2026-12-18 17:30, as forms take it and as it reads in every language."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
