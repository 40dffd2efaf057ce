"""Pages by key, not by number: nothing is lost or shown twice when rows come in between."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from gezhi.base.refusal import Malformed

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Page(Generic[T]):
    """Some rows and the cursor to read on from; None at the end."""

    def __init__(self, rows: list[T], cursor: str | None) -> None:
        self.rows = rows
        self.cursor = cursor


def page_of(rows: QuerySet[M], *, order: Sequence[str], cursor: str, limit: int) -> Page[M]:
    """A page of `rows` by one or two never-null fields; the last of them is unique.

    `order` names them as `order_by` does. A cursor fits only the order it was made for.
    """
    if cursor:
        rows = rows.filter(_after(rows.model, order, read_cursor(cursor, order)))
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    last = [getattr(found[limit - 1], field.lstrip("-")) for field in order]
    return Page(found[:limit], write_cursor(last, order))


def page_of_list(rows: Iterable[T], *, key: Callable[[T], str], cursor: str, limit: int) -> Page[T]:
    """A page of rows that are in memory already, in the order of a unique text."""
    order = ("key",)
    after = read_cursor(cursor, order)[0] if cursor else ""
    found = sorted((row for row in rows if key(row) > after), key=key)
    more = len(found) > limit
    return Page(found[:limit], write_cursor([key(found[limit - 1])], order) if more else None)


def _after(model: type[Model], order: Sequence[str], values: Sequence[str]) -> Q:
    names = [field.lstrip("-") for field in order]
    signs = ["lt" if field.startswith("-") else "gt" for field in order]
    try:
        known = [
            model._meta.get_field(name).to_python(value)  # type: ignore[union-attr]  # plain fields
            for name, value in zip(names, values, strict=True)
        ]
    except (ValidationError, ValueError) as error:
        raise _wrong() from error
    if len(order) == 1:
        return Q(**{f"{names[0]}__{signs[0]}": known[0]})
    # The first condition is one an index can walk; the second cuts off its beginning.
    tied = Q(**{f"{names[0]}__{signs[0]}": known[0]}) | Q(**{f"{names[1]}__{signs[1]}": known[1]})
    return Q(**{f"{names[0]}__{signs[0]}e": known[0]}) & tied


def _signer(order: Sequence[str]) -> Signer:
    return Signer(salt="gezhi.page:" + ",".join(order))


def write_cursor(values: Sequence[Any], order: Sequence[str]) -> str:
    """What names a row by its place in an order, for who asks for those behind it."""
    plain = [
        value.isoformat() if isinstance(value, datetime) else _plain(value) for value in values
    ]
    signed = _signer(order).sign(json.dumps(plain))
    return base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def read_cursor(cursor: str, order: Sequence[str]) -> list[Any]:
    """The plain values that were written for this order; moments and ids as texts."""
    try:
        signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        values: list[Any] = json.loads(_signer(order).unsign(signed))
    except (BadSignature, binascii.Error, ValueError) as error:
        raise _wrong() from error
    return values


def _wrong() -> Malformed:
    return Malformed(why=_("翻页标记（cursor）不对，请从第一页重新开始。"))
