"""Rows read and written without the ORM's compiler, for what every act does.

A move reads five small sets of rows and writes as many; through the ORM nine tenths of
its time went into writing the same SQL again (docs/decisions/0008). Here a statement is
made once per model. No signals, no `save()` overrides: the house has neither.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models, transaction
from psycopg.adapt import Transformer
from psycopg.pq import TransactionStatus

M = TypeVar("M", bound=models.Model)
N = TypeVar("N", bound=models.Model)
_Fields = tuple["models.Field[Any, Any]", ...]
_Reader = tuple[str, tuple[str, ...], tuple[tuple[int, Any], ...]]


class _Statement(NamedTuple):
    """One change of one table."""

    table: str
    sql: str
    values: Sequence[Any]


# The driver takes the values of these as they are.
_PLAIN = frozenset(
    {
        models.BooleanField, models.CharField, models.DateTimeField, models.FloatField,
        models.ForeignKey, models.PositiveIntegerField, models.PositiveSmallIntegerField,
        models.UUIDField,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Asked(Generic[M]):
    """Rows of `model` by a condition in SQL, with order, limit and lock where it names them.

    `where` is a text of ours with a `%s` for each of `values`: nobody's words go into it.
    `without` names columns that are left out until somebody asks for them.
    """

    model: type[M]
    where: str
    values: Sequence[Any]
    without: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        return f"{self._reader[0]} WHERE {self.where}"

    @property
    def _reader(self) -> _Reader:
        return _select(self.model, self.without)

    def read(self, found: Iterable[Sequence[Any]]) -> list[M]:
        """The rows; they remember their values, so that `write` sees what has changed."""
        _sql, names, converters = self._reader
        return [_row(self.model, names, converters, list(each)) for each in found]


def fetch(
    model: type[M], where: str, values: Sequence[Any], *, without: tuple[str, ...] = ()
) -> list[M]:
    """The rows that `Asked` describes."""
    asked = Asked(model, where, values, without)
    return asked.read(ask(asked.sql, values))


def fetch_both(one: Asked[M], other: Asked[N]) -> tuple[list[M], list[N]]:
    """Two sets of rows in one trip; neither question may need the other's answer."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(cursor.mogrify(each.sql, each.values) for each in (one, other)))
        first = cursor.fetchall()
        cursor.nextset()
        second = cursor.fetchall()
    return one.read(first), other.read(second)


def ask(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What the database answers to a statement of ours, as its driver reads it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        answer: list[tuple[Any, ...]] = cursor.fetchall()
    return answer


def _row(
    model: type[M], names: tuple[str, ...], converters: Sequence[tuple[int, Any]], values: list[Any]
) -> M:
    for at, convert in converters:
        values[at] = convert(values[at], None, connection)
    stored = dict(zip(names, values, strict=True))
    # Django looks each of its columns up in what it is given here: a list would be searched.
    row = model.from_db(connection.alias, stored, values)
    remember(row, stored)
    return row


def remember(row: models.Model, values: dict[str, Any]) -> None:
    """These are the values of the row in the database now."""
    row._state.stored = values  # type: ignore[attr-defined]  # ours, kept beside Django's own


def update(model: type[models.Model], where: str, values: Sequence[Any], **changes: Any) -> None:
    """Set columns (`unit_id`) of all rows that fit `where`, as for `fetch`."""
    statement, fields = _update(model, tuple(changes))
    new = [each.get_db_prep_save(changes[each.attname], connection) for each in fields]
    change = _Statement(model._meta.db_table, f"{statement} WHERE {where}", [*new, *values])
    _send_or_wait([change])


def write(new: Iterable[models.Model] = (), changed: Iterable[models.Model] = ()) -> None:
    """Update what has changed of `changed` (which were fetched here), then insert `new`; one trip.

    In this order a row that is met or ended makes room for the one that follows it.

    Keys that the database makes itself are not read back.
    """
    statements: list[_Statement] = []
    for row in changed:
        names = _changes_of(row)
        if names:
            statement, fields = _update(type(row), names)
            which = f'{statement} WHERE "{row._meta.pk.column}" = %s'
            values = [*_values(row, fields), row.pk]
            statements.append(_Statement(row._meta.db_table, which, values))
    for row in new:
        statement, fields = _insert(type(row))
        statements.append(_Statement(row._meta.db_table, statement, _values(row, fields)))
        row._state.adding = False
        row._state.db = connection.alias
        remember(row, {each.attname: getattr(row, each.attname) for each in fields})
    _send_or_wait(statements)


_waiting: ContextVar[list[_Statement] | None] = ContextVar("waiting", default=None)


def _send_or_wait(statements: list[_Statement]) -> None:
    waiting = _waiting.get()
    if waiting is None:
        _send(statements)
    else:
        waiting += statements


@contextmanager
def atomic() -> Iterator[None]:
    """One transaction, all or nothing, and what is written in it is gathered.

    BEGIN goes with the first statement and COMMIT with the last writes, not on trips of their own.
    """
    with transaction.atomic(), gathered(_commits=not connection.savepoint_ids):
        yield


@contextmanager
def gathered(*, _commits: bool = False) -> Iterator[None]:
    """What is written in this block goes in one trip at its end, or before it could be missed.

    Nobody in the block can read what was there before a row was written: every other
    statement, the ORM's too, sends first what waits, unless it only reads and names none
    of the tables that are waited for.
    """
    if (outer := _waiting.get()) is not None:
        there = len(outer)
        try:
            yield
        except BaseException:
            del outer[there:]  # nothing of a part that failed, whoever goes on
            raise
        return
    waiting: list[_Statement] = []
    before = _waiting.set(waiting)
    try:
        with connection.execute_wrapper(_send_first):
            yield
            _send(waiting, commit=_commits)
    finally:
        _waiting.reset(before)


def _send_first(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    waiting = _waiting.get()
    if waiting and not (
        sql.startswith("SELECT ") and not any(change.table in sql for change in waiting)
    ):
        _send(waiting)
    if many or not _has_to_begin():
        return execute(sql, params, many, context)
    connection.connection.autocommit = True  # or the driver makes a trip for BEGIN alone
    done = execute(f"BEGIN; {sql}", params, many, context)
    context["cursor"].nextset()  # past the answer to BEGIN
    return done


def _has_to_begin() -> bool:
    """Whether Django has opened a transaction of which the database knows nothing yet."""
    status = connection.connection.pgconn.transaction_status
    return connection.in_atomic_block and status == TransactionStatus.IDLE


def _send(waiting: list[_Statement], *, commit: bool = False) -> None:
    """Send what waits; with `commit` the transaction ends with it, and Django's own finds none."""
    if not waiting:
        return
    statements = waiting.copy()
    waiting.clear()
    with connection.cursor() as cursor:
        cursor.execute(_filled(cursor, statements) + ("; COMMIT" if commit else ""))


def _filled(cursor: Any, statements: Iterable[_Statement]) -> str:
    """The statements with their values in place, as the driver writes them."""
    literal: Callable[[Any], bytes] = Transformer(cursor.connection).as_literal
    filled = [
        each.sql.encode()
        % tuple(b"NULL" if value is None else literal(value) for value in each.values)
        for each in statements
    ]
    return b"; ".join(filled).decode()


def _changes_of(row: models.Model) -> tuple[str, ...]:
    """The columns that differ from what is stored; they count as stored from here on.

    A value changed in place (a list in a JSON column) is not seen: give the row a new one. What
    was left out when the row was fetched is never written.
    """
    stored: dict[str, Any] | None = getattr(row._state, "stored", None)
    if stored is None:
        raise TypeError(f"{type(row).__name__} came through the ORM; rows.write needs rows.fetch")
    now = row.__dict__
    names = tuple(name for name, value in stored.items() if now[name] != value)
    for name in names:
        stored[name] = now[name]
    return names


def _values(row: models.Model, fields: _Fields) -> list[Any]:
    own = row.__dict__
    return [
        own[each.attname]
        if type(each) in _PLAIN
        else each.get_db_prep_save(own[each.attname], connection)
        for each in fields
    ]


def _placeholder(column: "models.Field[Any, Any]") -> str:
    own = getattr(column, "get_placeholder", None)
    return own(None, None, connection) if own else "%s"


@lru_cache(maxsize=64)
def _select(model: type[models.Model], without: tuple[str, ...]) -> _Reader:
    fields = [each for each in model._meta.concrete_fields if each.attname not in without]
    columns = ", ".join(f'"{each.column}"' for each in fields)
    converters = []
    for at, each in enumerate(fields):
        column = each.get_col(model._meta.db_table)
        own = [*connection.ops.get_db_converters(column), *each.get_db_converters(connection)]
        converters += [(at, convert) for convert in own]
    names = tuple(each.attname for each in fields)
    return f'SELECT {columns} FROM "{model._meta.db_table}"', names, tuple(converters)  # noqa: S608 - names of our own models


@lru_cache(maxsize=64)
def _insert(model: type[models.Model]) -> tuple[str, _Fields]:
    fields = tuple(
        each
        for each in model._meta.concrete_fields
        if not isinstance(each, models.AutoField)
        and (each.has_default() or each.db_default is models.NOT_PROVIDED)
    )
    columns = ", ".join(f'"{each.column}"' for each in fields)
    places = ", ".join(_placeholder(each) for each in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})', fields  # noqa: S608 - as above


@lru_cache(maxsize=512)
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, _Fields]:
    known = {each.attname: each for each in model._meta.concrete_fields}
    fields = tuple(known[name] for name in names)
    settings = ", ".join(f'"{each.column}" = {_placeholder(each)}' for each in fields)
    return f'UPDATE "{model._meta.db_table}" SET {settings}', fields  # noqa: S608 - as above
