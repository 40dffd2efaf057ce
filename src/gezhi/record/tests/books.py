"""Both books, written to and changed past all rules."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from gezhi.base.actor import system
from gezhi.base.fact import Fact
from gezhi.record import actions, reads
from gezhi.record.models import AuditLine, Entry, Line, Seal
from gezhi.record.rules import AuditKind, Book

COUNTY = "990101"
NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
ACTOR = system("test")
BOOKS: dict[Book, type[Entry]] = {Book.FACTS: Line, Book.AUDIT: AuditLine}


class DoorOpened(Fact):
    pass


def sql(statement: str, *values: Any, of: Book = Book.FACTS) -> None:
    """As somebody with the database's password would; triggers are no hindrance to them.

    BOOK stands for the table of the book it is `of`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement.replace("BOOK", BOOKS[of]._meta.db_table), values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def write(book: Book, count: int) -> None:
    for number in range(count):
        if book is Book.AUDIT:
            actions.note(AuditKind.EXPORT, actor=ACTOR, county=COUNTY, about=f"x:{number}", now=NOW)
        else:
            actions.announce(DoorOpened(), about=f"x:{number}", county=COUNTY, actor=ACTOR, now=NOW)


def seal(book: Book, *, now: datetime = NOW) -> Seal:
    """Seal what is not sealed yet (one transaction never sees itself as settled)."""
    last = reads.last_seal(book)
    lines = BOOKS[book]._default_manager.order_by("xid", "id")
    return actions.seal_lines(list(lines.filter(id__gt=last.last_line if last else 0)), now=now)


def found(book: Book) -> list[tuple[str, object]]:
    """What a check says: the code, and the line or seal it names."""
    faults = list(reads.faults_in_book(book))
    assert all(str(fault) for fault in faults)
    return [(each.code, each.values.get("line", each.values.get("seal"))) for each in faults]


def ids(book: Book) -> list[int]:
    return list(BOOKS[book]._default_manager.order_by("id").values_list("id", flat=True))
