"""Proving a backup: it is restored into a place of its own, compared, and taken away again."""

import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from django.conf import settings
from django.db import ProgrammingError, connection

from gezhi.backup.actions.files import Progress
from gezhi.backup.actions.restoring import Place, Restored, drop_database, restore
from gezhi.backup.adapters.keyring import Secret
from gezhi.base import clock
from gezhi.base.actor import system
from gezhi.record import actions as record
from gezhi.record.rules import AuditKind

_FOLDERS = ".gezhi-verify-"
# Held in the database by whoever proves, until the process ends, however it ends.
PROVING = 0x67657A6869
_log = structlog.get_logger("gezhi.backup")


def verify(path: Path, *, secret: Secret, key_file: Path, room: Path, moved: Progress) -> Restored:
    """Restore into an empty database and folder, compare, remove both. `room` has the space."""
    sweep_proofs(room)
    name = f"{_databases()}{secrets.token_hex(6)}"
    with _proving(), tempfile.TemporaryDirectory(prefix=_FOLDERS, dir=room) as folder:
        place = Place(Path(folder) / "files", name)
        try:
            return restore(path, place, secret=secret, key_file=key_file, moved=moved)
        finally:
            drop_database(name)


def sweep_proofs(room: Path) -> None:
    """Take away what a killed proof left, a whole county in the open, where none is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [PROVING])
        if not cursor.fetchone()[0]:
            return
        try:
            cursor.execute("SELECT datname FROM pg_database ORDER BY 1")
            named = re.compile(re.escape(_databases()) + "[0-9a-f]{12}")
            left = [row[0] for row in cursor.fetchall() if named.fullmatch(row[0])]
            databases = sum(_dropped(name) for name in left)
            folders = list(room.glob(f"{_FOLDERS}*"))
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PROVING])
    if databases or folders:
        record.note(
            AuditKind.BACKUP,
            about="proofs",
            data={"work": "sweep", "databases": databases, "folders": len(folders)},
            county=settings.COUNTY,
            actor=system("backup"),
            now=clock.now(),
        )


def _databases() -> str:
    """How the databases of this one's proofs begin: another deployment's are not ours."""
    return f"{connection.settings_dict['NAME'][:40]}_verify_"


def _dropped(name: str) -> bool:
    try:
        drop_database(name)
    except ProgrammingError:  # the owner's, who proved by the command and does so again
        _log.warning("a killed proof's database is another role's", database=name)
        return False
    return True


@contextmanager
def _proving() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [PROVING])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [PROVING])
