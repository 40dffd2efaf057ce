"""An answer is given again as long as nothing was written, and never once something was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, connections, transaction

from gezhi.base import clock, unchanged
from gezhi.base.database.base import DatabaseWrapper
from gezhi.base.unchanged import Unchanged

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def other() -> Iterator[DatabaseWrapper]:
    """Another connection to the same database, as another process has it."""
    own = DatabaseWrapper(connections["default"].settings_dict, "default")
    own.connect()
    with own.cursor() as cursor:
        cursor.execute("CREATE TABLE noted (words text)")
    yield own
    own.rollback()
    with own.cursor() as cursor:
        cursor.execute("DROP TABLE noted")
    own.close()


class _Reading:
    """Asks for all that is noted, and counts how often it had to look."""

    def __init__(self, most: int = 3) -> None:
        self.answers: Unchanged[list[str]] = Unchanged(most)
        self.looked = 0

    def __call__(self, key: str = "all") -> list[str]:
        return self.answers.get(key, self._look)

    def _look(self) -> list[str]:
        self.looked += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT words FROM noted ORDER BY words")
            return [words for (words,) in cursor.fetchall()]


def _note(who: DatabaseWrapper, words: str) -> None:
    with who.cursor() as cursor:
        cursor.execute("INSERT INTO noted VALUES (%s)", [words])


def test_what_was_asked_is_not_looked_up_again(
    other: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests in other databases beside this one write, too.
    monkeypatch.setattr(unchanged, "_snapshot", lambda: "7:7:")
    read = _Reading()
    with clock.standing_at(NOON):
        assert [read() for _time in range(30)] == [[]] * 30
    assert read.looked == 1


def test_what_was_made_of_copies_that_may_be_old_is_made_once_more(
    other: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchanged, "_snapshot", lambda: "7:7:")
    read, seen = _Reading(), []
    with clock.standing_at(NOON):
        for at in (100.0, 100.9, 101.1, 130.0):
            monkeypatch.setattr(unchanged, "time", SimpleNamespace(monotonic=lambda at=at: at))
            read()
            seen.append(read.looked)
    assert seen == [1, 1, 2, 2]


def test_a_standby_tells_no_snapshot_and_is_always_asked(
    other: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchanged, "_snapshot", str)
    read = _Reading()
    with clock.standing_at(NOON):
        assert [read(), read()] == [[], []]
    assert read.looked == 2


def test_whatever_is_written_by_whomever_is_seen_at_once(other: DatabaseWrapper) -> None:
    read = _Reading()
    with clock.standing_at(NOON):
        for serial in range(20):
            assert len(read()) == serial
            _note(other, f"{serial:02}")
            assert len(read()) == serial + 1


def test_what_is_not_committed_is_not_seen_and_then_is(other: DatabaseWrapper) -> None:
    read = _Reading()
    with clock.standing_at(NOON):
        other.set_autocommit(False)
        _note(other, "waits")
        assert [read(), read()] == [[], []]
        other.commit()
        other.set_autocommit(True)
        assert read() == ["waits"]


def test_an_answer_made_while_something_is_written_is_not_kept_for_later(
    other: DatabaseWrapper,
) -> None:
    answers: Unchanged[list[str]] = Unchanged(3)
    read = _Reading()

    def late() -> list[str]:
        before = read._look()
        _note(other, "meanwhile")
        return before

    with clock.standing_at(NOON):
        assert answers.get("all", late) == []
        assert answers.get("all", read._look) == ["meanwhile"]


def test_what_a_transaction_wrote_itself_is_seen_in_it(other: DatabaseWrapper) -> None:
    read = _Reading()
    with clock.standing_at(NOON), transaction.atomic():
        for serial in range(3):
            assert len(read()) == serial
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO noted VALUES (%s)", [str(serial)])
        assert len(read()) == 3


def test_nothing_is_older_than_its_minute(other: DatabaseWrapper) -> None:
    read = _Reading()
    with clock.standing_at(NOON):
        read()
    looked = read.looked
    with clock.standing_at(NOON + timedelta(minutes=1)):
        read()
    assert read.looked == looked + 1


def test_no_more_than_so_many_are_kept_and_the_newest_are(
    other: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchanged, "_snapshot", lambda: "7:7:")
    read = _Reading(most=2)
    with clock.standing_at(NOON):
        for key in ("a", "b", "c", "c"):
            read(key)
    assert (len(read.answers), read.looked) == (2, 3)
