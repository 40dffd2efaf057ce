"""Whether the database of DATABASE_URL can be used, asked before Django is loaded.

Django's own failure is a trace of calls; this asks once, for a few seconds, and knows.
"""

import shlex
from dataclasses import dataclass

import psycopg
from psycopg import conninfo, sql

SECONDS = 5
OLDEST = 15
_ADDRESS = "DATABASE_URL=postgresql://user:password@host:5432/name"


@dataclass(frozen=True)
class Trouble:
    """What is wrong, and what to type. Never holds the password.

    `may_pass`: nobody answers, as while the server is started again.
    """

    said: str
    mend: str
    may_pass: bool = False


def trouble_with(url: str, *, to_make_tables: bool = False) -> Trouble | None:
    """The first thing that stands in the way of using this database, or None.

    Only who makes tables must be allowed to: web and worker may run with a lesser role.
    """
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return Trouble("DATABASE_URL 不是数据库地址 / is no address of a database", _ADDRESS)
    try:
        with _connected(url) as connection:
            return _unsuitable(connection) or (_tableless(connection) if to_make_tables else None)
    except psycopg.OperationalError as error:
        return _unreachable(url, {k: str(v) for k, v in parts.items()}, str(error).strip())


def _connected(url: str, **changed: str) -> psycopg.Connection:
    return psycopg.connect(conninfo.make_conninfo(url, connect_timeout=SECONDS, **changed))


def _unreachable(url: str, parts: dict[str, str], said: str) -> Trouble:
    """Why nobody lets us in. A server may say so in any language, so it is asked first."""
    name = parts.get("dbname") or parts.get("user") or ""
    user = parts.get("user", "")
    server = [f"-h {shlex.quote(parts['host'])}"] if parts.get("host") else []
    server += [f"-p {parts['port']}"] if parts.get("port") else []
    if _is_absent(url, name):
        options = " ".join([*server, *([f"-U {shlex.quote(user)}"] if user else [])])
        return Trouble(
            f"没有名为 {name} 的数据库 / there is no database {name}",
            f"createdb {options} -T template0 -E UTF8 {shlex.quote(name)}".replace("  ", " "),
        )
    if "password" in said or "role" in said or "authentication" in said:
        role = sql.Identifier(user or "gezhi").as_string()
        return Trouble(
            said,
            "检查 DATABASE_URL 里的用户名和密码 / check user and password in DATABASE_URL; "
            f"sudo -u postgres psql -c 'CREATE ROLE {role} LOGIN' -c '\\password {role}'",
        )
    where = " ".join(server)
    return Trouble(
        said,
        f"数据库在运行吗？/ does it run?  pg_isready {where} ;  sudo systemctl start postgresql",
        may_pass=True,
    )


def _is_absent(url: str, name: str) -> bool:
    """Whether the server lets us in elsewhere and knows no such database."""
    try:
        with _connected(url, dbname="postgres") as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is None
    except psycopg.Error:
        return False


def _unsuitable(connection: psycopg.Connection) -> Trouble | None:
    """What makes a database that answers unfit for us."""
    row = connection.execute(
        "SELECT current_setting('server_version_num')::int / 10000,"
        " current_setting('server_encoding'), current_database()"
    ).fetchone()
    version, encoding, name = row or (0, "", "")
    if version < OLDEST:
        return Trouble(
            f"PostgreSQL {version}", f"换成 PostgreSQL {OLDEST} 或更新的版本 / or newer is needed"
        )
    if encoding != "UTF8":
        return Trouble(
            f"数据库 {name} 的编码是 {encoding} / is encoded in {encoding}",
            f"createdb -T template0 -E UTF8 {shlex.quote(name + '-utf8')}",
        )
    return None


def _tableless(connection: psycopg.Connection) -> Trouble | None:
    """Since PostgreSQL 15 a role may make tables only where it was let."""
    row = connection.execute(
        "SELECT current_database(), current_user, has_schema_privilege(current_schema(), 'CREATE')"
    ).fetchone()
    name, user, may_create = row or ("", "", False)
    if may_create:
        return None
    database, role = (sql.Identifier(each).as_string() for each in (name, user))
    return Trouble(
        f"{user} 不能在数据库 {name} 里建表 / may make no tables in {name}",
        f"sudo -u postgres psql -c 'ALTER DATABASE {database} OWNER TO {role}'",
    )
