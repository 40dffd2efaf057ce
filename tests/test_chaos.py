"""Workers killed on purpose: every step that was due happened, and none twice."""

import json
import os
import subprocess
import sys


def test_killed_workers_and_a_restarted_database_lose_nothing_and_double_nothing() -> None:
    """The command itself, in a house of its own; the full count is for `gezhi chaos deadlines`."""
    command = [sys.executable, "-P", "-m", "gezhi.site.command", "chaos", "deadlines"]
    few = ["--kills", "5", "--promises", "240", "--seconds", "10", "--workers", "2", "--json"]
    apart = {name: value for name, value in os.environ.items() if not name.startswith("GEZHI_")}
    apart.pop("DATABASE_URL", None)
    done = subprocess.run(  # noqa: S603  # our own command
        [*command, *few], env=apart, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout[done.stdout.index("{") :])
    assert (seen["kills"], seen["restarts"]) == (5, 1)
    assert seen["due"] >= 240
    assert seen["once"] == seen["due"]
    assert [seen[what] for what in ("missing", "doubled", "chains", "ended")] == [0, 0, 0, 0]
