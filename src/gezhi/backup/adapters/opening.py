"""Sealed files to read: a backup, and the keys that are put in place before Django begins."""

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gezhi.backup.adapters import erased
from gezhi.backup.adapters.keyring import Secret
from gezhi.backup.adapters.packing import members, reading
from gezhi.backup.adapters.sealing import Header, Opener, read_header
from gezhi.backup.errors import BackupBroken, KeysTaken, NotABackup
from gezhi.backup.rules import Kind


@contextmanager
def opened(path: Path, kind: Kind, *, secret: Secret) -> Iterator[tuple[Opener, Header]]:
    """A sealed file to read, its header authenticated."""
    try:
        file: IO[bytes] = path.open("rb")
    except OSError as error:
        raise NotABackup(name=path.name) from error
    with file:
        header, whole = read_header(file, path.name)
        key = secret.to_open(header.key, header.salt, name=path.name)
        opener = Opener(file, header, whole, key, path.name)
        if not opener.header_fits:
            raise secret.wrong(header.key, name=path.name)
        if header.kind != kind:
            raise NotABackup(name=path.name)
        yield opener, header


def put_keys(
    path: Path, *, secret: Secret, home: Path, key_file: Path, secret_file: Path | None
) -> None:
    """Put the keys of a keys' backup where they belong. Other keys are never written over.

    What had been erased by then is noted in `home`, beside what it knows already.
    """
    with opened(path, Kind.KEYS, secret=secret) as (opener, header):
        bodies: dict[str, bytes] = {}
        try:
            with reading(opener) as tar:
                for info, body in members(tar):
                    bodies[info.name] = body.read()
        except tarfile.TarError as error:
            raise BackupBroken(name=path.name, why="tar") from error
        opener.drain()
    wanted = [(key_file, bodies["seal.json"])]
    if secret_file is not None:
        wanted.append((secret_file, bodies["secret.txt"]))
    for target, key in wanted:
        if target.exists() and target.read_bytes().strip() != key.strip():
            raise KeysTaken(path=target)
    for target, key in wanted:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = target.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    erased.keep(home, header.county, bodies.get("erased.txt", b"").decode().split())
