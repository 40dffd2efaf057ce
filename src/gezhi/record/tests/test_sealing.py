"""What somebody with the database's password does to a book is found, and the line is named."""

from collections.abc import Callable

import pytest
from django.utils.translation import override

from gezhi.record import reads, rules
from gezhi.record.models import Seal
from gezhi.record.rules import Book
from gezhi.record.tests.books import BOOKS, found, ids, seal, sql, write


@pytest.fixture(params=list(Book))
def book(request: pytest.FixtureRequest, db: None) -> Book:
    """A book with three seals over four lines each."""
    for _ in range(3):
        write(request.param, 4)
        seal(request.param)
    return Book(request.param)


def test_a_fault_is_told_in_the_language_of_whoever_asks() -> None:
    fault = rules.Fault("line_removed", {"book": "audit", "line": 7})
    with override("en"):
        assert str(fault) == "The audit: line 7 was removed"
    with override("zh-hans"):
        assert str(fault) == "审计簿第 7 行被删除"


def test_an_untouched_book_is_whole(book: Book) -> None:
    assert found(book) == []
    assert reads.lines_sealed(book) == 12


@pytest.mark.parametrize(
    "change",
    ["actor = 'account:1'", "at = at + interval '1 second'", "data = '{\"a\": 1}'",
     "about = 'y'", "county = '990102'", "kind = 'other'"],
)  # fmt: skip
def test_an_altered_line_is_named(book: Book, change: str) -> None:
    line = ids(book)[5]
    sql("UPDATE BOOK SET CHANGE WHERE id = %s".replace("CHANGE", change), line, of=book)
    assert found(book) == [("line_altered", line)]


@pytest.mark.parametrize("change", ["reason = 'x'", "address = '::1'"])
def test_what_only_the_audit_has_is_sealed_too(db: None, change: str) -> None:
    write(Book.AUDIT, 2)
    seal(Book.AUDIT)
    line = ids(Book.AUDIT)[1]
    sql("UPDATE BOOK SET CHANGE WHERE id = %s".replace("CHANGE", change), line, of=Book.AUDIT)
    assert found(Book.AUDIT) == [("line_altered", line)]


@pytest.mark.parametrize("at", [0, 3, 4, 11])
def test_a_removed_line_is_named(book: Book, at: int) -> None:
    line = ids(book)[at]
    sql("DELETE FROM BOOK WHERE id = %s", line, of=book)
    assert found(book) == [("line_removed", line)]


def test_lines_that_traded_places_are_named(book: Book) -> None:
    one, other = ids(book)[1:3]
    for old, new in ((one, -1), (other, one), (-1, other)):
        sql("UPDATE BOOK SET id = %s WHERE id = %s", new, old, of=book)
    assert found(book) == [("line_altered", one), ("line_altered", other)]


def test_a_line_moved_behind_the_last_seal_is_named(book: Book) -> None:
    line = ids(book)[1]
    sql("UPDATE BOOK SET xid = xid + 1000000 WHERE id = %s", line, of=book)
    assert found(book) == [("line_moved", line)]


def test_a_line_put_in_later_is_named(book: Book) -> None:
    last = ids(book)[-1]
    columns = "county, kind, about, data, actor, at"
    columns += ", reason, address" if book is Book.AUDIT else ""
    sql(
        "INSERT INTO BOOK (id, xid, COLUMNS) SELECT id + 500, xid - 1, COLUMNS"
        " FROM BOOK WHERE id = %s".replace("COLUMNS", columns),
        last,
        of=book,
    )
    assert found(book) == [("line_added", last + 500)]


def test_a_seal_made_anew_breaks_the_chain(book: Book) -> None:
    """Whoever alters a line and its seal still has all seals after it against them."""
    line, second = ids(book)[5], list(Seal.objects.order_by("id"))[1]
    sql("UPDATE BOOK SET actor = 'account:1' WHERE id = %s", line, of=book)
    lines = BOOKS[book]._default_manager.filter(id__in=ids(book)[4:8]).order_by("id")
    leaves = [(each.id, rules.leaf_hash(reads.values_of(each))) for each in lines]
    root = rules.merkle_root([leaf for _number, leaf in leaves])
    before = Seal.objects.order_by("id")[0]
    body = reads.seal_values(second.last_xid, second.last_line, second.lines, root, second.at)
    sql(
        "UPDATE record_seal SET root = %s, leaves = %s, hash = %s WHERE id = %s",
        root, rules.pack_leaves(leaves), rules.chain_hash(bytes(before.hash), body), second.id,
    )  # fmt: skip
    third = Seal.objects.order_by("id")[2]
    assert found(book) == [("seal_altered", third.id)]


def test_a_removed_seal_breaks_the_chain(book: Book) -> None:
    seals = list(Seal.objects.order_by("id"))
    sql("DELETE FROM record_seal WHERE id = %s", seals[1].id)
    assert ("seal_altered", seals[2].id) in found(book)


def test_a_seal_of_one_book_does_not_pass_for_the_others(book: Book) -> None:
    other = Book.AUDIT if book is Book.FACTS else Book.FACTS
    sql("UPDATE record_seal SET book = %s", other.value)
    assert found(other)[0][0] == "seal_altered"


def test_a_seal_from_before_the_leaves_still_tells_that_something_changed(book: Book) -> None:
    sql("UPDATE record_seal SET leaves = ''")
    assert found(book) == []
    second = Seal.objects.order_by("id")[1].id
    sql("UPDATE BOOK SET actor = 'account:1' WHERE id = %s", ids(book)[5], of=book)
    assert found(book) == [("lines_altered", second)]
    sql("DELETE FROM BOOK WHERE id = %s", ids(book)[5], of=book)
    assert found(book) == [("lines_missing", second)]


def test_when_a_seal_was_made_is_sealed_too(book: Book) -> None:
    second = list(Seal.objects.order_by("id"))[1]
    sql("UPDATE record_seal SET at = at - interval '400 days' WHERE id = %s", second.id)
    assert found(book) == [("seal_altered", second.id)]


def test_seals_from_before_their_time_was_sealed_are_whole(book: Book) -> None:
    before = rules.BEGINNINGS[book]
    for each in Seal.objects.order_by("id"):
        body = reads.seal_values(
            each.last_xid, each.last_line, each.lines, bytes(each.root), each.at
        )
        del body["at"]
        before = rules.chain_hash(before, body)
        sql("UPDATE record_seal SET hash = %s WHERE id = %s", before, each.id)
    assert found(book) == []


Codes = Callable[[], list[str]]
