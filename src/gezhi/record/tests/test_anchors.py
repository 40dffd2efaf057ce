"""Anchors: what a sealed book is compared with, outside of it; and lines whose time is up."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.record import actions, adapters, reads, rules
from gezhi.record.errors import AuditFaulty
from gezhi.record.models import Anchor, AuditLine, Line, Seal
from gezhi.record.rules import AuditKind, Book
from gezhi.record.tests.books import ACTOR, COUNTY, NOW, found, ids, seal, sql, write

DAY = date(2026, 11, 17)


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
