"""When people write and when staff work: moments in the city's time, without a wall clock."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

# How often residents write in each hour of the day, compared with the others.
_BY_HOUR = np.array([
    2, 1, 1, 1, 1, 3, 12, 32, 62, 74, 70, 55, 38, 40, 52, 60, 62, 58, 52, 56, 54, 38, 18, 6,
], dtype=float)  # fmt: skip
_BY_WEEKDAY = (1.12, 1.06, 1.0, 1.0, 1.02, 0.92, 0.88)

IsWorking = Callable[[date], bool]


def arrivals(
    start: datetime, end: datetime, rate: float, zone: ZoneInfo, chance: np.random.Generator
) -> list[datetime]:
    """Moments from `start` to `end` at which something is reported, about `rate` a day."""
    moments: list[datetime] = []
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        count = int(chance.poisson(rate * _BY_WEEKDAY[day.weekday()]))
        hours = chance.choice(24, count, p=_BY_HOUR / _BY_HOUR.sum())
        seconds = chance.integers(0, 3_600, count)
        midnight = datetime.combine(day, time(), zone)
        moments += [
            midnight + timedelta(hours=int(hour), seconds=int(second))
            for hour, second in zip(hours, seconds, strict=True)
        ]
        day += timedelta(days=1)
    return sorted(moment for moment in moments if start <= moment < end)


def minutes(median: float, spread: float, chance: np.random.Generator) -> timedelta:
    """A duration: half are shorter than `median`, a few much longer."""
    return timedelta(minutes=round(float(chance.lognormal(np.log(median), spread)), 2))


def within(
    moment: datetime,
    first: float,
    last: float,
    *,
    zone: ZoneInfo,
    is_working: IsWorking | None = None,
) -> datetime:
    """`moment`, or the next opening if it lies outside the hours (or on a day off)."""
    local = moment.astimezone(zone)
    for ahead in range(20):
        day = local.date() + timedelta(days=ahead)
        if is_working is not None and not is_working(day):
            continue
        opens = datetime.combine(day, time(), zone) + timedelta(hours=first)
        closes = datetime.combine(day, time(), zone) + timedelta(hours=last)
        if local < closes:
            # Not everybody begins at the very minute.
            late = timedelta(seconds=(local.minute * 60 + local.second) % 2_700)
            return moment if local >= opens else opens + late
    return moment
