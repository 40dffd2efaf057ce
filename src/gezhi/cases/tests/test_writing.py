"""What acts read and write around the ORM's compiler: the same as through it."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.pq import TransactionStatus

from gezhi.base import fact as facts_of
from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.ids import new_id
from gezhi.cases import actions, reads
from gezhi.cases.actions import projecting
from gezhi.cases.facts import CaseAccepted, CaseNoted
from gezhi.cases.models import Case, ClockEntry, Leg, Report
from gezhi.record.models import Cursor
from tests.cast import TUESDAY, County, report_leak


def test_what_is_fetched_is_what_the_orm_finds(reported: actions.Reported) -> None:
    for model in (Case, Leg, Report, ClockEntry):
        fetched = rows.fetch(model, "county = %s ORDER BY id", [reported.case.county])
        found = list(model.objects.filter(county=reported.case.county).order_by("id"))
        assert found
        assert fetched == found
        for mine, theirs in zip(fetched, found, strict=True):
            kept = {name: value for name, value in vars(theirs).items() if name != "_state"}
            assert {name: getattr(mine, name) for name in kept} == kept


def test_a_column_left_out_is_fetched_when_somebody_asks(reported: actions.Reported) -> None:
    (case,) = rows.fetch(Case, "id = %s", [reported.case.id], without=("words",))
    assert "words" not in vars(case)
    assert case.words


def test_only_what_changed_is_written(reported: actions.Reported) -> None:
    mine, theirs = (rows.fetch(Case, "id = %s", [reported.case.id])[0] for _ in range(2))
    mine.place, theirs.label = "北门口", "投诉"
    rows.write(changed=[mine])
    rows.write(changed=[theirs])
    with CaptureQueriesContext(connection) as asked:
        rows.write(changed=[mine, theirs])
    assert len(asked) == 0
    now = Case.objects.get(pk=mine.pk)
    assert (now.place, now.label) == ("北门口", "投诉")


def test_words_with_signs_of_the_format_and_quotes_arrive_as_they_are(
    reported: actions.Reported,
) -> None:
    odd = "100% 'of' \"it\"; DROP %s %(x)s -- \\"
    (case,) = rows.fetch(Case, "id = %s", [reported.case.id])
    case.answer = odd
    rows.write(changed=[case])
    rows.update(Leg, "case_id = %s", [case.id], result=odd)
    assert Case.objects.get(pk=case.pk).answer == odd
    assert Leg.objects.get(case=case).result == odd


def test_nothing_gathered_is_missed_by_a_question(reported: actions.Reported) -> None:
    case = reported.case
    entry = ClockEntry(county=case.county, case=case, kind="pause", at=TUESDAY, actor="x")
    with transaction.atomic(), rows.gathered():
        rows.write(new=[entry])
        assert ClockEntry.objects.filter(pk=entry.pk).exists()
        other = ClockEntry(county=case.county, case=case, kind="resume", at=TUESDAY, actor="x")
        with rows.gathered():  # an act within an act waits with it
            rows.write(new=[other])
        assert len(rows.fetch(ClockEntry, "id = ANY(%s)", [[entry.pk, other.pk]])) == 2


def test_a_question_about_other_tables_does_not_part_what_is_gathered(
    reported: actions.Reported,
) -> None:
    case = reported.case
    entry = ClockEntry(county=case.county, case=case, kind="pause", at=TUESDAY, actor="x")
    with transaction.atomic(), CaptureQueriesContext(connection) as asked, rows.gathered():
        rows.write(new=[entry])
        rows.fetch(Leg, "case_id = %s", [case.id])
        Leg.objects.filter(case=case).update(result="")  # an act of its own: what waits goes first
    kinds = [each["sql"].split()[0] for each in asked if "SAVEPOINT" not in each["sql"]]
    assert kinds == ["SELECT", "INSERT", "UPDATE"]


def test_two_questions_in_one_trip_are_answered_as_two(reported: actions.Reported) -> None:
    case = reported.case
    legs = rows.Asked(Leg, "case_id = %s ORDER BY id", [case.id])
    reports = rows.Asked(Report, "case_id = %s ORDER BY id", [case.id], without=("words",))
    with CaptureQueriesContext(connection) as asked:
        both = rows.fetch_both(legs, reports)
    assert len(asked) == 1
    assert both == (list(Leg.objects.filter(case=case)), list(Report.objects.filter(case=case)))
    assert "words" not in vars(both[1][0])
    both[1][0].channel = "phone"
    rows.write(changed=both[1])
    assert Report.objects.get(case=case).channel == "phone"


def test_what_was_gathered_for_a_failure_is_not_written(reported: actions.Reported) -> None:
    case = reported.case
    entry = ClockEntry(county=case.county, case=case, kind="pause", at=TUESDAY, actor="x")

    def write_and_fail() -> None:
        with transaction.atomic(), rows.gathered():
            rows.write(new=[entry])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write_and_fail()
    with rows.gathered():
        pass
    assert not ClockEntry.objects.filter(pk=entry.pk).exists()


def test_the_row_of_a_case_is_written_once_in_an_act(county: County) -> None:
    def writes(asked: CaptureQueriesContext) -> int:
        sql = "; ".join(each["sql"] for each in asked)
        return sql.count('INSERT INTO "cases_case"') + sql.count('UPDATE "cases_case"')

    with CaptureQueriesContext(connection) as asked:
        case = actions.report(
            county=county.code,
            what="路边积水",
            where=actions.Where(path="990101101201001"),
            channel="desk",
            actor=county.actor("cun"),
        ).case
    assert writes(asked) == 1
    promised = case.due_at
    with CaptureQueriesContext(connection) as asked:
        case = actions.accept(case.id, category="traffic.road.broken", actor=county.actor("cun"))
    assert writes(asked) == 1
    stored = Case.objects.get(pk=case.pk)
    assert (stored.state, stored.due_at) == ("accepted", case.due_at)
    assert stored.due_at != promised


def test_a_reaction_that_acts_on_the_same_case_is_a_mistake_said_aloud(
    county: County, reported: actions.Reported, monkeypatch: pytest.MonkeyPatch
) -> None:
    def act_again(fact: CaseAccepted, *, actor: Actor, now: datetime) -> None:
        actions.note(fact.case, words="又一次", actor=actor)

    monkeypatch.setitem(facts_of._reactions, CaseAccepted, [act_again])
    with pytest.raises(RuntimeError, match="follower"):
        actions.accept(
            reported.case.id,
            category=reported.case.proposed_category,
            actor=county.actor("cun"),
        )


def test_acts_inside_one_another_show_due_moments_of_both_cases(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reaction to one case's act acts on another; both rows are still to be written."""
    outer, inner = report_leak().case, report_leak().case
    early, later = TUESDAY, TUESDAY + timedelta(hours=5)
    seen: list[bool] = []

    def react(fact: CaseNoted, *, actor: Actor, now: datetime) -> None:
        if fact.case == outer.id:
            actions.note(inner.id, words="跟着另一件", actor=actor)
            return
        for case, due in ((outer, later), (inner, early)):
            actions.show_due(case.id, start=early, due=due, runs_on=True, finish_by=due)
        seen.extend(projecting.is_under_way(case.id) for case in (outer, inner))
        with pytest.raises(RuntimeError, match="has not ended"):
            actions.note(outer.id, words="还没写完", actor=actor)

    known = facts_of.reactions_to(CaseNoted)
    monkeypatch.setitem(facts_of._reactions, CaseNoted, [*known, react])
    actions.note(outer.id, words="先写的", actor=county.actor("cun"))
    for case, due in ((outer, later), (inner, early)):
        case.refresh_from_db()
        assert (case.due_from, case.due_at, case.due_runs_on) == (early, due, True)
        assert case.finish_by == due
        assert list(reads.faults_in_chain(case, reads.history_of(case))) == []
    assert seen == [True, True]
    assert not projecting.is_under_way(outer.id)


def _status() -> TransactionStatus:
    status: TransactionStatus = connection.connection.info.transaction_status
    return status


@pytest.mark.django_db(transaction=True)
def test_beginning_and_ending_an_act_cost_no_trip() -> None:
    """BEGIN goes with the first question, COMMIT with the writes; Django's own find it done."""
    with rows.atomic():
        assert _status() == TransactionStatus.IDLE
        assert rows.ask("SELECT 1", []) == [(1,)]
        assert _status() == TransactionStatus.INTRANS
        assert not Cursor.objects.filter(name="x").exists()
        rows.write(new=[Cursor(name="x", xid=1, line=2)])
    assert _status() == TransactionStatus.IDLE
    with CaptureQueriesContext(connection) as asked, rows.atomic():
        rows.write(new=[Cursor(name="y", xid=1, line=2)])
    sent = [each["sql"] for each in asked if each["sql"] not in {"BEGIN", "COMMIT"}]
    assert len(sent) == 1
    assert [part.split()[0] for part in sent[0].split("; ")] == ["BEGIN", "INSERT", "COMMIT"]
    assert set(Cursor.objects.filter(line=2).values_list("name", flat=True)) == {"x", "y"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["within", "by a write", "by the last check"])
def test_an_act_that_fails_leaves_nothing_and_a_connection_that_works(how: str) -> None:
    Cursor.objects.create(name="there", xid=1, line=1)
    own = Cursor(name="own", xid=1, line=1)

    def act() -> None:
        with rows.atomic():
            rows.write(new=[own])
            if how == "within":
                raise InterruptedError
            if how == "by a write":
                rows.write(new=[Cursor(name="there", xid=1, line=1)])
            if how == "by the last check":  # a key to nothing is found at COMMIT
                nobody = new_id()
                entry = ClockEntry(
                    county="990101", case_id=nobody, kind="pause", at=TUESDAY, actor="x"
                )
                rows.write(new=[entry])

    with pytest.raises((InterruptedError, IntegrityError)):
        act()
    assert _status() == TransactionStatus.IDLE
    assert not Cursor.objects.filter(name="own").exists()
    with rows.atomic():
        rows.write(new=[own])
    assert Cursor.objects.filter(name="own").exists()


@pytest.mark.django_db(transaction=True)
def test_an_act_within_a_larger_one_does_not_end_it() -> None:
    def larger() -> None:
        with transaction.atomic():
            with rows.atomic():
                rows.write(new=[Cursor(name="inner", xid=1, line=1)])
            assert _status() == TransactionStatus.INTRANS
            raise InterruptedError

    with pytest.raises(InterruptedError):
        larger()
    assert not Cursor.objects.filter(name="inner").exists()
