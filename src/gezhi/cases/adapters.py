"""Where files lie, in folders by county: clean copies of pictures with their sealed originals.

Documents and recordings have no clean copy and are sealed themselves.
"""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from gezhi.base import disk, files

_DOCUMENT = ".document"


def place_of(county: str, attachment: UUID) -> Path:
    """Where the clean copy lies beneath the folder of files."""
    # Two digits from the random end of a UUIDv7 spread files over 256 folders.
    return Path(county) / attachment.hex[-2:] / attachment.hex


def _folder(county: str, attachment: UUID) -> Path:
    return (Path(settings.FILES_DIR) / place_of(county, attachment)).parent


def _original(county: str, attachment: UUID) -> Path:
    return _folder(county, attachment) / f"{attachment.hex}.sealed"


def _about(attachment: UUID) -> str:
    return f"original:{attachment}"


def about_original(path: Path) -> str:
    """What the original in a file is sealed with."""
    return _about(UUID(path.stem))


def _document(county: str, attachment: UUID) -> Path:
    return _folder(county, attachment) / f"{attachment.hex}{_DOCUMENT}"


def about_document(path: Path) -> str:
    """What the document or recording in a file is sealed with."""
    return f"document:{UUID(path.stem)}"


def keep_file(county: str, attachment: UUID, *, clean: bytes, original: bytes | None) -> None:
    """Write the clean copy and the original sealed; what has no clean copy is sealed itself."""
    folder = _folder(county, attachment)
    folder.mkdir(parents=True, exist_ok=True)
    if original is None:
        path = _document(county, attachment)
        files.write(path, clean, about_document(path))
        return
    disk.put(folder / attachment.hex, clean)
    files.write(_original(county, attachment), original, _about(attachment))


def seal_file(county: str, attachment: UUID) -> bool:
    """Seal a document that lies there plain, from before they were sealed; true if one did."""
    plain, path = _folder(county, attachment) / attachment.hex, _document(county, attachment)
    try:
        body = plain.read_bytes()
    except FileNotFoundError:
        return False
    files.write(path, body, about_document(path))
    try:
        plain.unlink()
    except FileNotFoundError:  # its time was up meanwhile
        files.drop(path)
        return False
    return True


def is_kept(folder: Path, county: str, attachment: UUID) -> bool:
    """Whether a folder of files holds this one."""
    place = folder / place_of(county, attachment)
    return place.exists() or place.with_suffix(_DOCUMENT).exists()


def drop_file(county: str, attachment: UUID) -> None:
    """Take away what `keep_file` wrote, where the act did not go through."""
    (_folder(county, attachment) / attachment.hex).unlink(missing_ok=True)
    files.drop(_original(county, attachment))
    files.drop(_document(county, attachment))


def read_file(county: str, attachment: UUID) -> bytes:
    """The clean copy, or the document opened."""
    try:
        return (_folder(county, attachment) / attachment.hex).read_bytes()
    except FileNotFoundError:
        path = _document(county, attachment)
        return files.read(path, about_document(path))


def read_original(county: str, attachment: UUID) -> bytes:
    """The original, opened. The caller has put the opening on record."""
    return files.read(_original(county, attachment), _about(attachment))
