"""What a database holds, counted in one snapshot; and looking into another one than ours.

Rows are counted and chains digested in SQL: a table may be of any room, and of another release.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from gezhi.backup.rules import State

# Who was signed in when a backup was made is not signed in again by restoring it.
WITHOUT = ("django_session", "people_session", "people_residentsession")
_BATCH = 5000
# What vouches for the rest: the seals over both books, the anchors, every case's own head.
_HEADS = {
    "books": "SELECT id, last_line, encode(hash, 'hex') FROM record_seal ORDER BY id",
    "anchors": "SELECT id, hash FROM record_anchor ORDER BY id",
    "histories": "SELECT id, lines, encode(head, 'hex') FROM cases_case ORDER BY id",
}
_OF_LIBPQ = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY", "connect_timeout": "PGCONNECT_TIMEOUT", "options": "PGOPTIONS",
    "channel_binding": "PGCHANNELBINDING", "target_session_attrs": "PGTARGETSESSIONATTRS",
    "gssencmode": "PGGSSENCMODE", "service": "PGSERVICE", "passfile": "PGPASSFILE",
}  # fmt: skip


def address_of() -> dict[str, str]:
    """The database in use as libpq's environment, for PostgreSQL's own programs."""
    ours = connection.settings_dict
    found = {
        "PGDATABASE": ours["NAME"], "PGHOST": ours["HOST"], "PGPORT": ours["PORT"],
        "PGUSER": ours["USER"], "PGPASSWORD": ours["PASSWORD"],
    }  # fmt: skip
    options = ours.get("OPTIONS", {})
    found |= {name: str(options[own]) for own, name in _OF_LIBPQ.items() if own in options}
    return {name: str(value) for name, value in found.items() if value}


@contextmanager
def turned_to(name: str) -> Iterator[None]:
    """Within this block, in this thread, everything speaks to another database of the server."""
    theirs = connections["default"].copy()
    theirs.settings_dict = {**theirs.settings_dict, "NAME": name}
    try:
        with speaking_over(theirs):
            yield
    finally:
        theirs.close()


@contextmanager
def speaking_over(wrapper: BaseDatabaseWrapper) -> Iterator[None]:
    """Within this block, in this thread, this connection is the one that is used."""
    before = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        connections["default"] = before


def connection_now() -> BaseDatabaseWrapper:
    """The connection in use, to come back to."""
    return connections["default"]


@contextmanager
def snapshot() -> Iterator[tuple[str, State]]:
    """One view of the database for as long as it lasts: its name for others, and what it holds.

    It has a connection of its own, so that what is told on the way is committed.
    """
    theirs = connections["default"].copy()
    try:
        theirs.ensure_connection()
        theirs.set_autocommit(False)
        with theirs.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            name = str(cursor.fetchone()[0])
        with speaking_over(theirs):
            state = state_of()
        yield name, state
    finally:
        theirs.close()


def server_version() -> int:
    """The major version of the server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


def size_of_tables() -> int:
    """How many bytes the tables take, without their indexes: more than a backup of them will."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(pg_table_size(oid)), 0)::bigint FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        )
        return int(cursor.fetchone()[0])


def is_empty() -> bool:
    """Whether the database has no table at all."""
    return not _tables()


def state_of() -> State:
    """What the database in use holds now."""
    tables = _tables()
    counts = {table: _count(table) for table in tables if table not in WITHOUT}
    heads = {name: _digest(query) for name, query in _HEADS.items() if _table_in(query) in tables}
    return State(counts, heads, tuple(_migrations()) if "django_migrations" in tables else ())


def known_migrations() -> frozenset[str]:
    """The migrations that this version of the product has."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(f"{room}.{name}" for room, name in loader.disk_migrations)


def _tables() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = current_schema()::regnamespace"
        )
        return frozenset(row[0] for row in cursor.fetchall())


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        return int(cursor.fetchone()[0])


def _table_in(query: str) -> str:
    return query.partition(" FROM ")[2].split()[0]


def _digest(query: str) -> str:
    """One digest over all lines of a query's answer, however many."""
    digest = hashlib.sha256()
    with transaction.atomic(), connection.chunked_cursor() as cursor:  # a few at a time
        cursor.execute(query)
        while lines := cursor.fetchmany(_BATCH):
            for line in lines:
                digest.update(("|".join(map(str, line)) + "\n").encode())
    return digest.hexdigest()


def _migrations() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]
