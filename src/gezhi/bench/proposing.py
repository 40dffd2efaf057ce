"""Very many cases with words and places of their own, and how long one proposal takes beside them.

Copied in the database from one real case: the copies have neither history nor reports.
"""

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

import psutil
from django.db import connection

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.database.owner import as_owner
from gezhi.bench import reads as bench
from gezhi.bench.crowding import columns
from gezhi.cases import reads as cases
from gezhi.cases.models import Case
from gezhi.places import rules as places
from gezhi.rulebook import reads as rulebook
from gezhi.triage import actions as triage
from gezhi.triage import reads
from gezhi.triage.actions.training import put_in_force
from gezhi.triage.adapters import fit_apart
from gezhi.triage.rules.kinds import said_of
from gezhi.triage.rules.learning_together import Examples
from gezhi.triage.rules.matching import Spotted
from gezhi.triage.rules.training import LEAST_OF_EACH

_AT_ONCE = 20_000
_PRINTED_AT_ONCE = 5_000
_LEARNED = 20_000
DAYS = 1000


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
    open_days: int,
    on_batch: Callable[[int], None] = lambda done: None,
) -> None:
    """Store a case for each of `count` tellings, spread over 1,000 days until `now`.

    Of those of the last `open_days` every other one is still open.
    """
    made = (
        _row(one, number, now - timedelta(days=DAYS) * (1 - number / count), areas,
             is_open=number % 2 == 0 and number >= count * (1 - open_days / DAYS))
        for number, one in enumerate(islice(told, count))
    )  # fmt: skip
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
    one: Told, number: int, at: datetime, areas: dict[str, UUID], *, is_open: bool
) -> tuple[object, ...]:
    cell = places.h3_cell(one.lon, one.lat)
    return (
        number, one.what, one.place, one.category, one.path, areas[one.path], one.lon, one.lat,
        cell, at, "handling" if is_open else "closed",
    )  # fmt: skip


def _write(batch: Iterable[tuple[object, ...]], like: UUID) -> None:
    own = {
        "id": "gen_random_uuid()", "number": "'T' || n", "opened_at": "told.at",
        "changed_at": "told.at", "accepted_at": "told.at", "proposed_category": "told.category",
        "closed_at": "CASE told.state WHEN 'closed' THEN told.at END",
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


@dataclass(frozen=True)
class Seen:
    """What was measured: milliseconds of one proposal and its parts, megabytes, how it was made."""

    cases: int
    names: int
    asked: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    by_part: dict[str, dict[str, float]]
    memory_mb: float
    printed: int
    printed_per_s: float
    trained_s: float
    classes: int


def print_all(
    county: str, on_batch: Callable[[int], None] = lambda done: None
) -> tuple[int, float]:
    """Give every open case its print; how many they are, and the seconds it took."""
    start, done = time.perf_counter(), 0
    after: UUID | None = None
    while True:
        after = triage.print_unprinted(county=county, after=after, most=_PRINTED_AT_ONCE)
        if after is None:
            break
        done += _PRINTED_AT_ONCE
        on_batch(done)
    took = time.perf_counter() - start
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) triage_print")
        cursor.execute("CHECKPOINT")
    return bench.stored_prints(), took


def learn(county: str) -> tuple[float, int]:
    """Fit a model to the newest stored cases and go by it; seconds, and how many kinds it knows.

    A county's own training would refuse: what is made by one hand leaves nothing to judge it by.
    """
    start = time.perf_counter()
    told = cases.settled(county, most=_LEARNED)
    texts, kinds = [what for what, _kind, _at in told], [kind for _what, kind, _at in told]
    book = rulebook.current(county)
    said = [said_of(text, book) for text in texts]
    fitted = fit_apart(Examples(texts, kinds, said), LEAST_OF_EACH, lambda done, total: None)
    made = put_in_force(
        fitted, county=county, cases=len(told), until=told[0][2], made_by="system:bench"
    )
    return time.perf_counter() - start, made.classes


_WEIGH = "proposing.weigh"


def memory_of(county: str) -> tuple[float, int]:
    """Megabytes that the model and the names take in a web process, and how many names there are.

    Seen in a process of its own, which has neither yet.
    """
    words = (
        f"import django; django.setup(); from gezhi.bench import proposing; {_WEIGH}({county!r})"
    )
    told = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-P", "-c", words], capture_output=True, text=True, check=True
    )
    megabytes, names = told.stdout.split()[-2:]
    return float(megabytes), int(names)


def weigh(county: str) -> None:
    """Load both and write down by how much this process has grown, and how many names there are."""
    process = psutil.Process()
    rulebook.current(county)
    reads.same_as("", county=county, here=Spotted(clock.now()), actor=None)  # what it takes anyway
    gc.collect()
    before = process.memory_info().rss
    names = reads.gazetteer_of(county)
    reads.what("路灯不亮", county=county)
    gc.collect()
    grown = (process.memory_info().rss - before) / 1e6
    sys.stdout.write(f"{grown:.1f} {len(names)}\n")


def ask(told: Iterable[Told], *, county: str, actor: Actor, at: datetime) -> dict[str, list[float]]:
    """Ask for all that is proposed, once for each telling; seconds of the whole and its parts.

    Every other one has no point, as what comes by telephone.
    """
    parts = ("all", "what", "where", "same", "who")
    times: dict[str, list[float]] = {name: [] for name in parts}

    def timed(name: str, do: Callable[[], object]) -> None:
        start = time.perf_counter()
        do()
        times[name].append(time.perf_counter() - start)

    book = rulebook.current(county)
    for number, one in enumerate(told):
        point = (one.lon, one.lat) if number % 2 else None
        path = one.path if point else ""  # else the words alone say where
        lon, lat = point or (None, None)
        here = Spotted(at, one.path, lon, lat, one.category)
        matter = cases.Matter(county, one.path, "village", "desk", one.what, one.place, lon, lat)
        timed("all", partial(
            reads.proposed, one.what, county=county, place=one.place, path=path, point=point,
            channel="desk", actor=actor, at=at,
        ))  # fmt: skip
        timed("what", partial(reads.what, one.what, county=county))
        timed("where", partial(reads.whereabouts, one.what, one.place, county=county))
        timed("same", partial(reads.same_as, one.what, county=county, here=here, actor=actor))
        timed("who", partial(cases.who, matter, book, one.category, at=at))
    return times
