"""A database of one's own that can't be used: what is said, and what to type."""

import socket

import psycopg
import pytest

from gezhi.site.commands import database, house
from gezhi.site.commands.database import Trouble, trouble_with
from gezhi.site.commands.house import Stopped
from gezhi.site.embedded import FORGETFUL, Embedded

PASSWORD = "not-to-be-shown"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of its own, where one role needs a password and may make no tables."""
    server = Embedded(tmp_path_factory.mktemp("own") / "pg", FORGETFUL)
    server.start()
    try:
        server.ensure_database("good")
        with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
            connection.execute(
                "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'"
                " LOCALE_PROVIDER libc LOCALE 'C'"
            )
            connection.execute(f"CREATE ROLE visitor LOGIN PASSWORD '{PASSWORD}'")
            rules = server.folder / "pg_hba.conf"
            rules.write_text(f"local all visitor scram-sha-256\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")
        yield server
    finally:
        server.stop()


def trouble_of(address: str, *, to_make_tables: bool = False) -> Trouble:
    found = trouble_with(address, to_make_tables=to_make_tables)
    assert found
    assert PASSWORD not in found.said + found.mend
    return found


def _as_visitor(server: Embedded, database: str, password: str) -> str:
    return server.address(database).replace("postgres@", f"visitor:{password}@")


def test_a_good_database_is_no_trouble(server):
    assert trouble_with(server.address("good"), to_make_tables=True) is None


def test_an_absent_database_is_named_with_the_command_that_makes_it(server):
    trouble = trouble_of(server.address("absent"))
    assert "absent" in trouble.said
    assert trouble.mend.startswith("createdb -h ")
    assert trouble.mend.endswith("-U postgres -T template0 -E UTF8 absent")


def test_a_wrong_password_is_told_without_showing_it(server):
    trouble = trouble_of(_as_visitor(server, "good", PASSWORD + "x"))
    assert "password" in trouble.said
    assert r"\password" in trouble.mend


def test_who_makes_tables_must_be_let_and_who_only_uses_them_need_not(server):
    address = _as_visitor(server, "good", PASSWORD)
    assert trouble_with(address) is None
    trouble = trouble_of(address, to_make_tables=True)
    assert 'ALTER DATABASE "good" OWNER TO "visitor"' in trouble.mend


def test_a_database_that_can_hold_no_han_is_refused(server):
    trouble = trouble_of(server.address("latin"))
    assert "LATIN1" in trouble.said
    assert "-E UTF8" in trouble.mend


def test_a_server_that_does_not_answer_is_told_with_its_address():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, so nobody else takes it; not listening
        port = nobody.getsockname()[1]
        trouble = trouble_of(f"postgresql://x:{PASSWORD}@127.0.0.1:{port}/gezhi")
    assert f"pg_isready -h 127.0.0.1 -p {port}" in trouble.mend


@pytest.mark.parametrize("address", [f"nonsense://x:{PASSWORD}@y", "postgres", "a=b"])
def test_what_is_no_address_is_told_without_showing_it(address):
    trouble = trouble_of(address)
    assert "postgresql://user:password@host" in trouble.mend


@pytest.mark.parametrize("may_pass", [True, False])
def test_what_serves_waits_for_a_server_that_is_started_again(may_pass, monkeypatch):
    answers = [Trouble("refused", "does it run?", may_pass=may_pass), None]
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/gezhi")
    monkeypatch.setattr(database, "trouble_with", lambda *_args, **_more: answers.pop(0))
    if may_pass:
        house.ask_database(patience=20)
        assert not answers
    else:
        with pytest.raises(Stopped, match="refused"):
            house.ask_database(patience=20)
