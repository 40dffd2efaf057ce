"""What somebody with the database's password does to a book is found, and the line is named."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.translation import override

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.base.fact import Fact
from gezhi.record import actions, adapters, reads, rules
from gezhi.record.errors import AuditFaulty
from gezhi.record.models import Anchor, AuditLine, Entry, Line, Seal
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


@pytest.fixture(params=list(Book))
def book(request: pytest.FixtureRequest, db: None) -> Book:
    """A book with three seals over four lines each."""
    for _ in range(3):
        write(request.param, 4)
        seal(request.param)
    return Book(request.param)


def ids(book: Book) -> list[int]:
    return list(BOOKS[book]._default_manager.order_by("id").values_list("id", flat=True))


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


# --- anchors -----------------------------------------------------------------------------------

DAY = date(2026, 11, 17)
Codes = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """No anchors in files but those a test keeps."""
    settings.GEZHI_HOME = tmp_path
    return tmp_path


def anchored(now: datetime = NOW) -> Anchor:
    made = actions.make_anchor(county=COUNTY, day=DAY, now=now)
    assert made
    return made


def codes_around() -> list[str]:
    faults = list(reads.faults_around(COUNTY))
    assert all(str(fault) for fault in faults)
    return [fault.code for fault in faults]


@pytest.fixture
def books(db: None) -> None:
    """Both books, sealed."""
    for each in Book:
        write(each, 3)
        seal(each)


def test_without_seals_there_is_nothing_to_anchor(db: None) -> None:
    assert actions.make_anchor(county=COUNTY, day=DAY, now=NOW) is None


def test_an_anchor_names_the_newest_seal_of_both_books(books: None) -> None:
    anchor = anchored()
    read = rules.read_anchor(anchor.text)
    assert read is not None
    assert {book: each.seal for book, each in read.seals.items()} == {
        book: seal.id for book in Book if (seal := reads.last_seal(book))
    }
    assert (read.county, read.day, read.made, read.before) == (COUNTY, DAY, NOW, "")
    assert list(reads.faults_against_anchor(anchor.text, name="paper")) == []
    assert codes_around() == []


def test_an_anchor_is_made_only_when_something_was_sealed_since(books: None) -> None:
    first = anchored()
    assert anchored().id == first.id
    write(Book.FACTS, 1)
    seal(Book.FACTS)
    second = anchored()
    read = rules.read_anchor(second.text)
    assert second.id != first.id
    assert read
    assert read.before == first.hash


def test_a_sign_changed_in_an_anchor_is_seen(books: None) -> None:
    text = anchored().text
    assert rules.read_anchor(text.replace("\n", "\r\n"))  # as mail programs do
    for at in range(0, len(text) - 1, 7):
        changed = text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1 :]
        if changed.split() != text.split():
            (fault,) = reads.faults_against_anchor(changed, name="paper")
            assert fault.code == "anchor_unreadable"


def test_a_book_written_anew_from_the_first_line_differs_from_the_paper(books: None) -> None:
    """All lines, all seals, even the anchors in the database: the paper is out of reach."""
    paper = anchored().text
    sql("UPDATE record_line SET actor = 'account:1'")
    newest = reads.last_seal(Book.FACTS)
    assert newest
    sql("DELETE FROM record_anchor")
    sql("DELETE FROM record_seal WHERE book = 'facts'")
    again = actions.seal_lines(list(Line.objects.order_by("xid", "id")), now=NOW)
    sql("UPDATE record_seal SET id = %s WHERE id = %s", newest.id, again.id)
    assert found(Book.FACTS) == []
    codes = [each.code for each in reads.faults_against_anchor(paper, name="paper")]
    assert codes == ["anchor_removed", "anchor_differs"]
    sql("DELETE FROM record_seal WHERE book = 'facts'")
    codes = [each.code for each in reads.faults_against_anchor(paper, name="paper")]
    assert codes == ["anchor_removed", "anchor_seal_missing"]


def test_a_cut_end_and_a_removed_anchor_are_told(books: None) -> None:
    last = reads.last_seal(Book.AUDIT)
    assert last
    cursor = reads.cursor_to_move(reads.SEALS_AUDIT)
    assert cursor
    actions.move_cursor(cursor, AuditLine.objects.get(id=last.last_line), now=NOW)
    first = anchored()
    write(Book.FACTS, 1)
    seal(Book.FACTS)
    anchored()
    assert codes_around() == []
    sql("DELETE FROM record_anchor WHERE id = %s", first.id)
    assert codes_around() == ["anchor_removed"]
    sql("DELETE FROM record_seal WHERE id = %s", last.id)
    assert codes_around() == ["end_missing", "anchor_seal_missing", "anchor_removed"]


def certify(seal: Seal, *, at: datetime, hash: str = "", told: Any = None) -> None:
    """As whoever may add lines to the audit can make a certificate up."""
    data = {reads.PURGED_TO: told or seal.id, "hash": hash or bytes(seal.hash).hex()}
    actions.note(AuditKind.RETENTION, actor=ACTOR, county=COUNTY, data=data, now=at)


# The first is honest about when it was written; a seal or today's date tells of the others.
@pytest.mark.parametrize("years", [0, 10, 174])
@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_certificate_for_young_lines_was_made_up(
    books: None, years: int, is_sealed: bool
) -> None:
    last = reads.last_seal(Book.AUDIT)
    assert last
    sql("DELETE FROM record_auditline")
    removed = [("line_removed", number) for number in found_ids(last)]
    assert found(Book.AUDIT) == removed
    soon = NOW + timedelta(days=rules.LEAST_DAYS - 1)
    certify(last, at=soon + timedelta(days=365 * years))
    if is_sealed:
        seal(Book.AUDIT, now=soon)
    with clock.standing_at(soon):
        assert found(Book.AUDIT) == removed
        assert codes_around() == ["purged_early"]


def found_ids(seal: Seal) -> list[int]:
    return [number for number, _leaf in rules.unpack_leaves(bytes(seal.leaves))]


@pytest.mark.parametrize(
    "told", [999_999_999, "999999999", "x", None, True, 10**30], ids=lambda told: str(told)[:9]
)
def test_a_certificate_that_fits_no_seal_hides_nothing(books: None, told: Any) -> None:
    """One line, which the application's role may write, used to blind the check of the audit."""
    last = reads.last_seal(Book.AUDIT)
    assert last
    first = ids(Book.AUDIT)[0]
    sql("UPDATE BOOK SET actor = 'account:1' WHERE id = %s", first, of=Book.AUDIT)
    certify(last, at=datetime(2200, 1, 1, tzinfo=UTC), told=told, hash="" if told else "0" * 64)
    assert found(Book.AUDIT) == [("line_altered", first)]
    assert codes_around() == ["certificate_wrong"]
    assert reads.seals_to_purge(NOW + timedelta(days=1)) == [last]


def test_under_a_purged_seal_what_is_there_must_fit(db: None) -> None:
    written_on(LONG_AGO, 3)
    old = seal(Book.AUDIT, now=LONG_AGO)
    certify(old, at=NOW)
    seal(Book.AUDIT)
    assert codes_around() == []
    first = ids(Book.AUDIT)[0]
    sql("UPDATE BOOK SET actor = 'account:1' WHERE id = %s", first, of=Book.AUDIT)
    assert found(Book.AUDIT) == [("line_altered", first)]
    sql("DELETE FROM BOOK WHERE id = %s", first, of=Book.AUDIT)
    assert found(Book.AUDIT) == [("line_removed", first)]
    sql("DELETE FROM BOOK WHERE id IN (%s, %s)", first + 1, first + 2, of=Book.AUDIT)
    assert found(Book.AUDIT) == []


def test_an_anchor_kept_as_a_file_is_compared_with(books: None, home: Path) -> None:
    """Whoever writes the anchors in the database anew as well has the files against them."""
    adapters.keep_anchor(anchored())
    assert codes_around() == []
    sql("DELETE FROM record_anchor")
    assert codes_around() == ["anchor_removed"]


def test_an_anchor_whose_file_could_not_be_written_gets_it_later(books: None, home: Path) -> None:
    folder = home / "anchors"
    folder.write_text("in the way")
    with pytest.raises(OSError, match="anchors"):
        actions.make_anchor_of_day(county=COUNTY, now=NOW)
    folder.unlink()
    assert actions.make_anchor_of_day(county=COUNTY, now=NOW) is None, "it is made already"
    ((_name, text),) = adapters.kept_anchors()
    assert text == Anchor.objects.get().text


# --- lines whose time is up --------------------------------------------------------------------

LONG_AGO = NOW - timedelta(days=400)


def written_on(moment: datetime, count: int) -> None:
    for _again in range(count):
        actions.note(AuditKind.EXPORT, actor=ACTOR, county=COUNTY, now=moment)


def purged(kept_days: int = rules.LEAST_DAYS) -> actions.Purged | None:
    return actions.purge(kept_days=kept_days, county=COUNTY, actor=ACTOR, now=NOW)


def test_old_lines_leave_in_whole_batches_and_the_rest_is_still_checked(db: None) -> None:
    written_on(LONG_AGO, 3)
    first = seal(Book.AUDIT, now=LONG_AGO)
    written_on(LONG_AGO, 2)
    written_on(NOW, 1)  # one young line keeps its batch
    seal(Book.AUDIT, now=NOW - timedelta(days=300))
    done = purged()
    assert done is not None
    assert (done.seal, done.lines) == (first.id, 3)
    assert AuditLine.objects.filter(kind="export").count() == 3
    seal(Book.AUDIT)
    assert found(Book.AUDIT) == []
    assert codes_around() == []
    certificate = reads.certificates().get()
    assert certificate.id == done.certificate
    assert certificate.data["lines"] == 3
    assert purged() is None, "nothing more is old enough"
    line = AuditLine.objects.filter(kind="export").order_by("id").last()
    assert line
    sql("UPDATE BOOK SET actor = 'account:1' WHERE id = %s", line.id, of=Book.AUDIT)
    assert found(Book.AUDIT) == [("line_altered", line.id)]


def test_what_is_removed_beside_the_certificate_is_named(db: None) -> None:
    written_on(LONG_AGO, 2)
    seal(Book.AUDIT, now=LONG_AGO)
    purged()
    written_on(NOW, 2)
    seal(Book.AUDIT)
    line = ids(Book.AUDIT)[-1]
    sql("DELETE FROM BOOK WHERE id = %s", line, of=Book.AUDIT)
    assert found(Book.AUDIT) == [("line_removed", line)]


def test_what_was_done_to_old_lines_is_not_let_go_of_with_them(db: None) -> None:
    written_on(LONG_AGO, 3)
    seal(Book.AUDIT, now=LONG_AGO)
    line = ids(Book.AUDIT)[1]
    sql("DELETE FROM BOOK WHERE id = %s", line, of=Book.AUDIT)
    with pytest.raises(AuditFaulty, match=str(line)):
        purged()
    assert found(Book.AUDIT) == [("line_removed", line)]
    assert AuditLine.objects.filter(kind="export").count() == 2


def test_nobody_asks_for_less_than_the_law(db: None) -> None:
    with pytest.raises(ValueError, match="184"):
        purged(kept_days=rules.LEAST_DAYS - 1)


def test_after_going_back_what_is_checked_is_what_is_there(books: None, home: Path) -> None:
    """A check that stays red for ever would tell of nothing."""
    oldest = anchored(NOW - timedelta(days=3))
    adapters.keep_anchor(oldest)
    write(Book.AUDIT, 1)
    seal(Book.AUDIT)
    adapters.keep_anchor(anchored(NOW - timedelta(days=2)))
    point = transaction.savepoint()
    write(Book.FACTS, 2)
    seal(Book.FACTS)
    adapters.keep_anchor(anchored())
    transaction.savepoint_rollback(point)
    assert codes_around() == ["anchor_removed", "anchor_seal_missing"]
    went_back: dict[str, Any] = {"county": COUNTY, "actor": system("restore"), "now": NOW}
    assert actions.set_newer_anchors_aside(**went_back) == 1
    assert codes_around() == []
    assert len(list(home.glob("anchors/lost-*/*.txt"))) == 1
    line = AuditLine.objects.get(kind="backup")
    assert (line.about, line.data["anchors"]) == ("anchors", 1)
    sql("DELETE FROM record_anchor WHERE id = %s", oldest.id)
    assert actions.set_newer_anchors_aside(**went_back) == 0, "what is missing below stays a fault"
    assert "anchor_removed" in codes_around()
