"""Very many cases with words and places of their own, and how long one proposal takes beside them.

Copied in the database from one real case: the copies have neither history nor reports.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import connection

from gezhi.base.database.owner import as_owner
from gezhi.bench.crowding import columns
from gezhi.cases.models import Case
from gezhi.places import rules as places

_AT_ONCE = 20_000
_DAYS = 1000
_OPEN_DAYS = 21  # what came in since then is still open, every other case


@dataclass(frozen=True)
class Told:
    """What somebody reports: the words, where, and the category it is."""

    what: str
    place: str
    category: str
    path: str
    lon: float
    lat: float


def fill(
    told: Iterable[Told],
    *,
    like: Case,
    areas: dict[str, UUID],
    now: datetime,
    count: int,
    on_batch: Callable[[int], None] = lambda done: None,
) -> None:
    """Store a case for each of `count` tellings, spread over 1,000 days until `now`."""
    made = (_row(one, number, count, now, areas) for number, one in enumerate(islice(told, count)))
    done = 0
    while batch := list(islice(made, _AT_ONCE)):
        _write(batch, like.id)
        done += len(batch)
        on_batch(done)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) cases_case")
        cursor.execute("CHECKPOINT")


_COLUMNS = ("n", "what", "place", "category", "path", "area_id", "lon", "lat", "h3", "at", "state")


def _row(
    one: Told, number: int, count: int, now: datetime, areas: dict[str, UUID]
) -> tuple[object, ...]:
    at = now - timedelta(days=_DAYS) * (1 - number / count)
    is_open = now - at < timedelta(days=_OPEN_DAYS) and number % 2 == 0
    cell = places.h3_cell(one.lon, one.lat)
    return (
        number, one.what, one.place, one.category, one.path, areas[one.path], one.lon, one.lat,
        cell, at, "handling" if is_open else "closed",
    )  # fmt: skip


def _write(batch: Iterable[tuple[object, ...]], like: UUID) -> None:
    own = {
        "id": "gen_random_uuid()", "number": "'T' || n", "opened_at": "told.at",
        "changed_at": "told.at", "accepted_at": "told.at", "proposed_category": "told.category",
        **{name: f"told.{name}" for name in _COLUMNS if name not in ("n", "at")},
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS told (n int, what text, place text,"
            " category text, path text, area_id uuid, lon float8, lat float8, h3 text,"
            " at timestamptz, state text)"
        )
        cursor.execute("TRUNCATE told")
        with cursor.copy(f"COPY told ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO cases_case ({columns(Case)})"  # noqa: S608 - names of our own models
            f" SELECT {columns(Case, own, 'model.')} FROM told, cases_case AS model"
            " WHERE model.id = %s",
            [like],
        )
