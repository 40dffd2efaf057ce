"""Everything that is sealed or indexed under the newest keys, beside whoever reads and writes.

Sealed columns are found by looking at every model. What rooms seal by hand, and which columns are
indexes of what, they say in their apps. What has an old version is what is left, so work that was
killed goes on where it was; a value that somebody changed meanwhile is left to them. One that
can't be opened, or whose new one its table refuses, is named and left: it ends nothing, and its
key stays needed.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, models, transaction

from gezhi.base import disk, files, sealed
from gezhi.base.sealed import SealedField

SLICE = 200  # values in memory, and rows held at once
_Change = tuple[Any, bytes, bytes | None]  # the row's key, what stands there, what shall
_CLOSED = (InvalidTag, sealed.KeyMissing)


@dataclass(frozen=True)
class Slice:
    """How many values were looked at, and which of them can't be renewed."""

    values: int
    closed: tuple[str, ...] = ()


class Place(Protocol):
    """Where sealed values lie: a column, a folder."""

    @property
    def name(self) -> str: ...

    @property
    def is_renewed(self) -> bool:
        """Whether its values can be brought under another key at all."""
        ...

    def versions(self) -> Counter[int]:
        """How many values lie here under each key version."""
        ...

    def renew(self) -> Iterator[Slice]:
        """Bring all under the current key that can be, slice by slice."""
        ...


@dataclass(frozen=True)
class _Column:
    """A column whose first byte is a key version; `pk` and `table` are our own models' names."""

    table: str
    column: str
    pk: str
    pk_type: str

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def is_renewed(self) -> bool:
        return True

    @property
    def value(self) -> str:
        """The sealed bytes, in SQL."""
        return f'"{self.column}"'

    @property
    def version(self) -> str:
        """Their version, in SQL; null where there is nothing sealed."""
        return f"CASE WHEN octet_length({self.value}) > 0 THEN get_byte({self.value}, 0) END"

    def current(self) -> int:
        return sealed.keys().current

    def versions(self) -> Counter[int]:
        sql = f'SELECT {self.version} AS v, count(*) FROM "{self.table}" GROUP BY 1'  # noqa: S608 - names of our own models
        return Counter({version: many for version, many in _ask(sql, []) if version is not None})

    def renew(self) -> Iterator[Slice]:
        after = None
        current = self.current()
        while found := self._slice(after, current):
            after = found[-1][0]
            changes, closed = [], []
            for row in found:
                try:
                    changes.append((row[0], bytes(row[1]), self.again(row)))
                except _CLOSED:
                    closed.append(f"{self.name} {row[0]}")
            if changes:
                closed += [f"{self.name} {pk}" for pk in self._refused(changes)]
            yield Slice(len(found), tuple(closed))

    def _slice(self, after: Any, current: int) -> list[tuple[Any, ...]]:
        more = "".join(f', "{each}"' for each in self.needs)
        beyond = f'"{self.pk}" > %s AND ' if after is not None else ""
        sql = (
            f'SELECT "{self.pk}", {self.value}{more} FROM "{self.table}"'  # noqa: S608 - as above
            f' WHERE {beyond}{self.version} <> %s ORDER BY "{self.pk}" LIMIT {SLICE}'
        )
        return _ask(sql, [*([after] if after is not None else []), current])

    @property
    def needs(self) -> tuple[str, ...]:
        return ()

    def again(self, row: Sequence[Any]) -> bytes | None:
        """The same value under the current key."""
        return sealed.seal_bytes(sealed.open_bytes(bytes(row[1]), self.name), self.name)

    def _refused(self, changes: Sequence[_Change]) -> list[Any]:
        """Change them; the keys of those that a constraint of their table refuses."""
        try:
            self._change(changes)
        except IntegrityError:
            if len(changes) == 1:
                return [changes[0][0]]
            return [pk for each in changes for pk in self._refused([each])]
        return []

    def _change(self, changes: Sequence[_Change]) -> None:
        """Only where the old value still stands: what was written meanwhile stays."""
        sql = (
            f'UPDATE "{self.table}" t SET "{self.column}" = {self.put}'  # noqa: S608 - as above
            f" FROM unnest(%s::{self.pk_type}[], %s::bytea[], %s::bytea[]) AS v(pk, old, new)"
            f' WHERE t."{self.pk}" = v.pk AND {self.value_of_row} = v.old'
        )
        _do(sql, [list(each) for each in zip(*changes, strict=True)])

    @property
    def put(self) -> str:
        return "v.new"

    @property
    def value_of_row(self) -> str:
        return f't."{self.column}"'


@dataclass(frozen=True)
class _InJson(_Column):
    """A value that a room seals by hand and keeps as base64 under a key of a JSON column."""

    key: str = ""
    given: tuple[str, ...] = ()
    about: Callable[[Mapping[str, Any]], str] = lambda row: ""

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}.{self.key}"

    @property
    def value(self) -> str:
        return f"decode(\"{self.column}\"->>'{self.key}', 'base64')"

    @property
    def value_of_row(self) -> str:
        return f"decode(t.\"{self.column}\"->>'{self.key}', 'base64')"

    @property
    def put(self) -> str:
        text = "replace(encode(v.new, 'base64'), E'\\n', '')"
        return f"jsonb_set(t.\"{self.column}\", '{{{self.key}}}', to_jsonb({text}))"

    @property
    def needs(self) -> tuple[str, ...]:
        return self.given

    def again(self, row: Sequence[Any]) -> bytes | None:
        about = self.about(dict(zip(self.given, row[2:], strict=True)))
        return sealed.seal_bytes(sealed.open_bytes(bytes(row[1]), about), about)


@dataclass(frozen=True)
class _Index(_Column):
    """A digest of a sealed column, made anew from what it is a digest of."""

    of: str = ""
    text: Callable[[str, Mapping[str, Any]], str] | None = None
    given: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        length = f"octet_length({self.value})"
        return (
            f"CASE WHEN {length} = 32 THEN 1 WHEN {length} > 0 THEN get_byte({self.value}, 0) END"
        )

    def current(self) -> int:
        return sealed.keys().current_index

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.of, *self.given)

    @property
    def is_renewed(self) -> bool:
        """What no sealed value stands behind (a code that somebody else knows) stays as it is."""
        return self.text is not None

    def renew(self) -> Iterator[Slice]:
        return super().renew() if self.is_renewed else iter(())

    def again(self, row: Sequence[Any]) -> bytes | None:
        """A digest that is not its value's is nobody's: nothing takes its place."""
        if self.text is None:
            return bytes(row[1])
        about, raw = f"{self.table}.{self.of}", bytes(row[2] or b"")
        plain = sealed.open_bytes(raw, about).decode() if raw else ""
        text = self.text(plain, dict(zip(self.given, row[3:], strict=True)))
        return sealed.blind_index(text) if sealed.is_index_of(bytes(row[1]), text) else None


@dataclass(frozen=True)
class _Files:
    """Sealed files, found by a pattern under FILES_DIR."""

    name: str
    pattern: str
    about: Callable[[Path], str]
    is_renewed: bool = True

    def _all(self) -> Iterator[Path]:
        found = Path(settings.FILES_DIR).glob(self.pattern)
        return (each for each in found if not disk.is_draft(each) and each.is_file())

    def versions(self) -> Counter[int]:
        found = (files.version_of(each) for each in self._all())
        return Counter(version for version in found if version is not None)

    def renew(self) -> Iterator[Slice]:
        for path in self._all():
            if files.version_of(path) not in (None, sealed.keys().current):
                try:
                    files.seal_anew(path, self.about(path))
                except _CLOSED:
                    yield Slice(1, (str(path),))
                else:
                    yield Slice(1)


_by_hand: dict[str, Place] = {}
_indexes: dict[str, _Index] = {}


def sealed_in_json(
    model: type[models.Model], column: str, key: str, *, about: Callable[[Mapping[str, Any]], str],
    given: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """A room seals a value by hand in a JSON column; `about` is told the `given` columns."""
    place = _InJson(*_table_of(model, column), key=key, given=given, about=about)
    _by_hand[place.name] = place


def sealed_files(name: str, pattern: str, *, about: Callable[[Path], str]) -> None:
    """A room keeps sealed files under FILES_DIR."""
    _by_hand[name] = _Files(name, pattern, about)


def indexed(
    model: type[models.Model], column: str, *, of: str = "",
    text: Callable[[str, Mapping[str, Any]], str] | None = None, given: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """A column holds digests, `text` of the sealed column `of`; without it they stay."""
    place = _Index(*_table_of(model, column), of=of, text=text, given=given)
    _indexes[place.name] = place


def _table_of(model: type[models.Model], column: str) -> tuple[str, str, str, str]:
    pk = model._meta.pk
    target = pk.target_field if isinstance(pk, models.ForeignKey) else pk
    pk_type = str(target.db_type(connection)).replace("bigserial", "bigint")
    return model._meta.db_table, column, str(pk.column), pk_type


def sealed_places() -> list[Place]:
    """Everywhere a sealing key is needed."""
    columns = [
        _Column(*_table_of(model, str(field.column)))
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedField) and not model._meta.proxy and model._meta.managed
    ]
    return [*columns, *_by_hand.values()]


def index_places() -> list[_Index]:
    """Everywhere an index key is needed."""
    return list(_indexes.values())


def versions(places: Sequence[Place]) -> dict[str, Counter[int]]:
    """How many values lie under each version, by place."""
    return {place.name: place.versions() for place in places}


def left(places: Sequence[Place], current: int) -> int:
    """How many values do not lie under the current version."""
    counts = versions(places).values()
    return sum(many for each in counts for version, many in each.items() if version != current)


def renew(places: Sequence[Place]) -> Iterator[tuple[str, Slice]]:
    """Bring everything under the current key; says where it is and what it did there."""
    for place in places:
        for done in place.renew():
            yield place.name, done


def wait_for_older_writers(*, seconds: float = 30.0) -> bool:
    """Whether all who write files, and all transactions that write, have ended since, waiting.

    Who has sealed a value and not begun to write is not seen: one look more after a while is.
    """
    moment = _ask("SELECT pg_current_xact_id()::text::bigint", [])[0][0]
    until = time.monotonic() + seconds
    while True:
        oldest = _ask("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint", [])[0][0]
        if oldest > moment:
            return files.wait_for_writers(seconds=max(0.0, until - time.monotonic()))
        if time.monotonic() > until:
            return False
        time.sleep(0.1)


def _ask(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _do(sql: str, values: Sequence[Any]) -> None:
    """One change of a slice. Where it met another's lock the wrong way, the next pass does it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in ("40P01", "40001"):
            raise
