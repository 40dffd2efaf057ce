"""`gezhi doctor`: what is wrong is told with what to type, by the exit code too."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from gezhi.site.commands.checks import clock_finding

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def test_on_a_new_machine_it_says_what_to_type(tmp_path):
    lister = tmp_path / "fc-list"
    lister.write_text("#!/bin/sh\n")  # a machine without any Chinese font
    lister.chmod(0o755)
    known = {name: value for name, value in os.environ.items() if not name.startswith("GEZHI_")}
    known.pop("DATABASE_URL", None)
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-P", "-m", "gezhi.site.command", "doctor"],
        env={**known, "PATH": f"{tmp_path}:{os.environ['PATH']}",
             "GEZHI_HOME": str(tmp_path / "home")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    for line in ("→ apt-get install fonts-noto-cjk", "→ gezhi build", "→ gezhi migrate"):
        assert line in done.stdout
    assert "✓ 数据库 / database: PostgreSQL 18" in done.stdout
    assert not (tmp_path / "home" / "pg" / "postmaster.pid").exists(), "stopped again"


@pytest.mark.parametrize("apart", [timedelta(seconds=6), -timedelta(hours=1)])
def test_a_clock_that_goes_wrong_is_told(apart):
    assert clock_finding(NOW, NOW + apart).mend == "timedatectl set-ntp true"


def test_a_clock_that_is_nearly_right_is_right():
    assert clock_finding(NOW, NOW + timedelta(seconds=1)).mend == ""
