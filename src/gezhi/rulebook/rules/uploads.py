"""From the bytes of a zip or a TOML file to texts by name."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from gezhi.rulebook.errors import UploadTwice, UploadUnreadable

MOST_BYTES = 2 * 1024 * 1024
MOST_FILES = 20
# What the ways of packing that there are raise at damaged data; of bzip2 it is an OSError.
_DAMAGED = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip


def texts_of(name: str, content: bytes) -> dict[str, str]:
    """The TOML files in it, whatever folder of a zip they are in."""
    if name.lower().endswith(".zip"):
        return _unzipped(content)
    return {PurePosixPath(name).name: _decoded(content)}


def add_texts(found: dict[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Both together; which of two files of one name is meant, nobody can tell."""
    for name in new:
        if name in found:
            raise UploadTwice(name=name)
    return {**found, **new}


def _unzipped(content: bytes) -> dict[str, str]:
    """Size is counted before unpacking."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if _is_wanted(one.filename)]
            if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > MOST_BYTES:
                raise UploadUnreadable()
            found: dict[str, str] = {}
            for one in entries:
                name = PurePosixPath(one.filename).name
                found = add_texts(found, {name: _decoded(archive.read(one))})
            return found
    except _DAMAGED as error:
        raise UploadUnreadable() from error


def _is_wanted(name: str) -> bool:
    """A zip made on a Mac holds a second `._x.toml` for each file, which is none."""
    return name.endswith(".toml") and not PurePosixPath(name).name.startswith("._")


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadUnreadable() from error
    if "\0" in text:  # PostgreSQL keeps no zero bytes, and TOML allows none
        raise UploadUnreadable()
    return text
