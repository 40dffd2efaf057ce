"""Sealed files as wholes: written under another name first, opened only after all was seen."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from gezhi.backup.adapters.keyring import Secret
from gezhi.backup.adapters.opening import opened
from gezhi.backup.adapters.packing import Unpacked, Unpacker
from gezhi.backup.adapters.sealing import Header, Sealer
from gezhi.backup.errors import BackupBroken, BackupRuns, NoSpace
from gezhi.backup.rules import Cipher, Kind, Manifest, file_name, in_words
from gezhi.base import disk

_UNFINISHED = ".unfinished"
_LOCK = ".gezhi-backup.lock"
_SPARE = 64 * 1024 * 1024
Progress = Callable[[int], None]


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder of backups; what a killed process left there unfinished goes away."""
    with ExitStack() as held:
        try:
            held.enter_context(disk.held(folder / _LOCK, seconds=0))
        except TimeoutError as error:
            raise BackupRuns(folder=folder) from error
        for left in folder.glob(f"*{_UNFINISHED}"):
            left.unlink(missing_ok=True)
        yield


@contextmanager
def sealed_file(
    folder: Path, kind: Kind, *, county: str, cipher: Cipher, secret: Secret, now: datetime
) -> Iterator[tuple[Sealer, Header]]:
    """A new sealed file; it has its name only once all of it lies on the disk."""
    key, named, salt = secret.to_seal()
    header = Header(os.urandom(16).hex(), kind, county, now.isoformat(), cipher, named, salt)
    target = folder / file_name(kind, county, now)
    draft = target.with_suffix(target.suffix + _UNFINISHED)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            sealer = Sealer(file, header, key)
            yield sealer, header
            sealer.close()
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
        _sync_folder(folder)
    finally:
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def looked_through(
    path: Path, *, secret: Secret, moved: Progress
) -> tuple[Manifest, Header, Unpacked]:
    """Read a backup from its first byte to its last and change nothing; what it holds.

    Whatever is wrong with it is found here, before anything is restored.
    """
    with opened(path, Kind.BACKUP, secret=secret) as (opener, header):
        unpacker = Unpacker(opener, name=path.name, moved=moved, into=None)
        for _part in unpacker.parts():
            pass
        opener.drain()
    found = unpacker.found
    try:
        manifest = Manifest.from_bytes(found.manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupBroken(name=path.name, why="manifest") from error
    whole = (manifest.id, manifest.files, manifest.file_bytes)
    if whole != (header.id, found.files, found.file_bytes) or not found.parts:
        raise BackupBroken(name=path.name, why="manifest")
    return manifest, header, found


def must_have_space(folder: Path, needed: int) -> None:
    """Refuse before anything is written rather than in the middle."""
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise NoSpace(folder=folder, free=in_words(free), needed=in_words(needed + _SPARE))
