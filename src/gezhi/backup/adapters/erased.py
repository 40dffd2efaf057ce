"""Which reports were erased on request: ids in a file of GEZHI_HOME, where no restore undoes it."""

import os
from collections.abc import Iterable
from pathlib import Path


def _file(home: Path, county: str) -> Path:
    return home / "erased" / f"{county}.txt"


def kept(home: Path, county: str) -> set[str]:
    """The ids that stand there."""
    try:
        return set(_file(home, county).read_text(encoding="ascii").split())
    except FileNotFoundError:
        return set()


def keep(home: Path, county: str, ids: Iterable[str]) -> None:
    """Add ids to those that stand there; none ever leaves."""
    before = kept(home, county)
    after = before | set(ids)
    if after == before:
        return
    path = _file(home, county)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("".join(f"{each}\n" for each in sorted(after)))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
