"""Moments, durations and promises in the words people use."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from gezhi.portal.rules import Standing

_NEAR_DAYS = {-1: gettext_lazy("昨天"), 0: gettext_lazy("今天"), 1: gettext_lazy("明天")}


def in_english() -> bool:
    return (get_language() or "").startswith("en")


def moment_words(moment: datetime, now: datetime) -> str:
    """今天 14:20, 11月21日 18:00, 2025年3月2日 09:10."""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    days = (local.date() - today).days
    if days in _NEAR_DAYS:
        return f"{_NEAR_DAYS[days]} {local:%H:%M}"
    # Translators: formats as Django writes them (date filter).
    wanted = _("n月j日 H:i") if local.year == today.year else _("Y年n月j日 H:i")
    return date_format(local, wanted)


def day_words(moment: datetime, now: datetime) -> str:
    """11月21日, 2025年3月2日: a day without its hour, the same whenever it is read."""
    local = timezone.localtime(moment)
    is_this_year = local.year == timezone.localtime(now).year
    # Translators: formats as Django writes them (date filter).
    return date_format(local, _("n月j日") if is_this_year else _("Y年n月j日"))


def is_same_day(one: datetime, other: datetime) -> bool:
    return timezone.localtime(one).date() == timezone.localtime(other).date()


def duration_words(length: timedelta) -> str:
    """The two largest parts: 1 天 3 小时, 42 分钟; never nothing."""
    minutes = max(1, int(length.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    parts = []
    if days:
        parts.append(ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days})
    if hours:
        parts.append(ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours})
    if not days and minutes % 60:
        parts.append(ngettext("%(n)s 分钟", "%(n)s 分钟", minutes % 60) % {"n": minutes % 60})
    return " ".join(parts)


def distance_words(metres: int) -> str:
    """People walk in tens of metres."""
    if metres < 15:
        return _("就在这里")
    return _("离这里约 %(metres)s 米") % {"metres": max(20, round(metres, -1))}


@dataclass(frozen=True)
class PromiseWords:
    """A promise as a resident reads it: a colour's name, a sign, and words beside it.

    `moved` says from which day to which it was put off; `behind` that a step on the way to it
    should have been done by now.
    """

    tone: str
    icon: str
    state: str
    due: str
    moved: str = ""
    behind: str = ""


# Colour, sign and words for each standing; `%(length)s` is how long until or since.
_SAID: dict[Standing, tuple[str, str, str | Promise]] = {
    Standing.ON_TIME: ("on-time", "clock", gettext_lazy("离办结还剩 %(length)s")),
    Standing.SOON: ("soon", "clock", gettext_lazy("快到时间了，离办结还剩 %(length)s")),
    Standing.LATE: ("late", "alert-triangle", gettext_lazy("已超时 %(length)s")),
    Standing.LATE_PAUSED: (
        "late",
        "alert-triangle",
        gettext_lazy("已超时 %(length)s，现在暂停办理"),
    ),
    Standing.LATE_ASKED: (
        "late",
        "alert-triangle",
        gettext_lazy("已超时 %(length)s，正等待您的答复"),
    ),
    Standing.PAUSED: ("paused", "clock-pause", gettext_lazy("暂停办理，恢复后时间顺延")),
    Standing.ASKED: ("paused", "message", gettext_lazy("等待您的答复，答复后继续计时")),
    Standing.KEPT: ("on-time", "circle-check", gettext_lazy("按时办结")),
    Standing.BROKEN: ("late", "alert-triangle", gettext_lazy("办结时已超时 %(length)s")),
    Standing.OVER: ("paused", "circle-x", gettext_lazy("不再办理")),
}


def promise_words(
    standing: Standing, length: timedelta, due: str, *, moved: str = "", behind: str = ""
) -> PromiseWords:
    tone, icon, said = _SAID[standing]
    state = str(said) % {"length": duration_words(length)}
    return PromiseWords(tone, icon, state, due, moved, behind)
