"""What lies in files, sealed, in folders of the county: tables until they are in, and kept mail."""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from gezhi.base import files


def _path(county: str, import_id: UUID) -> Path:
    return Path(settings.FILES_DIR) / county / "imports" / f"{import_id.hex}.sealed"


def keep_file(county: str, import_id: UUID, data: bytes) -> None:
    """Seal and write it."""
    _keep(_path(county, import_id), data, f"import:{import_id}")


def _keep(path: Path, data: bytes, about: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write(path, data, about)


def about_file(path: Path) -> str:
    """What the import in a file is sealed with."""
    return f"import:{UUID(path.stem)}"


def read_file(county: str, import_id: UUID) -> bytes:
    """The file as it came in; FileNotFoundError once it is gone."""
    return files.read(_path(county, import_id), f"import:{import_id}")


def drop_file(county: str, import_id: UUID) -> None:
    """Take it away; its wrong rows are kept with the import."""
    files.drop(_path(county, import_id))


def _received(county: str, id: UUID) -> Path:
    return Path(settings.FILES_DIR) / county / "received" / f"{id.hex}.sealed"


def keep_received(county: str, id: UUID, data: bytes) -> None:
    """Seal what a source sent and nobody has taken yet."""
    _keep(_received(county, id), data, f"received:{id}")


def about_received(path: Path) -> str:
    """What such a file is sealed with."""
    return f"received:{UUID(path.stem)}"


def read_received(county: str, id: UUID) -> bytes:
    """What was sent; FileNotFoundError once it is gone."""
    return files.read(_received(county, id), f"received:{id}")


def drop_received(county: str, id: UUID) -> None:
    """It is settled: what was to be taken is in the case."""
    files.drop(_received(county, id))
