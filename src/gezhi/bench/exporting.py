"""What it costs to give out very many public cases: memory and time of files of all of them."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.db import connection

from gezhi.api.rules import streams
from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.exchange import actions as exchange
from gezhi.exchange import reads
from gezhi.exchange.rules.opendata import LATEST, NAMES, Row

_MB = 1024 * 1024


@dataclass(frozen=True)
class Given:
    """One file: rows, bytes, how long, and by how much this process grew meanwhile at most."""

    what: str
    rows: int
    mb: float
    seconds: float
    rows_per_s: int
    before_mb: float
    grew_mb: float


def make_public(like: Case) -> Case:
    """A case that anybody may read of, to be copied."""
    house = system("bench")
    cases.accept(like.id, category="utility.lamp", actor=house)
    return cases.publish(like.id, is_public=True, actor=house)


def spread(months: int) -> None:
    """The copies lie as many months back as these, evenly."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET opened_at = opened_at - random() * %s * interval '30 days'",
            [months],
        )
        cursor.execute("ANALYZE cases_case")


def everything() -> Iterator[Given]:
    """Each of the files of this house, one after the other."""
    yield from (bulk(kind) for kind in ("csv", "json", "xml"))
    yield open_data(reads.open_data_folder())


def bulk(kind: str) -> Given:
    """The pieces of Open311's bulk, as they go to whoever asked."""
    count = 0

    def rows() -> Iterator[list[Row]]:
        nonlocal count
        for batch in reads.public_batches():
            count += len(batch)
            yield list(reads.open_data_rows(batch))

    def write() -> tuple[int, int]:
        size = sum(len(piece) for piece in streams.write(kind, NAMES, rows()))
        return count, size

    return _watched(f"bulk.{kind}", write)


def open_data(folder: Path) -> Given:
    """All files of a night."""

    def write() -> tuple[int, int]:
        exchange.write_open_data(clock.now())
        there = reads.published()
        tables = [file for file in (there.files if there else ()) if file.kind == "csv"]
        rows = sum(file.rows for file in tables if file.part != LATEST)
        return rows, sum(path.stat().st_size for path in folder.iterdir())

    return _watched("open data", write)


def _watched(what: str, write: Callable[[], tuple[int, int]]) -> Given:
    """What it costs to write so many rows and bytes; a thread looks at the memory meanwhile."""
    process, is_over, most = psutil.Process(), threading.Event(), 0

    def look() -> None:
        nonlocal most
        while not is_over.wait(0.02):
            most = max(most, process.memory_info().rss)

    gc.collect()
    before = process.memory_info().rss
    watcher = threading.Thread(target=look)
    watcher.start()
    began = time.perf_counter()
    try:
        rows, size = write()
    finally:
        is_over.set()
        watcher.join()
    seconds = time.perf_counter() - began
    return Given(
        what,
        rows,
        mb=round(size / _MB, 1),
        seconds=round(seconds, 1),
        rows_per_s=round(rows / seconds),
        before_mb=round(before / _MB, 1),
        grew_mb=round(max(most - before, 0) / _MB, 1),
    )
