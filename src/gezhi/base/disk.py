"""Files that lie on the disk whole or not at all, and locks beside them.

The house's folders belong to the application's user, and root runs commands in them too. So
nothing here goes through a link that somebody may have laid there, and root gives away only what
it has just made itself.
"""

import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO


def put(path: Path, body: bytes, mode: int = 0o666) -> None:
    """Write it in place of what was there; a reader never meets half, a power cut leaves no less.

    `mode` is for a new file, less what the umask takes.
    """
    with _folder_of(path) as folder, _draft(folder, path.name, body, mode) as draft:
        os.replace(draft, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


@contextmanager
def stream(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """The same for what is too much to hold: it takes its name at the end, unless that fails."""
    with _folder_of(path) as folder, _open_draft(folder, path.name, mode) as (draft, file):
        yield file
        _settle(file)
        os.replace(draft, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def change(
    path: Path,
    body: bytes,
    before: os.stat_result,
    *,
    held: AbstractContextManager[None] | None = None,
) -> bool:
    """Like `put`, with owner and mode of what was there `before`; false if another is there now.

    `held` is a lock to look and rename under. FileNotFoundError where there is none any more.
    """
    with (
        _folder_of(path) as folder,
        _draft(folder, path.name, body, 0o600, like=before) as draft,
        held or nullcontext(),
    ):
        now = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        if _which(now) != _which(before):
            return False
        os.replace(draft, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)
        return True


def _which(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_dev, found.st_ino, found.st_mtime_ns


@contextmanager
def _folder_of(path: Path) -> Iterator[int]:
    """The folder itself: whatever takes its name meanwhile, the rest happens in this one."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def _draft(
    folder: int, name: str, body: bytes, mode: int, *, like: os.stat_result | None = None
) -> Iterator[str]:
    """A draft, whole and on the disk; at the end it is gone unless it has got its name."""
    with _open_draft(folder, name, mode) as (draft, file):
        if like is not None:
            keep_owner(file.fileno(), like)
        file.write(body)
        _settle(file)
        yield draft


@contextmanager
def _open_draft(folder: int, name: str, mode: int) -> Iterator[tuple[str, BinaryIO]]:
    draft = f".{name}.{secrets.token_hex(4)}"
    # O_EXCL makes a file of our own: what lies there, a link too, is refused.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode, dir_fd=folder)
    try:
        with open(handle, "wb") as file:
            yield draft, file
    finally:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def keep_owner(handle: int, before: os.stat_result) -> None:
    """What is written anew belongs to whom it did, as readable as it was, but to no stranger."""
    now = os.fstat(handle)
    if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        os.fchown(handle, before.st_uid, before.st_gid)
    os.fchmod(handle, stat.S_IMODE(before.st_mode) & 0o770)


def is_draft(path: Path) -> bool:
    """Whether it is half a file: of a writer at work, or one that was killed."""
    return path.name.startswith(".")


@contextmanager
def held(path: Path, *, alone: bool = True, seconds: float | None = None) -> Iterator[None]:
    """Hold a lock, waiting for it as long as it takes or `seconds`; then TimeoutError."""
    with open(_lock(path), "rb") as file:
        how = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        if seconds is None:
            fcntl.flock(file, how)
        else:
            _wait(file.fileno(), how, time.monotonic() + seconds)
        yield


def _lock(path: Path) -> int:
    """The lock's file. Root makes it for whoever has the folder, who holds it another time."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(handle, folder.st_uid, folder.st_gid)
    return handle


def _wait(handle: int, how: int, until: float) -> None:
    while True:
        try:
            return fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError("somebody else holds the lock") from None
            time.sleep(0.05)
