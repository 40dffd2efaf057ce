"""What lies inside of a sealed file: a tar that is written and read once, from front to back.

`files/…` as they lie in GEZHI_FILES, `sums/…` (SHA-256 of the files before it, as sha256sum
writes them), `database/…` (pg_dump's output, cut in parts), and at the end `manifest.json`.
"""

import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol, cast

from gezhi.backup.errors import BackupBroken, FolderWrong, LinkInFiles
from gezhi.backup.rules import is_safe_path

MANIFEST = "manifest.json"
_PIECE = 1024 * 1024
_FILES_IN_SUMS = 5000
Progress = Callable[[int], None]


class Sink(Protocol):
    """Where a tar may be written to."""

    def write(self, data: bytes) -> int: ...


class Source(Protocol):
    """Where a tar may be read from."""

    def read(self, size: int) -> bytes: ...


def reading(source: Source) -> tarfile.TarFile:
    """A tar that is read once, from front to back."""
    return tarfile.open(mode="r|", fileobj=cast(IO[bytes], source), bufsize=_PIECE)


def members(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """What lies in it, one after the other."""
    while (info := tar.next()) is not None:
        _forget_members(tar)
        body = tar.extractfile(info)
        if body is None:
            raise tarfile.TarError(f"{info.name} is no file")
        yield info, body


def _forget_members(tar: tarfile.TarFile) -> None:
    """It would keep an object for each file, and there may be millions."""
    tar.members = []  # type: ignore[attr-defined]  # not told to the type checker


class Packer:
    """Writes the tar into a sealed file."""

    def __init__(self, sink: Sink, moved: Progress) -> None:
        # A stream: nothing is gone back to, and a large tar costs no memory.
        self._tar = tarfile.open(  # noqa: SIM115  # closed by `close`
            mode="w|", fileobj=cast(IO[bytes], sink), format=tarfile.PAX_FORMAT, bufsize=_PIECE
        )
        self._moved = moved
        self._sums: list[str] = []
        self.files = self.file_bytes = self.gone = self._parts = 0

    def add(self, name: str, body: bytes) -> None:
        _forget_members(self._tar)
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(body), 0o600
        self._tar.addfile(info, io.BytesIO(body))

    def add_part(self, body: bytes) -> None:
        """The next part of the database."""
        self._parts += 1
        self.add(f"database/{self._parts:08}", body)
        self._moved(len(body))

    def add_files(self, folder: Path) -> None:
        """Every file under a folder. What is taken away meanwhile is counted as gone."""
        for path in files_under(folder):
            self._add_file(path, str(path.relative_to(folder)))
        self._write_sums()

    def _add_file(self, path: Path, name: str) -> None:
        try:
            file = path.open("rb")
        except FileNotFoundError:
            self.gone += 1
            return
        with file:
            found = os.fstat(file.fileno())
            info = tarfile.TarInfo(f"files/{name}")
            info.size, info.mode, info.mtime = found.st_size, 0o600, int(found.st_mtime)
            counted = _Counted(file, found.st_size, self._moved)
            _forget_members(self._tar)
            self._tar.addfile(info, cast(IO[bytes], counted))
        self._sums.append(f"{counted.digest.hexdigest()}  {name}\n")
        self.files += 1
        self.file_bytes += found.st_size
        if len(self._sums) >= _FILES_IN_SUMS:
            self._write_sums()

    def _write_sums(self) -> None:
        if self._sums:
            self.add(f"sums/{self.files:010}", "".join(self._sums).encode())
            self._sums.clear()

    def close(self) -> None:
        self._tar.close()


class _Counted:
    """A file of so many bytes, digested as it is read; one that became shorter is refused."""

    def __init__(self, file: IO[bytes], size: int, moved: Progress) -> None:
        self._file, self._left, self._moved = file, size, moved
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        data = self._file.read(size)
        self.digest.update(data)
        self._left -= len(data)
        self._moved(len(data))
        return data


def files_under(folder: Path) -> Iterator[Path]:
    """The files of a folder in a fixed order. Names that begin with a dot are half-written ones."""
    for place, folders, names in os.walk(folder, onerror=_unless_gone):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in [*folders, *names]:
            if os.path.islink(os.path.join(place, name)):
                raise LinkInFiles(path=os.path.join(place, name))
        for name in sorted(names):
            if not name.startswith(".") and _is_file(path := Path(place, name)):
                yield path


def _unless_gone(error: OSError) -> None:
    """A folder that can't be read is no empty folder."""
    if not isinstance(error, FileNotFoundError):
        raise error


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return True  # it is counted as gone where it is opened


@dataclass
class Unpacked:
    """What was found on the way through a sealed tar."""

    manifest: bytes = b""
    files: int = 0
    file_bytes: int = 0
    parts: int = 0
    _seen: dict[str, str] = field(default_factory=dict)


class Unpacker:
    """Reads the tar of a sealed file. Without a folder it only looks; with one it writes.

    `parts` gives the database's parts, and does all the rest on the way.
    """

    def __init__(self, source: Source, *, name: str, moved: Progress, into: Path | None) -> None:
        self._source, self._name, self._moved, self._into = source, name, moved, into
        self.found = Unpacked()

    def parts(self) -> Iterator[bytes]:
        try:
            with reading(self._source) as tar:
                for info, body in members(tar):
                    yield from self._took(info, body)
        except tarfile.TarError as error:
            raise BackupBroken(name=self._name, why="tar") from error

    def _took(self, info: tarfile.TarInfo, body: IO[bytes]) -> Iterator[bytes]:
        kind, _, rest = info.name.partition("/")
        if kind == "files":
            self._take_file(rest, info, body)
        elif kind == "sums":
            self._compare(body.read())
        elif kind == "database":
            self.found.parts += 1
            part = body.read()
            self._moved(len(part))
            yield part
        elif info.name == MANIFEST:
            self.found.manifest = body.read()

    def _take_file(self, name: str, info: tarfile.TarInfo, body: IO[bytes]) -> None:
        if not is_safe_path(name):
            raise BackupBroken(name=self._name, why=name)
        target = self._opened(name)
        digest = hashlib.sha256()
        try:
            while piece := body.read(_PIECE):
                digest.update(piece)
                self._moved(len(piece))
                if target is not None:
                    target.write(piece)
        finally:
            if target is not None:
                target.close()
        if self._into is not None:
            os.utime(self._into / name, (info.mtime, info.mtime))
        self.found.files += 1
        self.found.file_bytes += info.size
        self.found._seen[name] = digest.hexdigest()

    def _opened(self, name: str) -> IO[bytes] | None:
        if self._into is None:
            return None
        path = self._into / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def _compare(self, sums: bytes) -> None:
        """The files since the last sums are those, byte by byte; written ones as they lie now."""
        listed = {}
        for line in sums.decode().splitlines():
            digest, _, name = line.partition("  ")
            listed[name] = digest
        if self._into is not None:
            for name in self.found._seen:
                self.found._seen[name] = digest_of(self._into / name)
        if listed != self.found._seen:
            wrong = sorted(set(listed.items()) ^ set(self.found._seen.items()))
            raise BackupBroken(name=self._name, why=wrong[0][0])
        self.found._seen.clear()


def digest_of(path: Path) -> str:
    """SHA-256 of a file as it lies on the disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def must_be_usable(folder: Path, *, outside: Path) -> None:
    """A folder one may write to, and not among the files that are saved.

    Where not even the one it lies in is there, a disk isn't mounted: what was written would lie
    on another one.
    """
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
    except FileNotFoundError as error:
        raise FolderWrong(folder=folder, why=f"{folder.parent}: {error.strerror}") from error
    except OSError as error:
        raise FolderWrong(folder=folder, why=error.strerror) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderWrong(folder=folder, why="chmod u+w")
    here, files = folder.resolve(), outside.resolve()
    if here == files or files in here.parents:
        raise FolderWrong(folder=folder, why=f"⊂ GEZHI_FILES ({files})")
