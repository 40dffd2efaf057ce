"""Very many open cases with their promises, copied in the database from one real case.

For measuring the watch over promises only: the copies have neither history nor reports.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Model

from gezhi.base import clock
from gezhi.base.actor import NOBODY
from gezhi.base.database.owner import as_owner
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.deadlines.models import Deadline
from gezhi.places import reads as places

_AT_ONCE = 50_000
_SPREAD_DAYS = 30
_LONG = timedelta(hours=12)


def report_one(county: str) -> Case:
    """A real report in one of the county's villages."""
    village = next(iter(places.areas_under(county, county=county, level="village")))
    return cases.report(
        county=county,
        what="路灯不亮了，晚上看不见路",
        where=cases.Where(path=village.path),
        channel="portal",
        actor=NOBODY,
    ).case


def crowd(
    count: int,
    *,
    like: Case,
    already: int = 0,
    on_batch: Callable[[int], None] = lambda done: None,
) -> None:
    """Copies number `already` + 1 to `count` of a case, their next steps spread over 30 days."""
    start = clock.now() + timedelta(days=1)
    for first in range(already + 1, count + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, count)
        _copy_cases(like.id, first, last)
        _copy_promises(like.id, first, last, start)
        on_batch(last)
    # What the server would else do while it is measured.
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) cases_case, deadlines_deadline")
        cursor.execute("CHECKPOINT")


def _copy_cases(like: UUID, first: int, last: int) -> None:
    own = {"id": "gen_random_uuid()", "number": "'C' || n"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case ({columns(Case)})"  # noqa: S608 - names of our own models
            f" SELECT {columns(Case, own)} FROM cases_case, generate_series(%s, %s) AS n"
            " WHERE id = %s",
            [first, last, like],
        )


def _copy_promises(like: UUID, first: int, last: int, start: datetime) -> None:
    spread = f"%s + random() * interval '{_SPREAD_DAYS} days'"
    own = {"id": "gen_random_uuid()", "case_id": "copy.id", "next_at": spread}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO deadlines_deadline ({columns(Deadline)})"  # noqa: S608 - as above
            f" SELECT {columns(Deadline, own, 'model.')} FROM deadlines_deadline AS model,"
            " cases_case AS copy, generate_series(%s, %s) AS n"
            " WHERE model.case_id = %s AND copy.county = model.county AND copy.number = 'C' || n",
            [start, first, last, like],
        )


def columns(model: type[Model], own: dict[str, str] | None = None, table: str = "") -> str:
    """The columns of a table, each from `table` where `own` has no other word for it."""
    names = [str(field.column) for field in model._meta.concrete_fields]
    return ", ".join((own or {}).get(name, f'{table}"{name}"') for name in names)


def make_due(count: int, *, at: datetime) -> list[UUID]:
    """Let so many of the copies' promises break at one moment; which those are.

    Never one of the case they were copied from, which further copies are still made of: its own
    promise comes within minutes, theirs tomorrow or later.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deadlines_deadline SET due = %s, next_at = %s, next_step = 'break'"
            " WHERE id IN (SELECT id FROM deadlines_deadline"
            " WHERE kind = 'accept' AND next_step LIKE 'remind:%%' AND broken_at IS NULL"
            " AND next_at > %s LIMIT %s) RETURNING id",
            [at, at, at + _LONG, count],
        )
        return [row[0] for row in cursor.fetchall()]


def broken(ids: list[UUID]) -> int:
    """How many of these are on record as broken, as everybody can see it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM deadlines_raised WHERE step = 'break' AND deadline_id = ANY(%s)",
            [ids],
        )
        return int(cursor.fetchone()[0])
