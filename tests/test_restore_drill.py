"""The restore drill: a county is filled through its doors, saved, lost, and got back elsewhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gezhi.site.embedded import FORGETFUL, Embedded

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow

FILL = """
from django.conf import settings
from django.test import Client
from gezhi.backup.adapters import keyring
from gezhi.record import followers
from gezhi.site import prepare
from tests import cast

prepare.tables()
keyring.make_key(settings.BACKUP_KEY)
county = cast.build_county()
lon, lat = cast.point_in(cast.GRID)
for number in range(3):
    answer = Client().post("/api/v1/cases", {"what": f"第{number}处路灯不亮，晚上看不见路",
        "where": {"lon": lon, "lat": lat}, "contact": {"name": "李秀兰", "phone": "13812345678"}},
        "application/json")
    assert answer.status_code == 201, answer.content
case = cast.report_leak().case
from gezhi.cases import actions as cases
cases.attach(case.id, upload=cases.Upload("a.pdf", b"%PDF-1.7 proof", kind="document"),
    actor=county.actor("cun"))
while followers.read_on():
    pass
"""
LOOK = """
import json
from gezhi.cases.models import Attachment, Report
from gezhi.cases.reads import file_bytes
from gezhi.record.models import Line
print("LOOK", json.dumps({
    "phones": sorted(report.phone for report in Report.objects.all()),
    "files": [file_bytes(each).decode() for each in Attachment.objects.order_by("id")],
    "lines": Line.objects.count(),
}))
"""
GO_ON = """
from gezhi.record import followers, reads
from gezhi.record.models import Cursor, Line
from tests.cast import report_leak

before = Line.objects.order_by("-xid", "-id").first()
read = Cursor.objects.get(name="seal")
report_leak()
while followers.read_on():
    pass
last = Line.objects.order_by("-xid", "-id").first()
assert last.id > before.id and last.xid > before.xid, (last.xid, before.xid)
read = Cursor.objects.get(name="seal")
assert (read.xid, read.line) == (last.xid, last.id), "followers read what is written from now on"
"""


class House:
    """One Gezhi with a home of its own, driven by its command."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(mode=0o711)

    def run(self, *words: str, fails: bool = False, **environment: str) -> str:
        known = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GEZHI_") and name != "DATABASE_URL"
        }
        done = subprocess.run(
            [sys.executable, "-P", "-m", "gezhi.site.command", *words],
            env={**known, "GEZHI_HOME": str(self.home), "PYTHONUTF8": "1", **environment,
                 "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            capture_output=True, text=True, check=False, cwd=self.home,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        return said

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Its database runs all the while; each command would start and stop it."""
        server = Embedded(self.home / "pg", FORGETFUL)
        server.start()
        try:
            yield
        finally:
            server.stop()

    def does(self, script: str) -> str:
        return self.run("manage", "shell", "--no-imports", "-c", script)

    def looks(self, script: str) -> object:
        """What a script that looks says, and does besides: each start of the command costs."""
        found = re.search(r"^LOOK (.*)$", self.does(script), re.M)
        assert found
        return json.loads(found[1])


@pytest.fixture
def place():
    with TemporaryDirectory(prefix="gezhi-drill-") as folder:
        os.chmod(folder, 0o711)  # noqa: S103  # the database's own user passes through
        yield Path(folder)


def test_what_was_lost_comes_back_on_another_machine(place):
    here, there = House(place / "here"), House(place / "there")
    keys, backups = place / "keys", place / "backups"
    with here.serving():
        before = here.looks(FILL + LOOK)
        assert before["phones"][0] == "13812345678"
        assert before["files"] == ["%PDF-1.7 proof"]
        said = here.run("backup", "--to", str(backups), "--keys-to", str(keys))
        assert "✓" in said
        file, key = next(backups.glob("*.gzb")), next(keys.glob("*.gzk"))
        assert "逐行核对" in here.run("backup", "verify", str(file))

    backup_key = (here.home / "keys" / "backup.json").read_bytes()
    shutil.rmtree(here.home)  # the fire

    with there.serving():
        (there.home / "keys").mkdir(mode=0o700)
        (there.home / "keys" / "backup.json").touch(mode=0o600)
        (there.home / "keys" / "backup.json").write_bytes(backup_key)
        said = there.run("restore", str(file), "--keys", str(key))
        for line in ("histories", "books", "SHA-256", "逐行核对"):
            assert line in said
        assert there.looks(LOOK + GO_ON) == before
        assert "完整" in there.run("record", "verify")
        there.run("restore", str(file), "--into", "old_days")
        assert (there.home / "files-old_days").is_dir()
