"""Whether the settings of backups make sense: one that doesn't stops the start."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from gezhi.backup.rules import HALF, Cipher, Keep, read_time


def _cipher() -> None:
    known = [cipher.value for cipher in Cipher]
    if settings.BACKUP_CIPHER not in known:
        raise ValueError(f"{settings.BACKUP_CIPHER!r}: write {' or '.join(known)}")


def _apart() -> None:
    to, keys = settings.BACKUP_TO, settings.BACKUP_KEYS_TO
    if keys and not to:
        raise ValueError("set without GEZHI_BACKUP_TO")
    if keys and Path(to).resolve() == Path(keys).resolve():
        raise ValueError("the same folder as GEZHI_BACKUP_TO: who gets one gets both")


_READ: tuple[tuple[str, str, Callable[[], object]], ...] = (
    ("gezhi.backup.E001", "GEZHI_BACKUP_AT", lambda: read_time(settings.BACKUP_AT)),
    ("gezhi.backup.E002", "GEZHI_BACKUP_KEEP", lambda: Keep.read(settings.BACKUP_KEEP)),
    ("gezhi.backup.E003", "GEZHI_BACKUP_CIPHER", _cipher),
    ("gezhi.backup.E004", "GEZHI_BACKUP_KEYS_TO", _apart),
)


@register()
def backups_make_sense(**_asked: Any) -> list[Error]:
    """For `gezhi doctor` and Django's own checks."""
    return [Error(said, hint="See docs/settings.md.", id=number) for number, said in _wrong()]


def must_make_sense() -> None:
    """No process begins with a schedule that would fail at night."""
    if wrong := [said for _number, said in _wrong()]:
        raise ImproperlyConfigured(f"{'; '.join(wrong)}. See docs/settings.md.")


def must_be_whole() -> None:
    """No process begins on what a restore that was broken off has left."""
    if os.path.exists(os.path.join(settings.FILES_DIR, HALF)):
        raise ImproperlyConfigured(
            f"GEZHI_FILES={settings.FILES_DIR}: 上一次恢复没有做完，这里不完整。请删除这个文件夹，"
            "换成空的数据库，再恢复一次 / a restore was broken off here and it isn't whole: "
            "remove this folder, empty the database, restore again"
        )


def _wrong() -> Iterator[tuple[str, str]]:
    for number, name, read in _READ:
        try:
            read()
        except ValueError as error:
            yield number, f"{name}: {error}"
