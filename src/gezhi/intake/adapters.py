"""Where an import's file waits until all its rows are in: sealed, in a folder of the county."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from gezhi.base.sealed import open_bytes, seal_bytes


def _path(county: str, import_id: UUID) -> Path:
    return Path(settings.FILES_DIR) / county / "imports" / f"{import_id.hex}.sealed"


def keep_file(county: str, import_id: UUID, data: bytes) -> None:
    """Seal and write it."""
    path = _path(county, import_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".draft")
    draft.write_bytes(seal_bytes(data, f"import:{import_id}"))
    draft.replace(path)


def read_file(county: str, import_id: UUID) -> bytes:
    """The file as it came in; FileNotFoundError once it is gone."""
    return open_bytes(_path(county, import_id).read_bytes(), f"import:{import_id}")


def drop_file(county: str, import_id: UUID) -> None:
    """Take it away; its wrong rows are kept with the import."""
    _path(county, import_id).unlink(missing_ok=True)
