"""The State Council's days off and make-up days, from the `chinesecalendar` package."""

from functools import cache

from chinese_calendar import constants

from gezhi.rulebook.rules import OfficialDays


@cache
def official_days() -> OfficialDays:
    """Every year the installed package knows."""
    off, working = frozenset(constants.holidays), frozenset(constants.workdays)
    return OfficialDays(frozenset(day.year for day in off), off, working)
