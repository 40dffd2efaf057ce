"""Where drafts lie: sealed files in a folder for each draft, swept away after some days."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings

from gezhi.base import files
from gezhi.portal.rules import Draft, is_draft_id

_BODY = "draft"
_SMALL = ".small"


def _folder(draft: str) -> Path:
    if not is_draft_id(draft):
        raise ValueError("not the id of a draft")
    return Path(settings.FILES_DIR) / "drafts" / draft[:2] / draft


def _about(draft: str, name: str) -> str:
    return f"draft:{draft}:{name}"


def about_file(path: Path) -> str:
    """What a file of a draft is sealed with."""
    return _about(path.parent.name, path.name)


def _write(draft: str, name: str, body: bytes) -> None:
    folder = _folder(draft)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write(folder / name, body, _about(draft, name))


def _read(draft: str, name: str) -> bytes | None:
    try:
        return files.read(_folder(draft) / name, _about(draft, name))
    except FileNotFoundError:
        return None


def read_draft(draft: str) -> Draft | None:
    body = _read(draft, _BODY)
    return Draft.from_bytes(body) if body else None


def write_draft(draft: Draft) -> None:
    _write(draft.id, _BODY, draft.to_bytes())


def file_names(draft: str) -> list[str]:
    """Names of a draft's files (`<key>.photo`, `<key>.voice`), in the order they came."""
    try:
        names = os.listdir(_folder(draft))
    except FileNotFoundError:
        return []
    return sorted(name for name in names if name.endswith((".photo", ".voice")) and name[0] != ".")


def add_file(draft: str, name: str, data: bytes, *, small: bytes | None = None) -> None:
    """Keep a file, and a small picture of it to show."""
    if small is not None:
        _write(draft, name + _SMALL, small)
    _write(draft, name, data)


def read_file(draft: str, name: str) -> bytes | None:
    return _read(draft, name)


def read_small(draft: str, name: str) -> bytes | None:
    return _read(draft, name + _SMALL)


def drop_file(draft: str, name: str) -> None:
    folder = _folder(draft)
    files.drop(folder / name)
    files.drop(folder / (name + _SMALL))


def sweep(*, before: datetime) -> int:
    """Take away drafts nobody touched since `before`; returns how many."""
    swept = 0
    for folder in (Path(settings.FILES_DIR) / "drafts").glob("*/*"):
        touched = max((file.stat().st_mtime for file in folder.iterdir()), default=0.0)
        if touched < before.timestamp():
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept
