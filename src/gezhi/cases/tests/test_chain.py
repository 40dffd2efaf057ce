"""The history can't be rewritten unseen: altered, removed and reordered lines are found."""

from typing import Any

import pytest
from django.db import connection

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import reads
from gezhi.cases.models import Case, HistoryLine
from gezhi.record import actions
from gezhi.record import reads as record
from gezhi.record.models import Line
from tests.cast import COUNTY


def faults(case: Case) -> list[str]:
    return list(reads.faults_in_chains(county=COUNTY))


def sql(statement: str, *values: Any) -> None:
    """As somebody with the database's password would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_untouched_history_is_whole(handled: Case) -> None:
    assert faults(handled) == []


def test_an_altered_line_is_named(handled: Case) -> None:
    sql("UPDATE cases_historyline SET actor = 'account:other' WHERE seq = 2")
    assert faults(handled) == [f"case {handled.number}: line 2 was altered or does not follow"]


def test_altered_words_are_named(handled: Case) -> None:
    sql("UPDATE cases_historyline SET words = 'x', words_digest = 'x' WHERE seq = 2")
    assert any("line 2" in fault for fault in faults(handled))


def test_erased_words_leave_the_chain_valid(handled: Case) -> None:
    """When their time is up words go; their digest stays and the chain still verifies."""
    HistoryLine.objects.filter(case=handled).update(words="", salt="")
    assert faults(handled) == []


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_a_removed_line_is_named(handled: Case, seq: int) -> None:
    sql("DELETE FROM cases_historyline WHERE seq = %s", seq)
    assert faults(handled)


def test_reordered_lines_are_named(handled: Case) -> None:
    sql("UPDATE cases_historyline SET seq = 100 WHERE seq = 2")
    sql("UPDATE cases_historyline SET seq = 2 WHERE seq = 3")
    sql("UPDATE cases_historyline SET seq = 3 WHERE seq = 100")
    assert faults(handled)


def test_a_history_rewritten_with_its_case_still_differs_from_the_book(handled: Case) -> None:
    """Cutting the last line and mending the case row is found by the book of facts."""
    lines = list(reads.history_of(handled))
    sql("DELETE FROM cases_historyline WHERE id = %s", lines[-1].id)
    sql(
        "UPDATE cases_case SET lines = lines - 1, head = %s WHERE id = %s",
        bytes(lines[-2].hash),
        handled.id,
    )
    assert any("book" in fault for fault in faults(handled))


def test_the_book_names_an_altered_line(handled: Case) -> None:
    lines = list(Line.objects.order_by("xid", "id"))
    actions.seal_lines(lines, now=clock.now())
    assert list(record.faults_in_book()) == []
    Line.objects.filter(pk=lines[1].pk).update(actor=system("other").label)
    assert any("altered" in fault for fault in record.faults_in_book())
    Line.objects.filter(pk=lines[1].pk).delete()
    assert any("are there" in fault for fault in record.faults_in_book())
