"""Where files lie: clean copies and sealed originals, in folders by county and month."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from gezhi.base.sealed import open_bytes, seal_bytes


def _folder(county: str, attachment: UUID) -> Path:
    # Two digits from the random end of a UUIDv7 spread files over 256 folders.
    return Path(settings.FILES_DIR) / county / attachment.hex[-2:]


def _about(attachment: UUID) -> str:
    return f"original:{attachment}"


def keep_file(county: str, attachment: UUID, *, clean: bytes, original: bytes | None) -> None:
    """Write the clean copy, and the original sealed where there is one."""
    folder = _folder(county, attachment)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / attachment.hex).write_bytes(clean)
    if original is not None:
        (folder / f"{attachment.hex}.sealed").write_bytes(seal_bytes(original, _about(attachment)))


def drop_file(county: str, attachment: UUID) -> None:
    """Take away what `keep_file` wrote, where the act did not go through."""
    folder = _folder(county, attachment)
    (folder / attachment.hex).unlink(missing_ok=True)
    (folder / f"{attachment.hex}.sealed").unlink(missing_ok=True)


def read_file(county: str, attachment: UUID) -> bytes:
    """The clean copy."""
    return (_folder(county, attachment) / attachment.hex).read_bytes()


def read_original(county: str, attachment: UUID) -> bytes:
    """The original, opened. The caller has put the opening on record."""
    sealed = (_folder(county, attachment) / f"{attachment.hex}.sealed").read_bytes()
    return open_bytes(sealed, _about(attachment))
