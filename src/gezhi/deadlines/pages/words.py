"""How pages of rehearsals say things: codes by their names, moments, spans of time."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from gezhi.base.refusal import NotFound
from gezhi.deadlines import reads
from gezhi.deadlines.models import Rehearsal
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Book

_HOUR, _DAY = 60, 1440


class Names:
    """Names of categories and units in the reader's language; a code nobody knows stays one."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._county = rehearsal.county
        self._books: tuple[Book, ...] = (
            reads.book_of(rehearsal),
            rulebook.book(rehearsal.county, rehearsal.against),
        )
        self._language = get_language() or "zh-hans"

    def category(self, key: str) -> str:
        if not key:
            return _("没有类别")
        known = next((book for book in self._books if key in book.categories), None)
        return known.categories[key].name_in(self._language) if known else key

    def unit(self, code: str) -> str:
        if not code:
            return _("没有单位")
        try:
            return people.unit_by_code(self._county, code).label
        except NotFound:
            return code

    def body(self, code: str) -> str:
        """A body of the rulebook: 网格, 综合执法队, whatever unit it is at a place."""
        known = next((book for book in self._books if code in book.bodies), None)
        return known.bodies[code].name_in(self._language) if known else self.unit(code)


def moment(at: datetime | None) -> str:
    """2026-11-22 14:20: moments of the past are compared, so all are written alike."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def span(minutes: int) -> str:
    """提前 2 小时, 推后 1 天 3 小时."""
    if not minutes:
        return ""
    name = _("提前 %(span)s") if minutes < 0 else _("推后 %(span)s")
    return name % {"span": _length(abs(minutes))}


def _length(minutes: int) -> str:
    days, rest = divmod(minutes, _DAY)
    hours, minutes = divmod(rest, _HOUR)
    parts = [
        ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days} if days else "",
        ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours} if hours else "",
        ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}
        if minutes and not days
        else "",
    ]
    return " ".join(part for part in parts if part)


def about(seconds: int) -> str:
    """How long it will still take: 大约还要 40 秒, 大约还要 2 分钟."""
    if seconds < _HOUR:
        count = max(seconds, 1)
        return ngettext("大约还要 %(n)s 秒", "大约还要 %(n)s 秒", count) % {"n": count}
    count = -(-seconds // 60)
    return ngettext("大约还要 %(n)s 分钟", "大约还要 %(n)s 分钟", count) % {"n": count}
