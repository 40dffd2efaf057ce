"""The history can't be rewritten unseen: altered, removed and reordered lines are found."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from gezhi.base.actor import Actor
from gezhi.cases import actions, reads
from gezhi.cases.models import Case, HistoryLine
from gezhi.cases.reads import chains
from gezhi.record import reads as record
from gezhi.record import rules as record_rules
from gezhi.record.models import Line
from gezhi.record.rules import Fault
from tests.cast import COUNTY, SETTING_UP, County, report_leak


def faults(case: Case) -> list[Fault]:
    return list(reads.faults_in_chains(county=COUNTY))


def sql(statement: str, *values: Any) -> None:
    """As somebody with the database's own password would; triggers are no hindrance to them."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_an_untouched_history_is_whole(handled: Case) -> None:
    assert faults(handled) == []


def test_an_altered_line_is_named(handled: Case) -> None:
    sql("UPDATE cases_historyline SET actor = 'account:other' WHERE seq = 2")
    assert faults(handled) == [Fault("history_altered", {"number": handled.number, "line": 2})]


def test_altered_words_are_named(handled: Case) -> None:
    sql("UPDATE cases_historyline SET words = 'x', words_digest = 'x' WHERE seq = 2")
    assert Fault("history_words", {"number": handled.number, "line": 2}) in faults(handled)


def test_erased_words_leave_the_chain_valid(county: County, handled: Case) -> None:
    """They go; their digest stays, the chain still verifies, and the book tells of it."""
    report = handled.reports.get()
    own = Actor(label=f"report:{report.id}", kind="resident", proven=frozenset({report.id}))
    actions.ask(handled.id, words="在哪个门口？", actor=county.actor("shui"))
    actions.answer(handled.id, words="东门", actor=own)
    actions.anonymise_report(report.id, reason="本人要求", actor=SETTING_UP)
    line = HistoryLine.objects.get(case=handled, act="answer")
    assert line.words_digest
    assert not line.words
    assert faults(handled) == []


@pytest.mark.parametrize("has_erased", [True, False])
def test_words_that_are_emptied_past_the_book_are_named(
    county: County, handled: Case, has_erased: bool
) -> None:
    """By a superuser or with the application's role; an erasure excuses its own lines alone."""
    actions.note(handled.id, words="问过村里", actor=county.actor("shui"))
    if has_erased:
        report = handled.reports.get()
        actions.anonymise_report(report.id, reason="本人要求", actor=SETTING_UP)
    line = HistoryLine.objects.get(case=handled, act="note")
    sql("UPDATE cases_historyline SET words = '', salt = '' WHERE id = %s", line.id)
    named = Fault("history_words_gone", {"number": handled.number, "line": line.seq})
    assert faults(handled) == [named]


def test_words_are_not_emptied_by_a_slip(handled: Case) -> None:
    with pytest.raises(ProgrammingError, match="where it is said so"), transaction.atomic():
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
    assert "history_book" in {fault.code for fault in faults(handled)}


def remove(case: Case) -> None:
    """The case and all that hangs on it, as if it had never been."""
    for table in ("clockentry", "historyline", "leg", "report"):
        sql(f"DELETE FROM cases_{table} WHERE case_id = %s", case.id)  # noqa: S608 - names above
    sql("DELETE FROM deadlines_deadline WHERE case_id = %s", case.id)
    sql("DELETE FROM cases_case WHERE id = %s", case.id)


@pytest.mark.parametrize("which", [0, 1, 2], ids=["first", "middle", "last"])
@pytest.mark.parametrize("most", [1, 2, 3, 500])
def test_a_case_that_is_wholly_removed_is_named(county: County, which: int, most: int) -> None:
    made = [report_leak().case for _again in range(3)]
    line = Line.objects.filter(about=f"case:{made[which].id}").order_by("id").last()
    assert line
    remove(made[which])
    assert walked(most) == [Fault("case_removed", {"number": made[which].number, "line": line.id})]


def test_that_nothing_is_left_at_all_is_named(county: County) -> None:
    remove(report_leak().case)
    assert [fault.code for fault in walked(500)] == ["case_removed"]
    assert [fault.code for fault in walked(1)] == ["case_removed"]


def walked(most: int) -> list[Fault]:
    found: list[Fault] = []
    after = ""
    while (step := reads.check_histories(county=COUNTY, after=after, most=most)) is not None:
        found += step.faults
        after = step.last
    return found


def test_a_note_for_colleagues_that_is_made_public_is_named(county: County, handled: Case) -> None:
    case = actions.note(handled.id, words="只给同事看", actor=county.actor("shui"))
    line = HistoryLine.objects.get(case=case, act="note")
    sql("UPDATE cases_historyline SET is_public = NOT is_public WHERE id = %s", line.id)
    assert faults(case) == [Fault("history_altered", {"number": case.number, "line": line.seq})]


def test_lines_from_before_that_was_hashed_are_whole(handled: Case) -> None:
    before = b""
    for line in reads.history_of(handled):
        body = reads.line_values(line)
        del body["public"]
        before = record_rules.chain_hash(before, body)
        sql("UPDATE cases_historyline SET hash = %s WHERE id = %s", before, line.id)
    sql("UPDATE cases_case SET head = %s WHERE id = %s", before, handled.id)
    sql(
        "UPDATE record_line SET data = jsonb_set(data, '{hash}', to_jsonb(%s::text))"
        " WHERE about = %s AND data->>'seq' = %s",
        before.hex(), f"case:{handled.id}", str(handled.lines),
    )  # fmt: skip
    assert faults(handled) == []


@pytest.mark.parametrize("after", ["_lines_of", "last_facts"])
def test_what_happens_while_the_check_reads_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, county: County, handled: Case, after: str
) -> None:
    """A move and a report are committed between two of its questions."""
    module = chains if after == "_lines_of" else record
    asked = getattr(module, after)
    calls = []

    def meanwhile(*args: Any, **named: Any) -> Any:
        calls.append(after)
        if after == "last_facts" and len(calls) == 1:
            happen(county, handled)
        answer = asked(*args, **named)
        if after == "_lines_of" and len(calls) == 1:
            happen(county, handled)
        return answer

    monkeypatch.setattr(module, after, meanwhile)
    assert faults(handled) == []
    assert len(calls) > 1, "it was looked at once more"
    sql("UPDATE cases_historyline SET act = 'x' WHERE seq = 2")
    assert [fault.code for fault in faults(handled)] == ["history_altered"]


def happen(county: County, case: Case) -> None:
    actions.note(case.id, words="到现场看了", actor=county.actor("shui"))
    report_leak()
