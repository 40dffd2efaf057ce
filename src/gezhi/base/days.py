"""Days of the city: which of them the house takes, and when one begins."""

from datetime import date, datetime, time

from django.utils import timezone

# Far from the ends of the calendar, where another zone's clock would fall off it.
FIRST = date(1900, 1, 1)
LAST = date(2199, 12, 31)


def midnight(day: date) -> datetime:
    """When the day begins in the city."""
    return datetime.combine(day, time(), timezone.get_current_timezone())
