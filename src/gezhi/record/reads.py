"""Reading the book: what followers have still to read, seals, openings, whether it is whole."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from gezhi.base.actor import Actor
from gezhi.record import rules
from gezhi.record.models import Cursor, KeptAnswer, Line, Opening, Seal


def settled_below() -> int:
    """The oldest transaction still running: lines at or above it may yet be joined by others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        row = cursor.fetchone()
    return int(row[0])


def _after(xid: int, line: int) -> Q:
    """What stands after a place. The plain bound lets the planner start an index there."""
    return Q(xid__gte=xid) & (Q(xid__gt=xid) | Q(xid=xid, id__gt=line))


def lines_after(xid: int, line: int, *, most: int) -> list[Line]:
    """Settled lines after a place in the book, in the order of (xid, id)."""
    return list(
        Line.objects.filter(_after(xid, line), xid__lt=settled_below()).order_by("xid", "id")[:most]
    )


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
        cursor.name: Line.objects.filter(
            Q(xid__gt=cursor.xid) | Q(xid=cursor.xid, id__gt=cursor.line)
        ).count()
        for cursor in Cursor.objects.order_by("name")
    }


def openings_about(about: str, *, county: str) -> QuerySet[Opening]:
    """Who has opened sealed fields of this report or person, the newest first."""
    return Opening.objects.filter(county=county, about=about).order_by("-at")


def facts_about(*things: str, county: str) -> QuerySet[Line]:
    """The lines of the book about one thing or several, in order."""
    return Line.objects.filter(county=county, about__in=things).order_by("id")


def last_facts(abouts: Iterable[str], *, county: str) -> dict[str, Line]:
    """The last line about each of these that vouches for a line of its history, in one query.

    What time alone brought (a reminder, a broken promise) has no line there.
    """
    lines = Line.objects.filter(county=county, about__in=list(abouts), data__has_key="seq")
    return {line.about: line for line in lines.order_by("about", "-id").distinct("about")}


def values_of(line: Line) -> dict[str, Any]:
    """What of a line is hashed."""
    return {
        "id": line.id,
        "xid": line.xid,
        "county": line.county,
        "kind": line.kind,
        "about": line.about,
        "data": line.data,
        "actor": line.actor,
        "at": line.at.isoformat(),
    }


def seal_values(last_xid: int, last_line: int, lines: int, root: bytes) -> dict[str, Any]:
    """What of a seal is hashed."""
    return {"last_xid": last_xid, "last_line": last_line, "lines": lines, "root": root.hex()}


def faults_in_book() -> Iterator[str]:
    """Walk all seals and the lines under them; say in words what does not fit."""
    before, xid, line = rules.EMPTY, 0, 0
    for seal in Seal.objects.order_by("id").iterator():
        body = seal_values(seal.last_xid, seal.last_line, seal.lines, bytes(seal.root))
        if bytes(seal.hash) != rules.chain_hash(before, body):
            yield f"seal {seal.id}: does not follow from the seal before it"
        batch = _batch(xid, line, seal)
        if len(batch) != seal.lines:
            yield f"seal {seal.id}: {seal.lines} lines were sealed, {len(batch)} are there"
        elif rules.merkle_root([rules.leaf_hash(values_of(row)) for row in batch]) != bytes(
            seal.root
        ):
            yield f"seal {seal.id}: a line between {line} and {seal.last_line} was altered"
        before, xid, line = bytes(seal.hash), seal.last_xid, seal.last_line


def _batch(xid: int, line: int, seal: Seal) -> list[Line]:
    until = Q(xid__lt=seal.last_xid) | Q(xid=seal.last_xid, id__lte=seal.last_line)
    until &= Q(xid__lte=seal.last_xid)
    return list(Line.objects.filter(_after(xid, line) & until).order_by("xid", "id"))


def kept_answer(actor: Actor, key: str) -> KeptAnswer:
    """The answer kept under an actor's key."""
    return KeptAnswer.objects.get(actor=actor.label, key=key)
