"""Settings from the environment, read once. A wrong value stops the start and is never guessed."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_YES_NO = {"yes": True, "no": False}


def text(name: str, default: str | None = None) -> str:
    """The value of `name`, or of the file named by `name`_FILE (for secrets)."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE={file!r} cannot be read: {error}.") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See docs/settings.md.")
    return value


def flag(name: str, default: str) -> bool:
    """`yes` or `no`, nothing else."""
    value = text(name, default)
    if value not in _YES_NO:
        raise ImproperlyConfigured(f"{name}={value!r}: write 'yes' or 'no'.")
    return _YES_NO[value]


def words(name: str, default: str) -> list[str]:
    """Several values parted by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
