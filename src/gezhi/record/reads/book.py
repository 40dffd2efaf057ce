"""Reading the books: what followers have still to read, facts about something."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Max, Q, QuerySet

from gezhi.record.models import AuditLine, Cursor, Entry, KeptAnswer, Line

E = TypeVar("E", bound=Entry)
# The follower that reads the audit; all others read the facts.
SEALS_AUDIT = "seal_audit"
_ACTS_TAKE = timedelta(minutes=1)


def settled_below() -> int:
    """The oldest transaction still running: lines at or above it may yet be joined by others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + record_xid_offset()"
        )
        row = cursor.fetchone()
    return int(row[0])


def after(xid: int, line: int) -> Q:
    """What stands after a place. The plain bound lets the planner start an index there."""
    return Q(xid__gte=xid) & (Q(xid__gt=xid) | Q(xid=xid, id__gt=line))


def lines_after(xid: int, line: int, *, most: int) -> list[Line]:
    """Settled lines after a place in the book of facts, in the order of (xid, id)."""
    return entries_after(Line, xid, line, most=most)


def entries_after(book: type[E], xid: int, line: int, *, most: int) -> list[E]:
    """Settled lines after a place in any book."""
    lines = book._default_manager.filter(after(xid, line), xid__lt=settled_below())
    return list(lines.order_by("xid", "id")[:most])


def lines_left(xid: int, line: int, *, most: int) -> int:
    """How many lines of the book of facts stand after a place, counted up to so many."""
    return Line.objects.filter(after(xid, line))[:most].count()


def line_numbered(id: int) -> Line | None:
    """A line of the book of facts by its number."""
    return Line.objects.filter(pk=id).first()


def place_before(moment: datetime) -> tuple[int, int]:
    """A place from which to read on so that nothing of this moment or later is left out.

    Lines are numbered nearly in the order of their moments, an act's own being that of its
    beginning: what comes a minute before may be read too.
    """
    since = moment - _ACTS_TAKE
    low, high = 1, (Line.objects.aggregate(last=Max("id"))["last"] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        lines = Line.objects.filter(id__gte=middle).order_by("id").values_list("id", "at")
        found = lines.first()
        if found is None or found[1] >= since:
            high = middle
        else:
            low = found[0] + 1
    return place_before_line(low)


def place_before_line(id: int) -> tuple[int, int]:
    """The place just before the line of this number, or the next there is; else the last one."""
    first = Line.objects.filter(id__gte=id).order_by("id").values_list("xid", "id").first()
    if first is None:
        return last_place()
    before = Line.objects.filter(Q(xid__lt=first[0]) | Q(xid=first[0], id__lt=first[1]))
    found = before.order_by("-xid", "-id").values_list("xid", "id").first()
    return found or (0, 0)


def last_place() -> tuple[int, int]:
    """The place of the last settled line, to read on from; the beginning of an empty book."""
    line = Line.objects.filter(xid__lt=settled_below()).order_by("-xid", "-id").first()
    return (line.xid, line.id) if line else (0, 0)


def cursor_to_move(name: str) -> Cursor | None:
    """A follower's place, held for this worker; None if another worker holds it."""
    Cursor.objects.get_or_create(name=name)
    return Cursor.objects.select_for_update(skip_locked=True).filter(name=name).first()


def followers_lag() -> dict[str, int]:
    """How many lines each follower has still to read."""
    return {
        cursor.name: _book_of(cursor)
        ._default_manager.filter(Q(xid__gt=cursor.xid) | Q(xid=cursor.xid, id__gt=cursor.line))
        .count()
        for cursor in Cursor.objects.order_by("name")
    }


def _book_of(cursor: Cursor) -> type[Entry]:
    return AuditLine if cursor.name == SEALS_AUDIT else Line


def facts_about(*things: str, county: str) -> QuerySet[Line]:
    """The lines of the book about one thing or several, in order."""
    return Line.objects.filter(county=county, about__in=things).order_by("id")


def last_facts(kind: str, first: str, last: str, *, county: str) -> dict[str, Line]:
    """About each thing of a kind (`case:`) between two of it, the last line that vouches for a
    line of its history, in one query.
    What time alone brought (a reminder, a broken promise) has no line there.
    """
    lines = Line.objects.filter(
        county=county, about__gte=kind + first, about__lte=kind + last,
        about__startswith=kind, data__has_key="seq",
    )  # fmt: skip
    return {line.about: line for line in lines.order_by("about", "-id").distinct("about")}


def kept_answer(sender: str, key: str) -> KeptAnswer:
    """The answer kept under a sender's key."""
    return KeptAnswer.objects.get(actor=sender, key=key)


def answer_kept_once(label: str, key: str) -> KeptAnswer | None:
    """The answer that may be kept under the label of one key of an account."""
    return KeptAnswer.objects.filter(actor=label, key=key).first()
