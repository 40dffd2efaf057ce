"""Where drafts lie: sealed files in a folder for each draft, swept away after some days."""

import os
import secrets
import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings

from gezhi.base.sealed import open_bytes, seal_bytes
from gezhi.portal.rules import Draft, is_draft_id

_BODY = "draft"
_SMALL = ".small"


def _folder(draft: str) -> Path:
    if not is_draft_id(draft):
        raise ValueError("not the id of a draft")
    return Path(settings.FILES_DIR) / "drafts" / draft[:2] / draft


def _about(draft: str, name: str) -> str:
    return f"draft:{draft}:{name}"


def _write(draft: str, name: str, body: bytes) -> None:
    """Whole or not at all: a reader never meets half a file."""
    folder = _folder(draft)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder / f".{name}.{secrets.token_hex(4)}"
    unfinished.write_bytes(seal_bytes(body, _about(draft, name)))
    unfinished.rename(folder / name)


def _read(draft: str, name: str) -> bytes | None:
    try:
        sealed = (_folder(draft) / name).read_bytes()
    except FileNotFoundError:
        return None
    return open_bytes(sealed, _about(draft, name))


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
    (folder / name).unlink(missing_ok=True)
    (folder / (name + _SMALL)).unlink(missing_ok=True)


def sweep(*, before: datetime) -> int:
    """Take away drafts nobody touched since `before`; returns how many."""
    swept = 0
    for folder in (Path(settings.FILES_DIR) / "drafts").glob("*/*"):
        touched = max((file.stat().st_mtime for file in folder.iterdir()), default=0.0)
        if touched < before.timestamp():
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept
