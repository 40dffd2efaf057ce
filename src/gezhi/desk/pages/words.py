"""How the desk says things: moments, spans, promises, people, in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from gezhi.base import days
from gezhi.cases.models import Case
from gezhi.desk.reads import Listed
from gezhi.desk.rules import Colour, Left, left_of
from gezhi.people import reads as people
from gezhi.places import reads as places

moment = days.moment
area_words = places.words_of  # places say where they are, in one way for every page


def span(length: timedelta, *, is_exact: bool = False) -> str:
    """42 分钟, 3 小时, 2 天 5 小时: the two largest parts at most, one minute at least.

    From three of the largest on that part alone; both where lengths are added up (`is_exact`).
    """
    minutes = max(1, int(length.total_seconds() // 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        text = ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days}
        return f"{text} {_hours(hours)}" if hours and (is_exact or days < 3) else text
    if hours:
        has_both = minutes and (is_exact or hours < 3)
        return f"{_hours(hours)} {_minutes(minutes)}" if has_both else _hours(hours)
    return _minutes(minutes)


def _hours(hours: int) -> str:
    return ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours}


def _minutes(minutes: int) -> str:
    return ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}


def about(seconds: int) -> str:
    """How long something will still take: 大约还要 40 秒, 大约还要 2 分钟."""
    if seconds < 60:
        count = max(seconds, 1)
        return ngettext("大约还要 %(n)s 秒", "大约还要 %(n)s 秒", count) % {"n": count}
    count = -(-seconds // 60)
    return ngettext("大约还要 %(n)s 分钟", "大约还要 %(n)s 分钟", count) % {"n": count}


def promise(left: Left, language: str | None = None) -> str:
    """还剩 42 分钟 / 超时 2 小时 / 已挂起 / 超时 2 小时，已挂起.

    `language` is that of the reader, where it is known.
    """
    if left.colour == Colour.NONE:
        return ""
    if left.colour == Colour.PAUSED:
        return _("已挂起")
    minutes = int(left.span.total_seconds() // 60)
    is_late = left.colour == Colour.LATE
    return _promise(language or get_language(), is_late, left.is_paused, minutes)


@lru_cache(maxsize=10_000)
def _promise(_language: str | None, is_late: bool, is_paused: bool, minutes: int) -> str:
    name = _("超时 %(span)s") if is_late else _("还剩 %(span)s")
    said = name % {"span": span(timedelta(minutes=minutes))}
    return _("%(promise)s，已挂起") % {"promise": said} if is_paused else said


def left(case: "Case | Listed", now: datetime) -> Left:
    """The case's next promise, from the projection that lists carry."""
    return left_of(
        start=case.due_from,
        due=case.due_at,
        paused_until=case.paused_until,
        paused_at=case.paused_at,
        runs_on=case.due_runs_on,
        now=now,
    )


def people_names(labels: Iterable[str]) -> dict[str, str]:
    """What the record's labels mean: names of staff, else the kind of actor. One query."""
    wanted = set(labels)
    ids = {label: UUID(label[8:]) for label in wanted if label.startswith("account:")}
    names = people.account_names(ids.values())
    kinds = {"report": _("诉求人"), "resident": _("居民"), "system": _("系统"), "key": _("接口")}
    found = {label: names.get(id, _("已离岗人员")) for label, id in ids.items()}
    for label in wanted - ids.keys():
        found[label] = kinds.get(label.partition(":")[0], _("系统"))
    return found


def lender(data: Mapping[str, Any]) -> str:
    """The label of whom a line was made for, where only a delegated post allowed it."""
    return f"account:{data['acting_for']}" if data.get("acting_for") else ""


def who(actor: str, data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Who did it, and for whom: 李正 代 苏月."""
    did, behalf = names.get(actor, ""), names.get(lender(data), "")
    return _("%(who)s 代 %(name)s") % {"who": did, "name": behalf} if behalf else did
