"""Back to a moment between two backups, by the server's own log: what docs/backup.md says."""

import os
import pwd
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from gezhi.backup.adapters import tools
from gezhi.site.embedded import Embedded, EmbeddedFailed
from tests.test_restore_drill import GO_ON, ROOT, House

BACKUP = ROOT / "docs" / "backup.md"

BEGIN = """
from gezhi.record import followers
from tests import cast

cast.build_county()
cast.report_leak()
while followers.read_on():
    pass
"""
# A case with a file, and the book sealed.
TELL = """
from gezhi.cases import actions as cases
from gezhi.people.models import Account
from gezhi.people import reads as people
from gezhi.record import followers
from tests import cast

case = cast.report_leak().case
actor = people.actor_for(Account.objects.get(login="cun"))
cases.attach(case.id, upload=cases.Upload("a.pdf", b"%PDF-1.7 proof", kind="document"),
    actor=actor)
while followers.read_on():
    pass
"""
ANCHOR = """
from gezhi.base import clock
from gezhi.record import actions as record
assert record.make_anchor_of_day(county=cast.COUNTY, now=clock.now())
"""
LOOK = """
import json
from django.conf import settings
from gezhi.cases import reads
from gezhi.cases.models import Attachment, Case
print("LOOK", json.dumps({
    "cases": Case.objects.count(),
    "files": [reads.file_bytes(each).decode() for each in Attachment.objects.all()],
    "missing": reads.files_missing(settings.FILES_DIR, county=settings.COUNTY),
}))
"""


def _to_the_server(folder: Path) -> None:
    """A folder of the server's: as root it runs as a user of its own."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam("gezhi-pg")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _keeping(log: str) -> str:
    """The archive_command of docs/backup.md, for another folder."""
    found = re.search(r"^archive_command = '(.*)'$", BACKUP.read_text(encoding="utf-8"), re.M)
    assert found
    return found[1].replace("/srv/wal", log)


def _archived(server: Embedded, log: Path) -> None:
    """Wait until the log up to now lies in the archive."""
    with psycopg.connect(server.address(), autocommit=True) as connection:
        row = connection.execute(
            "SELECT pg_walfile_name(pg_current_wal_insert_lsn()), pg_switch_wal()"
        ).fetchone()
    assert row
    for _ in range(300):
        if (log / row[0]).exists():
            return
        time.sleep(0.1)
    pytest.fail("the log was not archived")


def _now(server: Embedded) -> tuple[datetime, int]:
    with psycopg.connect(server.address()) as connection:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row
        return row[0].astimezone(UTC), connection.info.server_version // 10000


def test_the_same_part_of_the_log_is_kept_twice_and_another_is_not(tmp_path):
    """A server that died just after the copy asks again, and must not wait for ever."""
    part, log = tmp_path / "part", tmp_path / "log"
    log.mkdir()
    keep = _keeping(str(log)).replace("%p", str(part)).replace("%f", "0001")
    for body, is_kept in (("one", True), ("one", True), ("other", False)):
        part.write_text(body)
        assert (subprocess.run(["sh", "-c", keep], check=False).returncode == 0) is is_kept
    assert (log / "0001").read_text() == "one"


@pytest.mark.slow
def test_a_county_comes_back_as_it_was_at_a_moment():
    with TemporaryDirectory(prefix="gezhi-wal-") as name:
        place = Path(name)
        os.chmod(place, 0o711)  # noqa: S103  # the server's own user passes through
        here, there = House(place / "here"), House(place / "there")
        here.run("migrate")
        server, log, base = Embedded(here.home / "pg"), place / "wal", place / "base"
        log.mkdir()
        _to_the_server(log)
        (server.folder / "postgresql.auto.conf").write_text(
            f"wal_level = replica\narchive_mode = on\narchive_timeout = 60\n"
            f"archive_command = '{_keeping(str(log))}'\nfsync = off\n"
        )
        server.start()
        try:
            here.does(BEGIN)
            _, version = _now(server)
            program, _ = tools.find("pg_basebackup", least=version)
            subprocess.run(
                [program, "-D", str(base), "-X", "none", "-c", "fast", "-h",
                 str(server.socket_folder), "-U", "postgres"],
                check=True, capture_output=True,
            )  # fmt: skip
            here.does(TELL)
            moment, _ = _now(server)
            time.sleep(0.5)
            seen = here.looks(TELL + ANCHOR + LOOK)
            assert seen == {"cases": 3, "files": ["%PDF-1.7 proof"] * 2, "missing": 0}
            _archived(server, log)
        finally:
            server.stop()

        # The home stays as it is today: its files serve an earlier database.
        shutil.copytree(here.home, there.home, ignore=shutil.ignore_patterns("pg"),
                        dirs_exist_ok=True)  # fmt: skip
        restored = Embedded(there.home / "pg")
        shutil.copytree(base, restored.folder)
        for lock in restored.folder.glob(".s.PGSQL*"):  # of the first server's socket, copied too
            lock.unlink()
        (restored.folder / "recovery.signal").touch()
        (restored.folder / "postgresql.auto.conf").write_text(
            f"restore_command = 'cp {log}/%f %p'\nfsync = off\n"
            f"recovery_target_time = '{moment.isoformat(' ')}'\n"
            "recovery_target_action = 'promote'\n"
        )
        _to_the_server(restored.folder)
        try:
            restored.start()
        except EmbeddedFailed:
            pytest.fail(restored.log.read_text())
        try:
            with psycopg.connect(restored.address()) as connection:
                for _ in range(100):
                    if connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,):
                        break
                    time.sleep(0.1)
            assert "锚点" in there.run("record", "verify", fails=True), "of the day that is lost"
            assert "锚点" in there.run("backup", "went-back")
            seen = there.looks(LOOK + GO_ON)
            assert seen == {"cases": 2, "files": ["%PDF-1.7 proof"], "missing": 0}
            assert "完整" in there.run("record", "verify")
        finally:
            restored.stop()
