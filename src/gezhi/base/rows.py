"""Writing rows of several tables in one trip to the database.

An act adds three to six small rows and changes one; written one by one through the
ORM, most of its time went into trips and into compiling the same statements again
(docs/decisions/0008). The statements here are made once per model. No signals, no
`save()` overrides: the house has neither.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

Changed = tuple[models.Model, Sequence[str]]
_Fields = tuple["models.Field[Any, Any]", ...]


def write(new: Iterable[models.Model] = (), changed: Iterable[Changed] = ()) -> None:
    """Update the named columns (`area_id`) of `changed` rows, then insert `new` ones.

    In this order a row that is met or ended makes room for the one that follows it.

    Keys that the database makes itself are not read back.
    """
    statements: list[str] = []
    values: list[Any] = []
    for row, names in changed:
        statement, fields = _update(type(row), tuple(names))
        statements.append(statement)
        values += [_prepared(row, field) for field in fields]
        values.append(row.pk)
    for row in new:
        statement, fields = _insert(type(row))
        statements.append(statement)
        values += [_prepared(row, field) for field in fields]
        row._state.adding = False
        row._state.db = connection.alias
    if statements:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(statements), values)


def _prepared(row: models.Model, field: "models.Field[Any, Any]") -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _placeholder(field: "models.Field[Any, Any]") -> str:
    own = getattr(field, "get_placeholder", None)
    return own(None, None, connection) if own else "%s"


@lru_cache(maxsize=64)
def _insert(model: type[models.Model]) -> tuple[str, _Fields]:
    fields = tuple(
        field
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField) and field.db_default is models.NOT_PROVIDED
    )
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(_placeholder(field) for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})', fields  # noqa: S608 - names of our own models


@lru_cache(maxsize=512)
def _update(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, _Fields]:
    known = {field.attname: field for field in model._meta.concrete_fields}
    fields = tuple(known[name] for name in names)
    settings = ", ".join(f'"{field.column}" = {_placeholder(field)}' for field in fields)
    key = model._meta.pk.column
    return f'UPDATE "{model._meta.db_table}" SET {settings} WHERE "{key}" = %s', fields  # noqa: S608 - as above
