"""Sealed files: written whole or not at all, and sealed anew beside whoever writes them."""

from contextlib import AbstractContextManager
from pathlib import Path

from django.conf import settings

from gezhi.base import disk, sealed


def _held(*, alone: bool, seconds: float | None = None) -> AbstractContextManager[None]:
    """Writers hold it together, from sealing to the file's name; to seal anew, or wait, alone."""
    folder = Path(settings.FILES_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return disk.held(folder / ".sealing", alone=alone, seconds=seconds)


def write(path: Path, plain: bytes, about: str) -> None:
    """Seal and keep it, in place of what was there; it is on the disk when this returns."""
    with _held(alone=False):
        disk.put(path, sealed.seal_bytes(plain, about))


def wait_for_writers(*, seconds: float) -> bool:
    """Whether all who had sealed a file before now have given it its name, waiting for them."""
    if not Path(settings.FILES_DIR).exists():
        return True
    try:
        with _held(alone=True, seconds=seconds):
            return True
    except TimeoutError:
        return False


def read(path: Path, about: str) -> bytes:
    """The file, opened; FileNotFoundError where there is none."""
    return sealed.open_bytes(path.read_bytes(), about)


def drop(path: Path) -> None:
    """Take it away, if it is there."""
    with _held(alone=False):
        path.unlink(missing_ok=True)


def version_of(path: Path) -> int | None:
    """The key version it is sealed with; None where it is gone, 0 (no key's) where it is empty."""
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except FileNotFoundError:
        return None
    return first[0] if first else 0


def seal_anew(path: Path, about: str) -> bool:
    """Seal it with the current key, unless it was written anew or dropped meanwhile."""
    try:
        before = path.stat()
        body = sealed.seal_bytes(read(path, about), about)
        return disk.change(path, body, before, held=_held(alone=True))
    except FileNotFoundError:
        return False
