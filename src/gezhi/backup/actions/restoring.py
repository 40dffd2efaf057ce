"""Restoring: all of it is read and found whole first, then into an empty place, then compared."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection
from psycopg import sql

from gezhi.backup import reads, rules
from gezhi.backup.actions.files import Progress, looked_through, must_have_space
from gezhi.backup.adapters import tools
from gezhi.backup.adapters.keyring import Secret
from gezhi.backup.adapters.opening import opened
from gezhi.backup.adapters.packing import Unpacker
from gezhi.backup.errors import (
    BackupTooNew,
    KeysMissing,
    MayMakeNoDatabase,
    PlaceTaken,
    RestoredDiffers,
)
from gezhi.backup.rules import Kind, Manifest
from gezhi.cases import reads as cases
from gezhi.record import actions as record
from gezhi.record import reads as record_reads
from gezhi.record.rules import Book


@dataclass(frozen=True)
class Place:
    """Where to: a database of the server (none: the one in use) and a folder."""

    files: Path
    database: str = ""


@dataclass(frozen=True)
class Restored:
    """What was restored, and compared. `faults`: what was no longer whole when it was saved."""

    manifest: Manifest
    rows: int
    chains: tuple[str, ...]
    migrated: bool
    faults: tuple[str, ...] = ()


def restore(
    path: Path, place: Place, *, secret: Secret, key_file: Path, moved: Progress
) -> Restored:
    """Restore a backup into an empty place and compare it with what was saved.

    Everything that can be wrong is looked for before the first change. A database that was there
    is filled in one transaction. Until all was compared the files lie in a folder `.restoring`,
    and where that stands nothing starts: a restore that was broken off doesn't look whole.
    """
    manifest, _header, found = looked_through(path, secret=secret, moved=moved)
    _must_be_ours(manifest)
    _must_have_keys(manifest, key_file)
    with _new_database(place.database):
        if not reads.is_empty():
            raise PlaceTaken(place=connection.settings_dict["NAME"])
        _must_be_empty(place.files)
        must_have_space(place.files, found.file_bytes)
        with _unfinished(place) as half:
            _fill(path, half, manifest, secret=secret, moved=moved, whole=not place.database)
            restored = compare(manifest, half)
            record.go_on_after_restoring()
            for each in list(half.iterdir()):
                each.rename(place.files / each.name)
        return restored


@contextmanager
def _unfinished(place: Place) -> Iterator[Path]:
    """The folder that stands for as long as it isn't done; it stays where rows were left behind."""
    half = place.files / rules.HALF
    half.mkdir(mode=0o700)
    try:
        yield half
    except BaseException:
        if place.database or _is_still_empty():
            shutil.rmtree(half, ignore_errors=True)
        raise
    half.rmdir()


def _is_still_empty() -> bool:
    try:
        return reads.is_empty()
    except DatabaseError:  # nobody knows
        return False


def _must_be_ours(manifest: Manifest) -> None:
    unknown = sorted(set(manifest.migrations) - reads.known_migrations())
    if unknown:
        raise BackupTooNew(migration=unknown[0])


def _must_have_keys(manifest: Manifest, key_file: Path) -> None:
    try:
        here = rules.fingerprints(key_file.read_bytes())
    except (OSError, ValueError):
        here = {}
    if not rules.holds_keys(manifest.keys, here):
        raise KeysMissing(path=key_file)


@contextmanager
def _new_database(name: str) -> Iterator[None]:
    """Work in a database made for this, or in the one in use; a new one goes again on failure."""
    if not name:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            raise PlaceTaken(place=name)
        try:
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(name)
                )
            )
        except ProgrammingError as error:
            raise MayMakeNoDatabase(role=connection.settings_dict["USER"]) from error
    try:
        with reads.turned_to(name):
            yield
    except BaseException:
        drop_database(name)
        raise


def drop_database(name: str) -> None:
    """Take a database away that was made here."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _must_be_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / rules.HALF)
    if any(folder.iterdir()):
        raise PlaceTaken(place=folder)


def _fill(
    path: Path, half: Path, manifest: Manifest, *, secret: Secret, moved: Progress, whole: bool
) -> None:
    newest = max(manifest.dumped_by, reads.server_version())
    program, _ = tools.find("pg_restore", least=newest)
    with opened(path, Kind.BACKUP, secret=secret) as (opener, _header):
        unpacker = Unpacker(opener, name=path.name, moved=moved, into=half)
        tools.restore(program, reads.address_of(), unpacker.parts(), whole=whole)
        opener.drain()


def compare(manifest: Manifest, files: Path) -> Restored:
    """Whether what is there now is what was saved; brings tables up to date in between.

    A line that was altered before the backup is named and refuses nothing: whoever alters one
    must not be able to take the way back away as well.
    """
    _must_be_what_was_saved(manifest, files)
    waits = bool(reads.known_migrations() - set(manifest.migrations))
    if waits:
        call_command("migrate", interactive=False, verbosity=0)
    faults = [str(fault) for book in Book for fault in record_reads.faults_in_book(book)]
    faults += [str(fault) for fault in cases.faults_in_chains(county=manifest.county)]
    rows, chains = sum(manifest.tables.values()), tuple(manifest.heads)
    return Restored(manifest, rows, chains, waits, tuple(faults))


def _must_be_what_was_saved(manifest: Manifest, files: Path) -> None:
    found = list(rules.differences(manifest, reads.state_of()))
    missing = cases.files_missing(files, county=manifest.county) if not found else 0
    if missing > manifest.missing:
        found.append(f"{missing - manifest.missing} files")
    if found:
        raise RestoredDiffers(faults="; ".join(found[:5]))
