"""What the application's role may do in the database: everything but change what is on record.

The owner's role makes the tables and gives these rights; web, live and worker connect as another.
No Django here, so that the rights can be given before it is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

# Only ever added to: no UPDATE, no DELETE, no TRUNCATE.
ADDED_TO = (
    "record_line", "record_auditline", "record_seal", "record_anchor", "record_opening",
    "cases_historyline",
)  # fmt: skip
# The columns that may be emptied when their time is up (a trigger lets nothing else through).
ERASED: Mapping[str, tuple[str, ...]] = {"cases_historyline": ("words", "salt")}
# Only ever read: migrations are the owner's.
READ = ("django_migrations",)
_MAINTAIN_SINCE = 17


@dataclass(frozen=True)
class Excess:
    """A table that should only be added to, and what the present role may do to it instead."""

    table: str
    is_owner: bool
    rights: tuple[str, ...]


def give(address: str, role: str) -> None:
    """Let `role` work with every table in the owner's database, and change nothing on record."""
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT current_user, session_user").fetchone()
        if row and role in row:
            return  # who owns the tables may do everything; the doctor tells
        for statement in _statements(connection):
            connection.execute(sql.SQL(statement).format(role=sql.Identifier(role)))


def _statements(connection: psycopg.Connection) -> list[str]:
    tables = {
        str(row[0])
        for row in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
    }
    given = [
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
    if connection.info.server_version // 10000 >= _MAINTAIN_SINCE:
        given.append("GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {role}")
    for table in sorted(tables.intersection(ADDED_TO)):
        given.append(f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON {table} FROM {{role}}, PUBLIC")
    for table, columns in ERASED.items():
        if table in tables:
            given.append(f"GRANT UPDATE ({', '.join(columns)}) ON {table} TO {{role}}")
    for table in sorted(tables.intersection(READ)):
        given.append(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {{role}}, PUBLIC")
    return given


def excess(connection: psycopg.Connection) -> list[Excess]:
    """What the role of this connection may do to the record, and should not."""
    rows = connection.execute(
        "SELECT relname, pg_has_role(current_user, relowner, 'USAGE'),"
        " has_table_privilege(oid, 'UPDATE'), has_table_privilege(oid, 'DELETE'),"
        " has_table_privilege(oid, 'TRUNCATE')"
        " FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relname = ANY(%s) ORDER BY relname",
        [list(ADDED_TO)],
    ).fetchall()
    names = ("UPDATE", "DELETE", "TRUNCATE")
    found = [
        Excess(
            str(row[0]),
            bool(row[1]),
            tuple(n for n, may in zip(names, row[2:], strict=True) if may),
        )
        for row in rows
    ]
    return [each for each in found if each.is_owner or each.rights]
