"""Whether the settings of backups make sense: one that doesn't stops the start."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured

from gezhi.backup.rules import Cipher, Keep, read_time


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


def _wrong() -> Iterator[tuple[str, str]]:
    for number, name, read in _READ:
        try:
            read()
        except ValueError as error:
            yield number, f"{name}: {error}"
