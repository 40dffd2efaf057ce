"""Where copies of somebody's data lie: sealed files, one for each, taken away after some days."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from gezhi.base import files


def _path(copy: UUID) -> Path:
    return Path(settings.FILES_DIR) / "copies" / copy.hex[-2:] / f"{copy.hex}.sealed"


def about_copy(path: Path) -> str:
    """What the copy in a file is sealed with."""
    return f"copy:{UUID(path.stem)}"


def keep_copy(copy: UUID, body: bytes) -> None:
    path = _path(copy)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write(path, body, about_copy(path))


def read_copy(copy: UUID) -> bytes:
    path = _path(copy)
    return files.read(path, about_copy(path))


def drop_copy(copy: UUID) -> None:
    files.drop(_path(copy))
