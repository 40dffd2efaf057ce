"""Open data, written anew as a whole: what is no longer public is in no file of the next day."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from gezhi.base import disk
from gezhi.base.sheets import csv_lines
from gezhi.cases.models import Case
from gezhi.cases.rules.open_data import Wanted
from gezhi.exchange import reads
from gezhi.exchange.rules import opendata as rules
from gezhi.exchange.rules.opendata import File, Row
from gezhi.places import reads as places

_KINDS = ("csv", "geojson")
_Add = Callable[[list[Row]], None]


def publish_what_is_open(now: datetime) -> None:
    """Today's files, once; one writer at a time (the job's lock)."""
    if reads.is_open_data_due(now):
        write_open_data(now)


def write_open_data(now: datetime) -> None:
    """All months and the latest, in one pass; each file takes its name when it is whole.

    The package is written last: whoever reads it finds the files that it tells of.
    """
    folder = reads.open_data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with override(settings.LANGUAGE_CODE):
        made = _write_cases(folder, now)
        disk.put(folder / rules.TABLE_SCHEMA, rules.as_json(rules.table_schema()))
        disk.put(folder / rules.FEATURE_SCHEMA, rules.as_json(rules.feature_schema()))
        described = rules.package(
            made,
            county=settings.COUNTY,
            title=_("%(county)s公开的工单") % {"county": places.words_for(settings.COUNTY)},
            at=now,
            licence_text=settings.OPEN_DATA_LICENCE,
        )
    disk.put(folder / rules.PACKAGE, rules.as_json(described))
    _sweep(folder, {file.name for file in made})


def _write_cases(folder: Path, now: datetime) -> list[File]:
    made: list[File] = []
    since = now - rules.LATEST_IS
    with _files(folder, rules.LATEST, made) as add_latest:
        for month, parts in groupby(_by_month(), key=itemgetter(0)):
            with _files(folder, month, made) as add:
                for _month, cases in parts:
                    rows = list(reads.open_data_rows(cases))
                    add(rows)
                    young = [at for at, case in enumerate(cases) if case.opened_at >= since]
                    add_latest([rows[at] for at in young])
    return sorted(sorted(made, key=attrgetter("kind")), key=attrgetter("part"), reverse=True)


def _by_month() -> Iterator[tuple[str, list[Case]]]:
    """The cases in order, a batch parted where a month of the city ends."""
    for batch in reads.public_batches(Wanted(states=rules.TOLD_STATES)):
        for month, cases in groupby(batch, key=_month_of):
            yield month, list(cases)


def _month_of(case: Case) -> str:
    return f"{timezone.localtime(case.opened_at):%Y-%m}"


class _Counted:
    """A file being written, with its size and checksum."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.size, self.sum = file, 0, hashlib.sha256()

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self.sum.update(piece)
        self.size += len(piece)


@contextmanager
def _files(folder: Path, part: str, made: list[File]) -> Iterator[_Add]:
    """Both forms of one part, written side by side; what was made stands in `made` then."""
    count = 0
    with ExitStack() as stack:
        table, features = (
            _Counted(stack.enter_context(disk.stream(folder / rules.file_name(part, kind))))
            for kind in _KINDS
        )

        def add(rows: list[Row]) -> None:
            nonlocal count
            table.write(csv_lines([row[name] for name in rules.NAMES] for row in rows))
            for row in rows:
                before = b",\n" if count else b""
                features.write(before + rules.as_json(rules.feature(row)))
                count += 1

        table.write(csv_lines([rules.NAMES]))
        features.write(b'{"type":"FeatureCollection","features":[\n')
        yield add
        features.write(b"\n]}\n")
    for kind, file in zip(_KINDS, (table, features), strict=True):
        made.append(File(part, kind, file.size, count, file.sum.hexdigest()))


def _sweep(folder: Path, there: set[str]) -> None:
    """Months of which nothing is left, and what a writer that was killed left behind."""
    for path in folder.iterdir():
        if disk.is_draft(path) or (path.name.startswith("cases-") and path.name not in there):
            path.unlink()
