"""Sealed files: written whole or not at all, and sealed anew beside whoever writes them."""

import secrets
from contextlib import AbstractContextManager
from pathlib import Path

from django.conf import settings

from gezhi.base import sealed


def _held(*, alone: bool) -> AbstractContextManager[None]:
    """Writers hold it together, for a rename; who seals anew holds it alone, for one file's."""
    folder = Path(settings.FILES_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return sealed.held(folder / ".sealing", alone=alone)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def is_draft(path: Path) -> bool:
    """Whether it is half a file: of a writer at work, or one that was killed."""
    return path.name.startswith(".")


def write(path: Path, plain: bytes, about: str) -> None:
    """Seal and keep it, in place of what was there; a reader never meets half a file."""
    draft = _draft(path)
    draft.write_bytes(sealed.seal_bytes(plain, about))
    with _held(alone=False):
        draft.replace(path)


def read(path: Path, about: str) -> bytes:
    """The file, opened; FileNotFoundError where there is none."""
    return sealed.open_bytes(path.read_bytes(), about)


def drop(path: Path) -> None:
    """Take it away, if it is there."""
    with _held(alone=False):
        path.unlink(missing_ok=True)


def version_of(path: Path) -> int | None:
    """The key version it is sealed with; None where it is gone or empty."""
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except FileNotFoundError:
        return None
    return first[0] if first else None


def seal_anew(path: Path, about: str) -> bool:
    """Seal it with the current key, unless it was written anew or dropped meanwhile."""
    try:
        before = path.stat()
        plain = read(path, about)
        body, draft = sealed.seal_bytes(plain, about), _draft(path)
    except FileNotFoundError:
        return False
    try:
        with draft.open("wb") as file:
            sealed.keep_owner(file.fileno(), before)
            file.write(body)
        with _held(alone=True):
            now = path.stat()
            if (now.st_ino, now.st_mtime_ns) != (before.st_ino, before.st_mtime_ns):
                return False
            draft.replace(path)
    except FileNotFoundError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True
