"""Followers skip no line and double none, whenever transactions commit."""

import time
from collections.abc import Iterator, Sequence
from functools import partial

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import conninfo

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.fact import Fact, reacts_to
from gezhi.record import actions, followers, reads
from gezhi.record.errors import KeyMalformed, KeyReused
from gezhi.record.models import Cursor, Line, Seal

COUNTY = "990101"
INSERT = (
    "INSERT INTO record_line (county, kind, about, data, actor, at)"
    " VALUES ('990101', %s, 'x', '{}', 'system:test', now())"
)


@pytest.fixture
def heard(transactional_db: None) -> Iterator[list[str]]:
    """What a follower of this test hears."""
    kinds: list[str] = []

    @followers.follows("test")
    def listen(lines: Sequence[Line]) -> None:
        kinds.extend(line.kind for line in lines)

    yield kinds
    followers._followers.pop("test")


def run_until_heard(name: str, *, most: int = followers.BATCH) -> int:
    """Let a follower read a batch, once nothing can hold it back before the last line.

    The oldest running transaction is the whole server's: other tests, in databases of
    their own beside this one, hold a follower back until they are done, however long it takes.
    Were it run before, it could stop at a line in the middle.
    """
    run_until_settled()
    return followers.run_once(name, most=most)


def run_until_settled() -> None:
    """Wait until no transaction runs that was there when the lines were written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(xid) FROM record_line")
        written = cursor.fetchone()[0]
        while True:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            if cursor.fetchone()[0] > (written or 0):
                return
            time.sleep(0.05)


def read_everything() -> None:
    """Let every follower read all there is, also what the others wrote while they read."""
    known = -1
    while known != (known := Line.objects.count()):
        run_until_settled()
        while followers.read_on():
            pass


def another_connection() -> psycopg.Connection[tuple[object, ...]]:
    own = connection.settings_dict
    given = {"dbname": own["NAME"], "host": own["HOST"], "port": own["PORT"], "user": own["USER"]}
    return psycopg.connect(conninfo.make_conninfo("", **{k: v for k, v in given.items() if v}))


def test_a_transaction_that_commits_late_is_not_skipped(heard: list[str]) -> None:
    """The slow one takes its number first and commits last: nobody runs past it."""
    with another_connection() as slow, another_connection() as quick:
        slow.execute(INSERT, ["slow"])
        quick.execute(INSERT, ["quick"])
        quick.commit()
        followers.run_once("test")
        assert heard == [], "the quick line stands above a transaction still running"
        slow.commit()
    run_until_settled()  # others' transactions may have begun between the two
    assert followers.run_once("test") == 2
    assert sorted(heard) == ["quick", "slow"]


def test_a_follower_that_fails_reads_the_same_lines_again(heard: list[str]) -> None:
    with another_connection() as writer:
        writer.execute(INSERT, ["one"])
    listen = followers._followers["test"]

    def fall_over(lines: Sequence[Line]) -> None:
        listen(lines)
        raise RuntimeError("killed")

    followers._followers["test"] = fall_over
    with pytest.raises(RuntimeError):
        run_until_heard("test")
    followers._followers["test"] = listen
    assert run_until_heard("test") == 1
    assert followers.run_once("test") == 0
    actions.restart_follower("test")
    assert run_until_heard("test") == 1, "a follower may be rebuilt from the first line"


def test_one_that_falls_over_its_lines_keeps_no_other_from_reading(
    heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall_over(lines: Sequence[Line]) -> None:
        raise RuntimeError("cannot read this")

    both = {"before": fall_over, "test": followers._followers["test"]}
    monkeypatch.setattr(followers, "_followers", both)
    with another_connection() as writer:
        writer.execute(INSERT, ["one"])
    run_until_settled()
    with pytest.raises(ExceptionGroup) as fell:
        followers.read_on()
    assert heard == ["one"]
    (fault,) = fell.value.exceptions
    assert "follower: before" in fault.__notes__


def test_each_takes_its_turn_until_none_has_more(
    heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    both = {"test": followers._followers["test"], "then": lambda lines: batches.append(len(lines))}
    monkeypatch.setattr(followers, "_followers", both)
    monkeypatch.setattr(followers, "run_once", partial(followers.run_once, most=2))
    monkeypatch.setattr(followers, "BATCH", 2)
    with another_connection() as writer:
        for kind in ("one", "two", "three"):
            writer.execute(INSERT, [kind])
    run_until_settled()
    assert followers.read_on()
    assert (heard, batches) == (["one", "two"], [2]), "a batch each"
    assert not followers.read_on()
    assert (heard, batches) == (["one", "two", "three"], [2, 1])


def test_two_workers_do_not_hear_the_same_line(heard: list[str]) -> None:
    with another_connection() as writer:
        writer.execute(INSERT, ["one"])
    Cursor.objects.get_or_create(name="test")
    with another_connection() as other:
        other.execute("SELECT 1 FROM record_cursor WHERE name = 'test' FOR UPDATE")
        assert followers.run_once("test") == 0, "another worker is at it"
    assert run_until_heard("test") == 1


def test_every_settled_line_gets_under_a_seal(heard: list[str]) -> None:
    with another_connection() as writer:
        for number in range(7):
            writer.execute(INSERT, [f"line{number}"])
    assert [run_until_heard("seal", most=3) for _batch in range(3)] == [3, 3, 1]
    assert [seal.lines for seal in Seal.objects.order_by("id")] == [3, 3, 1]
    assert list(reads.faults_in_book()) == []


class SomethingHappened(Fact):
    pass


def test_a_reaction_that_fails_undoes_the_fact(db: None) -> None:
    @reacts_to(SomethingHappened)
    def fail(fact: Fact, **_more: object) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError), transaction.atomic():
        actions.announce(
            SomethingHappened(), about="x", county=COUNTY, actor=NOBODY, now=clock.now()
        )
    assert not Line.objects.filter(kind="something_happened").exists()


def test_a_kept_answer_is_given_again_and_never_for_another_request(db: None) -> None:
    calls: list[int] = []

    def do() -> tuple[int, dict[str, object]]:
        calls.append(1)
        return 201, {"number": len(calls)}

    def once(key: str, request: bytes) -> actions.Kept:
        return actions.once(key, request=request, do=do, actor=NOBODY, now=clock.now())

    first, second = once("k", b"a"), once("k", b"a")
    assert (first.answer, first.is_first) == ({"number": 1}, True)
    assert (second.answer, second.is_first, second.status) == ({"number": 1}, False, 201)
    with pytest.raises(KeyReused):
        once("k", b"b")
    with pytest.raises(KeyMalformed):
        once("", b"a")
    assert len(calls) == 1
