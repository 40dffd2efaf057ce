"""Where an import's file waits until all its rows are in: sealed, in a folder of the county."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from gezhi.base import files


def _path(county: str, import_id: UUID) -> Path:
    return Path(settings.FILES_DIR) / county / "imports" / f"{import_id.hex}.sealed"


def keep_file(county: str, import_id: UUID, data: bytes) -> None:
    """Seal and write it."""
    path = _path(county, import_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write(path, data, f"import:{import_id}")


def about_file(path: Path) -> str:
    """What the import in a file is sealed with."""
    return f"import:{UUID(path.stem)}"


def read_file(county: str, import_id: UUID) -> bytes:
    """The file as it came in; FileNotFoundError once it is gone."""
    return files.read(_path(county, import_id), f"import:{import_id}")


def drop_file(county: str, import_id: UUID) -> None:
    """Take it away; its wrong rows are kept with the import."""
    files.drop(_path(county, import_id))
