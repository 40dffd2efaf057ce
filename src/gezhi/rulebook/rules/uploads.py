"""From the bytes of a zip or a TOML file to texts by name."""

import io
import zipfile
from pathlib import PurePosixPath

from gezhi.rulebook.errors import UploadUnreadable

MOST_BYTES = 2 * 1024 * 1024
MOST_FILES = 20


def texts_of(name: str, content: bytes) -> dict[str, str]:
    """The TOML files in it, whatever folder of a zip they are in."""
    if name.lower().endswith(".zip"):
        return _unzipped(content)
    return {PurePosixPath(name).name: _decoded(content)}


def _unzipped(content: bytes) -> dict[str, str]:
    """Size is counted before unpacking."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if one.filename.endswith(".toml")]
            if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > MOST_BYTES:
                raise UploadUnreadable()
            return {
                PurePosixPath(one.filename).name: _decoded(archive.read(one)) for one in entries
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise UploadUnreadable() from error


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadUnreadable() from error
    if "\0" in text:  # PostgreSQL keeps no zero bytes, and TOML allows none
        raise UploadUnreadable()
    return text
