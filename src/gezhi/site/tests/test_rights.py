"""The application's role works with everything and changes nothing that is on record."""

import asyncio
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client
from procrastinate.contrib.django import app
from psycopg import conninfo

from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases import reads as case_reads
from gezhi.cases.models import Case, HistoryLine
from gezhi.cases.rules.sealed import Field
from gezhi.deadlines import jobs as deadlines
from gezhi.record import actions as record
from gezhi.record import followers
from gezhi.record import reads as record_reads
from gezhi.record.models import AuditLine, Seal
from gezhi.record.rules import AuditKind, Book
from gezhi.rulebook import reads as rulebook
from gezhi.site import rights
from tests.cast import COUNTY, PASSWORD, County, report_leak, voice_of

ROLE = "gezhi_test_application"


def address(role: str) -> str:
    own = connection.settings_dict
    given = {"dbname": own["NAME"], "host": own["HOST"], "port": own["PORT"], "user": role}
    return conninfo.make_conninfo("", **{name: value for name, value in given.items() if value})


@pytest.fixture
def owner(committed: County) -> str:
    """The owner's address; the role is there and has its rights."""
    own = address(connection.settings_dict["USER"])
    with psycopg.connect(own, autocommit=True) as there:
        there.execute(
            "DO $$ BEGIN CREATE ROLE gezhi_test_application LOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    rights.give(own, ROLE)
    return own


@pytest.fixture
def application(owner: str) -> Iterator[None]:
    """Everything in this test that asks Django's connection is signed in as the application."""
    own = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = ROLE
    yield
    connection.close()
    connection.settings_dict["USER"] = own


def written() -> Case:
    """One case with its history, a line in each book, a seal, an anchor."""
    case = report_leak().case
    now = clock.now()
    record.note(AuditKind.EXPORT, actor=system("test"), county=COUNTY, now=now)
    record.seal_lines(list(AuditLine.objects.all()), now=now)
    record.make_anchor(county=COUNTY, day=now.date(), now=now)
    return case


FORBIDDEN = [
    "UPDATE {} SET county = '990102'",
    "DELETE FROM {}",
    "TRUNCATE {} CASCADE",
    "ALTER TABLE {} DISABLE TRIGGER USER",
    "DROP TABLE {} CASCADE",
]
TABLES = ["record_line", "record_auditline", "record_seal", "record_anchor", "cases_historyline"]


@pytest.mark.parametrize("table", TABLES)
def test_the_application_cannot_change_what_is_on_record(owner: str, table: str) -> None:
    written()
    with psycopg.connect(address(ROLE)) as there:
        for statement in FORBIDDEN:
            if table == "record_seal":
                statement = statement.replace("county = '990102'", "lines = 0")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), there.transaction():
                there.execute(statement.format(table).encode())
        for trick in (
            "SET session_replication_role = replica", "SET ROLE postgres",
            "CREATE TABLE record_other (id int)",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege), there.transaction():
                there.execute(trick.encode())
        there.execute("SET gezhi.purging = 'yes'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            there.execute("DELETE FROM record_auditline")


@pytest.mark.parametrize("table", TABLES)
def test_the_owner_cannot_by_mistake_either(owner: str, table: str) -> None:
    written()
    with psycopg.connect(owner) as there:
        for statement in FORBIDDEN[:3]:
            if table == "record_seal":
                statement = statement.replace("county = '990102'", "lines = 0")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), there.transaction():
                there.execute(statement.format(table).encode())


@pytest.mark.parametrize("days", [0, 183])
def test_young_lines_of_the_audit_stay_whoever_purges(owner: str, days: int) -> None:
    written()
    with psycopg.connect(owner) as there:
        there.execute("SET LOCAL session_replication_role = replica")
        there.execute("UPDATE record_auditline SET at = now() - make_interval(days => %s)", [days])
        there.execute("SET LOCAL session_replication_role = origin")
        there.execute("SET LOCAL gezhi.purging = 'yes'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            there.execute("DELETE FROM record_auditline")


def test_the_application_may_erase_the_words_of_a_history_and_nothing_else(
    application: None, committed: County
) -> None:
    case = written()
    cases.note(case.id, words="问过村里，下午去看", actor=committed.actor("cun"))
    line = HistoryLine.objects.get(case=case, act="note")
    assert line.words
    with pytest.raises(ProgrammingError):
        HistoryLine.objects.filter(pk=line.pk).update(words="别的", salt=line.salt)
    connection.close()
    with pytest.raises(ProgrammingError):
        HistoryLine.objects.filter(pk=line.pk).update(words="", salt="", actor="account:1")
    connection.close()
    with pytest.raises(ProgrammingError, match="where it is said so"):
        HistoryLine.objects.filter(pk=line.pk).update(words="", salt="")
    connection.close()
    cases.anonymise_report(case.reports.get().id, reason="本人要求", actor=system("test"))
    assert HistoryLine.objects.get(case=case, seq=1).words == ""
    assert list(case_reads.faults_in_chains(county=COUNTY)) == []


def test_a_whole_case_lives_through_with_the_applications_rights(
    application: None, committed: County
) -> None:
    """From report to closed, with the doors, the followers, the watch and the jobs."""
    book = rulebook.current(COUNTY)
    plain = next(key for key, row in book.categories.items() if not row.urgent and not row.proof)
    reported = report_leak()
    cun, shui = committed.actor("cun"), committed.actor("shui")
    cases.accept(reported.case.id, category=plain, actor=cun)
    cases.assign(reported.case.id, unit=committed.unit("dept-water"), actor=cun)
    cases.sign(reported.case.id, actor=shui)
    cases.open_field(
        reported.case.id, report=reported.report.id, field=Field.PHONE, reason="约时间", actor=shui
    )
    desk = Client()
    signed_in = desk.post("/desk/sign-in/", {"login": "shui", "password": PASSWORD})
    assert signed_in.status_code == 302
    assert desk.get("/desk/").status_code == 200
    assert desk.get(f"/desk/cases/{reported.case.number}/").status_code == 200
    cases.finish(reported.case.id, outcome="solved", answer="水管已经修好", actor=shui)
    cases.rate(
        reported.case.id, report=reported.report.id, is_solved=True, rating=5,
        actor=voice_of(reported),
    )  # fmt: skip
    cases.visit_back(
        reported.case.id, is_reached=True, is_solved=True, rating=5, actor=committed.actor("fang")
    )
    assert Case.objects.get(pk=reported.case.pk).state == "closed"
    _followers_read_all()
    deadlines.watch(COUNTY)
    asyncio.run(_jobs_are_done())
    for sealed in Book:
        assert record_reads.lines_sealed(sealed)
        assert list(record_reads.faults_in_book(sealed)) == []
    assert list(case_reads.faults_in_chains(county=COUNTY)) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (ROLE,)


def _followers_read_all() -> None:
    """Others' transactions on this server hold the followers back until they end."""
    until = time.monotonic() + 60
    while followers.read_on() or Seal.objects.values("book").distinct().count() < len(Book):
        assert time.monotonic() < until, "the followers read nothing"
        time.sleep(0.05)


async def _jobs_are_done() -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's
    with app.replace_connector(connector) as working:
        async with working.open_async():
            await working.run_worker_async(
                wait=False, install_signal_handlers=False, listen_notify=True,
                delete_jobs="successful",
            )  # fmt: skip


def test_excess_of_rights_is_told(owner: str) -> None:
    with psycopg.connect(address(ROLE)) as there:
        assert rights.excess(there) == []
    with psycopg.connect(owner) as there:
        found = rights.excess(there)
        assert {each.table for each in found} >= set(TABLES)
        assert all(each.is_owner for each in found)
        there.execute(f"GRANT DELETE ON record_line TO {ROLE}")
        there.execute(f"SET ROLE {ROLE}")
        assert rights.excess(there) == [rights.Excess("record_line", False, ("DELETE",))]
        there.rollback()


def test_rights_given_again_take_back_what_was_given_by_hand(owner: str) -> None:
    with psycopg.connect(owner) as there:
        there.execute(f"GRANT ALL ON record_line, cases_historyline TO {ROLE}")
    rights.give(owner, ROLE)
    with psycopg.connect(address(ROLE)) as there:
        assert rights.excess(there) == []
