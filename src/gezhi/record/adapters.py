"""Anchors as files in GEZHI_HOME: out of reach of whoever has only the database."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from gezhi.base import disk

if TYPE_CHECKING:
    from gezhi.record.models import Anchor


def keep_anchor(anchor: "Anchor") -> Path:
    """Write an anchor's text into its file; what stands there already is never changed."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{anchor.county}-{anchor.day}-{anchor.id}.txt"
    if not path.exists():
        disk.put(path, anchor.text.encode(), mode=0o400)
    return path


def kept_anchors() -> Iterator[tuple[str, str]]:
    """The name and text of every anchor kept as a file."""
    for path in sorted(_folder().glob("*.txt")):
        yield path.name, path.read_text(encoding="utf-8", errors="replace")


def set_anchors_aside(names: Iterable[str], folder: str) -> None:
    """Move these into a folder of their own, which `kept_anchors` doesn't look into."""
    aside = _folder() / folder
    aside.mkdir(exist_ok=True, mode=0o700)
    for name in names:
        (_folder() / name).rename(aside / name)


def _folder() -> Path:
    return Path(settings.GEZHI_HOME) / "anchors"
