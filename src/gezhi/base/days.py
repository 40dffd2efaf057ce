"""Days of the city: which of them the house takes, when one begins, how a moment is written."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# Far from the ends of the calendar, where another zone's clock would fall off it.
FIRST = date(1900, 1, 1)
LAST = date(2199, 12, 31)
# What another's clock says may lie so far ahead of ours, and has happened all the same.
CLOCKS_DIFFER = timedelta(minutes=5)


def midnight(day: date) -> datetime:
    """When the day begins in the city."""
    return datetime.combine(day, time(), timezone.get_current_timezone())


def written(at: datetime) -> str:
    """2026-12-18 17:30, as forms take it and as it reads in every language."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def in_utc(at: datetime) -> str:
    """2026-12-18T09:30:00Z, as every program reads it: with zone and seconds, no fraction."""
    return f"{at.astimezone(UTC).isoformat()[:19]}Z"  # much quicker than strftime


def moment(at: datetime | None, now: datetime) -> str:
    """今天 14:20, 昨天 09:05, 11月21日 14:20; with the year where it is another one."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    near = {0: _("今天"), 1: _("昨天"), -1: _("明天")}.get((today - local.date()).days)
    return f"{near or day(local, today)} {local:%H:%M}"


def day(on: date, today: date) -> str:
    """11月21日; with the year where it is another one."""
    is_this_year = on.year == today.year
    if get_language() == "en":
        return date_format(on, "j M" if is_this_year else "j M Y")
    said = f"{on.month}月{on.day}日"
    return said if is_this_year else f"{on.year}年{said}"
